package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/agent/status"
)

func TestAnOrderReachesTheAgentAndItsOutcomeComesBack(t *testing.T) {
	on := true
	want := Turn{Switch: "away", On: &on, By: "alice"}
	outcome := status.Turned{Switch: status.Switch{Name: "away", On: true, Set: true, For: time.Second}, Unsaved: "disk full"}
	var got Turn
	s := serve(t, desk{turn: func(_ context.Context, order Turn) (status.Turned, error) {
		got = order
		return outcome, nil
	}})
	done, err := SetSwitch(t.Context(), s.socket, want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-given +received):\n%s", diff)
	}
	if diff := cmp.Diff(outcome, done); diff != "" {
		t.Errorf("outcome (-said +received):\n%s", diff)
	}
}

func TestAnAckReachesTheAgentAndWhatItMeantComesBack(t *testing.T) {
	want := Ack{What: "12", By: "alice"}
	outcome := status.Acked{Incidents: []status.Incident{{ID: 340, Number: 12, Instance: "smoke"}}}
	var got Ack
	s := serve(t, desk{ack: func(_ context.Context, order Ack) (status.Acked, error) {
		got = order
		return outcome, nil
	}})
	done, err := AckIncidents(t.Context(), s.socket, want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-given +received):\n%s", diff)
	}
	if diff := cmp.Diff(outcome, done); diff != "" {
		t.Errorf("outcome (-said +received):\n%s", diff)
	}
}

func TestASilenceReachesTheAgentAndSoDoesItsEnd(t *testing.T) {
	want := Silence{What: "smoke", For: 2 * time.Hour, By: "alice"}
	begun := status.Silence{ID: 3, What: "smoke", By: "alice", Left: 2 * time.Hour}
	var got Silence
	var ended Unsilence
	s := serve(t, desk{
		silence: func(_ context.Context, order Silence) (status.Silenced, error) {
			got = order
			return status.Silenced{Silence: begun}, nil
		},
		silences: func(context.Context) ([]status.Silence, error) { return []status.Silence{begun}, nil },
		unsilence: func(_ context.Context, order Unsilence) (status.Unsilenced, error) {
			ended = order
			return status.Unsilenced{Ended: 1}, nil
		},
	})
	done, err := SilenceAlerts(t.Context(), s.socket, want)
	if err != nil || got != want || done.Silence != begun {
		t.Errorf("received %+v, said %+v, %v", got, done, err)
	}
	if all, err := Silences(t.Context(), s.socket); err != nil || len(all) != 1 || all[0] != begun {
		t.Errorf("silences: %+v, %v", all, err)
	}
	end := Unsilence{ID: 3, By: "bob"}
	if over, err := EndSilences(t.Context(), s.socket, end); err != nil || ended != end || over.Ended != 1 {
		t.Errorf("received %+v, said %+v, %v", ended, over, err)
	}
}

func TestAnOrderedTextReachesTheAgentAndItsFateWhoAsks(t *testing.T) {
	want := Send{To: "alice", Body: "Hello", By: "root"}
	waits := status.Enqueued{ID: 17, Contact: "alice", Parts: 1}
	fate := status.TextFate{Sent: &status.SentText{ID: 17, Fate: status.FateDelivered, Parts: []status.SentPart{{Modem: "stick"}}}}
	queue := status.Queue{Sent: []status.SentText{*fate.Sent}}
	var got Send
	var asked uint64
	s := serve(t, desk{
		send: func(_ context.Context, order Send) (status.Enqueued, error) {
			got = order
			return waits, nil
		},
		text:  func(_ context.Context, id uint64) (status.TextFate, error) { asked = id; return fate, nil },
		queue: func(context.Context) (status.Queue, error) { return queue, nil },
	})
	done, err := SendText(t.Context(), s.socket, want)
	if diff := cmp.Diff(waits, done); err != nil || diff != "" || got != want {
		t.Errorf("received %+v, %v; outcome (-said +received):\n%s", got, err, diff)
	}
	f, err := Text(t.Context(), s.socket, 17)
	if diff := cmp.Diff(fate, f); err != nil || diff != "" || asked != 17 {
		t.Errorf("asked for %d, %v; fate (-said +received):\n%s", asked, err, diff)
	}
	q, err := Queue(t.Context(), s.socket)
	if diff := cmp.Diff(queue, q); err != nil || diff != "" {
		t.Errorf("%v; queue (-said +received):\n%s", err, diff)
	}
	for request, want := range map[string]int{
		"GET /v1/text?id=none HTTP/1.1\r\nHost: x\r\n\r\n":                                              http.StatusBadRequest,
		"GET /v1/text HTTP/1.1\r\nHost: x\r\n\r\n":                                                      http.StatusBadRequest,
		"GET /v1/send HTTP/1.1\r\nHost: x\r\n\r\n":                                                      http.StatusMethodNotAllowed,
		postRequest(sendPath, jsonType, `{"to": "alice", "body": "`+strings.Repeat("x", orderMax)+`"}`): http.StatusRequestEntityTooLarge,
	} {
		if got := s.ask(t, request).StatusCode; got != want {
			t.Errorf("%.60q: got %d, want %d", request, got, want)
		}
	}
}

func TestHowTheSwitchesStandReachesWhoAsks(t *testing.T) {
	want := []status.Switch{{Name: "away", On: true, Set: true, For: time.Minute}, {Name: "armed"}}
	s := serve(t, desk{switches: func(context.Context) ([]status.Switch, error) { return want, nil }})
	got, err := Switches(t.Context(), s.socket)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("switches (-want +got):\n%s", diff)
	}
}

// postRequest is a POST request as it stands.
func postRequest(path, kind, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", path, kind, len(body), body)
}

func TestHalfAnOrderIsNotCarriedOut(t *testing.T) {
	turned := 0
	s := serve(t, desk{turn: func(context.Context, Turn) (status.Turned, error) {
		turned++
		return status.Turned{}, nil
	}})
	good := `{"switch": "away", "on": false}`
	for _, tt := range []struct {
		request string
		want    int
	}{
		{postRequest(switchPath, "text/plain", good), http.StatusUnsupportedMediaType},
		{postRequest(switchPath, "application/x-www-form-urlencoded", "switch=away&on=false"), http.StatusUnsupportedMediaType},
		{postRequest(switchPath, "", good), http.StatusUnsupportedMediaType},
		{postRequest(switchPath, jsonType, ""), http.StatusBadRequest},
		{postRequest(switchPath, jsonType, `{"switch": "away", "on": "no"}`), http.StatusBadRequest},
		{postRequest(switchPath, jsonType, `{"switch": "away", "on": false, "for": "1h"}`), http.StatusBadRequest},
		{postRequest(switchPath, jsonType, good+good), http.StatusBadRequest},
		{postRequest(switchPath, jsonType, `[`+strings.Repeat(" ", orderMax)+`]`), http.StatusRequestEntityTooLarge},
		{"POST " + switchPath + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", http.StatusBadRequest},
		{"GET " + switchPath + "?switch=away&on=false HTTP/1.1\r\nHost: x\r\n\r\n", http.StatusMethodNotAllowed},
	} {
		if got := s.ask(t, tt.request).StatusCode; got != tt.want {
			t.Errorf("%.120q: got %d, want %d", tt.request, got, tt.want)
		}
	}
	if turned > 0 {
		t.Errorf("%d orders were carried out, want none", turned)
	}
	if got := s.ask(t, postRequest(switchPath, jsonType+"; charset=utf-8", good+"\n")).StatusCode; got != http.StatusOK || turned != 1 {
		t.Errorf("a whole order: got %d and %d carried out, want 200 and one", got, turned)
	}
}
