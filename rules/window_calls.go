package rules

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// fieldArgument is the sensor's value that a window is kept of.
func (a *funcCall) fieldArgument(e hclsyntax.Expression) (slot, field int, ok bool) {
	t, ok := block.Bare(e).(*hclsyntax.ScopeTraversalExpr)
	if ok && t.Traversal.RootName() == "sensor" {
		a.reads = true
		slot, field, ok = a.sensorField(t)
		if ok {
			a.note(t).value = fieldValue(a.scope.Sensors[slot].Fields[field].Kind, slot, field)
		}
		return slot, field, ok
	}
	// Whatever is wrong with what is written comes first.
	if x := a.argument(e); !x.broken() {
		a.mistake(e, "Not a sensor's value", fmt.Sprintf(
			"%s remembers what a sensor says, and this is not a sensor's value. Write one, such as %s, and calculate with the result.",
			a.at.Name, a.valueIn(e)))
	}
	return 0, 0, false
}

// valueIn is the first sensor's value in e, or any.
func (c *compiler) valueIn(e hclsyntax.Expression) string {
	found := ""
	visit(e, func(e hclsyntax.Expression) {
		if name := traversalText(e); found == "" && strings.HasPrefix(name, "sensor.") {
			found = name
		}
	})
	if found != "" || len(c.scope.All) == 0 || len(c.scope.All[0].Fields) == 0 {
		return cmp.Or(found, c.anySensor())
	}
	return strings.TrimSuffix(c.anySensor()+"."+c.scope.All[0].Fields[0].Name, ".")
}

// sensorArgument is the sensor that age and offline look at as a whole.
func (a *funcCall) sensorArgument(e hclsyntax.Expression) (slot int, ok bool) {
	t, isName := block.Bare(e).(*hclsyntax.ScopeTraversalExpr)
	name, rng, named := "", hcl.Range{}, false
	if isName {
		name, rng, named = sensorName(t)
	}
	if !named {
		a.mistake(e, "Not a sensor", fmt.Sprintf("%s looks at a sensor as a whole. Write its name, such as %s(%s).", a.at.Name, a.at.Name, a.anySensor()))
		return 0, false
	}
	a.sensed = true
	if slot, ok = a.slotOf(name, rng); ok {
		a.asked = append(a.asked, slot)
	}
	a.note(t).slot = slot
	if ok && len(t.Traversal) > 2 {
		a.mistake(e, "Not a sensor", fmt.Sprintf(
			"%s looks at a sensor as a whole, not at one of its fields. Write %s(sensor.%s).", a.at.Name, a.at.Name, name))
		return 0, false
	}
	return slot, ok
}

// spanArgument is a duration, which is fixed when the configuration is loaded.
func (a *funcCall) spanArgument(e hclsyntax.Expression) (time.Duration, bool) {
	x := a.expression(e)
	switch {
	case x.broken():
		return 0, false
	case !x.fixed:
		a.mistake(e, "Invalid duration", `A duration is fixed when the configuration is loaded. Write it in quotes, such as "10m".`)
		return 0, false
	case x.kind == Number:
		n := nameOf(e)
		a.mistake(e, "Invalid duration", fmt.Sprintf("%s has no unit. Write it in quotes with one, such as \"%ss\" or \"%sm\".", nameAtStart(e), n, n))
		return 0, false
	case x.kind != String:
		a.mistake(e, "Invalid duration", fmt.Sprintf("%s is %s, and here is a duration wanted. Write it in quotes, such as \"10m\".", nameAtStart(e), noun(x)))
		return 0, false
	}
	d, ok := a.parsedDuration(e, x)
	if ok && (d < windowMin || d > windowMax) {
		a.mistake(e, "Invalid duration", fmt.Sprintf("%s is too %s for %s. Write a duration between %q and %q.", block.FormatDuration(d),
			map[bool]string{true: "short", false: "long"}[d < windowMin], a.at.Name, block.FormatDuration(windowMin), block.FormatDuration(windowMax)))
		return 0, false
	}
	return d, ok
}

// parsedDuration is what x, a fixed text, says as a duration.
func (c *compiler) parsedDuration(e hclsyntax.Expression, x expr) (time.Duration, bool) {
	text, why := x.str(nil)
	if why != Known {
		return 0, false
	}
	d, err := block.ParseDuration(text)
	if err != nil {
		c.mistake(e, "Invalid duration", err.Error()+".")
		return 0, false
	}
	return d, true
}

// kept is the window that the call looks at: which of the windows of its
// sensor's series.
func (a *funcCall) kept(kind windowKind, length time.Duration) int {
	s := a.scope.Sensors[a.slot]
	n := need{a.field, kind, length}
	at := s.need(n)
	noted := a.note(a.at)
	noted.window, noted.of = at, a.slot
	a.scope.use(WindowUse{s, s.Fields[a.field].Name, windowKinds[kind].name, length, n.bytes()})
	return at
}

// use notes that the alert looks at a window.
func (s *Scope) use(w WindowUse) {
	for _, other := range s.windows {
		if other == w {
			return
		}
	}
	s.windows = append(s.windows, w)
}

// wantMeasure complains unless the field is a number or, where that makes
// sense, a bool, which counts as 1 or 0.
func (a *funcCall) wantMeasure(orBool bool) bool {
	f := a.scope.Sensors[a.slot].Fields[a.field]
	if f.Kind == Number || orBool && f.Kind == Bool {
		return true
	}
	wanted := "a number"
	if orBool {
		wanted = "a number or a bool"
	}
	a.mistake(a.at.Args[0], "Wrong type of argument", fmt.Sprintf("%s is a %v, and %s wants %s here.",
		nameAtStart(a.at.Args[0]), f.Kind, a.at.Name, wanted))
	return false
}

// overTime builds a function of a window: what it tells, and when that may
// change although no sample comes.
func overTime[W window](kind windowKind, tell func(W, time.Duration) (float64, Reason), turn func(W, time.Duration) time.Duration) func(*funcCall) expr {
	return func(a *funcCall) expr {
		anyKind := kind == countWindow || kind == changesWindow
		if !anyKind && !a.wantMeasure(true) {
			return expr{}
		}
		at := a.kept(kind, a.spans[0])
		return numberExpr(windowValue(a, at, tell, turn))
	}
}

// windowValue is what a window of the call's sensor tells.
func windowValue[W window](a *funcCall, at int, tell func(W, time.Duration) (float64, Reason), turn func(W, time.Duration) time.Duration) eval[float64] {
	slot := a.slot
	a.wake(wakeupOf(slot, at, turn))
	return func(f *Frame) (float64, Reason) {
		if w, ok := windowOf[W](f, slot, at); ok {
			return tell(w, f.Now)
		}
		return 0, Missing
	}
}

// wakeupOf is when what a window tells may change although no sample comes.
func wakeupOf[W window](slot, at int, turn func(W, time.Duration) time.Duration) wakeup {
	return func(f *Frame) time.Duration {
		if w, ok := windowOf[W](f, slot, at); ok {
			return turn(w, f.Now)
		}
		return never
	}
}

// buildSlope: slope(x, window, per) is how much x rises in per.
func buildSlope(a *funcCall) expr {
	if !a.wantMeasure(false) {
		return expr{}
	}
	per := a.spans[1]
	return numberExpr(windowValue(a, a.kept(trendWindow, a.spans[0]), func(t *trend, now time.Duration) (float64, Reason) {
		return t.slope(now, per)
	}, (*trend).drift))
}

// buildForecast: forecast(x, window, ahead) is what x will be at this rate.
func buildForecast(a *funcCall) expr {
	if !a.wantMeasure(false) {
		return expr{}
	}
	ahead := a.spans[1]
	return numberExpr(windowValue(a, a.kept(trendWindow, a.spans[0]), func(t *trend, now time.Duration) (float64, Reason) {
		return t.forecast(now, ahead)
	}, (*trend).drift))
}

// buildETA: eta(x, limit, window) is how long it takes x to reach the limit at
// this rate.
func buildETA(a *funcCall) expr {
	if !a.wantMeasure(false) || !a.want(1, Number) {
		return expr{}
	}
	slot, at, limit := a.slot, a.kept(trendWindow, a.spans[0]), a.args[1].num
	a.wake(wakeupOf(slot, at, (*trend).drift))
	return numberExpr(func(f *Frame) (float64, Reason) {
		l, why := limit(f)
		if why != Known {
			return 0, why
		}
		if t, ok := windowOf[*trend](f, slot, at); ok {
			return t.eta(f.Now, l)
		}
		return 0, Missing
	}).as(Duration)
}

// buildPrevious: previous(x) is what the sensor said before it said what it
// says now.
func buildPrevious(a *funcCall) expr {
	slot, at, kind := a.slot, a.kept(previousWindow, 0), a.scope.Sensors[a.slot].Fields[a.field].Kind
	return valueExpr(kind, func(f *Frame) *Value {
		if p, ok := windowOf[*previous](f, slot, at); ok {
			return p.value()
		}
		return &nothingReceived
	})
}

// buildChanged: changed(x) is true from a sample that differs from the one
// before until the next.
func buildChanged(a *funcCall) expr {
	slot, at := a.slot, a.kept(previousWindow, 0)
	return boolExpr(func(f *Frame) (bool, Reason) {
		if p, ok := windowOf[*previous](f, slot, at); ok {
			return p.changed()
		}
		return false, Missing
	})
}
