package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// OnOffline is what the conditions of an alert count as while a sensor that they
// read is offline: has said nothing for its offline_after.
type OnOffline string

// What on_offline can be.
const (
	Hold  OnOffline = "hold"  // what the sensor last said holds, and its windows stand still
	Clear OnOffline = "clear" // false
	Fire  OnOffline = "fire"  // true
)

// A heed is a sensor of an alert whose silence on_offline is about.
type heed struct {
	slot   int
	silent eval[bool]
	turn   wakeup // when it will be
}

// heed finds the sensors whose silence on_offline is about: those that a
// condition reads and that have an offline_after. A sensor of which a condition
// asks offline or age is none of them: there the user says what its silence is.
func (a *Alert) heed(used []*Sensor) {
	for _, l := range a.Levels {
		for _, slot := range l.each((*Condition).slotsRead) {
			if used[slot].OfflineAfter == 0 || slices.Contains(a.asked(), slot) {
				continue
			}
			l.heeds = append(l.heeds, slot)
			if !slices.ContainsFunc(a.heeds, func(h heed) bool { return h.slot == slot }) {
				test, turn := silent(slot)
				a.heeds = append(a.heeds, heed{slot, test, turn})
				a.wakeups = append(a.wakeups, turn)
			}
		}
	}
}

// Heeds lists the sensors whose silence OnOffline is about.
func (a *Alert) Heeds() []*Sensor {
	var out []*Sensor
	for _, h := range a.heeds {
		out = append(out, a.inputs[h.slot].sensor)
	}
	return out
}

func (c *Condition) slotsRead() []int  { return c.read }
func (c *Condition) slotsAsked() []int { return c.asked }

// each lists what its conditions have, each once.
func (l *Level) each(of func(*Condition) []int) []int {
	slots := slices.Clone(of(l.when))
	if l.clearWhen != nil {
		slots = append(slots, of(l.clearWhen)...)
	}
	slices.Sort(slots)
	return slices.Compact(slots)
}

// asked are the slots of sensors of which a condition asks when they last spoke.
func (a *Alert) asked() []int {
	var slots []int
	for _, l := range a.Levels {
		slots = append(slots, l.each((*Condition).slotsAsked)...)
	}
	return slots
}

// needless complains of an on_offline, at rng, that is about no sensor.
func (a *Alert) needless(rng hcl.Range, used []*Sensor) *hcl.Diagnostic {
	var read []int
	for _, l := range a.Levels {
		read = append(read, l.each((*Condition).slotsRead)...)
	}
	if len(read) == 0 {
		return block.Mistake(rng, "Conflicting arguments",
			"on_offline is about sensors that a condition reads, and here none is. Remove it.")
	}
	if s := used[read[0]]; s.OfflineAfter == 0 {
		return block.Mistake(rng, "Sensor without offline_after", fmt.Sprintf(
			"Tocsin is not told how long sensor.%s may be silent. Write offline_after = \"26h\" in sensor %q, or remove on_offline.", s.Name, s.Name))
	}
	return block.Mistake(rng, "Conflicting arguments", fmt.Sprintf(
		"A condition asks itself for how long sensor.%s is silent, so on_offline has no effect. Remove one of them.", used[read[0]].Name))
}

// listen notes which of the sensors that matter are offline.
func (in *instance) listen() {
	in.stale = false
	for _, h := range in.alert.heeds {
		offline, why := h.silent(&in.frame)
		in.offline[h.slot] = offline && why == Known
		in.stale = in.stale || in.offline[h.slot]
	}
}

// listens is when listen may next find something else although no reading
// arrives.
func (in *instance) listens() time.Duration {
	next := never
	for _, h := range in.alert.heeds {
		next = min(next, h.turn(&in.frame))
	}
	return next
}

// override gives the conditions of a stage that reads a sensor which is offline
// the truth that on_offline says, and tells whether it did.
func (in *instance) override(s *stage) bool {
	if in.alert.OnOffline == Hold || !slices.ContainsFunc(s.heeds, func(slot int) bool { return in.offline[slot] }) {
		return false
	}
	s.is, s.over, s.fresh = False, True, true
	if in.alert.OnOffline == Fire {
		s.is, s.over = True, False
	}
	return true
}

// silence ends a text that is sent because a sensor is offline: what else is in
// it was said before.
func (in *instance) silence() string {
	if !in.stale || in.alert.OnOffline == Hold {
		return ""
	}
	var longest *series
	for _, h := range in.alert.heeds {
		if s := in.inputs[h.slot]; in.offline[h.slot] && (longest == nil || s.heard < longest.heard) {
			longest = s
		}
	}
	return fmt.Sprintf(" (%s silent for %s)", block.Spoken(longest.sensor.Name), roughly(in.frame.Now-longest.heard))
}
