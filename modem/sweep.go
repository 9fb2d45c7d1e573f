package modem

import (
	"bytes"
	"slices"
	"strconv"
	"time"
)

// How received messages are looked for.
const (
	sweepPeriod = 10 * time.Minute // for what was not announced
	sweepBlind  = time.Minute      // the same while the modem announces nothing
	sweepRetry  = time.Minute      // for what the inbox refused
	sweepPause  = 10 * time.Second // however often a store says that it is full
	listTimeout = 2 * time.Minute  // a few hundred messages at 9600 baud
)

// takenMax bounds what is remembered of messages that cannot be deleted.
const takenMax = 1024

// inboxState is what the owner of a modem knows of its received messages beyond
// the life of a line.
type inboxState struct {
	taken   map[place][]byte // messages in the inbox's custody that may not be deleted yet
	trouble string           // why the inbox refused the last one, "" when it did not
	retryAt time.Time        // when it is offered again what was handed over
}

// receiving is how far a session is with what the modem has received.
type receiving struct {
	stores       stores
	announces    bool // +CNMI is set
	acknowledges bool // what is handed over wants +CNMA
	storeFull    bool // the modem said so; guarded by the session's mutex
	sweepDue     bool // now, not at sweepAt
	sweepAt      time.Time
	sweptAt      time.Time
	unswept      []string  // stores that are still to be listed
	listed       []message // found there and not yet settled
	toRead       []place   // of a store that could not be listed
}

// keepReceiving sets up how the modem receives, and has its stores swept when
// it is time: at the start, after a while, after a sign that one is full.
//
// It does nothing while the SIM, on which c depends, cannot be read.
func (s *session) keepReceiving(c condition) error {
	if s.m.o.Inbox == nil || !s.configured || c.Phase == PhaseSIM || c.Phase == PhaseLocked {
		return nil
	}
	now := time.Now()
	if s.reviseReports(now) {
		s.sweepBy(now)
	}
	if s.dueBySign() || s.m.arrivals.haveMissed() {
		s.sweepDue = true
	}
	underway := len(s.unswept)+len(s.listed)+len(s.toRead) > 0
	isTime := !now.Before(s.sweepAt)
	if underway || now.Sub(s.sweptAt) < sweepPause || !isTime && !s.sweepDue {
		return nil
	}
	if isTime {
		if err := s.setUpReceiving(); err != nil {
			return err
		}
	}
	s.sweepDue, s.sweptAt, s.stores.open = false, now, ""
	s.m.arrivals.forgetNotices()
	s.unswept = slices.Clone(s.stores.readable)
	return nil
}

// sweepBy has the stores swept at t at the latest.
func (s *session) sweepBy(t time.Time) {
	if t.Before(s.sweepAt) {
		s.sweepAt = t
	}
}

// dueBySign reports whether the modem said that a store is full, and forgets
// it.
func (s *session) dueBySign() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	full := s.storeFull
	s.storeFull = false
	return full
}

// setUpReceiving tells the modem where to keep what it receives and how to tell
// of it. What a SIM that is still being read refuses is asked again next time,
// and what another program may have changed is set again.
func (s *session) setUpReceiving() error {
	if s.stores.receiving == "" {
		if err := s.chooseStores(); err != nil {
			return err
		}
	}
	if err := s.announce(); err != nil {
		return err
	}
	s.sweepAt = time.Now().Add(sweepPeriod)
	if !s.announces || s.stores.receiving == "" {
		s.sweepAt = time.Now().Add(sweepBlind)
	}
	return nil
}

// closedChannel is what a select takes at once.
var closedChannel = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// work is ready while there are received messages to see to.
func (s *session) work() <-chan struct{} {
	if s.m.o.Inbox == nil || !s.hasWork() {
		return nil
	}
	return closedChannel
}

func (s *session) hasWork() bool {
	notices, handed := s.m.arrivals.counts()
	switch {
	case handed > 0 && !time.Now().Before(s.m.inbox.retryAt):
		return true
	case s.sweptAt.IsZero():
		return false
	}
	return notices+len(s.listed)+len(s.toRead)+len(s.unswept) > 0 || s.hasStoreToRestore()
}

// receive does one step of the work there is, so that a text to be sent waits
// for no more than that. What is listed comes before what is announced: a place
// that is settled twice might have got another message in between.
func (s *session) receive() error {
	notices, handed := s.m.arrivals.counts()
	switch {
	case handed > 0 && !time.Now().Before(s.m.inbox.retryAt):
		return s.takeHanded()
	case len(s.listed) > 0:
		next := s.listed[0]
		s.listed = s.listed[1:]
		return s.settle(next)
	case len(s.toRead) > 0:
		next := s.toRead[0]
		s.toRead = s.toRead[1:]
		return s.probe(next)
	case notices > 0:
		return s.fetch(s.m.arrivals.nextNotice())
	case len(s.unswept) > 0:
		next := s.unswept[0]
		s.unswept = s.unswept[1:]
		return s.list(next)
	}
	return s.restoreStore()
}

// hasStoreToRestore reports whether a store is open that is not the one for
// received texts. Some modems receive into the one that is open.
func (s *session) hasStoreToRestore() bool {
	return s.stores.arguments > 0 && s.stores.open != "" && s.stores.open != s.stores.receiving
}

func (s *session) restoreStore() error {
	opened, err := s.openStore(s.stores.receiving)
	if !opened {
		s.stores.open = ""
	}
	return err
}

// list finds what is in a store.
func (s *session) list(store string) error {
	opened, err := s.openStore(store)
	if err != nil || !opened {
		return err
	}
	lines, err := s.ask("+CMGL=4", listTimeout)
	if isRefusal(err) {
		s.readEach(store)
		return nil
	}
	if err != nil {
		return err
	}
	found := parseMessages(lines, store)
	s.listed = append(s.listed, slices.DeleteFunc(slices.Clone(found), func(m message) bool { return !m.isReceived() })...)
	sortBySending(s.listed)
	if stored, _ := s.usage(store); stored.full() {
		s.listed = append(s.listed, expendable(found)...)
	}
	return nil
}

// readEach has each place of a store read that cannot be listed. Whether places
// are counted from 0 or from 1 does not matter.
func (s *session) readEach(store string) {
	stored, _ := s.usage(store)
	if stored.Used == 0 {
		return
	}
	for index := range min(stored.Total, noticesMax) + 1 {
		s.toRead = append(s.toRead, place{store, index})
	}
}

// fetch reads what was announced, where it was announced or where the family
// keeps reports, and settles it. What is not found is looked for everywhere.
func (s *session) fetch(n notice) error {
	for _, store := range s.storesOf(n) {
		m, err := s.read(place{store, n.index})
		if err != nil {
			return err
		}
		if m == nil {
			continue
		}
		if err := s.settle(*m); err != nil {
			return err
		}
		if _, report := readPDU("", m.pdu); report != nil || !n.report {
			return nil
		}
	}
	s.sweepDue = true
	return nil
}

// probe reads a place that nothing was announced of, and settles what is there.
func (s *session) probe(at place) error {
	m, err := s.read(at)
	if m == nil {
		return err
	}
	return s.settle(*m)
}

// storesOf lists where an announced message may be. A report may be elsewhere
// than the modem says.
func (s *session) storesOf(n notice) []string {
	list := []string{n.store}
	if n.report {
		for _, store := range []string{s.profile().ReportStore, usualReportStore} {
			if slices.Contains(s.stores.readable, store) && !slices.Contains(list, store) {
				list = append(list, store)
			}
		}
	}
	return list
}

// read reads the message at a place, nil when there is none.
func (s *session) read(at place) (*message, error) {
	opened, err := s.openStore(at.store)
	if err != nil || !opened {
		return nil, err
	}
	lines, err := s.ask("+CMGR="+strconv.Itoa(at.index), cardTimeout)
	if err != nil {
		return nil, unlessRefused(err)
	}
	found := parseMessages(lines, at.store)
	if len(found) != 1 {
		return nil, nil
	}
	found[0].place = at
	return &found[0], nil
}

// settle hands a received message to the inbox and, once it is in its custody,
// deletes it. What others left is deleted alone.
func (s *session) settle(m message) error {
	if !m.isReceived() {
		s.log.Warn("message of another program deleted from a full store", "store", m.store, "index", m.index)
		return s.remove(m.place)
	}
	if m.isCut() {
		again, err := s.read(m.place)
		if err != nil {
			return err
		}
		if again != nil {
			m = *again
		}
	}
	if taken := s.m.inbox.taken; !bytes.Equal(taken[m.place], m.pdu) {
		if !s.m.give(m.pdu) {
			s.sweepBy(time.Now().Add(sweepRetry))
			return nil
		}
		if len(taken) >= takenMax {
			clear(taken)
		}
		taken[m.place] = m.pdu
	}
	return s.remove(m.place)
}

// give hands a PDU to the inbox and reports whether it took it.
func (m *Serial) give(pdu []byte) bool {
	text, report := readPDU(m.o.Name, pdu)
	var err error
	if report != nil {
		m.reportCame()
		err = m.o.Inbox.Report(*report)
	} else {
		err = m.o.Inbox.Text(*text)
	}
	trouble := ""
	if err != nil {
		trouble = err.Error()
	}
	if trouble != m.inbox.trouble && trouble != "" {
		m.log.Warn("received message stays in the modem", "error", err)
	}
	m.inbox.trouble = trouble
	return err == nil
}

// remove deletes the message at a place (3GPP 27.005 clause 3.5.4).
func (s *session) remove(at place) error {
	opened, err := s.openStore(at.store)
	if err != nil || !opened {
		return err
	}
	_, err = s.ask("+CMGD="+strconv.Itoa(at.index), cardTimeout)
	if r := refusalIn(err); r != nil && r.cms() == cmsInvalidIndex {
		delete(s.m.inbox.taken, at) // it was gone
	}
	if err != nil {
		return unlessRefused(err)
	}
	delete(s.m.inbox.taken, at)
	if stored, told := s.usage(at.store); told {
		stored.Used = max(0, stored.Used-1)
		s.noteStore(stored)
	}
	return nil
}

// takeHanded hands the oldest PDU that the modem handed over to the inbox. In
// phase 2+ its custody is acknowledged (3GPP 27.005 clause 3.4.4). Without that,
// or when it comes too late, the network keeps its copy and the modem hands
// nothing over any more until it is told to again.
func (s *session) takeHanded() error {
	if !s.m.give(s.m.arrivals.firstHanded()) {
		s.m.inbox.retryAt = time.Now().Add(sweepRetry)
		s.m.arrivals.postponeHanded()
		if s.acknowledges {
			s.sweepBy(s.m.inbox.retryAt)
		}
		return nil
	}
	s.m.arrivals.dropHanded()
	if !s.acknowledges {
		return nil
	}
	_, err := s.ask("+CNMA", commandTimeout)
	if isRefusal(err) {
		s.sweepBy(time.Now())
	}
	return unlessRefused(err)
}
