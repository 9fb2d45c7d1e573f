package config

import "testing"

func TestASentenceSaysWhoIsToldAndWhen(t *testing.T) {
	const people = `
schedule "night" {
  from = "22:00"
  to   = "07:00"
}
contact "dave" {
  phone = "+353871234560"
  quiet = schedule.night
}
contact "erin" {
  phone = "+353871234561"
  quiet {
    from = "23:00"
    to   = "06:30"
  }
}
policy "escalate" {
  ack_timeout = "1h"
  step { notify = contact.alice }
  step {
    after  = "5m"
    notify = contact.bob
    call   = true
  }
  step {
    after  = "1h"
    notify = contact.carol
    repeat = "never"
  }
}
policy "late" {
  step {
    after  = "10m"
    notify = contact.bob
  }
}
policy "insisting" {
  notify = contact.bob
  repeat = "5m"
}
policy "loud" {
  notify = [contact.bob, contact.carol]
  call   = true
  digest = "19:00"
}
`
	const over = "; clear when that is over."
	tests := map[string]string{
		`notify = contact.alice`: "text Alice" + over,
		"severity = \"critical\"\nnotify = policy.escalate": "text Alice; until somebody answers, again after 2, 5, 10 and then every 30 minutes, and " +
			"after 5 minutes ring and text Bob, and after 1 hour text Carol, once" + over + " An answer counts for 1 hour.",
		"severity = \"critical\"\nrepeat = \"10m\"\nnotify = policy.loud":                    "ring and text Bob and Carol; until somebody answers, again every 10 minutes" + over,
		"severity = \"critical\"\nrepeat = \"never\"\nnotify = [contact.alice, policy.loud]": "ring and text Bob and Carol, text Alice" + over,
		"notify = policy.late":                                    "after 10 minutes text Bob" + over,
		"repeat = [\"90s\", \"2h\"]\nnotify = contact.alice":      "text Alice; until somebody answers, again after 1 minute 30 seconds and then every 2 hours" + over,
		"repeat = [\"5m\", \"1h\"]\nnotify = contact.alice":       "text Alice; until somebody answers, again after 5 minutes and then every 1 hour" + over,
		"severity = \"info\"\nnotify = policy.loud":               "text Bob and Carol in the digest at 19:00" + over,
		"notify = contact.dave":                                   "text Dave" + over + " Held until 07:00 in quiet hours.",
		"notify = [contact.dave, contact.alice]":                  "text Dave and Alice" + over + " Held until 07:00 in the quiet hours of Dave.",
		"notify = [contact.dave, contact.erin]":                   "text Dave and Erin" + over + " Held in quiet hours.",
		"bundle = \"30s\"\nnotify = contact.alice":                "text Alice" + over + " The first text waits 30 seconds for others.",
		"notify = [contact.alice, policy.insisting, policy.late]": "text Alice and Bob; until somebody answers, again every 5 minutes for Bob" + over,
		"notify = [policy.insisting, contact.alice, policy.escalate]": "text Bob and Alice; until somebody answers, again every 5 minutes for Bob, and " +
			"after 1 hour text Carol, once" + over + " An answer counts for 1 hour.",
		"severity = \"info\"\nbundle = \"30s\"\nnotify = contact.dave":   "text Dave in the digest at 08:00" + over,
		"severity = \"critical\"\nrepeat=\"never\"\nnotify=contact.dave": "text Dave" + over,
	}
	for alert, want := range tests {
		c := withPeople(t, people+"alert \"door\" {\nwhen = sensor.door\n"+alert+"\n}\n")
		if got, want := c.Sentences[0], "If door is true, "+want; got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", alert, got, want)
		}
	}
	c := withPeople(t, people+`alert "door" {
  level "warning" { when = sensor.door }
  level "critical" { when = sensor.door }
  notify = contact.dave
  bundle = "30s"
}`)
	want := "If door is true, text Dave (warning); clear when that is over. " +
		"If door is true, text them (critical); until somebody answers, again after 2, 5, 10 and then every 30 minutes; clear when that is over. " +
		"The first text waits 30 seconds for others, unless it is critical. Held until 07:00 in quiet hours, unless it is critical."
	if got := c.Sentences[0]; got != want {
		t.Errorf("levels:\ngot  %s\nwant %s", got, want)
	}
}
