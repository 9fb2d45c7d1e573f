package config

import (
	"fmt"
	"slices"
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
// Alice and Bob; clear when freezer is below -15. One with levels says each, the
// least urgent first. One in a module begins with that: freezer["cellar"]: If
// temp is above -12, text Alice; clear when that is over.
func (l *loader) say(a *rules.Alert) string {
	body := l.find("alert", a.Name).Body
	module, _ := block.Unqualify(a.Name)
	s := speaker{module}
	var said []string
	for i, level := range a.Levels {
		whom := l.telling(a.Name, level.Severity).whom(i > 0, a.Leveled)
		said = append(said, s.level(level, levelBody(a, level, body), whom))
	}
	said = slices.Concat(said, l.lapse(a), l.waits(a), s.more(a, body))
	text := strings.Join(said, " ")
	if module != "" {
		return module + ": " + text
	}
	return text
}

// more says what else becomes of an alert.
func (s speaker) more(a *rules.Alert, body *hclsyntax.Body) (said []string) {
	if a.Latch {
		said = append(said, "It stays until somebody acknowledges it.")
	}
	if body.Attributes["on_offline"] != nil {
		said = append(said, s.silence(a))
	}
	for _, parent := range a.SuppressedBy {
		said = append(said, s.suppression(a, parent))
	}
	if a.Shadow {
		said = append(said, "It is in shadow: nobody is texted.")
	}
	return said
}

// silence says what it counts as that nothing comes from a sensor: No word from
// engine for 2 minutes or from tank for 1 hour counts as true.
func (s speaker) silence(a *rules.Alert) string {
	var from []string
	for _, sensor := range a.Heeds() {
		from = append(from, "from "+s.field(sensor.Name, "")+lasting(sensor.OfflineAfter))
	}
	outcome := map[rules.OnOffline]string{
		rules.Hold: "leaves it as it is", rules.Clear: "counts as over", rules.Fire: "counts as true",
	}[a.OnOffline]
	return "No word " + strings.Join(from, " or ") + " " + outcome + "."
}

// suppression says what keeps the alarms of an alert back: Nobody is texted while
// power lost fires for the same site.
func (s speaker) suppression(a, parent *rules.Alert) string {
	var shared []string
	for _, label := range parent.Labels {
		if slices.Contains(a.Labels, label) {
			shared = append(shared, spaced(label))
		}
	}
	text := "Nobody is texted while " + s.field(parent.Name, "") + " fires"
	if len(shared) > 0 {
		text += " for the same " + listed(shared)
	}
	return text + "."
}

// levelBody is where the conditions of a level are written.
func levelBody(a *rules.Alert, level *rules.Level, body *hclsyntax.Body) *hclsyntax.Body {
	if !a.Leveled {
		return body
	}
	i := slices.IndexFunc(body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "level" && label(b) == string(level.Severity) })
	return body.Blocks[i].Body
}

// level says one level.
func (s speaker) level(level *rules.Level, body *hclsyntax.Body, whom string) string {
	return fmt.Sprintf("If %s%s, %s; clear %s.", s.argument(body, "when"), lasting(level.For), whom, s.clear(level, body))
}

// argument says the condition that an argument holds.
func (s speaker) argument(body *hclsyntax.Body, name string) string {
	return s.condition(body.Attributes[name].Expr, true)
}

func (s speaker) clear(level *rules.Level, body *hclsyntax.Body) string {
	switch {
	case body.Attributes["clear_when"] != nil:
		return "when " + s.argument(body, "clear_when") + lasting(level.ClearFor)
	case level.ClearFor > 0:
		return "when that has been over" + lasting(level.ClearFor)
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

// called are those whose phones an alert may ring.
func (l *loader) called(a *rules.Alert) []notify.Addressee {
	if !isCritical(a) {
		return nil
	}
	return slices.DeleteFunc(l.tells(a.Name), func(p notify.Addressee) bool { return !p.Call })
}

// listed lists words as a sentence does: a, b and c.
func listed(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " and " + all[last]
}
