package dispatch

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	told := v.toldIDs()
	return slices.DeleteFunc(v.d.open(), func(i rules.Incident) bool { return !told[i.ID] && !v.d.tells(i.Alert, v.with.Phone) })
}

// told lists the open incidents that the contact was told of.
func (v *conversation) told() []rules.Incident {
	told := v.toldIDs()
	return slices.DeleteFunc(v.d.open(), func(i rules.Incident) bool { return !told[i.ID] })
}

func (v *conversation) toldIDs() map[uint64]bool {
	told := map[uint64]bool{}
	for _, i := range v.d.ledger.Told(v.with.Phone) {
		told[i.ID] = true
	}
	return told
}

// tells reports whether an alert tells a phone in any of its steps.
func (d *Dispatcher) tells(alert, phone string) bool {
	route := d.options.People.Routes[alert]
	return route != nil && route.Tells(phone)
}

// numbered finds the incidents of those numbers among some, and the numbers that
// none has.
func numbered(among []rules.Incident, numbers []int) (found []rules.Incident, missing []int) {
	for _, n := range numbers {
		at := slices.IndexFunc(among, func(i rules.Incident) bool { return i.Number == n })
		if at < 0 {
			missing = append(missing, n)
		} else {
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

// namedMax bounds how many incidents are named.
const namedMax = 12

// Names lists incidents for people who operate the gateway, each with what it can
// be called by: 17 smoke{room="kitchen"}.
func Names(all []rules.Incident) string {
	var out []string
	for _, i := range all[:min(len(all), namedMax)] {
		out = append(out, strings.TrimPrefix(strconv.Itoa(i.Number)+" "+i.Instance(), "0 "))
	}
	text := strings.Join(out, ", ")
	if more := len(all) - namedMax; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
