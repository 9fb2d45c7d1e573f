package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// replyMax is how many characters of a reply there can be: those of the longest
// text that phones send, of ten parts.
const replyMax = 1530

// reply reads the step that a text comes, from a contact or from any number.
func (l *loader) reply(r *block.Reader) step {
	from := l.sender(r)
	r.Need("text", `Write what it says, such as text = "OK".`)
	text := r.String("text")
	if n := len([]rune(text)); n > replyMax {
		r.Add(block.Mistake(r.Range("text"), "Invalid value", fmt.Sprintf("No phone sends a text of %d characters. Write at most %d.", n, replyMax)))
	}
	return step{"", func(p *player, at time.Duration) { p.gateway.Reply(at, from, text) }}
}

// sender is the number that the label stands for: a contact's, or itself. What
// begins with a plus or a digit is a number as the network shows it.
func (l *loader) sender(r *block.Reader) string {
	label := r.Label()
	if label != "" && strings.Trim(label[:1], "+0123456789") == "" {
		return label
	}
	return l.phoneOf(r)
}

// phoneOf is the number of the contact that the label names, "" where it names
// none.
func (l *loader) phoneOf(r *block.Reader) string {
	name, known := r.Label(), contactNames(l.config.People.Contacts)
	if i := slices.Index(known, name); i >= 0 {
		return l.config.People.Contacts[i].Phone
	}
	switch near := block.Suggest(name, known); {
	case name == "":
	case near != "":
		r.Add(block.Mistake(r.Header(), "Unknown contact", fmt.Sprintf("There is no contact called %q. Did you mean %q?", name, near)))
	default:
		r.Add(block.Mistake(r.Header(), "Unknown contact", fmt.Sprintf("There is no contact called %q. There is %s.", name, example("contact", known))))
	}
	return ""
}

// phone reads the step that a contact cannot be reached.
func (l *loader) phone(r *block.Reader) step {
	number := l.phoneOf(r)
	r.Need("down", `Write for how long, such as down = "5m".`)
	down := r.Duration("down", downMin, downMax)
	return step{
		fmt.Sprintf("texts to %s are refused for %s", r.Label(), block.FormatDuration(down)),
		func(p *player, at time.Duration) { p.gateway.LosePerson(at, number, down) },
	}
}

// A silencing is one silence block.
type silencing struct {
	alerts     *names  // nil: all
	number     *number // of the incident; nil: by alerts
	last       time.Duration
	untilClear bool
	by         string
}

// silence reads the step that somebody silences alerts.
func (l *loader) silence(r *block.Reader) step {
	s := silencing{
		alerts: references(r, "alert", "alert", alertNames(l.config.Rules.Alerts)),
		last:   r.Duration("for", time.Minute, notify.SilenceMax),
	}
	if r.Has("number") {
		s.number = &number{r.Int("number", 1, rules.NumberMax, 0), r.Range("number")}
	}
	s.untilClear = r.Bool("until_clear", false)
	r.Need("by", "Write who silences it, such as by = "+example("contact", contactNames(l.config.People.Contacts))+".")
	s.by = l.by(r, "One person silences at a time. Write a silence block for each.")
	switch {
	case s.untilClear && r.Has("for"):
		r.Add(block.Mistake(r.Range("for"), "Conflicting arguments", "It lasts until the alert clears, or for a time. Keep until_clear or for."))
	case s.number != nil && s.alerts != nil:
		r.Add(block.Mistake(r.Range("number"), "Conflicting arguments", "number is one incident, and alert is all of an alert. Keep one of them."))
	}
	return step{s.by + " silences " + s.what() + s.length(), func(p *player, at time.Duration) { p.silence(at, &s, r) }}
}

// what says what is silenced.
func (s *silencing) what() string {
	switch {
	case s.number != nil:
		return fmt.Sprintf("number %d", s.number.n)
	case s.alerts != nil:
		return strings.Join(s.alerts.all, ", ")
	}
	return "everything"
}

// length says how long the silence lasts.
func (s *silencing) length() string {
	switch {
	case s.untilClear:
		return " until it clears"
	case s.last > 0:
		return " for " + block.FormatDuration(s.last)
	}
	return ""
}

// silence has the gateway silence, and fails the test when it refuses.
func (p *player) silence(at time.Duration, s *silencing, r *block.Reader) {
	n := notify.Silence{By: s.by, UntilClear: s.untilClear}
	if s.last > 0 {
		n.Until = at + s.last
	}
	if s.alerts != nil {
		n.Match.Alerts = s.alerts.all
	}
	if s.number != nil {
		open := p.gateway.Open()
		i := slices.IndexFunc(open, func(i rules.Incident) bool { return i.Number == s.number.n })
		if i < 0 {
			p.fail(s.number.rng, fmt.Sprintf("Number %d should be silenced.", s.number.n), "Nothing that is open has that number.")
			return
		}
		n.Incident = open[i].ID
	}
	if err := p.gateway.Silence(at, n); err != nil {
		p.fail(r.Header(), fmt.Sprintf("%s should silence %s, and cannot.", s.by, s.what()), upper(err.Error())+".")
	}
}

// upper begins a sentence.
func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// unsilence reads the step that every silence is ended that people began.
func (l *loader) unsilence(r *block.Reader) step {
	return step{"silences are ended", func(p *player, at time.Duration) {
		if p.gateway.Unsilence(at) == 0 {
			p.fail(r.Header(), "A silence should end.", "Nobody began one that still lasts.")
		}
	}}
}

// by reads which contact does something, "" where that is missing or wrong.
func (l *loader) by(r *block.Reader, oneAtATime string) string {
	by := references(r, "by", "contact", contactNames(l.config.People.Contacts))
	switch {
	case by == nil || len(by.all) == 0:
		return ""
	case len(by.all) > 1:
		r.Add(block.Mistake(by.rng, "Too many people", oneAtATime))
		return ""
	}
	return by.all[0]
}

// judgeTold compares who was told of something that is open, and so is still to
// hear of its end.
func (p *player) judgeTold(want *names) {
	if want == nil {
		return
	}
	for _, c := range p.contacts {
		told := p.gateway.Told(c.Phone)
		switch wanted := slices.Contains(want.all, c.Name); {
		case wanted && len(told) == 0:
			p.fail(want.rng, spoken("contact", c.Name)+" should have been told of what is open, and was not.", p.openNow())
		case !wanted && len(told) > 0:
			p.fail(want.rng, spoken("contact", c.Name)+" should not have been told of anything that is open, and was.", "Of "+instances(told)+".")
		}
	}
}

// openNow says what is open.
func (p *player) openNow() string {
	open := p.gateway.Open()
	if len(open) == 0 {
		return "Nothing is open."
	}
	return "Open: " + instances(open) + "."
}

func instances(incidents []rules.Incident) string {
	var all []string
	for _, i := range incidents {
		all = append(all, i.Instance())
	}
	return strings.Join(all, ", ")
}
