package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/rules"
)

const (
	// bundleParts is how many parts a text takes at most that tells of several
	// things, and criticalParts when one of them is critical. What does not fit in is
	// counted.
	bundleParts   = 2
	criticalParts = 3
)

// compose is the text that tells somebody items, the first of which was to be told
// when it says.
func (p *planner) compose(who *person, items []item, created time.Duration) Text {
	slices.SortStableFunc(items, byWeight)
	w := writer{p.people.LanguageOf(who.contact), p.Ledger, p.now, who.contact}
	text := Text{
		Contact: items[0].Name, To: who.phone, Body: p.people.Signed(w.body(items)) + w.late(created),
		Urgency: urgencyOf(items), Subject: items[0].instance, Created: created,
	}
	if more := len(items) - 1; more > 0 {
		text.Subject += fmt.Sprintf(" and %d more", more)
	}
	for _, i := range items {
		text.Instances = append(text.Instances, i.instance)
		text.Messages = append(text.Messages, i.message())
		if i.kind.alarms() {
			text.Call = text.Call || i.Call && i.critical()
			text.Flash = text.Flash || i.Flash
		}
	}
	return text
}

// byWeight puts what fires before what does not, then what is urgent first, then
// what began first.
func byWeight(a, b item) int {
	return cmp.Or(
		compareBool(b.kind.alarms(), a.kind.alarms()),
		cmp.Compare(urgency(a.Incident.Severity), urgency(b.Incident.Severity)),
		cmp.Compare(a.Incident.ID, b.Incident.ID))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// urgencyOf is that of a text: of its most urgent alarm, else of the end that must
// wait for the least urgent.
func urgencyOf(items []item) uint8 {
	var most, least uint8 = 255, 0
	for _, i := range items {
		u := i.urgency(i.was, i.kind)
		if i.kind.alarms() {
			most = min(most, u)
		}
		least = max(least, u)
	}
	return min(most, least)
}

// message is the alert's own of what the item tells.
func (i item) message() string {
	if i.kind == ended {
		return i.Ending
	}
	return i.Incident.Message
}

// A writer writes to one person.
type writer struct {
	phrase.Language
	ledger *Ledger
	now    Moment
	to     *Contact
}

// body is the text without the site: one item with what to answer, or as many as
// fit.
func (w writer) body(items []item) string {
	if len(items) == 1 {
		text := w.item(items[0])
		if items[0].digest(w.ledger) {
			text = w.Say("digest", "what", text)
		}
		return w.withHint(text, items)
	}
	n := 1
	for n < len(items) && parts(w.ledger.people.Signed(w.list(items, n+1))) <= partsMax(items) {
		n++
	}
	return w.withHint(w.list(items, n), items)
}

// list says the first n of several items, and how many there are beside.
func (w writer) list(items []item, n int) string {
	var all []string
	for _, i := range items[:n] {
		all = append(all, w.item(i)+w.number(i))
	}
	text := strings.Join(all, "; ")
	if left := len(items) - n; left > 0 {
		text += "; " + w.more(left)
	}
	if w.digests(items) {
		text = w.Say("digest", "what", text)
	}
	return text
}

func (w writer) digests(items []item) bool {
	return !slices.ContainsFunc(items, func(i item) bool { return !i.digest(w.ledger) })
}

// digest tells whether the item is told in the digest.
func (i item) digest(l *Ledger) bool { return l.manner(i.story).Digest && !i.critical() }

func partsMax(items []item) int {
	if slices.ContainsFunc(items, func(i item) bool { return i.critical() }) {
		return criticalParts
	}
	return bundleParts
}

func parts(text string) int {
	n, _ := modem.Segments(text)
	return n
}

// more tells of items that had no room.
func (w writer) more(left int) string {
	if w.to.Allow&MayAsk == 0 {
		return w.Say("more_untold", "count", left)
	}
	return w.Say("more", "count", left)
}

// number is what one of several alarms is answered with.
func (w writer) number(i item) string {
	if !w.answers(i) || i.Incident.Number == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d)", i.Incident.Number)
}

// answers tells whether its reader can answer an item.
func (w writer) answers(i item) bool {
	return w.to.Allow&MayAck != 0 && i.kind.alarms() && !i.Closed && i.Incident.Acked == nil && i.Incident.Severity != rules.Info
}

// withHint adds what to answer, unless that would cost another part.
func (w writer) withHint(text string, items []item) string {
	open := slices.DeleteFunc(slices.Clone(items), func(i item) bool { return !w.answers(i) })
	hint := ""
	switch {
	case len(open) == 0:
		return text
	case len(open) > 1:
		hint = w.Say("reply_all")
	case open[0].Incident.Number > 0:
		hint = w.Say("reply_number", "number", open[0].Incident.Number)
	default:
		hint = w.Say("reply")
	}
	separator := ". "
	if last, _ := utf8.DecodeLastRuneInString(text); unicode.IsPunct(last) && last != ')' && last != '"' {
		separator = " "
	}
	with, site := text+separator+hint, w.ledger.people
	if parts(site.Signed(with)) > parts(site.Signed(text)) {
		return text
	}
	return with
}

// item says one thing.
func (w writer) item(i item) string {
	what, t := i.Incident.Message, i.was
	switch i.kind {
	case repeated:
		return w.Say("still", "for", phrase.Duration(w.now.At-i.Incident.Since), "what", what)
	case again:
		return w.Say("again", "what", what)
	case lapsed:
		return w.Say("lapsed", "what", what)
	case taken:
		return w.Say("on_it", "who", phrase.Name(i.Incident.Acked.By), "what", what)
	case ended:
		if i.Lost {
			return w.Say("unknown", "what", i.Ending)
		}
		return i.Ending
	case missed:
		return w.missed(i)
	case flaps:
		return w.Say("flapping", "times", i.Flapping.Count, "for", phrase.Duration(w.now.At-i.Flapping.Since), "state", w.state(i), "what", what)
	case flapsStill:
		return w.Say("flapping_still", "times", i.Flapping.Count, "since", w.clock(i.Flapping.Since), "state", w.state(i), "what", what)
	case flapsOver:
		return w.Say("flapping_over", "for", phrase.Duration(flapQuiet), "times", i.Flapping.Count, "what", what)
	}
	if t.Owed > 1 {
		return w.Say("times", "times", t.Owed, "what", what)
	}
	return what
}

// missed says what somebody could not be told while it lasted.
func (w writer) missed(i item) string {
	what, t := i.Incident.Message, i.was
	switch {
	case t.Owed > 1:
		return w.Say("missed_often", "times", t.Owed, "since", w.clock(t.Since), "what", what)
	case w.now.Wall.IsZero():
		return w.Say("missed_ago", "ago", phrase.Duration(w.now.At-t.Since), "for", phrase.Duration(i.Ended-t.Since), "what", what)
	}
	return w.Say("missed", "from", w.clock(t.Since), "to", w.clock(i.Ended), "what", what)
}

func (w writer) state(i item) string {
	if i.Closed {
		return w.Say("state_over")
	}
	return w.Say("state_firing")
}

// clock says when something was: the time of day, with the date unless that is
// the last day's, or how long ago.
func (w writer) clock(at time.Duration) string {
	wall := w.now.wall(at)
	switch {
	case wall.IsZero():
		return w.Say("ago", "for", phrase.Duration(w.now.At-at))
	case w.now.At-at >= 24*time.Hour:
		return wall.Format("2006-01-02 15:04")
	}
	return wall.Format("15:04")
}

// late says that a text comes late, and why as far as that is known.
func (w writer) late(created time.Duration) string {
	switch {
	case w.now.At-created < lateAfter:
		return ""
	case w.now.Wall.IsZero():
		return " " + w.Say("late_untimed")
	case w.ledger.down:
		return " " + w.Say("late_signal", "since", w.clock(w.ledger.outage))
	}
	return " " + w.Say("late", "since", w.clock(created))
}
