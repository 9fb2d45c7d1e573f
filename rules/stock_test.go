package rules

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// A language is made of random well-typed expressions over a world in which
// everything is known. Its numbers are quarters and stay small, so that float64
// and HCL's big numbers calculate the same.
type language struct {
	*rand.Rand
	scope *Scope
	frame *Frame
	stock *hcl.EvalContext
}

func newLanguage(seed uint64) *language {
	l := &language{Rand: rand.New(rand.NewPCG(seed, 0))}
	scalar := func(name string, k Kind) *Sensor { return &Sensor{Name: name, Fields: []Field{{Kind: k}}} }
	sensors := []*Sensor{scalar("temp", Number), scalar("smoke", Bool), scalar("mode", String),
		{Name: "engine", Fields: []Field{{Name: "rpm", Kind: Number}, {Name: "on", Kind: Bool}, {Name: "state", Kind: String}}}}
	number := func() Value { return Value{Num: l.quarter()} }
	truth := func() Value { return Value{Bool: l.IntN(2) == 0} }
	text := func() Value { return Value{Str: l.word()} }
	l.scope = &Scope{Sensors: sensors, All: sensors, Labels: []string{"room", "n"}, Switches: []*Switch{{Name: "away"}}}
	l.frame = &Frame{
		Series:   heardSeries([][]Value{{number()}, {truth()}, {text()}, {number(), truth(), text()}}),
		Labels:   []string{l.word(), l.word()},
		switches: []switchState{{on: l.IntN(2) == 0}},
	}
	l.stock = stockWorld(l.scope, l.frame)
	return l
}

func (l *language) quarter() float64 { return float64(l.IntN(801)-400) / 4 }
func (l *language) word() string     { return l.of("", "a", "open", "Küche", "7.5", "true", "a b") }

func (l *language) of(choices ...string) string { return choices[l.IntN(len(choices))] }

// number is the source of a number with at most depth operands inside operands.
func (l *language) number(depth int) string {
	if depth == 0 {
		return l.of("sensor.temp", "sensor.engine.rpm", "0", "2.5", "1e2", fmt.Sprint(l.IntN(40)))
	}
	n := func() string { return l.number(depth - 1) }
	switch l.IntN(10) {
	case 0:
		return "-" + n()
	case 1:
		return fmt.Sprintf("(%s * %s)", n(), l.of("2", "3", "-1", "0.5"))
	case 2:
		return fmt.Sprintf("(%s / %s)", n(), l.of("2", "-4", "0.5"))
	case 3:
		return fmt.Sprintf("(%s %% %s)", n(), l.of("2", "-7", "2.5", "100"))
	case 4:
		return fmt.Sprintf("(%s ? %s : %s)", l.truth(depth-1), n(), n())
	case 5:
		return fmt.Sprintf("%s(%s)", l.of("abs", "floor", "ceil", "round"), n())
	case 6:
		return fmt.Sprintf("%s(%s, %s)", l.of("min", "max", "default"), n(), n())
	}
	return fmt.Sprintf("(%s %s %s)", n(), l.of("+", "-"), n())
}

func (l *language) truth(depth int) string {
	if depth == 0 {
		return l.of("sensor.smoke", "sensor.engine.on", "switch.away", "true", "false")
	}
	b, n, s := func() string { return l.truth(depth - 1) }, func() string { return l.number(depth - 1) }, func() string { return l.text(depth - 1) }
	switch l.IntN(10) {
	case 0:
		return "!" + b()
	case 1, 2:
		return fmt.Sprintf("(%s %s %s)", b(), l.of("&&", "||", "==", "!="), b())
	case 3, 4:
		return fmt.Sprintf("(%s %s %s)", n(), l.of("<", "<=", ">", ">=", "==", "!="), n())
	case 5:
		return fmt.Sprintf("(%s %s %s)", s(), l.of("==", "!="), s())
	case 6:
		return fmt.Sprintf("(%s ? %s : %s)", b(), b(), b())
	case 7:
		return fmt.Sprintf("contains(%s, %s)", s(), s())
	case 8:
		return fmt.Sprintf("contains([%s, %s], %s)", n(), n(), n())
	}
	return fmt.Sprintf("%s && between(%s, %s, %s)", l.of("known("+s()+")", b()), n(), n(), n())
}

func (l *language) text(depth int) string {
	if depth == 0 {
		return l.of("sensor.mode", "sensor.engine.state", "room", "n", `"a"`, `"open"`, `""`, `"7.5"`)
	}
	s := func() string { return l.text(depth - 1) }
	switch l.IntN(7) {
	case 0:
		return fmt.Sprintf("%s(%s)", l.of("upper", "lower"), s())
	case 1:
		return fmt.Sprintf(`"<${%s}, ${%s}>"`, s(), l.of(l.number(0), l.truth(0), s()))
	case 2:
		return fmt.Sprintf(`"${%s}"`, s())
	case 3:
		return fmt.Sprintf("join(%s, %s, %s)", s(), s(), s())
	case 4:
		return fmt.Sprintf(`format("%%s %%v %%.2f %%.0f%%%% %%d", %s, %s, %s, %[3]s, floor(%[3]s))`, s(), l.of(l.number(0), l.truth(0)), l.number(depth-1))
	case 5:
		return fmt.Sprintf("default(%s, %s)", s(), s())
	}
	return fmt.Sprintf("(%s ? %s : %s)", l.truth(depth-1), s(), s())
}

// stockWorld is the frame as the HCL evaluator wants it.
func stockWorld(s *Scope, f *Frame) *hcl.EvalContext {
	sensors := map[string]cty.Value{}
	for i, sensor := range s.Sensors {
		fields := map[string]cty.Value{}
		for j, field := range sensor.Fields {
			fields[field.Name] = stockValue(field.Kind, f.Series[i].values[j])
		}
		if sensors[sensor.Name] = fields[""]; !isScalar(sensor) {
			sensors[sensor.Name] = cty.ObjectVal(fields)
		}
	}
	world := &hcl.EvalContext{Variables: map[string]cty.Value{"sensor": cty.ObjectVal(sensors)}, Functions: stockFunctions}
	switches := map[string]cty.Value{}
	for i, s := range s.Switches {
		switches[s.Name] = cty.BoolVal(f.switches[i].on)
	}
	world.Variables["switch"] = cty.ObjectVal(switches)
	for i, label := range s.Labels {
		world.Variables[label] = cty.StringVal(f.Labels[i])
	}
	return world
}

func stockValue(k Kind, v Value) cty.Value {
	switch k {
	case Bool:
		return cty.BoolVal(v.Bool)
	case String:
		return cty.StringVal(v.Str)
	}
	return cty.NumberFloatVal(v.Num)
}

var stockFunctions = map[string]function.Function{
	"abs": stdlib.AbsoluteFunc, "floor": stdlib.FloorFunc, "ceil": stdlib.CeilFunc, "min": stdlib.MinFunc, "max": stdlib.MaxFunc,
	"upper": stdlib.UpperFunc, "lower": stdlib.LowerFunc, "format": unsigned(),
	"known":   stockFunction(cty.Bool, func([]cty.Value) cty.Value { return cty.True }),
	"default": stockFunction(cty.DynamicPseudoType, func(a []cty.Value) cty.Value { return a[0] }),
	"round": stockFunction(cty.Number, func(a []cty.Value) cty.Value {
		n, _ := a[0].AsBigFloat().Float64()
		return cty.NumberFloatVal(math.Copysign(math.Floor(math.Abs(n)+0.5), n))
	}),
	"between": stockFunction(cty.Bool, func(a []cty.Value) cty.Value {
		return a[0].GreaterThanOrEqualTo(a[1]).And(a[0].LessThanOrEqualTo(a[2]))
	}),
	"join": stockFunction(cty.String, func(a []cty.Value) cty.Value {
		return cty.StringVal(a[1].AsString() + a[0].AsString() + a[2].AsString())
	}),
	"contains": stockFunction(cty.Bool, func(a []cty.Value) cty.Value {
		if a[0].Type() == cty.String {
			return cty.BoolVal(strings.Contains(a[0].AsString(), a[1].AsString()))
		}
		return a[0].Index(cty.Zero).Equals(a[1]).Or(a[0].Index(cty.NumberIntVal(1)).Equals(a[1]))
	}),
}

// unsigned is HCL's format without the sign that it gives to what rounds to zero.
func unsigned() function.Function {
	zeros := strings.NewReplacer("-0.00", "0.00", "-0%", "0%")
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "x", Type: cty.DynamicPseudoType},
		Type:     function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v, err := stdlib.Format(args[0], args[1:]...)
			if err != nil {
				return v, err
			}
			return cty.StringVal(zeros.Replace(v.AsString())), nil
		},
	})
}

func stockFunction(result cty.Type, impl func([]cty.Value) cty.Value) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "x", Type: cty.DynamicPseudoType},
		Type:     function.StaticReturnType(result),
		Impl:     func(args []cty.Value, _ cty.Type) (cty.Value, error) { return impl(args), nil },
	})
}

// What we refuse and the HCL evaluator does not, besides types.
var refusedOnPurpose = map[string]bool{"Comparison with itself": true, "Empty range": true}

// agrees compiles and evaluates one random expression of each kind, both ways.
// It returns how many were compared.
func agrees(t *testing.T, seed uint64) int {
	l := newLanguage(seed)
	compared := 0
	for _, src := range []string{l.truth(l.IntN(6)), l.number(l.IntN(6)), l.text(l.IntN(4))} {
		e := parseExpr(t, src)
		c := &compiler{scope: l.scope}
		x := c.expression(e)
		if c.diags.HasErrors() {
			if !refusedOnPurpose[c.diags[0].Summary] {
				t.Errorf("seed %d: %s: %v", seed, src, c.diags)
			}
			continue
		}
		want, diags := e.Value(l.stock)
		if diags.HasErrors() {
			t.Fatalf("seed %d: %s: %v", seed, src, diags)
		}
		if got := stockOutcome(x, l.frame); !got.RawEquals(want) {
			t.Errorf("seed %d: %s\n got %#v\nwant %#v", seed, src, got, want)
		}
		compared++
	}
	return compared
}

// stockOutcome evaluates x and gives the outcome as a value of HCL; an unknown
// one as a null.
func stockOutcome(x expr, f *Frame) cty.Value {
	if x.why()(f) != Known {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	var v Value
	switch x.kind {
	case Bool:
		v.Bool, _ = x.truth(f)
	case String:
		v.Str, _ = x.str(f)
	default:
		v.Num, _ = x.num(f)
		v.Num += 0 // HCL's zero has no sign
	}
	return stockValue(x.kind, v)
}

func TestKnownValuesComeOutAsInHCL(t *testing.T) {
	compared := 0
	for seed := range uint64(2_000) {
		compared += agrees(t, seed)
	}
	if compared < 5_000 {
		t.Errorf("compared %d expressions, want most of 6000", compared)
	}
}

func FuzzKnownValuesComeOutAsInHCL(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { agrees(t, seed) })
}

func TestDifferencesFromHCLAreThoseIntended(t *testing.T) {
	l := newLanguage(1)
	l.frame.Series[0].values[0] = Value{Num: 0.1}
	l.frame.Series[2].values[0] = Value{Str: "7.5"}
	l.stock = stockWorld(l.scope, l.frame)
	for _, tt := range []struct{ src, stock, ours string }{
		{`sensor.mode > 5`, "true", "Not a number"},
		{`sensor.mode == 7.5`, "false", "Values of different types"},
		{`sensor.smoke == "ON"`, "false", "Values of different types"},
		{`"${sensor.temp + 0.2}!"`, "0.3000000000000000055511151231257827021181583404541015625!", "0.3!"},
		{`1 / (sensor.temp - sensor.temp)`, "+Inf", "not_a_number"},
		{`1 % (sensor.temp - sensor.temp)`, "1", "not_a_number"},
		{`sensor.temp * 1e308 * 1e308 < 1`, "false", "not_a_number"},
		{`"${sensor.temp}" == sensor.temp`, "true", "Needless quotes"},
		{`sensor.smoke ? 1 : "x"`, "", "Values of different types"},
	} {
		e := parseExpr(t, tt.src)
		want, diags := e.Value(l.stock)
		stock := ""
		if diags.HasErrors() {
			stock = diags[0].Summary
		} else if text, err := convert.Convert(want, cty.String); err == nil {
			stock = text.AsString()
		}
		if tt.stock != "" && stock != tt.stock {
			t.Errorf("%s: HCL says %q, want %q", tt.src, stock, tt.stock)
		}
		if got := ourOutcome(l, e); got != tt.ours {
			t.Errorf("%s: got %q, want %q", tt.src, got, tt.ours)
		}
	}
}

// ourOutcome is the value of e as a text, the reason it is unknown or the
// mistake it is refused for.
func ourOutcome(l *language, e hclsyntax.Expression) string {
	c := &compiler{scope: l.scope}
	x := c.expression(e)
	if c.diags.HasErrors() {
		return c.diags[0].Summary
	}
	text, why := x.printed()(nil, l.frame)
	if why != Known {
		return why.String()
	}
	return string(text)
}
