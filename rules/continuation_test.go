package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// manyRules have something of everything that an engine remembers.
const manyRules = `
switch "away" {}
sensor "tank" {
  topic         = "tank/{n}"
  fields        = { level = number, leak = bool, mode = string }
  partial       = true
  offline_after = "7m"
  stuck_after   = { level = "9m" }
}
sensor "outside" {
  topic         = "outside"
  value         = number
  offline_after = "5m"
}
sensor "bell" {
  topic = "bell/{n}"
  value = bool
  kind  = "event"
  hold  = "90s"
}
sensor "pulse" {
  topic    = "pulse/{n}"
  fields   = { v = number }
  time     = payload.ts
  sequence = payload.seq
  max_age  = "3m"
}
alert "plain" {
  when = sensor.tank.level > 5
}
alert "timed" {
  when       = sensor.tank.level > 5
  for        = "3m"
  clear_when = sensor.tank.level < 3
  clear_for  = "2m"
}
alert "joined" {
  when          = sensor.tank.level > sensor.outside
  for           = "30s"
  suppressed_by = [alert.silence_fires, alert.latched]
}
alert "levels" {
  level "warning" {
    when       = sensor.tank.level > 4
    clear_when = sensor.tank.level < 2
  }
  level "critical" {
    when      = sensor.tank.leak || sensor.tank.level > 7
    for       = "1m"
    clear_for = "1m"
  }
  message = "level ${default(sensor.tank.level, -1)}"
}
alert "latched" {
  when          = sensor.tank.leak
  latch         = true
  suppressed_by = [alert.timed]
}
alert "silent" {
  when = offline(sensor.tank)
  for  = "1m"
}
alert "silence_clears" {
  when       = sensor.tank.level > 3
  clear_when = sensor.tank.level < 3
  on_offline = "clear"
}
alert "silence_fires" {
  when       = sensor.outside < 4
  for        = "1m"
  on_offline = "fire"
}
alert "rung" {
  when = sensor.bell && switch.away
  for  = "20s"
}
alert "away" {
  when = switch.away
  for  = "2m"
}
alert "most" {
  when    = max_over(sensor.tank.level, "6m") > 5
  message = "${min_over(sensor.tank.level, "6m")} to ${max_over(sensor.tank.level, "6m")}, ${avg_over(sensor.tank.level, "6m")}"
}
alert "counted" {
  when    = count_over(sensor.pulse.v, "4m") > 2 || changes_over(sensor.pulse.v, "5m") > 2
  message = "${sum_over(sensor.pulse.v, "4m")}, ${previous(sensor.pulse.v)}"
}
alert "changed" {
  when = changed(sensor.tank.mode) || sensor.pulse.v > 6
}
alert "held" {
  when = held(sensor.tank.level > 2, "3m") && !happened(sensor.tank.leak, "4m")
}
`

// A happening is what comes to a gateway at a moment.
type happening struct {
	at      time.Duration
	r       Reading
	turn    string // a switch to it
	ack     string // an alert
	restart bool
}

func drawHappening(t *rapid.T, at time.Duration) happening {
	number := rapid.SampledFrom([]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "null", `"unavailable"`})
	truth := rapid.SampledFrom([]string{"true", "false", "false", "null"})
	n := rapid.IntRange(1, 2).Draw(t, "n")
	h := happening{at: at}
	say := func(topic, payload string) {
		h.r = Reading{Topic: topic, Payload: []byte(payload),
			Retained: rapid.IntRange(0, 5).Draw(t, "retained") == 0, Duplicate: rapid.IntRange(0, 5).Draw(t, "duplicate") == 0}
	}
	switch rapid.IntRange(0, 11).Draw(t, "what") {
	case 0, 1, 2:
		say(fmt.Sprint("tank/", n), fmt.Sprintf(`{"level": %s}`, number.Draw(t, "level")))
	case 3:
		say(fmt.Sprint("tank/", n), fmt.Sprintf(`{"leak": %s}`, truth.Draw(t, "leak")))
	case 4:
		say(fmt.Sprint("tank/", n), fmt.Sprintf(`{"level": %s, "mode": "%s"}`, number.Draw(t, "level"), rapid.SampledFrom([]string{"a", "b"}).Draw(t, "mode")))
	case 5:
		say("outside", number.Draw(t, "outside"))
	case 6, 7:
		say(fmt.Sprint("bell/", n), truth.Draw(t, "bell"))
	case 8, 9:
		age := time.Duration(rapid.IntRange(0, 240).Draw(t, "age")) * time.Second
		say(fmt.Sprint("pulse/", n), fmt.Sprintf(`{"v": %s, "seq": %d, "ts": %q}`, number.Draw(t, "v"), rapid.IntRange(1, 3).Draw(t, "seq"),
			time.Unix(2e9, 0).Add(at-age).UTC().Format(time.RFC3339)))
	case 10:
		h.turn = rapid.SampledFrom([]string{"on", "off"}).Draw(t, "switch")
	case 11:
		h.ack = rapid.SampledFrom([]string{"latched", "levels"}).Draw(t, "ack")
	}
	return h
}

// happen lets it come to the gateway, unless it is a restart.
func (l *life) happen(h happening) {
	switch {
	case h.turn != "":
		d, err := l.engine.SetSwitch("away", h.turn == "on", l.now)
		if err != nil {
			l.t.Fatal(err)
		}
		l.keep(d)
	case h.ack != "":
		for _, i := range l.engine.Open() {
			if i.Alert == h.ack {
				d, _ := l.engine.Ack(i.ID, "alice", l.now) // it may end at this moment
				l.keep(d)
			}
		}
	default:
		l.origin = time.Unix(2e9, 0)
		l.hear(Reading{Retained: h.r.Retained, Duplicate: h.r.Duplicate}, h.r.Topic, string(h.r.Payload))
	}
}

// goOn plays what happens, with the restarts or without, and tells the story, each
// moment's in order of the alphabet.
func goOn(t *testing.T, all []happening, restarts bool) []string {
	l := newLife(t, manyRules)
	l.restart(manyRules, Restart{}) // an agent begins with the records that it finds
	for _, h := range all {
		l.until(h.at)
		switch {
		case h.restart && restarts:
			l.keep(Decision{Records: l.engine.Unsaved(true)})
			l.restart(manyRules, Restart{At: l.now})
		case h.restart:
		default:
			l.happen(h)
		}
	}
	l.until(l.now + time.Hour)
	l.tellOpen()
	for i, line := range l.story {
		if which, rest, open := strings.Cut(line, " number "); open { // numbers go by the order within a moment
			_, flags, _ := strings.Cut(rest, ", ")
			l.story[i] = which + " " + flags
		}
	}
	slices.SortFunc(l.story, func(a, b string) int {
		x, _, _ := strings.Cut(a, " ")
		y, _, _ := strings.Cut(b, " ")
		return cmp.Or(cmp.Compare(moment(t, x), moment(t, y)), cmp.Compare(a, b))
	})
	return l.story
}

func TestARestartWithinOneBootChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		at := time.Duration(0)
		var all []happening
		for range rapid.IntRange(1, 80).Draw(r, "length") {
			at += time.Duration(rapid.IntRange(1, 90).Draw(r, "pause")) * time.Second
			if rapid.IntRange(0, 6).Draw(r, "restart") == 0 {
				// Not at the very moment of a timer, which messages of that moment precede.
				all = append(all, happening{at: at + time.Second/2, restart: true})
				continue
			}
			all = append(all, drawHappening(r, at))
		}
		if diff := gocmp.Diff(goOn(t, all, false), goOn(t, all, true)); diff != "" {
			var told []string
			for _, h := range all {
				told = append(told, h.String())
			}
			r.Fatalf("without restarts (-) and with them (+):\n%s\n%s", diff, strings.Join(told, "\n"))
		}
	})
}

// String tells what happens as a line of a timeline.
func (h happening) String() string {
	flags := ""
	if h.r.Retained {
		flags += "retained "
	}
	if h.r.Duplicate {
		flags += "dup "
	}
	switch {
	case h.restart:
		return fmt.Sprint(h.at, " restart")
	case h.turn != "":
		return fmt.Sprint(h.at, " switch away ", h.turn)
	case h.ack != "":
		return fmt.Sprint(h.at, " ack ", h.ack)
	}
	return fmt.Sprintf("%v %s%s %s", h.at, flags, h.r.Topic, h.r.Payload)
}
