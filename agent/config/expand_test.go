package config

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules"
)

// modules loads testdata/good/modules.txtar.
func modules(t *testing.T) *Config {
	t.Helper()
	c, _, diags := Load(unpack(t, archiveOf(t, "testdata/good/modules.txtar")), Options{})
	for _, d := range diags {
		t.Error(text(d))
	}
	return c
}

func TestWhatAnInstallerChoosesIsPutInPlaceAsIfItWereWrittenThere(t *testing.T) {
	c := modules(t)
	want := []string{
		"If engine rpm is above 600 and engine oil kpa is below 100 for 1 minute 30 seconds, text Owner and Installer; clear when that is over.",
		`If engine rpm is above 600 and machine is one of "north", "south" for 10 seconds, text Installer; clear when that is over.`,
		`If freezer["cellar"] temp is above -5 for 1 hour, text Helper; clear when that is over.`,
		`freezer["cellar"]: If temp is above -12 for 20 minutes, text Owner and Helper; clear when temp is below -15.`,
		`freezer["garden shed"]: If temp is above -15 for 20 minutes, text Owner and Helper; clear when temp is below -18.`,
		`freezer["shed"]: If temp is above -10 for 20 minutes, text Owner and Helper; clear when temp is below -13.`,
		`pump["cellar"].motor: If power is true and temp is above 70 for 1 minute 30 seconds, text Plumber; clear when that has been over for 1 minute.`,
		`pump["well"].motor: If power is true and temp is above 60, text Plumber; clear when that has been over for 1 minute.`,
	}
	if diff := cmp.Diff(want, c.Sentences); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEachInstanceOfAModuleHasNamesAndPeopleOfItsOwn(t *testing.T) {
	c := modules(t)
	got := map[string]string{}
	for _, alert := range slices.Sorted(maps.Keys(c.People.Routes)) {
		got[alert] = phones(c.People.Routes[alert].Everybody())
	}
	want := map[string]string{
		"all_freezers":                `freezer["shed"].helper +353871234569`,
		`freezer["cellar"].warm`:      `owner +353871234567, freezer["cellar"].helper +353871234569`,
		`freezer["garden shed"].warm`: `owner +353871234567, freezer["garden shed"].helper +353871234569`,
		`freezer["shed"].warm`:        `owner +353871234567, freezer["shed"].helper +353871234569`,
		"north":                       "installer +353871234568",
		"oil":                         "owner +353871234567, installer +353871234568",
		`pump["cellar"].motor.hot`:    `pump["cellar"].plumber +353871234560`,
		`pump["well"].motor.hot`:      `pump["well"].plumber +353871234560`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var topics []string
	for _, s := range c.Rules.Sensors {
		topics = append(topics, s.Name+" "+s.Pattern.Filter())
	}
	wantTopics := []string{
		"engine fleet/+/engine",
		"power home/power",
		`freezer["cellar"].temp home/cellar/freezer`,
		`freezer["garden shed"].temp home/garden_shed/freezer`,
		`freezer["shed"].temp home/shed/freezer`,
		`pump["cellar"].motor.temp pump/cellar`,
		`pump["well"].motor.temp pump/well`,
	}
	if diff := cmp.Diff(wantTopics, topics); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const variables = minimal + `
broker { allow_anonymous = true }
variable "phone" { type = string }
variable "limits" {
  type    = map(number)
  default = { door = 1 }
}
variable "anything" { default = 1 }
variable "people" {
  type    = list(contact)
  default = []
}
contact "bob" { phone = var.phone }

alert "second" {
  when    = sensor.door
  notify  = concat([contact.bob], var.people)
  message = "${var.limits.door} ${tostring(try(var.anything.x, var.anything))}"
}
alert "first" {
  when   = sensor.door
  notify = contact.alice
}
`

func TestTheCommandLineWinsOverTheEnvironmentAndThatOverFiles(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		env   map[string]string
		vars  map[string]string
		want  string
	}{
		{"a file", map[string]string{"a.vars.hcl": `phone = "+353871234501"`}, nil, nil, "+353871234501"},
		{"the last file", map[string]string{"a.vars.hcl": `phone = "+353871234501"`, "b.vars.hcl": `phone = "+353871234502"`}, nil, nil, "+353871234502"},
		{"the environment", map[string]string{"a.vars.hcl": `phone = "+353871234501"`}, map[string]string{"TOCSIN_VAR_phone": "+353871234503"}, nil, "+353871234503"},
		{
			"the command line", map[string]string{"a.vars.hcl": `phone = "+353871234501"`}, map[string]string{"TOCSIN_VAR_phone": "+353871234503"},
			map[string]string{"phone": "+353871234504"}, "+353871234504",
		},
		{"env of a file", map[string]string{"a.vars.hcl": `phone = env("TEST_PHONE")`}, map[string]string{"TEST_PHONE": "+353871234505"}, nil, "+353871234505"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := directory(t, "a.hcl", strings.ReplaceAll(variables, "alert \"door\" {\n", "alert \"door\" {\n  notify = contact.alice\n"))
			for name, content := range tt.files {
				write(t, dir, name, content)
			}
			for name, value := range tt.env {
				t.Setenv(name, value)
			}
			c, _, diags := Load(dir, Options{Vars: tt.vars})
			if got := phones(c.People.Routes["second"].Everybody()); got != "bob "+tt.want || len(diags) > 0 {
				t.Errorf("got %s and %v, want bob %s", got, diags, tt.want)
			}
		})
	}
}

func TestAValueForWhatIsNoTextIsReadAsAnExpression(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"limits", `{ door = -2.5 }`, ""},
		{"limits", `{ door = "warm" }`, `limits takes map(number), and this is an object, and of its element door: a number is required.`},
		{"limits", `door=5`, `variable "limits" is not a text, so its value is read as an expression.`},
		{"limits", "\xff", "not text in UTF-8"},
		{"limits", strings.Repeat("(", 5000), "Split it"},
		{"anything", `{ x = "text" }`, ""},
		{"anything", `+353871234567`, `Give variable "anything" { type = string } if it is one.`},
		{"anything", `bob`, `anything takes a fixed value, and bob is a name. If it is a text, quote it: "bob".`},
		{"anything", `1e999`, "Write one below 1e308"},
		{"people", `[contact.alice]`, ""},
		{"people", `[contact.alcie]`, "There is no contact.alcie. Did you mean contact.alice, on a.hcl line 5?"},
		{"people", `[sensor.door]`, "people refers to a contact, and sensor.door is none."},
		{"people", `[var.phone]`, "var.phone stands for nothing here"},
		{"peple", `[]`, `--var peple=…: there is no variable "peple". Did you mean people?`},
	}
	for _, tt := range tests {
		dir := directory(t, "a.hcl", strings.ReplaceAll(variables, "alert \"door\" {\n", "alert \"door\" {\n  notify = contact.alice\n"))
		_, sources, diags := Load(dir, Options{Vars: map[string]string{"phone": "+353871234568", tt.name: tt.value}})
		var got string
		for _, d := range diags {
			got += text(d)
		}
		if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("--var %s=%.40s: got %q, want %q", tt.name, tt.value, got, tt.want)
		}
		if sources["--var "+tt.name] == nil && tt.name != "peple" {
			t.Errorf("--var %s has no source that diagnostics could quote", tt.name)
		}
	}
}

func TestAnEnvironmentVariableForNothingIsAWarning(t *testing.T) {
	t.Setenv("TOCSIN_VAR_PHONE", "+353871234567")
	_, _, diags := Load(directory(t, "a.hcl", minimal+"broker { allow_anonymous = true }\nvariable \"phone\" { default = 1 }\nlocals { x = var.phone }\n"), Options{})
	compare(t, []expectation{
		{"", 1, hcl.DiagWarning, `TOCSIN_VAR_PHONE is set, and there is no variable "PHONE", so it has no effect. Did you mean phone?`},
		{"", 17, hcl.DiagWarning, "Nothing uses local.x."},
	}, diags)
}

func TestAnInstancesStateIsKeptUnderItsOwnName(t *testing.T) {
	c := modules(t)
	warm := func(e *rules.Engine, at time.Duration, topic string) rules.Decision {
		return e.Observe(rules.Reading{Topic: topic, Payload: []byte("-5"), At: at})
	}
	first := rules.NewEngine(c.Rules)
	var records []rules.Record
	for _, topic := range []string{"home/cellar/freezer", "home/garden_shed/freezer"} {
		records = append(records, warm(first, time.Hour, topic).Records...)
	}
	records = append(records, first.Tick(2*time.Hour).Records...)

	second := rules.NewEngine(c.Rules)
	kept := map[string][]byte{}
	for _, r := range records {
		kept[r.Key] = r.Value
	}
	if _, errs := second.Restore(maps.All(kept), rules.Restart{At: 3 * time.Hour}); len(errs) > 0 {
		t.Fatal(errs)
	}
	var got []string
	for _, i := range second.Open() {
		got = append(got, i.Instance()+": "+i.Message)
	}
	want := []string{
		`freezer["cellar"].warm: Freezer cellar -5 C (limit -12)`,
		`freezer["garden shed"].warm: Freezer garden shed -5 C (limit -15)`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("open after a restart (-want +got):\n%s", diff)
	}
}

func TestNamesInComplaintsAreThoseOfTheModule(t *testing.T) {
	tests := []struct{ module, text, want string }{
		{`freezer["cellar"]`, `Did you mean sensor.freezer["cellar"].temp?`, `Did you mean sensor.temp?`},
		{`freezer["cellar"]`, `alert "freezer[\"cellar\"].warm" has no notify.`, `alert "warm" has no notify.`},
		{`freezer["cellar"]`, `There are: freezer["cellar"].temp, freezer["shed"].temp.`, `There are: temp, freezer["shed"].temp.`},
		{"freezer", "!sensor.freezer.freezer.celsius is a bool.", "!sensor.freezer.celsius is a bool."},
		{"freezer", "This is no freezer. Write another.", "This is no freezer. Write another."},
		{"freezer", "sensor.my_freezer.temp and contact.freezer.helper", "sensor.my_freezer.temp and contact.helper"},
		{"", "sensor.freezer.temp", "sensor.freezer.temp"},
	}
	for _, tt := range tests {
		b := &hclsyntax.Block{}
		l := loader{origins: map[*hclsyntax.Block]origin{b: {instance: tt.module}}}
		if got := l.unqualified(tt.text, b); got != tt.want {
			t.Errorf("in %s: got %s, want %s", tt.module, got, tt.want)
		}
	}
}
