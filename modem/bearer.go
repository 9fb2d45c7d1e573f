package modem

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// Bounds of the search for a way that texts take.
const (
	bearerRefusals = 3                // in a row, after which the next way is tried
	bearerDoubts   = 2                // the same once a way has failed
	bearerProof    = 24 * time.Hour   // how long an accepted text speaks for its way
	bearerRest     = 15 * time.Minute // between two texts once every way has failed
	bearerPatience = 3 * time.Minute  // for the modem to register another way
)

// unset is a part of a way that is left as the modem has it.
const unset = -1

// A way is how texts may go between modem and network.
type way struct {
	service  int  // <service> of +CGSMS (3GPP 27.007 clause 10.1.21)
	ims      int  // the modem's policy on IMS, as the family numbers it
	access   int  // <AcT> with which the network is chosen (clause 7.3)
	reselect bool // the network is chosen anew
}

// String names a way in notes and logs.
func (w way) String() string {
	switch {
	case w.access != unset:
		return "access " + technology(w.access)
	case w.reselect:
		return "selection"
	case w.ims != unset:
		return "ims " + strconv.Itoa(w.ims)
	case w.service != unset:
		return "cgsms " + strconv.Itoa(w.service)
	}
	return "as found"
}

// services is the order in which the values of +CGSMS are tried: circuit, then
// circuit preferred, packet preferred, packet.
var services = [...]int{1, 3, 2, 0}

// olderAccess is the order in which a network is chosen over older radio access
// than LTE.
var olderAccess = [...]int{2, 0}

// ways are all those of a modem, in the order in which they are tried first:
// current is the <service> in use, known those that it has, policies its
// policies on IMS that may be tried.
func ways(current int, known, policies []int) []way {
	asFound := way{service: current, ims: unset, access: unset}
	list := []way{asFound}
	add := func(change func(*way)) {
		w := asFound
		change(&w)
		list = append(list, w)
	}
	for _, n := range services {
		if n != current && slices.Contains(known, n) {
			add(func(w *way) { w.service = n })
		}
	}
	for _, n := range policies {
		add(func(w *way) { w.ims = n })
	}
	add(func(w *way) { w.reselect = true })
	for _, act := range olderAccess {
		add(func(w *way) { w.access = act })
	}
	return list
}

// bearer searches for a way that texts take with one SIM, when the network
// refuses them although it has let the modem in. It is told the time and does
// nothing by itself.
type bearer struct {
	sim  string
	ways []way // in the order they are tried
	at   int   // the one in use

	since     time.Time // the modem was told to go it
	refusals  int       // in a row
	proven    time.Time // when a text was last accepted
	refused   []string  // the names of the ways that failed since one worked
	exhausted bool      // these are all
	until     time.Time // no text before

	chosen bool // the modem was told which radio access to register over
	told   int  // the policy on IMS that the modem was told last, unset: none
}

// newBearer orders the ways by what is noted of them: what worked, what was not
// tried, what failed.
func newBearer(sim string, ways []way, note bearerNote) bearer {
	b := bearer{sim: sim, ways: ways, told: unset}
	slices.SortStableFunc(b.ways, func(x, y way) int { return note.rank(x) - note.rank(y) })
	for _, w := range b.ways {
		if name := w.String(); slices.Contains(note.Refused, name) {
			b.refused = append(b.refused, name)
		}
	}
	b.exhausted = len(b.refused) == len(b.ways) // and still one text is tried at once
	return b
}

// way is the one in use; before any is known, that the modem is found with.
func (b *bearer) way() way {
	if len(b.ways) == 0 {
		return way{service: unset, ims: unset, access: unset}
	}
	return b.ways[b.at]
}

// refuse takes a refusal, with the code of +CMS ERROR, of a text that the
// network should have taken, and reports whether another way is to be tried.
func (b *bearer) refuse(code int, now time.Time) (next bool) {
	if !b.blames(code, now) {
		return false
	}
	b.refusals++
	if b.refusals < b.enough() {
		return false
	}
	b.fail()
	if b.exhausted {
		b.until = now.Add(bearerRest)
	}
	return true
}

// enough is how many refusals in a row speak against the way in use.
func (b *bearer) enough() int {
	switch {
	case b.exhausted:
		return 1
	case len(b.refused) > 0:
		return bearerDoubts
	}
	return bearerRefusals
}

// fail gives up the way in use for the next.
func (b *bearer) fail() {
	if name := b.way().String(); !slices.Contains(b.refused, name) {
		b.refused = append(b.refused, name)
	}
	b.exhausted = len(b.refused) >= len(b.ways)
	b.at = (b.at + 1) % len(b.ways)
	b.refusals = 0
}

// strays reports whether the modem has not registered the way that is in use
// for long enough to give it up.
func (b *bearer) strays(now time.Time) bool {
	return b.way().access != unset && now.Sub(b.since) >= bearerPatience
}

// blames reports whether code may be the way's fault. 38 is also what a dead
// number earns, and no fault of a way that has just been proven.
func (b *bearer) blames(code int, now time.Time) bool {
	switch code {
	case cmsUnknown, cmsNetworkTimeout:
		return true
	case cmsOutOfOrder:
		return b.proven.IsZero() || now.Sub(b.proven) > bearerProof
	}
	return false
}

// accept takes an accepted text and reports whether that is news.
func (b *bearer) accept(now time.Time) (news bool) {
	news = b.proven.IsZero() || len(b.refused) > 0
	b.refusals, b.exhausted, b.until, b.refused, b.proven = 0, false, time.Time{}, nil, now
	return news
}

// bearerNote is what is remembered of the search for a SIM.
type bearerNote struct {
	Works   string   `json:"works,omitempty"`
	Refused []string `json:"refused,omitempty"`
}

func readBearerNote(text string) (n bearerNote) {
	if json.Unmarshal([]byte(text), &n) != nil {
		return bearerNote{} // searched for anew
	}
	return n
}

// rank orders ways by what is known of them.
func (n bearerNote) rank(w way) int {
	const worked, untried, failed = 0, 1, 2
	switch name := w.String(); {
	case name == n.Works:
		return worked
	case slices.Contains(n.Refused, name):
		return failed
	}
	return untried
}

func (n bearerNote) String() string {
	text, err := json.Marshal(n)
	if err != nil {
		panic("modem: a note of strings: " + err.Error())
	}
	return string(text)
}
