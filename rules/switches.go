package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// SwitchState is how a switch stands.
type SwitchState struct {
	Name  string
	On    bool
	Since time.Duration // when it was last set; 0 before that
	Set   bool          // it was ever set; until then it is at its default
}

// A switchState is a switch, how it stands, and what follows from that.
type switchState struct {
	*Switch
	on    bool
	since time.Duration
	set   bool
	said  Truth // by its topic, the last time

	decoder *Decoder // of the topic; nil without one
	readers []*alertState
}

// A switchRecord is a switch that was set.
type switchRecord struct {
	Version int
	On      bool
	Since   time.Duration
	Said    Truth
}

// addSwitches takes the switches of the set in, each at its default.
func (e *Engine) addSwitches(set *Set) {
	e.switches = make([]switchState, len(set.Switches))
	for i, s := range set.Switches {
		e.switches[i] = switchState{Switch: s, on: s.Default}
		if s.Topic == "" {
			continue
		}
		e.switches[i].decoder = s.newDecoder()
		if e.topics == nil {
			e.topics = map[string][]int{}
		}
		e.topics[s.Topic] = append(e.topics[s.Topic], i)
	}
	for i := range e.alerts {
		a := &e.alerts[i]
		for _, at := range a.switches {
			e.switches[at].readers = append(e.switches[at].readers, a)
		}
		if len(a.switches) > 0 && len(a.Labels) == 0 {
			e.instance(a, nil)
		}
	}
}

// Switches lists every switch and how it stands, in the order of the Set.
func (e *Engine) Switches() []SwitchState {
	out := make([]SwitchState, len(e.switches))
	for i, s := range e.switches {
		out[i] = SwitchState{s.Name, s.on, s.since, s.set}
	}
	return out
}

// SetSwitch turns a switch on or off. Timers that were due before come first,
// those due at the very moment after it. One that already stands so changes
// nothing. The error says that there is no switch of that name.
func (e *Engine) SetSwitch(name string, on bool, at time.Duration) (Decision, error) {
	i := slices.IndexFunc(e.switches, func(s switchState) bool { return s.Name == name })
	if i < 0 {
		return Decision{}, e.noSwitch(name)
	}
	e.begin(at)
	e.fire(e.now - 1)
	e.turn(&e.switches[i], on)
	e.fire(e.now)
	return e.end(), nil
}

func (e *Engine) noSwitch(name string) error {
	var known []string
	for _, s := range e.switches {
		known = append(known, s.Name)
	}
	if near := block.Suggest(name, known); near != "" {
		return fmt.Errorf("there is no switch %q; did you mean %s?", name, near)
	}
	if len(known) == 0 {
		return fmt.Errorf("there is no switch %q; the configuration has none", name)
	}
	return fmt.Errorf("there is no switch %q; there are: %s", name, someOf(known))
}

// turn makes a switch stand so, looks at what depends on it, and tells whether
// that is written down. Setting it to its default for the first time is: a later
// configuration may have another.
func (e *Engine) turn(s *switchState, on bool) (kept bool) {
	if s.set && s.on == on {
		return false
	}
	changed := s.on != on
	s.on, s.since, s.set = on, e.now, true
	e.keepSwitch(s)
	if changed {
		e.switched(s)
	}
	return true
}

// switched looks at the alerts that look at the switch.
func (e *Engine) switched(s *switchState) {
	for _, a := range s.readers {
		for _, key := range slices.Sorted(maps.Keys(a.instances)) { // the same order at each run
			in := a.instances[key]
			in.switched(e.now)
			e.step(in, e.now)
		}
	}
}

func (e *Engine) keepSwitch(s *switchState) {
	e.put(SwitchPrefix+s.Name, encode(switchRecord{recordVersion, s.on, s.since, s.said}))
}

// hearSwitches takes the current payload as the word of the switches whose topic
// it came on. One that cannot be read changes nothing.
func (e *Engine) hearSwitches() {
	for _, i := range e.topics[e.reading.Topic] {
		e.matched = true
		s := &e.switches[i]
		var said [1]Value
		s.decoder.Decode(e.reading.Topic, e.reading.Payload, said[:])
		if said[0].Why != Known {
			e.stats.Unread++
			continue
		}
		e.hearSwitch(s, said[0].Bool)
	}
}

// hearSwitch takes in what the topic of a switch says. What the broker kept, or
// delivers twice, and the topic had said before is no news: since then somebody
// may have set the switch by other means.
func (e *Engine) hearSwitch(s *switchState, on bool) {
	word := False
	if on {
		word = True
	}
	again := s.said == word
	if again && (e.reading.Retained || e.reading.Duplicate) {
		return
	}
	s.said = word
	if kept := e.turn(s, on); !kept && !again {
		e.keepSwitch(s)
	}
}

// restoreSwitch takes up how a switch stood.
func (e *Engine) restoreSwitch(key string, value []byte, restart Restart) error {
	name := strings.TrimPrefix(key, SwitchPrefix)
	i := slices.IndexFunc(e.switches, func(s switchState) bool { return s.Name == name })
	if i < 0 {
		e.put(key, nil) // the configuration has no such switch any more
		return nil
	}
	var r switchRecord
	if err := decode(value, &r, &r.Version); err != nil {
		return err
	}
	s := &e.switches[i]
	s.on, s.since, s.set, s.said = r.On, r.Since-restart.shift(), true, r.Said
	if s.since != r.Since {
		e.keepSwitch(s) // lest another restart loses that time again
	}
	return nil
}
