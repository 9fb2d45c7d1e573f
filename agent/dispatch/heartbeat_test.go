package dispatch

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
)

// daily texts bob at nine.
func daily(p *notify.People) []Heartbeat {
	return []Heartbeat{{Name: "daily", At: notify.TimeOfDay(9 * time.Hour), Notify: []notify.Addressee{{Contact: p.Contacts[1]}}}}
}

// beating is a house with a heartbeat, at ten in the morning.
func beating(t testing.TB, change func(*Heartbeat)) *house {
	return newHouse(t, func(o *Options) {
		o.Heartbeats = daily(o.People)
		change(&o.Heartbeats[0])
	})
}

func everySixHours(h *Heartbeat) { h.At, h.Every = -1, 6*time.Hour }

func atNine(*Heartbeat) {}

// bodies are the texts that went out since it was last asked.
func (h *house) bodies() []string {
	var all []string
	for _, text := range h.texts {
		all = append(all, text.Contact+": "+text.Body)
	}
	h.texts = nil
	return all
}

func (h *house) wantTexts(texts ...string) {
	h.t.Helper()
	if got := h.bodies(); !slices.Equal(got, texts) {
		h.t.Errorf("at %v: got texts\n  %s\nwant\n  %s", h.now.Wall, strings.Join(got, "\n  "), strings.Join(texts, "\n  "))
	}
}

const well = "bob: Rosewood: all well. 0 sensors heard, signal good, nothing fires"

func TestAHeartbeatWithEveryCountsOnTheTimeline(t *testing.T) {
	for _, wall := range []time.Time{{}, time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)} {
		h := beating(t, everySixHours)
		h.now.Wall = wall
		h.pass(6*time.Hour - time.Second)
		h.wantTexts()
		h.pass(time.Second)
		h.wantTexts(well)
		h.pass(12 * time.Hour)
		h.wantTexts(well, well)
	}
}

func TestAHeartbeatWithATimeComesThenAndEveryDayWhileNobodyKnowsTheTime(t *testing.T) {
	h := beating(t, atNine)
	h.pass(23*time.Hour - time.Second)
	h.wantTexts()
	h.pass(time.Second)
	h.wantTexts(well)
	h.pass(24 * time.Hour)
	h.wantTexts(well)
	h.now.Wall = time.Time{}
	h.pass(24*time.Hour - time.Second)
	h.wantTexts()
	h.pass(time.Second)
	h.wantTexts(well)
}

func TestAClockThatIsSetBackALittleBringsNoSecondHeartbeat(t *testing.T) {
	h := beating(t, atNine)
	h.pass(23 * time.Hour)
	h.wantTexts(well)
	h.now.Wall = h.now.Wall.Add(-10 * time.Second)
	h.pass(24*time.Hour + 9*time.Second)
	h.wantTexts()
	h.pass(time.Second)
	h.wantTexts(well)
}

func TestARestartSendsNoHeartbeatByItself(t *testing.T) {
	for _, change := range []func(*Heartbeat){everySixHours, atNine} {
		h := beating(t, change)
		for range 4 {
			h.pass(time.Hour)
			h.restart(rules.Restart{At: h.now.At, Rebooted: true})
		}
		h.wantTexts()
	}
	h := beating(t, everySixHours)
	for range 12 {
		h.pass(time.Hour)
		h.restart(rules.Restart{At: h.now.At, Rebooted: true})
	}
	h.wantTexts(well, well)
}

func TestHeartbeatsMissedWhileDownAreSentOnce(t *testing.T) {
	for _, change := range []func(*Heartbeat){everySixHours, atNine} {
		h := beating(t, change)
		h.pass(time.Hour)
		h.now.Wall = h.now.Wall.Add(100 * time.Hour)
		h.restart(rules.Restart{At: h.now.At, Rebooted: true, Downtime: 100 * time.Hour})
		h.wantTexts(well)
		h.pass(time.Hour)
		h.restart(rules.Restart{At: h.now.At})
		h.wantTexts()
	}
}

func TestADowntimeThatBecomesKnownLaterCounts(t *testing.T) {
	h := beating(t, everySixHours)
	h.pass(time.Hour)
	h.restart(rules.Restart{At: h.now.At, Rebooted: true})
	began := h.now.At
	h.pass(time.Minute)
	h.wantTexts()
	h.d.Missed(5*time.Hour, began, h.now.At)
	h.conclude()
	h.wantTexts(well)
}

func TestAHeartbeatSaysWhatIsWrong(t *testing.T) {
	facts := Facts{CanSend: true, Signal: "good", Brokers: 1, BrokersUp: 1, Sensors: 12}
	h := newHouse(t, func(o *Options) {
		o.Facts, o.Heartbeats = func() Facts { return facts }, daily(o.People)
	})
	h.pass(23 * time.Hour)
	h.wantTexts("bob: Rosewood: all well. 12 sensors heard, signal good, nothing fires")
	facts.SensorsSilent, facts.BrokersUp = 2, 0
	h.pass(24 * time.Hour)
	h.wantTexts("bob: Rosewood: 0 of 1 brokers in reach, 2 of 12 sensors silent, nothing fires")
	facts.SensorsSilent, facts.BrokersUp = 0, 1
	h.publish("smoke/attic", "ON")
	h.texts = nil
	h.pass(24 * time.Hour)
	if got := h.bodies(); !slices.Contains(got, "bob: Rosewood: Open: 1 SMOKE attic") {
		t.Errorf("got %q", got)
	}
	facts.NoService, facts.NoServiceSince = true, h.now.At
	h.publish("smoke/attic", "OFF")
	h.texts = nil
	h.pass(24 * time.Hour)
	h.wantTexts("bob: Rosewood: no service for 24 h, nothing fires")
}

func TestWhoHasOptedOutGetsNoHeartbeat(t *testing.T) {
	h := beating(t, atNine)
	h.says("bob", "STOP")
	h.texts = nil
	h.pass(48 * time.Hour)
	h.wantTexts()
}

func TestAHeartbeatWithATopicIsPublished(t *testing.T) {
	h := beating(t, func(b *Heartbeat) { b.Topic, b.Broker, b.Notify = "tocsin/alive", "main", nil })
	h.pass(23 * time.Hour)
	h.wantTexts()
	want := []Beat{{Heartbeat: "daily", Topic: "tocsin/alive", Broker: "main", Payload: []byte(
		`{"heartbeat":"daily","site":"Rosewood","time":"2026-03-03T09:00:00Z","can_send":true,"signal":"good","sensors":0,"sensors_silent":0,"open":0}`)}}
	if diff := cmp.Diff(want, h.beats); diff != "" {
		t.Errorf("published (-want +got):\n%s", diff)
	}
}

func TestARecordOfAHeartbeatThatIsNoLongerConfiguredIsDropped(t *testing.T) {
	h := beating(t, atNine)
	if h.records["beat/daily"] == nil {
		t.Fatal("there is no record of it")
	}
	h.options.Heartbeats = nil
	h.restart(rules.Restart{At: h.now.At})
	if h.records["beat/daily"] != nil {
		t.Error("the record is still there")
	}
}
