package rules

import (
	"fmt"
	"maps"
	"testing"
	"time"
)

const doors = `
sensor "door" {
  topic = "door/{n}"
  value = bool
}
alert "open" {
  when  = sensor.door
  latch = true
}
`

func (l *life) door(n int, payload string) {
	l.observe(fmt.Sprintf("door/%d", n), payload)
}

func TestOnlyWhatIsOpenCanBeAcknowledged(t *testing.T) {
	l := newLife(t, doors)
	l.door(1, "open")
	for _, id := range []uint64{0, 2} {
		if d, err := l.engine.Ack(id, "alice", time.Minute); err == nil || !d.Empty() {
			t.Errorf("incident %d: got %+v and error %v, want nothing and an error", id, d, err)
		}
	}
}

func TestTheFirstAckStays(t *testing.T) {
	l := newLife(t, doors)
	l.door(1, "open")
	for i, by := range []string{"alice", "bob"} {
		d, err := l.engine.Ack(1, by, time.Duration(i+1)*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if d.Empty() != (by == "bob") {
			t.Errorf("%s: got %+v", by, d)
		}
	}
	if got, want := *l.engine.Open()[0].Acked, (Ack{"alice", time.Minute}); got != want {
		t.Errorf("acked %+v, want %+v", got, want)
	}
}

func TestWhatEndsAtTheMomentOfTheAckIsNoMistake(t *testing.T) {
	l := newLife(t, `
sensor "door" {
  topic = "door"
  value = bool
}
alert "open" {
  when      = sensor.door
  clear_for = "1m"
}
`)
	l.observe("door", "open")
	l.observe("door", "closed")
	d, err := l.engine.Ack(1, "alice", time.Minute)
	if err != nil || len(d.Transitions) != 1 || !d.Transitions[0].Resolves() {
		t.Errorf("got %+v and error %v, want the end of the incident", d, err)
	}
}

// number is that of the incident that a door which opens makes.
func (l *life) number(n int) int {
	l.door(n, "open")
	open := l.engine.Open()
	return open[len(open)-1].Number
}

func TestANumberIsTheNextFreeOneAndIsNotGivenAgainSoon(t *testing.T) {
	l := newLife(t, doors)
	for i := 1; i <= NumberMax; i++ {
		if got := l.number(i); got != i {
			t.Fatalf("incident %d has number %d, want %d", i, got, i)
		}
	}
	if got := l.number(100); got != 0 {
		t.Errorf("all are taken, and the next incident has number %d, want 0", got)
	}
	for _, n := range []int{7, 100, 3} {
		l.door(n, "closed")
		l.ackID(uint64(n))
	}
	if got := l.number(101); got != 3 {
		t.Errorf("got number %d, want 3, the first that is free after 99", got)
	}
	l.restart(doors, Restart{At: l.now})
	if got := l.number(102); got != 7 {
		t.Errorf("after a restart got number %d, want 7", got)
	}
	l.door(101, "closed")
	l.ackID(101)
	l.restart(doors, Restart{At: l.now})
	l.door(5, "closed")
	l.ackID(5)
	if got := l.number(103); got != 3 {
		t.Errorf("after another got number %d, want 3, since 7 was the last one given and all up to 99 are taken", got)
	}
}

func (l *life) ackID(id uint64) {
	d, err := l.engine.Ack(id, "alice", l.now)
	if err != nil {
		l.t.Fatal(err)
	}
	l.keep(d)
}

func TestANumberThatCannotBeIsNone(t *testing.T) {
	l := newLife(t, doors)
	l.door(1, "open")
	l.records["counter/number"] = []byte("100")
	l.records["alert/open/1"] = []byte(`{"Version":1,"State":2,"Incident":{"ID":1,"Number":-5,"Alert":"open"}}`)
	e := NewEngine(loadText(t, doors))
	if _, errs := e.Restore(maps.All(l.records), Restart{}); len(errs) != 1 {
		t.Errorf("complaints %v, want one about the number", errs)
	}
	if got := e.Open(); len(got) != 1 || got[0].Number != 0 {
		t.Errorf("open %+v, want one incident without a number", got)
	}
}

func TestAnIncidentsIDIsNeverUsedAgain(t *testing.T) {
	l := newLife(t, doors)
	for want := uint64(1); want <= 5; want++ {
		l.door(1, "open")
		if got := l.engine.Open()[0].ID; got != want {
			t.Fatalf("incident %d has ID %d", want, got)
		}
		l.door(1, "closed")
		l.ackID(want)
		l.restart(doors, Restart{At: l.now, Rebooted: want%2 == 0})
	}
}

func TestWhatFiresAgainIsNoLongerLatched(t *testing.T) {
	l := newLife(t, doors)
	l.door(1, "open")
	l.door(1, "closed")
	d := l.engine.Observe(Reading{Topic: "door/1", Payload: []byte("open")})
	if len(d.Transitions) != 1 || d.Transitions[0].To != Firing || d.Transitions[0].Incident.Latched {
		t.Errorf("got %+v, want one transition to firing that is not latched", d.Transitions)
	}
}
