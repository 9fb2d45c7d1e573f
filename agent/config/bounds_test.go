package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// chain writes n locals, each made from the one before by the format step, in
// which %s stands for that one.
func chain(first, step string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "locals {\n  l0 = %s\n", first)
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "  l%d = %s\n", i, strings.ReplaceAll(step, "%s", fmt.Sprintf("local.l%d", i-1)))
	}
	return b.String() + "}\n"
}

// backwards turns the lines of a chain round, so that each local needs the next.
func backwards(chain string) string {
	lines := strings.Split(strings.TrimSuffix(chain, "\n}\n"), "\n")
	slices.Reverse(lines[1:])
	return strings.Join(lines, "\n") + "\n}\n"
}

func TestFewLinesCannotStandForTooMuch(t *testing.T) {
	const loud = "broker { allow_anonymous = true }\n"
	use := func(n int) string {
		return fmt.Sprintf("alert \"bomb\" {\n  when = sensor.door && local.l%d\n}\n", n-1)
	}
	text := func(n int) string {
		return fmt.Sprintf("alert \"bomb\" {\n  when = sensor.door\n  message = local.l%d\n}\n", n-1)
	}
	tests := map[string]struct{ src, want string }{
		"conditions":       {chain("sensor.door", "%s || %s && !%s", 60) + use(60), "has more than 4096 parts"},
		"lists of sensors": {chain("[sensor.door]", "[%s, %s, %s]", 60) + use(60), "Value too large"},
		"texts":            {chain(`"laugh"`, `"${%s}${%s}${%s}${%s}"`, 60) + text(60), "Value too large"},
		"lists":            {chain(`["laugh"]`, `[%s, %s, %s, %s]`, 60) + text(60), "Value too large"},
		"objects":          {chain(`{a = 1}`, `{a = %s, b = %s}`, 60) + text(60), "Value too large"},
		"loops":            {chain(`[1,2,3,4,5,6,7,8]`, `[for x in %s : [for y in %s : [for z in %s : "x"]]]`, 4) + text(4), "Value too large"},
		"joined":           {chain(`"laughter"`, `join(%s, [%s, %s, %s, %s, %s])`, 60) + text(60), "Value too large"},
		"replaced":         {chain(`"aaaaaaaa"`, `replace(%s, "a", %s)`, 60) + text(60), "Value too large"},
		"concatenated":     {chain(`["laugh"]`, `concat(%s, %s, %s, %s)`, 60) + text(60), "Value too large"},
		"padded":           {chain(`"laugh"`, `format("%999999999s", %s)`, 2) + text(2), "width of four digits"},
		"padded by *":      {chain(`"laugh"`, `format("%*s", 999999999, %s)`, 2) + text(2), "width of four digits"},
		"large numbers":    {chain(`1e300`, `%s * %s`, 60) + text(60), "Write one between 1e-308 and 1e308"},
		"small numbers":    {chain(`1e-300`, `%s * %s`, 60) + text(60), "Write one between 1e-308 and 1e308"},
		"long chains":      {backwards(chain(`1`, `1 + %s`, 20_000)) + text(20_000), "More than 100 locals are made one from the other"},
		"long live chains": {chain(`sensor.door`, `!%s`, 20_000) + use(20_000), "has more than 4096 parts"},
		"many uses": {
			chain(`"`+strings.Repeat("laugh", 20_000)+`"`, "", 1) + strings.Repeat("alert \"a\" {\n  when = sensor.door\n  message = local.l0\n}\n", 200),
			"Configuration too large",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, diags := Load(directory(t, "a.hcl", minimal+loud+tt.src), Options{})
			if !strings.Contains(fmt.Sprint(diags.Errs()), tt.want) {
				t.Errorf("got %.400v, want a complaint with %q", diags.Errs(), tt.want)
			}
		})
	}
}

func TestModulesAreBoundedInDepthAndNumber(t *testing.T) {
	var deep, wide strings.Builder
	deep.WriteString("-- a.hcl --\n" + minimal + "broker { allow_anonymous = true }\nmodule \"m\" { source = \"./m1\" }\n")
	wide.WriteString("-- a.hcl --\n" + minimal + "broker { allow_anonymous = true }\nmodule \"m\" { source = \"./m1\" }\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&deep, "-- m%d/m.hcl --\nmodule \"m\" {\n source = \"../m%d\"\n}\n", i, i+1)
		fmt.Fprintf(&wide, "-- m%d/m.hcl --\nmodule \"m\" {\n source = \"../m%d\"\n for_each = [\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]\n}\n", i, i+1)
	}
	tests := map[string]struct{ archive, want string }{
		"deep": {deep.String(), "Modules are at most 8 deep inside each other"},
		"wide": {wide.String(), "All modules together have more than 1000 instances."},
		"long": {
			strings.ReplaceAll(deep.String(), `"m" {`, `"`+strings.Repeat("m", 60)+`" {`),
			"is longer than 256 bytes.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, diags := Load(unpack(t, parseArchive(tt.archive)), Options{})
			if !strings.Contains(fmt.Sprint(diags.Errs()), tt.want) {
				t.Errorf("got %.400v, want a complaint with %q", diags.Errs(), tt.want)
			}
		})
	}
}

func TestAVarsFileThatCannotBeReadMakesNoValueMissing(t *testing.T) {
	dir := directory(t, "a.hcl", minimal+"broker { allow_anonymous = true }\nvariable \"phone\" {}\ncontact \"bob\" { phone = var.phone }\n")
	write(t, dir, "a.vars.hcl", "phone = {\n")
	_, _, diags := Load(dir, Options{})
	if len(diags) != 1 || subject(diags[0]).Filename != "a.vars.hcl" {
		t.Errorf("got %v, want the syntax error only", diags)
	}
}

const callsModule = minimal + `broker { allow_anonymous = true }
module "m" { source = "./modules/m" }
`

func TestAModuleStaysBelowTheConfigurationWhateverLinksSay(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, "m.hcl", "locals {}\n")
	tests := map[string]struct {
		link string // what modules/m leads to
		want string
	}{
		"outside":         {outside, "it is a link that leads out of"},
		"above":           {"../..", "it is a link that leads out of"},
		"itself":          {"m", "cannot be read"},
		"elsewhere below": {"../other", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := unpack(t, parseArchive("-- a.hcl --\n"+callsModule+"-- other/o.hcl --\nlocals {}\n-- modules/readme --\n"))
			if err := os.Symlink(tt.link, filepath.Join(dir, "modules", "m")); err != nil {
				t.Fatal(err)
			}
			_, _, diags := Load(dir, Options{})
			got := fmt.Sprint(diags.Errs())
			if diags.HasErrors() != (tt.want != "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
}

func TestTheConfigurationItselfMayBeALink(t *testing.T) {
	dir := unpack(t, parseArchive("-- a.hcl --\n"+callsModule+"-- modules/m/m.hcl --\nlocals {}\n"))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if _, _, diags := Load(link, Options{}); len(diags) > 0 {
		t.Error(diags)
	}
}

func TestAModuleCannotDependOnWhatIsInsideIt(t *testing.T) {
	tests := map[string]string{
		`module.m["a"].sensor.x`: `What module "m" is made from cannot name what is inside it.`,
		`local.inner`:            `local.inner is made from itself`,
	}
	for element, want := range tests {
		src := minimal + `broker { allow_anonymous = true }
locals {
  inner = module.m["a"].sensor.x
}
module "m" {
  source   = "./modules/m"
  for_each = [for x in [` + element + `] : "a"]
}
`
		_, _, diags := Load(unpack(t, parseArchive("-- a.hcl --\n"+src+"-- modules/m/m.hcl --\nlocals {}\n")), Options{})
		if got := fmt.Sprint(diags.Errs()); !strings.Contains(got, want) {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}
