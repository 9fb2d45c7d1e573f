package dispatch

import (
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/modem"
)

// A voice is how the gateway speaks to a person, in their language.
type voice struct {
	phrase.Language
	people *notify.People
	before string // what was said so far of the same text
}

func (d *Dispatcher) voice(c *notify.Contact) voice {
	return voice{Language: d.options.People.LanguageOf(c), people: d.options.People}
}

func (v voice) segments(body string) int {
	n, _ := modem.Segments(v.people.Signed(body))
	return n
}

// after is the voice that goes on with a text, of which so much was said.
func (v voice) after(said string) voice {
	v.before += said
	return v
}

// list says a phrase in which {what} stands for a list, of which it says as much
// as one segment holds, and how many more there are.
func (v voice) list(phrase string, what []string, names ...any) string {
	text, _ := v.listIn(1, "more_untold", phrase, what, names...)
	return text
}

// listIn is list for so many segments, with the phrase for how many more there
// are. It tells how many of the list it says, which is at least one.
func (v voice) listIn(segments int, more, phrase string, what []string, names ...any) (text string, said int) {
	first := func(n int) string {
		part := what[:n:n]
		if n < len(what) {
			part = append(part, v.Say(more, "count", len(what)-n))
		}
		return v.before + v.Say(phrase, append([]any{"what", strings.Join(part, "; ")}, names...)...)
	}
	said = min(len(what), 1)
	text = first(said)
	for said < len(what) {
		longer := first(said + 1)
		if v.segments(longer) > segments {
			break
		}
		text, said = longer, said+1
	}
	return text, said
}

// clock is when something ends as clocks show it, with the day unless that is
// today; false while nobody knows the time of day.
func clock(at time.Duration, now notify.Moment) (shown string, known bool) {
	if now.Wall.IsZero() {
		return "", false
	}
	end := now.Wall.Add(at - now.At)
	if end.Format(time.DateOnly) == now.Wall.Format(time.DateOnly) {
		return end.Format("15:04"), true
	}
	return end.Format("2006-01-02 15:04"), true
}
