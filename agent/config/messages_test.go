package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outer is a configuration around alerts of these sensors.
const outer = `
mqtt "main" { url = "mqtt://127.0.0.1" }
modem "main" { port = "/dev/ttyUSB2" }
contact "alice" { phone = "+353871234567" }
sensor "engine" {
  topic  = "fleet/{machine}/engine"
  fields = { coolant_c = number, oil_kpa = number, load = number, mode = string, running = bool, since = time }
  valid  = { coolant_c = [-40, 150], oil_kpa = [0, 1000], load = [0, 1] }
}
sensor "smoke" {
  topic  = "smoke/{room}"
  value  = bool
  expect = ["hall", "kitchen", "attic"]
}
sensor "hall" {
  topic = "hall"
  value = number
  valid = [-20, 40]
}
sensor "door" {
  topic = "door"
  value = bool
}
sensor "tank" {
  topic         = "tank"
  value         = number
  offline_after = "2m"
}
sensor "pump" {
  topic         = "pump"
  value         = bool
  offline_after = "1h"
}
`

func TestTheLongestTextOfAnAlarmIsReckoned(t *testing.T) {
	tests := []struct{ site, alert, want string }{
		{"", `message = "OK"`, "OK|1|GSM-7||"},
		{"Rosewood", `message = "OK"`, "Rosewood: OK|1|GSM-7||"},
		{"", ``, "the alert (xxxxxxxxxxxxxxxx)|1|GSM-7||"},
		{"", `message = "${machine}: ${sensor.engine.coolant_c}"`, "xxxxxxxxxxxxxxxx: -40.00|1|GSM-7||"},
		{"", `message = "${sensor.engine.oil_kpa} ${sensor.engine.load}"`, "0.000 0.000|1|GSM-7||"},
		{"", `message = "${sensor.engine.mode} ${sensor.engine.running} ${sensor.engine.since}"`, "xxxxxxxxxxxxxxxx false 2026-03-01T07:30Z|1|GSM-7||"},
		{"", `message = "${sensor.engine.running ? "up" : "down"} ${format("%.1f %% of %d", sensor.engine.load, 5)}"`, "down 0.000 % of 5|1|GSM-7||"},
		{"", `message = "${upper("a")}${join("-", machine, "b")}${-5}${2 + 3}${!sensor.engine.running}${sensor.engine.load * 2}"`, "Axxxxxxxxxxxxxxxx-b-55false-8888.8|1|GSM-7||"},
		{"", `message = "${sensor.engine.coolant_c} °C"`, "-40.00 °C|1|GSM-7||-40.00 C"},
		{"", `message = "Кухня ${sensor.engine.coolant_c} °C"`, "Кухня -40.00 °C|1|UCS-2|Кухня|"},
		{"", `message = "` + strings.Repeat("a", 161) + `"`, strings.Repeat("a", 161) + "|2|GSM-7||"},
		{"", `message = "` + strings.Repeat("a", 160) + `"`, strings.Repeat("a", 160) + "|1|GSM-7||"},
		{"", `message = "` + strings.Repeat("€", 81) + `"`, strings.Repeat("€", 81) + "|2|GSM-7||"},
		{"", `message = "` + strings.Repeat("ж", 71) + `"`, strings.Repeat("ж", 71) + "|2|UCS-2|ж|"},
	}
	for _, tt := range tests {
		src := outer + "alert \"the_alert\" {\n  when = sensor.engine.running\n" + tt.alert + "\n}\n"
		if tt.site != "" {
			src += fmt.Sprintf("site {\n  name = %q\n}\n", tt.site)
		}
		c, _, diags := Load(directory(t, "a.hcl", src), Options{})
		if diags.HasErrors() || len(c.Messages) != 1 {
			t.Errorf("%s: %v", tt.alert, diags)
			continue
		}
		m := c.Messages[0]
		got := fmt.Sprintf("%s|%d|%s|%s|%s", m.Example, m.Parts, m.Encoding, m.Because, m.Sent)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.alert, diff)
		}
	}
}

func TestTheLongestExpectedLabelIsReckonedWith(t *testing.T) {
	c, _, diags := Load(directory(t, "a.hcl", outer+`
alert "smoke" {
  when    = sensor.smoke
  message = "SMOKE in the ${room}"
}
alert "silent" {
  when = sensor.smoke
}
`), Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for i, want := range []string{"SMOKE in the kitchen", "silent (kitchen)"} {
		if got := c.Messages[i].Example; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestConditionsAreSaidAsAPersonWould(t *testing.T) {
	tests := []struct{ when, want string }{
		{`sensor.hall > 5`, "hall is above 5"},
		{`!(sensor.hall > 5)`, "hall is not above 5"},
		{`sensor.engine.running`, "engine running is true"},
		{`!sensor.engine.running`, "engine running is false"},
		{`sensor.engine.running == false`, "engine running is false"},
		{`sensor.engine.running != false`, "engine running is true"},
		{`sensor.hall > 5 && (sensor.door || sensor.hall > 30)`, "hall is above 5 and (door is true or hall is above 30)"},
		{`!(sensor.hall > 5 && sensor.door)`, "hall is not above 5 or door is false"},
		{`sensor.hall > 5 || sensor.door && sensor.hall < 3`, "hall is above 5 or (door is true and hall is below 3)"},
		{`between(sensor.hall, 2, 3) && !known(sensor.hall)`, "hall is between 2 and 3 and hall is not known"},
		{`contains(["a", "b"], sensor.engine.mode)`, `engine mode is one of "a", "b"`},
		{`!contains(sensor.engine.mode, "err")`, `engine mode does not contain "err"`},
		{`sensor.engine.mode == "x" || sensor.engine.mode != "y"`, `engine mode is "x" or engine mode is not "y"`},
		{`sensor.hall * 2 - 1 >= (sensor.hall + 3) / 4`, "hall × 2 - 1 is at least (hall + 3) / 4"},
		{`abs(-sensor.hall) <= 2 * 3`, "abs(-hall) is at most 6"},
		{`(sensor.door ? sensor.hall : 5) < 3`, "((hall if door is true, otherwise 5)) is below 3"},
		{`sensor.engine.mode == "${machine}-x"`, `engine mode is "{machine}-x"`},
	}
	for _, tt := range tests {
		c, _, diags := Load(directory(t, "a.hcl", outer+"alert \"a\" {\n  when = "+tt.when+"\n}\n"), Options{})
		want := "If " + tt.want + ", text Alice; clear when that is over."
		if diags.HasErrors() || len(c.Sentences) != 1 {
			t.Errorf("%s: %v", tt.when, diags)
		} else if c.Sentences[0] != want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.when, c.Sentences[0], want)
		}
	}
}

func TestWindowsAreSaidInWords(t *testing.T) {
	tests := []struct{ when, want string }{
		{`avg_over(sensor.hall, "10m") > 5`, "the average of hall over 10 minutes is above 5"},
		{`offline(sensor.hall)`, "hall is silent"},
		{`forecast(sensor.engine.coolant_c, "5m", "10m") > 105`, "engine coolant c in 10 minutes, going by the last 5 minutes, is above 105"},
		{`!held(sensor.door, "1h30m")`, "it is not so that door is true for 1 hour 30 minutes"},
		{`changed(sensor.hall) && age(sensor.hall) > 5`, "hall changes and the age of hall is above 5"},
	}
	for _, tt := range tests {
		e, d := parseExpression(tt.when, "a.hcl")
		if d != nil {
			t.Fatal(d)
		}
		if got := (speaker{}).condition(e, true); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.when, got, tt.want)
		}
	}
}

// only loads one alert with the sensors and people of outer.
func only(t *testing.T, alert string) *Config {
	t.Helper()
	c, _, diags := Load(directory(t, "a.hcl", outer+alert), Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return c
}

func TestAnAlertIsSaidWithAllThatBecomesOfIt(t *testing.T) {
	tests := []struct{ alert, want string }{
		{`
  level "critical" {
    when       = sensor.hall > 30
    clear_when = sensor.hall < 25
  }
  level "warning" {
    when = sensor.hall > 20
    for  = "30s"
  }`, "If hall is above 20 for 30 seconds, text Alice (warning); clear when that is over. " +
			"If hall is above 30, text them (critical); until somebody answers, again after 2, 5, 10 and then every 30 minutes; clear when hall is below 25."},
		{`
  level "info" {
    when = sensor.door
  }`, "If door is true, text Alice in the digest at 08:00 (info); clear when that is over."},
		{`
  when  = sensor.door
  latch = true`, "If door is true, text Alice; clear when that is over. It stays until somebody acknowledges it."},
		{`
  when       = sensor.tank > 5 && sensor.pump
  on_offline = "hold"`, "If tank is above 5 and pump is true, text Alice; clear when that is over. " +
			"No word from tank for 2 minutes or from pump for 1 hour leaves it as it is."},
		{`
  when       = sensor.pump
  on_offline = "clear"`, "If pump is true, text Alice; clear when that is over. No word from pump for 1 hour counts as over."},
		{`
  when       = sensor.pump
  on_offline = "fire"
  shadow     = true
  latch      = true`, "If pump is true, text Alice; clear when that is over. It stays until somebody acknowledges it. " +
			"No word from pump for 1 hour counts as true. It is in shadow: nobody is texted."},
		{`
  when = sensor.pump`, "If pump is true, text Alice; clear when that is over."},
		{`
  when          = sensor.smoke
  suppressed_by = [alert.no_power, alert.any_smoke]
}
alert "any_smoke" {
  when = sensor.smoke
}
alert "no_power" {
  when = sensor.pump`, "If smoke is true, text Alice; clear when that is over. Nobody is texted while no power fires. " +
			"Nobody is texted while any smoke fires for the same room."},
	}
	for _, tt := range tests {
		if got := only(t, "alert \"a\" {"+tt.alert+"\n}\n").Sentences[0]; got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.alert, got, tt.want)
		}
	}
}

func TestOfSeveralLevelsTheCostliestTextIsReckoned(t *testing.T) {
	tests := []struct{ warning, critical, want string }{
		{`message = "warm: ${sensor.hall} C"`, `message = "HOT"`, "warm: -20.00 C"},
		{`message = "` + strings.Repeat("a", 160) + `"`, `message = "` + strings.Repeat("ж", 71) + `"`, strings.Repeat("ж", 71)},
		{``, ``, "a: critical"},
		{"}\non_offline = \"fire\"\nlevel \"info\" {\nwhen = sensor.pump", ``, "a: critical (pump silent for 23 h 59 min)"},
	}
	for _, tt := range tests {
		c := only(t, fmt.Sprintf("alert \"a\" {\nlevel \"warning\" {\nwhen = sensor.hall > 20\n%s\n}\nlevel \"critical\" {\nwhen = sensor.hall > 30\n%s\n}\n}\n",
			tt.warning, tt.critical))
		if got := c.Messages[0].Example; got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
