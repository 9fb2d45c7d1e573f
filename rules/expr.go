package rules

import "time"

// Truth is the result of a condition in Kleene's three-valued logic. The zero
// Truth is Unknown.
type Truth uint8

// The truths.
const (
	Unknown Truth = iota
	False
	True
)

func (t Truth) String() string {
	switch t {
	case False:
		return "false"
	case True:
		return "true"
	}
	return "unknown"
}

// Frame is what one evaluation sees. Series[i] is what is known of
// Scope.Sensors[i], nil while nothing was received; Labels[i] is the value of
// Scope.Labels[i]; switches[i] is how Scope.Switches[i] stands. An evaluation changes nothing in it that could be told, but
// lets windows move on to Now, so that a Frame is for one goroutine and its
// time never goes back.
type Frame struct {
	Now    time.Duration
	Series []*series
	Labels []string

	switches []switchState // the engine's, shared by all frames
	still    []bool        // by slot: the sensor is offline, and its windows stand still; nil for none
	watches  []watch       // of Scope.watched
	retained bool          // it is of a retained message
}

// Condition is a compiled boolean expression. It keeps no state: one Condition
// serves every instance of an alert.
type Condition struct {
	test  eval[bool]
	reads bool // what sensors say, and not only when they last said it

	read, asked []int   // the slots of sensors that it reads, and of which it asks when they last spoke
	said        []place // the values that it reads as they are

	told clause
}

// Eval tells whether the condition is true in f; that of an event that is Over is
// false. When it is Unknown the Reason
// is that of the first operand, from left to right, that made it so; otherwise
// the Reason is Known. It does not allocate, unless the condition makes new
// strings.
func (c *Condition) Eval(f *Frame) (Truth, Reason) {
	return truthOf(c.test, f)
}

func truthOf(test eval[bool], f *Frame) (Truth, Reason) {
	holds, why := test(f)
	switch {
	case why == Over:
		return False, Known
	case why != Known:
		return Unknown, why
	case holds:
		return True, Known
	}
	return False, Known
}

// eval computes a value from a frame. The value counts only when the Reason is
// Known, and a Known number is always finite. One type per kind, instead of
// one for all, keeps the values out of interfaces and so off the heap.
type eval[T any] func(*Frame) (T, Reason)

// always is the expression that has the same outcome in every frame.
func always[T any](v T, why Reason) eval[T] {
	return func(*Frame) (T, Reason) { return v, why }
}

// expr is a compiled expression: exactly the member that belongs to its kind
// is set. The zero expr stands for one with a mistake that was reported.
type expr struct {
	kind  Kind
	num   eval[float64] // Number, Time and Duration
	truth eval[bool]    // Bool
	str   eval[string]  // String
	list  []expr        // of a list, which has no kind and is only ever an argument
	fixed bool          // the same in every frame
	clock *clock        // of an age as it is
}

func numberExpr(x eval[float64]) expr { return expr{kind: Number, num: x} }
func boolExpr(x eval[bool]) expr      { return expr{kind: Bool, truth: x} }
func stringExpr(x eval[string]) expr  { return expr{kind: String, str: x} }

func (x expr) broken() bool  { return x.kind == 0 && x.list == nil }
func (x expr) numeric() bool { return x.kind == Number || x.kind == Time || x.kind == Duration }

// as gives a numeric expression the kind k: what times have in common with
// numbers is more than what tells them apart.
func (x expr) as(k Kind) expr {
	x.kind = k
	return x
}

// why is the Reason of x, whatever its kind.
func (x expr) why() func(*Frame) Reason {
	switch x.kind {
	case Bool:
		return reasonOf(x.truth)
	case String:
		return reasonOf(x.str)
	}
	return reasonOf(x.num)
}

func reasonOf[T any](x eval[T]) func(*Frame) Reason {
	return func(f *Frame) Reason {
		_, why := x(f)
		return why
	}
}

// from folds x when everything it is made from is the same in every frame.
func (x expr) from(operands ...expr) expr {
	for _, o := range operands {
		if !o.fixed {
			return x
		}
	}
	return x.fold()
}

// fold replaces x, which looks at nothing in a frame, by its outcome.
func (x expr) fold() expr {
	nothing := &Frame{}
	switch x.kind {
	case Bool:
		x.truth = always(x.truth(nothing))
	case String:
		x.str = always(x.str(nothing))
	default:
		x.num = always(x.num(nothing))
	}
	x.fixed = true
	return x
}

// settled tells whether x is known to be v whatever the frame.
func (x expr) settled(v bool) bool {
	if !x.fixed || x.kind != Bool {
		return false
	}
	got, why := x.truth(nil)
	return why == Known && got == v
}
