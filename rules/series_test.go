package rules

import "testing"

func TestReadingsOfMoreSeriesThanThereMayBeAreRefused(t *testing.T) {
	set := loadText(t, `
sensor "tank" {
  topic = "tank/{n}"
  value = number
}
alert "low" {
  when = sensor.tank < 5
}
`)
	set.SeriesMax = 2
	e := NewEngine(set)
	for _, topic := range []string{"tank/1", "tank/2", "tank/3", "tank/1"} {
		e.Observe(Reading{Topic: topic, Payload: []byte("1")})
	}
	if s := e.Stats(); s.Series != 2 || s.Refused != 1 || s.Firing != 2 {
		t.Errorf("got %d series, %d refused readings and %d alarms, want 2, 1 and 2", s.Series, s.Refused, s.Firing)
	}
}
