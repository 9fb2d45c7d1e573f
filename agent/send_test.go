package agent_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/buffer"
)

// send orders a text.
func (run *running) send(to, body string) status.Enqueued {
	run.r.t.Helper()
	done, err := run.Send(run.r.t.Context(), api.Send{To: to, Body: body, By: "root"})
	if err != nil {
		run.r.t.Fatal(err)
	}
	return done
}

func (run *running) fate(id uint64) status.TextFate {
	run.r.t.Helper()
	f, err := run.Text(run.r.t.Context(), id)
	if err != nil {
		run.r.t.Fatal(err)
	}
	return f
}

func TestAnOrderedTextGoesOutAsAnyOther(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		done := a.send("alice", "Hello from the gateway")
		if done.Contact != "alice" || done.To != "+3538…567" || done.Parts != 1 {
			t.Errorf("got %+v", done)
		}
		long := a.send("+353 86 765 4321", strings.TrimSpace(strings.Repeat("long ", 40)))
		if long.Contact != "bob" || long.Parts != 2 {
			t.Errorf("got %+v, want two parts to bob, whose number it is", long)
		}
		time.Sleep(time.Minute)
		r.wantTexts("567: Hello from the gateway", "321: "+strings.TrimSpace(strings.Repeat("long ", 40)))
		f := a.fate(long.ID)
		if f.Sent == nil || len(f.Sent.Parts) != 2 || f.Sent.Parts[1].Modem != "stick" || f.Sent.Subject != "ordered by root" {
			t.Errorf("got %+v", f.Sent)
		}
	})
}

func TestATextToNobodyOrOfNothingIsRefused(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		for want, order := range map[string]api.Send{
			`there is no contact "alcie"; there are: alice, bob. Or write a number, such as +353871234567`: {To: "alcie", Body: "x"},
			`there is no contact ""; there are: alice, bob. Or write a number, such as +353871234567`:      {Body: "x"},
			`number "0871234567" has no country code; write + and the country code in place of the 0`:      {To: "0871234567", Body: "x"},
			"text is empty; a text needs at least one character":                                           {To: "alice"},
			"text takes more than 8 parts; shorten it":                                                     {To: "alice", Body: strings.Repeat("x", 1300)},
			"the name of who orders it has characters that cannot be shown":                                {To: "alice", Body: "x", By: "\x1b"},
		} {
			_, err := a.Send(t.Context(), order)
			if _, refused := errors.AsType[*api.Refusal](err); !refused || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%+.80v: got %v, want the refusal %s", order, err, want)
			}
		}
		if _, err := a.Text(t.Context(), 77); err == nil || !strings.Contains(err.Error(), "no text 77") {
			t.Errorf("a text there is none of: %v", err)
		}
	})
}

func TestTheStatusTellsOfTextsThatDidNotArriveForADay(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.store(func(s *buffer.Store) {
			text := buffer.Text{To: "+353871234567", Contact: "alice", Body: "SMOKE", Subject: "smoke"}
			ids, err := s.Commit(buffer.Batch{Texts: []buffer.Text{text, text}})
			if err == nil {
				err = errors.Join(s.Drop(ids[0], -25*time.Hour, "refused long ago"), s.Drop(ids[1], 0, "invalid destination"))
			}
			if err != nil {
				t.Fatal(err)
			}
		})
		a := r.restart()
		defer a.end()
		s := a.status()
		if len(s.Problems) != 1 || s.Problems[0].Code != status.TextGivenUp || !strings.Contains(s.Problems[0].Cause, "text 2 to alice (+3538…567), smoke, was given up 10s ago: invalid destination") {
			t.Errorf("problems: %+v", s.Problems)
		}
		if len(s.Recent) != 2 {
			t.Errorf("recent: %+v, want both", s.Recent)
		}
	})
}
