package dispatch

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
)

// open lists the open incidents that people are told of, the most severe first and
// among them the latest.
func (d *Dispatcher) open() []rules.Incident {
	open := slices.DeleteFunc(d.engine.Open(), func(i rules.Incident) bool { return i.Shadow })
	slices.SortFunc(open, func(a, b rules.Incident) int { return after(a.Severity, a.ID, b.Severity, b.ID) })
	return open
}

// after compares two incidents by their places in a list.
func after(severity rules.Severity, id uint64, than rules.Severity, thanID uint64) int {
	switch {
	case severity.Above(than):
		return -1
	case than.Above(severity):
		return 1
	}
	return cmp.Compare(thanID, id)
}

// known lists the open incidents that the contact can know of: it was told of
// them, or their alert tells it.
func (v *conversation) known() []rules.Incident {
	told := v.d.ledger.Told(v.with.Phone)
	return slices.DeleteFunc(v.d.open(), func(i rules.Incident) bool {
		return !has(told, i.ID) && !v.d.tells(i.Alert, v.with)
	})
}

// told lists the open incidents that the contact was told of.
func (v *conversation) told() []rules.Incident {
	told := v.d.ledger.Told(v.with.Phone)
	return slices.DeleteFunc(v.d.open(), func(i rules.Incident) bool { return !has(told, i.ID) })
}

func has(all []rules.Incident, id uint64) bool {
	return slices.ContainsFunc(all, func(i rules.Incident) bool { return i.ID == id })
}

// tells reports whether an alert names a contact in any of its steps.
func (d *Dispatcher) tells(alert string, c *notify.Contact) bool {
	route := d.options.People.Routes[alert]
	return route != nil && slices.ContainsFunc(route.Everybody(), func(a notify.Addressee) bool { return a.Phone == c.Phone })
}

// numbered finds the incidents of those numbers among some, and the numbers that
// none has.
func numbered(among []rules.Incident, numbers []int) (found []rules.Incident, missing []int) {
	for _, n := range numbers {
		at := slices.IndexFunc(among, func(i rules.Incident) bool { return i.Number == n })
		switch {
		case at < 0:
			missing = append(missing, n)
		case !has(found, among[at].ID):
			found = append(found, among[at])
		}
	}
	return found, missing
}

// itemMax bounds what is said of one incident among others, in characters.
const itemMax = 60

// item is an incident in a few words: the number to answer with, and what it says.
func item(i rules.Incident) string {
	what := i.Message
	if text := []rune(what); len(text) > itemMax {
		what = strings.TrimSpace(string(text[:itemMax-2])) + ".."
	}
	if i.Number == 0 {
		return what
	}
	return strconv.Itoa(i.Number) + " " + what
}

func items(all []rules.Incident) []string {
	out := make([]string, len(all))
	for at, i := range all {
		out[at] = item(i)
	}
	return out
}

// instances names incidents for the journal.
func instances(all []rules.Incident) string {
	var out []string
	for _, i := range all {
		out = append(out, strings.TrimPrefix(strconv.Itoa(i.Number)+" "+i.Instance(), "0 "))
	}
	return strings.Join(out, ", ")
}
