package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
)

// shown is everything that whoever looks on is shown of a configuration's
// mistakes, source lines and all.
func shown(t *testing.T, dir string, vars map[string]string) string {
	t.Helper()
	_, sources, diags := Load(dir, Options{Vars: vars})
	var out bytes.Buffer
	if err := hcl.NewDiagnosticTextWriter(&out, sources, 200, false).WriteDiagnostics(diags); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestNoDiagnosticQuotesASecret(t *testing.T) {
	const secret = "hunter22"
	t.Setenv("HUNTER", secret+"\n")
	t.Setenv("TOCSIN_VAR_word", secret)
	declared := func(of, more string) string {
		return "variable \"word\" {\n  type = " + of + "\n  sensitive = true\n" + more + "}\n"
	}
	phone := func(value string) string { return "contact \"bob\" {\n  phone = " + value + "\n}\n" }
	for _, tt := range []struct{ name, src string }{
		{"of the environment", phone(`env("HUNTER")`)},
		{"in a text", phone(`"x${trimspace(env("HUNTER"))}x"`)},
		{"through a local", "locals {\n  of_env = env(\"HUNTER\")\n  part = substr(local.of_env, 0, 8)\n}\n" + phone("local.part")},
		{"through upper", "locals {\n  part = replace(upper(env(\"HUNTER\")), \"HUNTER\", \"hunter\")\n}\n" + phone("trimspace(local.part)")},
		{"of a sensitive variable", declared("string", "") + phone("var.word")},
		{"that is no expression", declared("list(string)", "") + phone("var.word[0]")},
		{"of a wrong type", declared("contact", "")},
		{"in its own validation", declared("string", "  validation {\n    condition = length(var.word) > 9\n    error_message = \"It is ${var.word}.\"\n  }\n")},
		{"of a default", declared("string", "  default = \"hunter22\"\n  validation {\n    condition = var.word != \"hunter\" && var.word == \"\"\n    error_message = \"No.\"\n  }\n")},
	} {
		got := shown(t, directory(t, "a.hcl", minimal+"broker { allow_anonymous = true }\n"+tt.src), nil)
		if got == "" {
			t.Errorf("%s: no diagnostic", tt.name)
		}
		for line := range strings.Lines(got) {
			if strings.Contains(line, secret) {
				t.Errorf("%s: it is in %q", tt.name, line)
			}
		}
	}
}

func TestWhatASecretStandsForIsSaid(t *testing.T) {
	t.Setenv("HUNTER", "hunter22")
	got := shown(t, directory(t, "a.hcl", minimal+"broker { allow_anonymous = true }\ncontact \"bob\" {\n  phone = env(\"HUNTER\")\n}\n"), nil)
	if !strings.Contains(got, sensitive) || !strings.Contains(got, `phone = env("HUNTER")`) {
		t.Errorf("got %s", got)
	}
}

func TestTheRestOfAnErrorMessageIsReadable(t *testing.T) {
	got := shown(t, directory(t, "a.hcl", minimal+"broker { allow_anonymous = true }\n"+`variable "pin" {
  type      = string
  sensitive = true
  validation {
    condition     = length(var.pin) == 4
    error_message = "A PIN has four digits, not ${var.pin}."
  }
}
`), map[string]string{"pin": "12345"})
	if !strings.Contains(got, "A PIN has four digits, not (sensitive).") || strings.Contains(got, "12345") {
		t.Errorf("got %s", got)
	}
}

func TestAValueThatIsNoSecretIsQuoted(t *testing.T) {
	got := shown(t, directory(t, "a.hcl", minimal+"broker { allow_anonymous = true }\nvariable \"phone\" { type = string }\ncontact \"bob\" {\n  phone = var.phone\n}\n"),
		map[string]string{"phone": "hunter22"})
	if !strings.Contains(got, `"hunter22"`) {
		t.Errorf("got %s", got)
	}
}

func TestAShortSecretIsHiddenWhereItIsAWord(t *testing.T) {
	l := loader{secrets: map[string]bool{"12": true, "012": true, "quo\"te": true}}
	for text, want := range map[string]string{
		`12 of 312, "12" or 12.`: `(sensitive) of 312, "(sensitive)" or (sensitive).`,
		`012 and 0120`:           `(sensitive) and 0120`,
		`"quo\"te" and 'quo"te'`: `"(sensitive)" and '(sensitive)'`,
		"nothing":                "nothing",
	} {
		if got := l.discreet(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
