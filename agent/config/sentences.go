package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// sentences says every alert in words.
func (l *loader) sentences() {
	for _, a := range l.config.Rules.Alerts {
		l.config.Sentences = append(l.config.Sentences, l.say(a))
	}
}

// say says one alert in words: If freezer is above -12 for 20 minutes, text
// Alice and Bob; clear when freezer is below -15. One in a module begins with
// that: freezer["cellar"]: If temp is above -12, text Alice; clear when that is
// over.
func (l *loader) say(a *rules.Alert) string {
	body := l.find("alert", a.Name).Body
	module, _ := block.Unqualify(a.Name)
	s := speaker{module}
	text := fmt.Sprintf("If %s%s, text %s; clear %s.",
		s.argument(body, "when"), lasting(a.For), people(l.config.Notify[a.Name]), s.clear(a, body))
	if module != "" {
		return module + ": " + text
	}
	return text
}

// argument says the condition that an argument holds.
func (s speaker) argument(body *hclsyntax.Body, name string) string {
	return s.condition(body.Attributes[name].Expr, true)
}

func (s speaker) clear(a *rules.Alert, body *hclsyntax.Body) string {
	switch {
	case body.Attributes["clear_when"] != nil:
		return "when " + s.argument(body, "clear_when") + lasting(a.ClearFor)
	case a.ClearFor > 0:
		return "when that has been over" + lasting(a.ClearFor)
	}
	return "when that is over"
}

// lasting says how long something has to last, nothing when it need not.
func lasting(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return " for " + inWords(d)
}

// inWords says a duration: 1 hour 30 minutes.
func inWords(d time.Duration) string {
	const day = 24 * time.Hour
	units := []struct {
		length time.Duration
		name   string
	}{{day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}, {time.Millisecond, "millisecond"}}
	var words []string
	for _, u := range units {
		switch n := d / u.length; {
		case n == 1:
			words = append(words, "1 "+u.name)
		case n > 1:
			words = append(words, fmt.Sprintf("%d %ss", n, u.name))
		}
		d %= u.length
	}
	return strings.Join(words, " ")
}

// people lists people as one speaks of them: Alice, Bob and Night shift.
func people(contacts []*notify.Contact) string {
	var all []string
	for _, c := range contacts {
		_, own := block.Unqualify(c.Name)
		all = append(all, capital(spaced(own)))
	}
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " and " + all[last]
}
