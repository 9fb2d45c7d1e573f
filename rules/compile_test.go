package rules

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func TestConditionsFollowKleeneLogic(t *testing.T) {
	// freezer is -11, smoke false, running true; silent was never heard and
	// rpm is not a number.
	for _, tt := range []struct {
		src   string
		truth Truth
		why   Reason
	}{
		{"sensor.freezer > -12", True, Known},
		{"sensor.freezer < -15", False, Known},
		{"sensor.silent > 0", Unknown, Missing},
		{"sensor.engine.rpm > 600", Unknown, NotANumber},

		{"sensor.silent > 0 && sensor.smoke", False, Known},
		{"sensor.smoke && sensor.silent > 0", False, Known},
		{"sensor.silent > 0 && sensor.engine.running", Unknown, Missing},
		{"sensor.engine.running && sensor.silent > 0", Unknown, Missing},
		{"sensor.silent > 0 || sensor.engine.running", True, Known},
		{"sensor.engine.running || sensor.silent > 0", True, Known},
		{"sensor.silent > 0 || sensor.smoke", Unknown, Missing},
		{"sensor.smoke || sensor.silent > 0", Unknown, Missing},
		{"!(sensor.silent > 0)", Unknown, Missing},
		{"!sensor.smoke", True, Known},

		// The first unknown, from left to right, gives the reason.
		{"sensor.silent > 0 && sensor.engine.rpm > 0", Unknown, Missing},
		{"sensor.engine.rpm > 0 && sensor.silent > 0", Unknown, NotANumber},
		{"sensor.engine.rpm + sensor.silent > 0", Unknown, NotANumber},
		{"sensor.silent == sensor.engine.rpm", Unknown, Missing},

		// No finite number.
		{"1 / (sensor.freezer + 11) > 0", Unknown, NotANumber},
		{"(sensor.freezer + 11) / (sensor.freezer + 11) == 1", Unknown, NotANumber},
		{"sensor.freezer % (sensor.freezer + 11) == 0", Unknown, NotANumber},
		{"sensor.freezer * 1e308 < 0", Unknown, NotANumber},

		// A condition of a choice that is unknown makes it unknown, even when both arms agree.
		{"(sensor.silent > 0 ? 1 : 1) + sensor.freezer < 0", Unknown, Missing},
		{"(sensor.smoke ? sensor.silent : sensor.freezer) < 0", True, Known},
		{`(sensor.engine.running ? "a" : "b") == "a"`, True, Known},
		{"sensor.smoke ? sensor.silent > 0 : !sensor.smoke", True, Known},

		{"sensor.engine.running == true", True, Known},
		{"switch.armed && !switch.guests", True, Known},
		{"switch.guests && sensor.silent > 0", False, Known},
		{"switch.armed && sensor.silent > 0", Unknown, Missing},
		{"sensor.engine.running != !sensor.smoke", False, Known},
		{`sensor.engine.state == "idle"`, True, Known},
		{`sensor.engine.state == "Idle"`, False, Known},
		{`"${machine}/${sensor.engine.state}" == "m7/idle"`, True, Known},
		{`"${sensor.mode}" != "home"`, True, Known},
		{`machine == "m7" && sensor.freezer > -12`, True, Known},
		{"sensor.engine.at > 1700000000", True, Known},
		{"sensor.engine.at - 1767225600 == 0 && -sensor.freezer % 4 == 3", True, Known},
		{"sensor.freezer <= -11 && sensor.freezer >= -11 && sensor.freezer < -10.5", True, Known},
		{"((sensor.freezer)) * 2 + 1 == -21", True, Known},

		{"known(sensor.silent)", False, Known},
		{"!known(sensor.engine.rpm) && known(sensor.mode) && known(sensor.smoke)", True, Known},
		{"known(sensor.silent > 0 || sensor.engine.running)", True, Known},
		{"default(sensor.silent, 5) == 5", True, Known},
		{"default(sensor.freezer, 5) == -11", True, Known},
		{"default(sensor.silent, sensor.engine.rpm) > 0", Unknown, NotANumber},
		{`default(sensor.mode, "home") == "away"`, True, Known},
		{"default(sensor.silent > 0, false)", False, Known},
		{"default(sensor.engine.at, 0) > 0", True, Known},
		{"between(sensor.freezer, -12, -11)", True, Known},
		{"between(sensor.freezer, -10.9, 0)", False, Known},
		{"between(sensor.freezer, sensor.silent, -20)", False, Known},
		{"between(sensor.freezer, sensor.silent, 0)", Unknown, Missing},
		{"abs(sensor.freezer) == 11", True, Known},
		{"min(sensor.freezer, 3, -20) == -20 && max(sensor.freezer) == -11", True, Known},
		{"max(1, sensor.silent, sensor.engine.rpm) > 0", Unknown, Missing},
		{"round(sensor.freezer / 2) == -6 && round(sensor.freezer / 3, 2) == -3.67", True, Known},
		{"round(sensor.freezer * 1e307, 9) < 0", True, Known},
		{"floor(sensor.freezer / 2) == -6 && ceil(sensor.freezer / 2) == -5", True, Known},
		{`upper(sensor.mode) == "AWAY" && lower("A${n}") == "a3"`, True, Known},
		{`format("%.1f|%d|%s|%v|%%", sensor.freezer, sensor.freezer / 3, n, sensor.smoke) == "-11.0|-4|3|false|%"`, True, Known},
		{`format("%v", sensor.silent) == ""`, Unknown, Missing},
		{`join("-", n, sensor.freezer, sensor.smoke) == "3--11-false"`, True, Known},
		{`contains(sensor.mode, "wa") && !contains(sensor.mode, "WA")`, True, Known},
		{`contains(["home", "away"], sensor.mode)`, True, Known},
		{`contains([1, 2], sensor.freezer)`, False, Known},
		{`contains([1, 2], sensor.silent)`, Unknown, Missing},
		{`contains([sensor.silent, -11], sensor.freezer)`, True, Known},
		{`contains([sensor.silent, -12], sensor.freezer)`, Unknown, Missing},
		{`contains([true], sensor.engine.running)`, True, Known},
	} {
		truth, why := mustCondition(t, tt.src, exprScope()).Eval(exprFrame())
		if truth != tt.truth || why != tt.why {
			t.Errorf("%s\n got %v, %v\nwant %v, %v", tt.src, truth, why, tt.truth, tt.why)
		}
	}
}

func TestATextTooLongForAnExpressionIsUnknown(t *testing.T) {
	frame := exprFrame()
	frame.Series[3].values[0].Str = strings.Repeat("x", madeTextMaxBytes)
	for src, want := range map[string]Truth{
		`join("", sensor.mode, "") != ""`: True,
		`join("", sensor.mode, n) != ""`:  Unknown,
		`"${sensor.mode} " != ""`:         Unknown,
	} {
		if got, why := mustCondition(t, src, exprScope()).Eval(frame); got != want || want == Unknown && why != OutOfRange {
			t.Errorf("%s: got %v, %v, want %v", src, got, why, want)
		}
	}
}

func TestSensorsAreListedOnceInOrderOfAppearance(t *testing.T) {
	all := map[string]*Sensor{}
	for _, s := range exprScope().All {
		all[s.Name] = s
	}
	src := `"${n} ${max(sensor.garage, sensor.mode == "a" ? 1 : -sensor.freezer)} ${sensor.garage} ${contains([(sensor.smoke)], sensor.engine.running)}"`
	used, diags := sensorsUsed(parseExpr(t, src), all)
	var names []string
	for _, s := range used {
		names = append(names, s.Name)
	}
	if got, want := strings.Join(names, " "), "garage mode freezer smoke engine"; got != want || diags.HasErrors() {
		t.Errorf("got %q, %v, want %q", got, diags, want)
	}
}

func TestBothLooksAtAnUnknownSensorReportTheSame(t *testing.T) {
	scope := exprScope()
	all := map[string]*Sensor{}
	for _, s := range scope.All {
		all[s.Name] = s
	}
	for _, src := range []string{"sensor.engne.rpm > 5", "sensor.nothing_like_it > 5", "sensor.freezer-5 > 0"} {
		e := parseExpr(t, src)
		_, first := sensorsUsed(e, all)
		_, second := compileCondition(e, scope)
		if len(first) != 1 || len(second) != 1 || first[0].Summary != second[0].Summary || *first[0].Subject != *second[0].Subject {
			t.Errorf("%s\nfound: %v\ncompiled: %v", src, first, second)
		}
	}
}

func TestASensorThatCouldNotBeReadSpoilsWhatReadsItWithoutFurtherComplaint(t *testing.T) {
	scope := exprScope()
	scope.Sensors[0].Fields = nil
	for _, src := range []string{"sensor.engine", "sensor.engine.rpm > 5", "sensor.smoke && !sensor.engine.running"} {
		if c, diags := compileCondition(parseExpr(t, src), scope); c != nil || len(diags) > 0 {
			t.Errorf("%s: got condition %v, %v", src, c, diags)
		}
	}
	if tpl, diags := compileTemplate(parseExpr(t, `"at ${sensor.engine.rpm} ${n}"`), scope); tpl != nil || len(diags) > 0 {
		t.Errorf("got template %v, %v", tpl, diags)
	}
}

func TestAllMistakesOfAnExpressionAreReportedAtOnce(t *testing.T) {
	_, diags := compileCondition(parseExpr(t, `sensor.engne.rpm > 5 && sensor.mode + 1 > abs("x") || nobody(sensor.engine.rmp)`), exprScope())
	if len(diags) != 4 {
		t.Errorf("got %d diagnostics, want 4: %v", len(diags), diags)
	}
}

func TestLargeAndDeepExpressionsAreRefused(t *testing.T) {
	deep := hclsyntax.Expression(&hclsyntax.LiteralValueExpr{})
	for range 1_000_000 {
		deep = &hclsyntax.ParenthesesExpr{Expression: deep}
	}
	chain := func(n int) hclsyntax.Expression {
		return parseExpr(t, "sensor.freezer > "+strings.Repeat("1 + ", n)+"1")
	}
	wide := parseExpr(t, "max("+strings.Repeat("sensor.freezer, ", exprPartsMax)+"1) > 0")
	for _, tt := range []struct {
		what    string
		e       hcl.Expression
		refused bool
	}{
		{"a million brackets", deep, true},
		{"a sum one too deep", chain(exprDepthMax - 1), true},
		{"a sum just deep enough", chain(exprDepthMax - 2), false},
		{"too many arguments", wide, true},
	} {
		_, diags := compileCondition(tt.e, exprScope())
		_, used := sensorsUsed(tt.e, map[string]*Sensor{"freezer": exprScope().Sensors[1]})
		for _, ds := range []hcl.Diagnostics{diags, used} {
			if ds.HasErrors() != tt.refused || tt.refused && ds[0].Summary != "Expression too large" {
				t.Errorf("%s: got %v, want refused %v", tt.what, ds, tt.refused)
			}
		}
	}
}

func TestConditionsOfNumbersAndBoolsDoNotAllocate(t *testing.T) {
	for _, src := range []string{
		"sensor.engine.oil_kpa < 100 && sensor.engine.rpm > 600",
		"(sensor.smoke ? 1 : -sensor.freezer % 3) + round(sensor.freezer, 1) >= max(sensor.freezer, sensor.silent, 2)",
		`between(default(sensor.silent, 4), 1, 5) || known(sensor.mode) && contains(["a", "b"], sensor.mode)`,
		`sensor.engine.state == "idle" && machine != "m8" && contains(sensor.mode, "x")`,
	} {
		c, frame := mustCondition(t, src, exprScope()), exprFrame()
		if n := testing.AllocsPerRun(100, func() { c.Eval(frame) }); n != 0 {
			t.Errorf("%s: got %v allocations, want 0", src, n)
		}
	}
}

func BenchmarkCondition(b *testing.B) {
	frame := exprFrame()
	frame.Series[0].values[1] = Value{Num: 1500}
	c := mustCondition(b, "sensor.engine.oil_kpa < 100 && sensor.engine.rpm > 600", exprScope())
	b.ReportAllocs()
	for b.Loop() {
		if truth, _ := c.Eval(frame); truth != True {
			b.Fatal(truth)
		}
	}
}
