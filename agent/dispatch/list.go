package dispatch

import (
	"fmt"
	"slices"

	"github.com/tocsin-edge/tocsin/rules"
)

// tellOpen answers what is open, as much as one segment holds, after a place in the
// list or from its beginning.
func (v *conversation) tellOpen(from *place) (did string) {
	open := v.d.open()
	if from != nil {
		open = slices.DeleteFunc(open, func(i rules.Incident) bool {
			return after(i.Severity, i.ID, from.Severity, from.Incident) <= 0
		})
	}
	v.talk.List = nil
	switch {
	case len(open) == 0 && from != nil:
		return "nothing: the list was at its end" + v.decline(v.Say("list_over"))
	case len(open) == 0:
		v.answer(v.Say("nothing_open"))
		return "listed that nothing is open"
	}
	text, said := v.listIn(1, "open_more", "open", items(open))
	if v.answer(text) && said < len(open) {
		last := open[said-1]
		v.talk.List = &place{Severity: last.Severity, Incident: last.ID, At: v.now.At}
	}
	return fmt.Sprintf("listed %d of %d open", said, len(open))
}
