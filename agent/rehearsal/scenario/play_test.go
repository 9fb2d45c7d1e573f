package scenario

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEveryGoodScenarioIsMet(t *testing.T) {
	text, err := os.ReadFile("testdata/good.test.hcl")
	if err != nil {
		t.Fatal(err)
	}
	c, tests, diags := load(t, house(t, string(text)))
	if len(diags) > 0 || len(tests) < 8 {
		t.Fatalf("%d tests: %v", len(tests), diags)
	}
	for _, test := range tests {
		t.Run(test.Name, func(t *testing.T) {
			r := Play(c, test)
			for _, f := range r.Failures {
				t.Errorf("line %d, at %v: %s %s", f.Range.Start.Line, f.At, f.Wanted, f.Happened)
			}
		})
	}
}

// blocks breaks the lines that HCL wants broken: [[ opens a block and ]] ends it.
var blocks = strings.NewReplacer("[[", "{\n", "]]", "\n}\n")

// only plays the one test that has these moments.
func only(t *testing.T, moments string) Result {
	t.Helper()
	c, tests, diags := load(t, house(t, "test \"only\" {\n"+blocks.Replace(moments)+"\n}\n"))
	if diags.HasErrors() || len(tests) != 1 {
		t.Fatalf("%d tests: %v", len(tests), diags)
	}
	return Play(c, tests[0])
}

func TestAFailureSaysWhatHappenedInstead(t *testing.T) {
	tests := []struct {
		name, moments string
		want          []string
	}{
		{"no text", `at "1m" [[ expect { sms = 1 } ]]`,
			[]string{"1m0s 1 text was expected. There was none."}},
		{"too many texts", `at "0s" [[ SMOKE expect { sms = 0 } ]]`,
			[]string{"0s No text was expected. There were 2: [alice bob]"}},
		{"since the expectation before", `at "0s" [[ SMOKE expect { sms = 2 } ]] at "1m" [[ expect { sms = 2 } ]] at "90s" [[ expect { sms = 2 } ]]`,
			[]string{"1m0s 2 texts were expected. There was none.", "1m30s 2 texts were expected. There was none since 1m."}},
		{"never true", `at "1m" [[ COLD expect { firing = [alert.freezer_warm] } ]]`,
			[]string{"1m0s alert.freezer_warm should fire, and it does not. Its condition was never true."}},
		{"pending", `at "0s" [[ WARM ]] at "10m" [[ expect { firing = [alert.freezer_warm] } ]]`,
			[]string{"10m0s alert.freezer_warm should fire, and it does not. freezer_warm has been true since 0s, for less than for."}},
		{"over", `at "0s" [[ SMOKE ]] at "10m" [[ CLEAR expect { firing = [alert.smoke] } ]]`,
			[]string{`10m0s alert.smoke should fire, and it does not. smoke{room="attic"} has been ok since 10m.`}},
		{"unknown", `at "0s" [[ publish "zigbee2mqtt/smoke_attic" { json = { smok = true } }
			expect { firing = [alert.smoke] } ]]`,
			[]string{`0s alert.smoke should fire, and it does not. Its condition was never true. Of the values that sensors read, some are unknown: 2 missing.`}},
		{"one too many", `at "0s" [[ SMOKE expect { firing = [] } ]]`,
			[]string{`0s Nothing should fire. smoke{room="attic"} has been firing since 0s.`}},
		{"another", `at "0s" [[ SMOKE WARM expect { firing = [alert.freezer_warm] } ]]`,
			[]string{
				"0s alert.freezer_warm should fire, and it does not. freezer_warm has been true since 0s, for less than for.",
				`0s Nothing else should fire. smoke{room="attic"} has been firing since 0s.`,
			}},
		{"people", `at "0s" [[ SMOKE expect { sms_to = [contact.bob] } ]]`,
			[]string{"0s contact.alice should not be texted, and was. There were 2: [alice bob]"}},
		{"no people", `at "0s" [[ COLD expect { sms_to = [contact.bob] } ]]`,
			[]string{"0s contact.bob should be texted, and was not. There was none."}},
		{"another text", `at "0s" [[ SMOKE expect { text = ["SMOKE: attic", "*cellar"] } ]]`,
			[]string{`0s A text that reads "*cellar" was expected. There were 2: [alice bob]`}},
		{"a switch by default", `at "1m" [[ COLD expect { on = [switch.away] } ]]`,
			[]string{"1m0s switch.away should be on, and it is not. Nothing has set it: this is its default."}},
		{"a switch that was set", `at "1m" [[ switch "away" [[ on = true ]] ]] at "2m" [[ expect { off = [switch.away] } ]]`,
			[]string{"2m0s switch.away should be off, and it is not. It has been on since 1m."}},
		{"not acked", `at "0s" [[ SMOKE expect { acked = [alert.smoke] } ]]`,
			[]string{`0s alert.smoke should be acked, and it is not. smoke{room="attic"} has been firing since 0s.`}},
		{"acked", `at "0s" [[ SMOKE ACK expect { acked = [] } ]]`,
			[]string{`0s Nothing should be acked. smoke{room="attic"} is acked.`}},
		{"nothing to ack", `at "1s" [[ ACK expect { sms = 0 } ]]`,
			[]string{"1s alert.smoke should be acknowledged, and nothing of it is open. Its condition was never true."}},
		{"another severity", `at "0s" [[ SMOKE expect { severity = "info" } ]]`,
			[]string{`0s The most urgent incident should be info. smoke{room="attic"} is critical.`}},
		{"no severity", `at "0s" [[ COLD expect { severity = "info" } ]]`,
			[]string{"0s The most urgent incident should be info. There is none."}},
		{"not quiet", `at "0s" [[ SMOKE expect { quiet = true } ]]`,
			[]string{"0s Nobody should be texted. There were 2: [alice bob]"}},
		{"not told", `at "0s" [[ SMOKE expect { told = [] } ]]`,
			[]string{
				`0s contact.alice should not have been told of anything that is open, and was. Of smoke{room="attic"}.`,
				`0s contact.bob should not have been told of anything that is open, and was. Of smoke{room="attic"}.`,
			}},
		{"told", `at "0s" [[ COLD expect { told = [contact.bob] } ]]`,
			[]string{"0s contact.bob should have been told of what is open, and was not. Nothing is open."}},
		{"not silenced", `at "0s" [[ SMOKE expect { silenced = [alert.smoke] } ]]`,
			[]string{`0s alert.smoke should be silenced, and it is not. smoke{room="attic"} has been firing since 0s.`}},
		{"a number that nothing has", `at "0s" [[ SMOKE silence [[ number = 17
			by = contact.bob ]] expect { silenced = [] } ]]`,
			[]string{"0s Number 17 should be silenced. Nothing that is open has that number."}},
		{"no silence to end", `at "0s" [[ SMOKE unsilence [[ ]] expect { silenced = [] } ]]`,
			[]string{"0s A silence should end. Nobody began one that still lasts."}},
		{"no call", `at "0s" [[ SMOKE expect [[ calls = 1
			calls_to = [contact.bob] ]] ]]`,
			[]string{
				"0s 1 text that rings was expected. There were 2: [alice bob]",
				"0s contact.bob should be rung, and was not. There were 2: [alice bob]",
			}},
		{"too quiet", `at "0s" [[ COLD expect { quiet = false } ]]`,
			[]string{"0s Somebody should be texted. There was none."}},
	}
	words := strings.NewReplacer(
		"SMOKE ", `publish "zigbee2mqtt/smoke_attic" { json = { smoke = true } }`+"\n",
		"CLEAR ", `publish "zigbee2mqtt/smoke_attic" { json = { smoke = false } }`+"\n",
		"ACK ", "ack {\nalert = alert.smoke\nby = contact.bob\n}\n",
		"COLD ", `publish "home/utility/freezer/temp" { value = -18 }`+"\n",
		"WARM ", `publish "home/utility/freezer/temp" { value = -5 }`+"\n",
	)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, f := range only(t, words.Replace(test.moments)).Failures {
				line := fmt.Sprintf("%v %s %s", f.At, f.Wanted, f.Happened)
				if strings.HasSuffix(line, ":") {
					var to []string
					for _, text := range f.Texts {
						to = append(to, text.Contact)
					}
					line += fmt.Sprintf(" %v", to)
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
		})
	}
}

func TestATestGoesOnUntilItsLastMessage(t *testing.T) {
	r := only(t, `at "0s" {
  publish "home/utility/freezer/temp" {
    values = "-5x30 -20"
    every  = "1m"
  }
  expect { quiet = true }
}`)
	if r.Took != 30*time.Minute {
		t.Errorf("took %v, want 30m", r.Took)
	}
	if last := r.Timeline[len(r.Timeline)-1]; last.Text == nil || last.At != 30*time.Minute {
		t.Errorf("the timeline ends in %+v, want the text of the all-clear", last)
	}
}

func TestTheTimelineTellsStepsTransitionsAndTexts(t *testing.T) {
	r := only(t, `at "0s" {
  network { down = "1m" }
  publish "zigbee2mqtt/smoke_attic" { json = { smoke = true } }
}
at "119s" {
  clock { step = "-1h" }
  expect { firing = [alert.smoke] }
}`)
	var got []string
	for _, e := range r.Timeline {
		switch {
		case e.Transition != nil:
			got = append(got, fmt.Sprintf("%v %v", e.At, e.Transition.To))
		case e.Text != nil:
			got = append(got, fmt.Sprintf("%v %s after %v", e.At, e.Text.Contact, e.Text.Sent-e.Text.Created))
		default:
			got = append(got, fmt.Sprintf("%v %s", e.At, e.Step))
		}
	}
	want := []string{
		"0s no mobile network for 1m", "0s firing", "1m0s alice after 1m0s", "1m0s bob after 1m0s",
		"1m59s the clock is set to 2026-01-05 11:01:59",
	}
	// The house has no time zone of its own, so the clock shows the system's.
	got[len(got)-1] = strings.Replace(got[len(got)-1], noon.Add(-58*time.Minute-time.Second).Local().Format(time.DateTime), "2026-01-05 11:01:59", 1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
}
