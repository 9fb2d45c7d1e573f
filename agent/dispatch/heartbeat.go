package dispatch

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
)

// A Heartbeat is the gateway's own sign of life, one `heartbeat` block.
type Heartbeat struct {
	Name   string
	Every  time.Duration    // on the gateway's timeline; 0 where At counts
	At     notify.TimeOfDay // negative where Every counts
	Notify []notify.Addressee
	Topic  string // that it is published on; "" for none
	Broker string // whose topic that is
}

// A Beat is a heartbeat to be published, not retained.
type Beat struct {
	Heartbeat     string
	Topic, Broker string
	Payload       []byte
}

// BeatPrefix begins the keys of when each heartbeat last was.
const BeatPrefix = "beat/"

const (
	beatVersion = 1
	// beatEveryDay is how often one comes that has a time of day while nobody knows
	// that.
	beatEveryDay = 24 * time.Hour
	// beatSlack is by how much a clock may be set back without a second heartbeat.
	beatSlack = time.Hour
	// beatUrgency goes beside digests.
	beatUrgency = 2
)

// A beat is the last of a heartbeat, or when it began to be expected.
type beat struct {
	Version int
	At      time.Duration
	Sent    bool `json:",omitempty"`
}

// restoreBeats takes up when each heartbeat last was, so that a restart sends
// none. One that fell due in a downtime that is known is due now, once.
func (d *Dispatcher) restoreBeats(records iter.Seq2[string, []byte], r rules.Restart) []error {
	var errs []error
	for key, value := range records {
		name := strings.TrimPrefix(key, BeatPrefix)
		if !slices.ContainsFunc(d.options.Heartbeats, func(h Heartbeat) bool { return h.Name == name }) {
			d.noted.Records = append(d.noted.Records, rules.Record{Key: key})
			continue
		}
		var b beat
		if err := decode(value, &b, &b.Version, beatVersion); err != nil {
			errs = append(errs, fmt.Errorf("record %q: %w", key, err))
			continue
		}
		d.beats[name] = b
	}
	if r.Rebooted {
		d.ageBeats(r.Downtime, r.At)
	}
	for _, h := range d.options.Heartbeats {
		if d.beats[h.Name].Version == 0 {
			d.keepBeat(h.Name, beat{At: r.At})
		}
	}
	return errs
}

// ageBeats lets heartbeats from before a moment be older by the time that the
// timeline leaves out there.
func (d *Dispatcher) ageBeats(down, before time.Duration) {
	for _, name := range slices.Sorted(maps.Keys(d.beats)) {
		if b := d.beats[name]; down > 0 && b.At < before {
			b.At -= down
			d.keepBeat(name, b)
		}
	}
}

func (d *Dispatcher) keepBeat(name string, b beat) {
	b.Version = beatVersion
	d.beats[name] = b
	d.noted.Records = append(d.noted.Records, rules.Record{Key: BeatPrefix + name, Value: encode(b)})
}

// nextBeat is when a heartbeat is next due.
func (d *Dispatcher) nextBeat(h Heartbeat, now notify.Moment) time.Duration {
	last := d.beats[h.Name]
	switch {
	case h.At < 0:
		return last.At + h.Every
	case now.Wall.IsZero():
		return last.At + beatEveryDay
	}
	after := now.Wall.Add(last.At - now.At)
	if last.Sent {
		after = after.Add(beatSlack)
	}
	return now.At + h.At.Next(after).Sub(now.Wall)
}

// beat sends the heartbeats that are due, each once, however many were missed.
func (d *Dispatcher) beat(now notify.Moment) {
	for _, h := range d.options.Heartbeats {
		if d.nextBeat(h, now) > now.At {
			continue
		}
		d.keepBeat(h.Name, beat{At: now.At, Sent: true})
		for _, a := range h.Notify {
			if !d.ledger.OptedOut(a.Phone) {
				v := d.voice(a.Contact)
				d.ledger.Say(a.Contact, d.signOfLife(v, now.At), beatUrgency, now)
			}
		}
		if h.Topic != "" {
			d.noted.Beats = append(d.noted.Beats, Beat{h.Name, h.Topic, h.Broker, d.payload(h, now)})
		}
	}
}

// signOfLife says that all is well, or what is not.
func (d *Dispatcher) signOfLife(v voice, now time.Duration) string {
	facts := d.facts()
	var wrong []string
	for _, f := range facts.inWords(v, now) {
		if !f.well {
			wrong = append(wrong, f.text)
		}
	}
	if len(wrong) > 0 || len(d.open()) > 0 {
		return d.account(v, wrong)
	}
	said := []string{facts.sensors(v).text}
	if facts.Signal != "" {
		said = append(said, facts.signal(v).text)
	}
	return v.Say("all_well") + ". " + d.account(v, said)
}

// payload is what a heartbeat publishes.
func (d *Dispatcher) payload(h Heartbeat, now notify.Moment) []byte {
	facts := d.facts()
	b, err := json.Marshal(struct {
		Heartbeat     string    `json:"heartbeat"`
		Site          string    `json:"site,omitempty"`
		Time          time.Time `json:"time,omitzero"` // absent while nobody knows the time of day
		CanSend       bool      `json:"can_send"`
		Signal        string    `json:"signal,omitempty"`
		Sensors       int       `json:"sensors"`
		SensorsSilent int       `json:"sensors_silent"`
		Open          int       `json:"open"` // incidents
		Warnings      []string  `json:"warnings,omitempty"`
	}{
		h.Name, d.options.People.Site, now.Wall, facts.CanSend && !facts.NoService, facts.Signal,
		facts.Sensors, facts.SensorsSilent, len(d.open()), facts.Warnings,
	})
	if err != nil {
		panic("dispatch: a heartbeat that JSON cannot hold: " + err.Error())
	}
	return b
}
