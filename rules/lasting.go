package rules

import (
	"math/bits"
	"slices"
)

// lasting are the bools and texts that the alert joins with other values. What
// one says changes nothing at first, and then decides, maybe after a crash, what
// another means: its news is written at once. Measures are said again soon.
func (a *Alert) lasting() []place {
	var read []place
	for _, l := range a.Levels {
		for _, c := range [...]*Condition{l.when, l.clearWhen} {
			if c == nil {
				continue
			}
			for _, p := range c.said {
				if !slices.Contains(read, p) {
					read = append(read, p)
				}
			}
		}
	}
	if len(read)+len(a.switches) < 2 {
		return nil
	}
	return slices.DeleteFunc(read, func(p place) bool {
		kind := a.inputs[p.slot].sensor.Fields[p.field].Kind
		return kind != Bool && kind != String
	})
}

// turns tells whether the message has news of a lasting field.
func (s *series) turns(h *hearing) bool {
	for rest := s.lasting; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		if h.said[i].Why == Known && h.said[i] != s.values[i] {
			return true
		}
	}
	return false
}
