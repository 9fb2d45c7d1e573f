package modem

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	bearerPrefix = "bearer/" // of the note with the way that texts take with a SIM
	imsPrefix    = "ims/"    // of the note with the policy on IMS that a modem was found with
)

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
		all := ways(service(current), servicesOf(known), s.imsPolicies())
		s.m.bearer = newBearer(s.sim, all, readBearerNote(s.recall(bearerPrefix)))
	}
	s.bearerDue = true
	return nil
}

// service reads the answer to +CGSMS?, unset when there is none.
func service(f []string) int {
	if n, ok := within(f, 0, 0, len(services)-1); ok {
		return n
	}
	return unset
}

// servicesOf reads the answer to +CGSMS=?, such as "(0-3)" or "(0,1,2,3)".
func servicesOf(f []string) []int {
	var list []int
	for part := range strings.SplitSeq(strings.Trim(strings.Join(f, ","), "()"), ",") {
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

// imsPolicies are the policies that may be tried where the network refuses
// texts: none unless the family has them and the configuration allows it, since
// they are for the whole modem and outlive a change of SIM.
func (s *session) imsPolicies() []int {
	if !s.m.o.IMS || s.profile().IMS == "" {
		return nil
	}
	const on, off = 1, 2
	return []int{on, off}
}

// useBearer has the modem go the way in use. A refusal is as good as a way that
// does not work: the texts will say so.
func (s *session) useBearer() error {
	s.bearerDue = false
	b := &s.m.bearer
	for generation(technology(b.way().access)) > generation(s.access) {
		b.fail() // the modem is on an older one already
	}
	w := b.way()
	b.since = time.Now()
	if w.service != unset {
		if err := s.try("+CGSMS="+strconv.Itoa(w.service), commandTimeout); err != nil {
			return err
		}
	}
	if err := s.setIMS(w.ims); err != nil {
		return err
	}
	switch {
	case w.access != unset:
		return s.chooseAccess(w.access)
	case b.chosen || w.reselect && len(b.refused) > 0:
		b.chosen = false
		return s.selectNetwork()
	}
	return nil
}

// setIMS gives the modem the policy on IMS, or with unset the one it was found
// with. A change counts from the next restart on, so it ends the session.
func (s *session) setIMS(policy int) error {
	name := s.profile().IMS
	if !s.m.o.IMS || name == "" {
		return nil
	}
	f, err := s.value(name, commandName(name), commandTimeout)
	if err != nil {
		return err
	}
	const value = 1 // +QCFG: "ims",<policy>,<in use>
	now, ok := within(f, value, 0, 2)
	if !ok {
		return nil
	}
	found := s.foundIMS(now)
	if policy == unset {
		policy = found
	}
	if policy == now || policy == s.m.bearer.told {
		return nil
	}
	s.m.bearer.told = policy
	if _, err := s.ask(fmt.Sprintf("%s,%d", name, policy), commandTimeout); err != nil {
		if isRefusal(err) {
			return nil
		}
		return err
	}
	s.log.Warn("the modem's policy on IMS is changed, and it restarts for that", "from", now, "to", policy)
	return s.restart()
}

// foundIMS is the policy that the modem had before any was tried.
func (s *session) foundIMS(now int) int {
	key := imsPrefix + s.slot()
	if n, err := strconv.Atoi(s.m.notes().get(key)); err == nil {
		return n
	}
	s.m.notes().put(key, strconv.Itoa(now))
	return now
}

// chooseAccess has the modem register over one radio access, and any other when
// it cannot (3GPP 27.007 clause 7.3, <mode> 4).
func (s *session) chooseAccess(act int) error {
	if generation(technology(act)) == generation(s.access) {
		return nil
	}
	if err := s.try("+COPS=3,2", commandTimeout); err != nil {
		return err
	}
	f, err := s.value("+COPS?", "+COPS", commandTimeout)
	if err != nil {
		return err
	}
	if err := s.try("+COPS=3,0", commandTimeout); err != nil {
		return err
	}
	network, _ := readOperator(f)
	s.m.bearer.chosen = true
	return s.try(fmt.Sprintf(`+COPS=4,2,"%s",%d`, network, act), selectTimeout)
}

// judgeNetwork learns from what became of a part, nil when it was accepted.
func (s *session) judgeNetwork(e *SendError) {
	switch {
	case e == nil:
		s.accepted()
	case e.Outcome != NotSent:
		s.refused(e)
		s.doubtSIM(e.Code)
	}
}

// refused takes a refusal of the network, for the search for a way that texts
// take.
func (s *session) refused(e *SendError) {
	b, code := &s.m.bearer, e.Code
	if e.Outcome == Refused && code == 0 {
		code = cmsUnknown // a plain ERROR is one without its code
	}
	if s.sim == "" || !s.registration().service() {
		return
	}
	from := b.way()
	if b.refuse(code, time.Now()) {
		s.log.Warn("the network refuses texts although the modem is registered", "code", code, "way", from.String())
		s.changeWay()
	}
}

// tryAnotherWay takes a refusal that says itself that the way in use is the wrong
// one.
func (s *session) tryAnotherWay() {
	if b := &s.m.bearer; s.sim != "" && b.sim == s.sim {
		b.fail()
		s.changeWay()
	}
}

// changeWay remembers what failed and has the next way put into use.
func (s *session) changeWay() {
	b := &s.m.bearer
	s.log.Info("texts go another way", "way", b.way().String(), "exhausted", b.exhausted)
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
	s.remember(bearerPrefix, bearerNote{Works: b.way().String()}.String())
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
			fmt.Sprintf("this SIM cannot text on this network: %d ways were tried and every text was refused", len(b.ways)),
			"have the operator enable SMS for this SIM, on LTE too (SMS over SGs or IMS), or use another operator's; one text is tried every 15 minutes, each time another way"}, nil
	}
	return ready, nil
}
