package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
	"github.com/tocsin-edge/tocsin/mqtt"
)

// watched is an alarm that alice is told of, and bob half an hour later.
const watched = rooms + `
policy "steps" {
  step { notify = contact.alice }
  step {
    after  = "30m"
    notify = contact.bob
  }
  repeat = "never"
}
alert "smoke" {
  when     = sensor.smoke.smoke
  severity = "critical"
  notify   = policy.steps
  message  = "SMOKE ${room}"
  cleared  = "No smoke ${room}"
}
`

func TestATextRefusedByTheNetworkMovesToTheNextStepAtOnce(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(watched)
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(10 * time.Second)
		r.wantTexts(bobAlarm)
	}, modemtest.Fault("send 1 cms 195"))
}

func TestATextUndeliveredAfterTheReportWindowMovesToTheNextStepAtOnce(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(watched)
		a := r.start()
		defer a.end()
		a.send("alice", "Is there anybody?") // whose report shows that reports come
		time.Sleep(time.Minute)
		r.publish(smoke, burning)
		time.Sleep(4 * time.Minute)
		if n := len(r.modem.Accepted()); n != 2 {
			r.t.Fatalf("%d texts, want two", n)
		}
		time.Sleep(2 * time.Minute)
		r.wantTexts("567: Is there anybody?", aliceAlarm, bobAlarm)
	}, modemtest.Fault("report 2 never"))
}

func TestATextThatNobodyAcceptsWithin100SecondsMovesToTheNextStepAtOnce(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(watched)
		a := r.start()
		defer a.end()
		r.modem.Unplug()
		r.publish(smoke, burning)
		for _, tt := range []struct {
			after time.Duration
			want  string
		}{{90 * time.Second, "alice"}, {20 * time.Second, "alice bob"}, {10 * time.Minute, "alice bob"}} {
			time.Sleep(tt.after)
			var waiting []string
			for _, text := range a.queue().Waiting {
				waiting = append(waiting, text.Contact)
			}
			if got := strings.Join(waiting, " "); got != tt.want {
				r.t.Fatalf("texts to %s wait, want to %s", got, tt.want)
			}
		}
	})
}

func TestAnIncidentThatFiredAndClearedWhileNothingCouldBeSentBecomesOneText(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.modem.Unplug()
		for range 3 {
			r.publish(smoke, burning)
			time.Sleep(10 * time.Minute)
			r.publish(smoke, clear)
			time.Sleep(20 * time.Minute)
		}
		if s := a.status().Store; s.Recalled == 0 || s.Texts != 2 {
			r.t.Errorf("%d texts taken back, %d wait, want two that tell of everything", s.Recalled, s.Texts)
		}
		a.end()
		a = r.restart()
		defer a.end()
		r.modem.Plug()
		time.Sleep(time.Minute)
		var texts []string
		for _, text := range r.modem.Accepted() {
			texts = append(texts, text.To[len(text.To)-3:])
			if !strings.Contains(text.Body, "SMOKE kitchen") || !strings.Contains(text.Body, "over now") {
				r.t.Errorf("got %q, want what is over by now", text.Body)
			}
		}
		if got := strings.Join(texts, " "); got != "567 321" {
			r.t.Errorf("texts to %s, want one to each", got)
		}
	})
}

func TestWhatIsSilencedIsTextedToNobodyUntilTheSilenceEnds(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(rooms + smokeAlert)
		a := r.start()
		done, err := a.Silence(r.t.Context(), api.Silence{What: "smoke", For: time.Hour, By: "ALICE"})
		if err != nil || done.By != "alice" || done.Left != time.Hour {
			r.t.Fatalf("got %+v, %v, want an hour by alice", done, err)
		}
		r.publish(smoke, burning)
		time.Sleep(time.Minute)
		a.end()
		a = r.start()
		defer a.end()
		if s := a.status(); len(s.Firing) != 1 || !s.Firing[0].Silenced || len(s.Silences) != 1 || s.Silences[0].What != "smoke" {
			r.t.Errorf("after a restart: firing %+v, silences %+v, want it silenced", s.Firing, s.Silences)
		}
		r.wantTexts()
		if ended, err := a.Unsilence(r.t.Context(), api.Unsilence{All: true}); err != nil || ended.Ended != 1 {
			r.t.Fatalf("got %+v, %v, want one ended", ended, err)
		}
		time.Sleep(10 * time.Second)
		r.wantTexts(aliceAlarm, bobAlarm)
	})
}

func TestASilenceThatMakesNoSenseIsRefused(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(rooms + smokeAlert)
		a := r.start()
		defer a.end()
		for want, order := range map[string]api.Silence{
			`there is no alert "smke"; did you mean smoke?`:                                        {What: "smke"},
			"nothing of number 7 fires":                                                            {What: "7"},
			`there is no instance smoke{room="attic"}; ` + "`tocsin alerts` lists those there are": {What: `smoke{room="attic"}`},
			"name one alert or all":                                                                {},
			"a silence lasts for some time, or until it clears":                                    {All: true, For: -time.Hour},
			"a silence lasts at most 7 days":                                                       {All: true, For: 8 * 24 * time.Hour},
		} {
			_, err := a.Silence(r.t.Context(), order)
			if _, refused := errors.AsType[*api.Refusal](err); !refused || err.Error() != want {
				r.t.Errorf("%+v: got %v, want the refusal %s", order, err, want)
			}
		}
	})
}

func TestACriticalAlertOfWhichEverybodyHasOptedOutIsAWarning(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(rooms + strings.Replace(smokeAlert, "policy.family", "contact.alice", 1))
		a := r.start()
		defer a.end()
		r.modem.Text(alice, "STOP")
		time.Sleep(10 * time.Second)
		s := a.status()
		if len(s.Deaf) != 1 || s.Deaf[0] != "smoke" || len(s.Problems) != 1 || s.Problems[0].Code != status.AlertUnheard {
			r.t.Errorf("deaf to %v, problems %+v, want that nobody hears of smoke", s.Deaf, s.Problems)
		}
		r.modem.Text(alice, "START")
		time.Sleep(10 * time.Second)
		if s := a.status(); len(s.Problems) > 0 {
			r.t.Errorf("after START: %+v", s.Problems)
		}
	})
}

func TestAHeartbeatIsPublishedOnItsBroker(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(house + `
heartbeat "monitoring" {
  every = "5m"
  topic = "site/rosewood/tocsin"
}
`)
		dashboard, err := mqtt.New(mqtt.Options{ClientID: "dashboard", Clean: true, Dial: r.broker.Dial, Filters: []mqtt.Filter{{Topic: "site/#"}}})
		if err != nil {
			r.t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(r.t.Context())
		defer cancel()
		heard := make(chan *mqtt.Message)
		go func() { _ = dashboard.Run(ctx, heard) }()
		a := r.start()
		defer a.end()
		began := time.Now()
		for range 3 {
			m := <-heard
			var beat struct{ Heartbeat, Site string }
			if err := json.Unmarshal(m.Payload, &beat); err != nil || beat.Heartbeat != "monitoring" || beat.Site != "Rosewood" || m.Retained {
				r.t.Errorf("got %s, %v, want that Rosewood lives, not retained", m.Payload, err)
			}
		}
		if took := time.Since(began); took < 10*time.Minute || took > 16*time.Minute {
			r.t.Errorf("three within %s, want one every five minutes", took)
		}
		cancel()
		synctest.Wait()
	})
}
