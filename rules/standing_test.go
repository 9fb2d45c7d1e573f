package rules

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestInstancesAreListedWithThoseInTroubleFirst(t *testing.T) {
	e := NewEngine(loadText(t, `
sensor "smoke" {
  topic = "smoke/{room}"
  value = bool
}
sensor "water" {
  topic = "water/{room}"
  value = bool
}
alert "fire" {
  when = sensor.smoke
  for  = "10s"
}
alert "leak" {
  when = sensor.water
}
`))
	for topic, payload := range map[string]string{"smoke/a": "OFF", "smoke/b": "?", "smoke/c": "ON"} {
		e.Observe(Reading{Topic: topic, Payload: []byte(payload), At: time.Minute})
	}
	e.Tick(70 * time.Second)
	e.Observe(Reading{Topic: "smoke/d", Payload: []byte("ON"), At: 75 * time.Second})
	list, omitted := e.Standings(80 * time.Second)
	var got []string
	for _, s := range list {
		got = append(got, fmt.Sprintf("%s %v %v %v %d", s.Instance, s.State, s.For, s.Undecided, s.Incident.ID))
	}
	want := []string{
		`fire{room="c"} firing 10s 0s 1`,
		`fire{room="d"} pending 5s 0s 0`,
		`fire{room="b"} ok 0s 20s 0`,
		`fire{room="a"} ok 0s 0s 0`,
	}
	if diff := cmp.Diff(want, got); diff != "" || omitted != 0 {
		t.Errorf("%d omitted (-want +got):\n%s", omitted, diff)
	}
	if diff := cmp.Diff([]Unheard{{"leak", "water/+"}}, e.Unheard()); diff != "" {
		t.Errorf("unheard (-want +got):\n%s", diff)
	}
}
