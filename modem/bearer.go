package modem

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of the search for a way that texts take.
const (
	bearerRefusals = 3              // in a row, after which the next way is tried
	bearerProof    = 24 * time.Hour // how long an accepted text speaks for its way
	bearerRest     = time.Hour      // between two searches that found none
)

// A bearerStep is one way for texts between modem and network.
type bearerStep struct {
	service  int  // <service> of +CGSMS (3GPP 27.007 clause 10.1.21); -1: as the modem has it
	reselect bool // the network is selected anew first
}

func (b bearerStep) String() string {
	switch {
	case b.reselect:
		return "selection"
	case b.service < 0:
		return "as found"
	}
	return "cgsms " + strconv.Itoa(b.service)
}

// services is the order in which the values of +CGSMS are tried: circuit, then
// circuit preferred, packet preferred, packet.
var services = [...]int{1, 3, 2, 0}

// bearer searches for a way that texts take with one SIM, when the network
// refuses them although it has let the modem in. It is told the time and does
// nothing by itself.
type bearer struct {
	sim   string
	steps []bearerStep // in the order they are tried
	at    int          // the one in use

	refusals  int       // in a row
	proven    time.Time // when a text was last accepted
	exhausted bool      // every step has failed since one worked
	until     time.Time // nothing is tried before
	refused   []string  // the names of those steps
}

// newBearer orders the ways there are: what worked, the one in use, the others,
// and last those that are known to fail. current is the <service> in use, known
// those the modem has; both are of no account for a modem without +CGSMS.
func newBearer(sim string, current int, known []int, note bearerNote) bearer {
	b := bearer{sim: sim, steps: []bearerStep{{service: current}}}
	for _, service := range services {
		if service != current && slices.Contains(known, service) {
			b.steps = append(b.steps, bearerStep{service: service})
		}
	}
	b.steps = append(b.steps, bearerStep{service: current, reselect: true})
	slices.SortStableFunc(b.steps, func(x, y bearerStep) int { return note.rank(x) - note.rank(y) })
	for _, step := range b.steps {
		if name := step.String(); slices.Contains(note.Refused, name) {
			b.refused = append(b.refused, name)
		}
	}
	b.exhausted = len(b.refused) == len(b.steps) // and still one text is tried at once
	return b
}

func (b *bearer) step() bearerStep { return b.steps[b.at] }

// refuse takes a refusal, with the code of +CMS ERROR, of a text that the
// network should have taken, and reports whether another way is to be tried.
func (b *bearer) refuse(code int, now time.Time) (next bool) {
	if !b.blames(code, now) {
		return false
	}
	b.refusals++
	if b.refusals < bearerRefusals && !b.exhausted {
		return false
	}
	b.refusals = 0
	if name := b.step().String(); !slices.Contains(b.refused, name) {
		b.refused = append(b.refused, name)
	}
	b.at = (b.at + 1) % len(b.steps)
	b.exhausted = len(b.refused) >= len(b.steps)
	if b.exhausted {
		b.until = now.Add(bearerRest)
	}
	return true
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

// rank orders steps by what is known of them.
func (n bearerNote) rank(step bearerStep) int {
	const worked, untried, failed = 0, 1, 2
	switch name := step.String(); {
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

const bearerPrefix = "bearer/"

// setBearer readies the way that texts take with the SIM in the modem: the one
// in use, or the one that worked before.
func (s *session) setBearer() error {
	if s.m.bearer.sim != s.sim {
		current, err := s.value("+CGSMS?", "+CGSMS", commandTimeout)
		if err != nil {
			return err
		}
		known, err := s.value("+CGSMS=?", "+CGSMS", commandTimeout)
		if err != nil {
			return err
		}
		s.m.bearer = newBearer(s.sim, service(current), servicesOf(known), readBearerNote(s.recall(bearerPrefix)))
	}
	return s.useBearer()
}

// service reads the answer to +CGSMS?, -1 when there is none.
func service(f []string) int {
	if n, ok := within(f, 0, 0, len(services)-1); ok {
		return n
	}
	return -1
}

// servicesOf reads the answer to +CGSMS=?, such as "(0-3)" or "(0,1,2,3)".
func servicesOf(f []string) []int {
	var list []int
	for _, part := range strings.Split(strings.Trim(strings.Join(f, ","), "()"), ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(strings.TrimSpace(first))
		to, err2 := strconv.Atoi(strings.TrimSpace(last))
		if err != nil || err2 != nil {
			continue
		}
		for _, n := range services {
			if n >= from && n <= to {
				list = append(list, n)
			}
		}
	}
	return list
}

// useBearer tells the modem the step in use. A refusal is as good as a step
// that does not work: the texts will say so.
func (s *session) useBearer() error {
	step := s.m.bearer.step()
	s.bearerDue = false
	if step.service >= 0 {
		if err := s.try("+CGSMS="+strconv.Itoa(step.service), commandTimeout); err != nil {
			return err
		}
	}
	if step.reselect && len(s.m.bearer.refused) > 0 {
		return s.selectNetwork()
	}
	return nil
}

// judgeNetwork learns from what became of a part, nil when it was accepted.
func (s *session) judgeNetwork(e *SendError) {
	switch {
	case e == nil:
		s.accepted()
	case e.Outcome != NotSent:
		s.refused(e.Code)
		s.doubtSIM(e.Code)
	}
}

// refused takes the code of a refusal of the network, for the search for a way
// that texts take.
func (s *session) refused(code int) {
	b := &s.m.bearer
	if s.sim == "" || !s.registration().service() {
		return
	}
	from := b.step()
	if !b.refuse(code, time.Now()) {
		return
	}
	s.log.Warn("the network refuses texts although the modem is registered; another way is tried",
		"code", code, "from", from.String(), "to", b.step().String(), "exhausted", b.exhausted)
	s.remember(bearerPrefix, bearerNote{Refused: b.refused}.String())
	s.bearerDue = true
	s.wake()
}

// accepted takes an accepted text: the way in use works with this SIM.
func (s *session) accepted() {
	if s.sim == "" {
		return
	}
	s.noteAccepted()
	b := &s.m.bearer
	if !b.accept(time.Now()) {
		return
	}
	s.remember(bearerPrefix, bearerNote{Works: b.step().String()}.String())
}

// lookAtBearer changes the way that texts take where that is due, and rests
// when none works.
func (s *session) lookAtBearer() (condition, error) {
	if s.bearerDue {
		if err := s.useBearer(); err != nil {
			return condition{}, err
		}
	}
	if b := s.m.bearer; b.sim == s.sim && b.exhausted && time.Now().Before(b.until) {
		return condition{PhaseNoNet,
			fmt.Sprintf("this SIM cannot text on this network: %d ways were tried and every text was refused", len(b.steps)),
			"have the operator enable SMS for this SIM, on LTE too (SMS over SGs or IMS), or use another operator's; one text is tried every hour, each time another way"}, nil
	}
	return ready, nil
}
