package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// A wakeup tells when, after f.Now, the outcome of an expression may change
// although no reading arrives; never when it does not.
type wakeup func(f *Frame) time.Duration

// wake notes when the expression being compiled may change.
func (c *compiler) wake(w wakeup) { c.wakeups = append(c.wakeups, w) }

// after is at, unless that is past.
func after(f *Frame, at time.Duration) time.Duration {
	if at > f.Now {
		return at
	}
	return never
}

// A clock is an expression that grows with time and nothing else: age(x). What
// it is compared with says when the outcome changes.
type clock struct {
	since  func(*Frame) (time.Duration, Reason)
	wakeup int // of the compiler's, which the comparison makes exact
}

// heard is when a reading of the sensor in the slot last arrived.
func heard(slot int) func(*Frame) (time.Duration, Reason) {
	return func(f *Frame) (time.Duration, Reason) {
		if s := f.Series[slot]; s != nil {
			return s.heard, Known
		}
		return 0, Missing
	}
}

// agePulse is how often an age is looked at that is calculated with. One that
// is compared with a fixed duration is looked at when it reaches it.
const agePulse = time.Second

// buildAge: age(sensor.x) is the time since a reading of it arrived, whatever
// it said.
func buildAge(a *funcCall) expr {
	since := heard(a.slot)
	a.wake(func(f *Frame) time.Duration {
		if _, why := since(f); why != Known {
			return never
		}
		return f.Now + agePulse
	})
	x := numberExpr(func(f *Frame) (float64, Reason) {
		at, why := since(f)
		return seconds(max(f.Now-at, 0)), why
	}).as(Duration)
	x.clock = &clock{since, len(a.wakeups) - 1}
	return x
}

// buildOffline: offline(sensor.x) is true once the sensor's offline_after has
// passed without a reading.
func buildOffline(a *funcCall) expr {
	s := a.scope.Sensors[a.slot]
	if s.OfflineAfter == 0 {
		return a.mistake(a.at.Args[0], "Sensor without offline_after", fmt.Sprintf(
			"Tocsin is not told how long sensor.%s may be silent. Write offline_after = \"26h\" in sensor %q, or age(sensor.%s) > \"26h\" here.", s.Name, s.Name, s.Name))
	}
	a.scope.silence = true
	test, turn := silent(a.slot)
	a.wake(turn)
	return boolExpr(test)
}

// silent tells whether the sensor in the slot has said nothing for its
// offline_after, and when that will be so.
func silent(slot int) (eval[bool], wakeup) {
	test := func(f *Frame) (bool, Reason) {
		if s := f.Series[slot]; s != nil {
			return s.offline(f.Now), Known
		}
		return false, Missing
	}
	turn := func(f *Frame) time.Duration {
		if s := f.Series[slot]; s != nil {
			return after(f, s.offlineDue())
		}
		return never
	}
	return test, turn
}

// reached tells whether d has passed since, and when it will have.
func reached(since func(*Frame) (time.Duration, Reason), d time.Duration) (eval[bool], wakeup) {
	test := func(f *Frame) (bool, Reason) {
		at, why := since(f)
		return f.Now-at >= d, why
	}
	turn := func(f *Frame) time.Duration {
		at, why := since(f)
		if why != Known {
			return never
		}
		return after(f, at+d)
	}
	return test, turn
}

// clockOrder compares an age with a fixed duration. The age passes it at the
// moment it reaches it, as `for` does: > and >= are the same, < and <= too.
func (c *compiler) clockOrder(op *hclsyntax.Operation, age *clock, limit time.Duration) expr {
	test, turn := reached(age.since, limit)
	c.wakeups[age.wakeup] = turn
	if op == hclsyntax.OpLessThan || op == hclsyntax.OpLessThanOrEqual {
		test = not(test)
	}
	return boolExpr(test)
}

// clockBetween is whether an age has reached low and not yet high.
func (c *compiler) clockBetween(age *clock, low, high time.Duration) expr {
	begun, begins := reached(age.since, low)
	over, ends := reached(age.since, high)
	c.wakeups[age.wakeup] = func(f *Frame) time.Duration { return min(begins(f), ends(f)) }
	return boolExpr(kleene(begun, not(over), false))
}

// mirrored are the comparisons with their sides swapped.
var mirrored = map[*hclsyntax.Operation]*hclsyntax.Operation{
	hclsyntax.OpLessThan: hclsyntax.OpGreaterThan, hclsyntax.OpLessThanOrEqual: hclsyntax.OpGreaterThanOrEqual,
	hclsyntax.OpGreaterThan: hclsyntax.OpLessThan, hclsyntax.OpGreaterThanOrEqual: hclsyntax.OpLessThanOrEqual,
}

// A watched condition is one that held or happened look at. What became of it
// is kept for each instance of the alert.
type watched struct {
	meaning string // how it is found again, wherever it is written
	test    eval[bool]
}

// A watch is what became of a watched condition. While the condition is
// unknown it keeps its last truth.
type watch struct {
	Truth Truth
	Since time.Duration // when it took on that truth
	Begun time.Duration // when it was first known
	Ever  bool          // it was true before
}

// look takes the condition's truth in.
func (w *watch) look(now time.Duration, truth Truth) (news bool) {
	if truth == Unknown || truth == w.Truth {
		return false
	}
	if w.Truth == Unknown {
		w.Begun = now
	}
	w.Ever = w.Ever || w.Truth == True
	w.Truth, w.Since = truth, now
	return true
}

// held tells whether the condition has been true for d.
func (w *watch) held(now, d time.Duration) (bool, Reason) {
	if w.Truth == Unknown {
		return false, Missing
	}
	return w.Truth == True && now-w.Since >= d, Known
}

// happened tells whether the condition was true at any time in the last d. That
// it was not can be told once half of that time was observed.
func (w *watch) happened(now, d time.Duration) (bool, Reason) {
	switch {
	case w.Truth == Unknown:
		return false, Missing
	case w.Truth == True, w.Ever && now-w.Since < d:
		return true, Known
	case now-w.Begun < d/2:
		return false, Unobserved
	}
	return false, Known
}

// watch is what became of the i-th watched condition.
func (f *Frame) watch(i int) *watch {
	if i < len(f.watches) {
		return &f.watches[i]
	}
	return &unwatched
}

// unwatched is what is known of a condition before an instance is there.
var unwatched watch

// watchCondition finds the watch of the call's condition among the alert's. Its
// wakeups count even if only a message looks at it: that its truth changes has
// to be noticed when it does.
func (a *funcCall) watchCondition() (at int, ok bool) {
	if a.args[0].fixed {
		a.mistake(a.at.Args[0], "Constant condition", "This condition never changes. Compare a sensor with a limit, such as sensor.freezer > -12.")
		return 0, false
	}
	a.standing = append(a.standing, a.wakeups[a.mark:]...)
	meaning := meaningOf(a.at.Args[0])
	at = slices.IndexFunc(a.scope.watched, func(w watched) bool { return w.meaning == meaning })
	if at < 0 {
		at = len(a.scope.watched)
		a.scope.watched = append(a.scope.watched, watched{meaning, a.args[0].truth})
	}
	a.note(a.at).watch = at
	return at, true
}

// buildHeld: held(cond, d) is true while cond has been true for d.
func buildHeld(a *funcCall) expr {
	i, ok := a.watchCondition()
	if !ok {
		return expr{}
	}
	d := a.spans[0]
	a.wake(func(f *Frame) time.Duration {
		if w := f.watch(i); w.Truth == True {
			return after(f, w.Since+d)
		}
		return never
	})
	return boolExpr(func(f *Frame) (bool, Reason) { return f.watch(i).held(f.Now, d) })
}

// buildHappened: happened(cond, d) is true while cond is and for d after.
func buildHappened(a *funcCall) expr {
	i, ok := a.watchCondition()
	if !ok {
		return expr{}
	}
	d := a.spans[0]
	a.wake(func(f *Frame) time.Duration {
		w := f.watch(i)
		if w.Truth != False {
			return never
		}
		turn := after(f, w.Begun+d/2)
		if w.Ever {
			turn = min(turn, after(f, w.Since+d))
		}
		return turn
	})
	return boolExpr(func(f *Frame) (bool, Reason) { return f.watch(i).happened(f.Now, d) })
}
