package rules

import "time"

// previous is what the sensor said last and before that, as far as it was
// known: the state behind previous and changed.
type previous struct {
	last, before Value
	samples      int // 2 for any more
}

func (p *previous) add(_ time.Duration, v Value) {
	p.before, p.last = p.last, v
	p.samples = min(p.samples+1, 2)
}

func (p *previous) rebase(_ time.Duration, v Value) {
	p.before, p.last = v, v
	p.samples = max(p.samples, 1)
}

// value is what the sensor said before it said what it says now.
func (p *previous) value() *Value {
	if p.samples < 2 {
		return &unobserved
	}
	return &p.before
}

var unobserved = Value{Why: Unobserved}

// changed tells whether the last sample differs from the one before.
func (p *previous) changed() (bool, Reason) {
	if p.samples < 2 {
		return false, Unobserved
	}
	return p.last != p.before, Known
}
