package modem

import (
	"strconv"
	"strings"
	"time"
)

// Time limits of listening for an answer that is late.
const (
	// lateWatch is how much longer than the final result the line is listened to.
	lateWatch = 60 * time.Second
	// listenFirst is how long a line is listened to that is opened while an answer
	// is due, before anything is said on it: what is typed may be taken for a wish
	// to give the part up.
	listenFirst = 5 * time.Second
)

// lateMax bounds the late answers that wait for the inbox.
const lateMax = 16

// owed is a part whose answer has not come.
type owed struct {
	part      Part
	submitted time.Time
}

// lateAnswers is what a modem owes and what came of it. It outlives sessions and
// is the owner's.
type lateAnswers struct {
	owed *owed  // the last part, when its answer has not come; else nil
	due  []Late // for the inbox, which has not taken them yet
}

// watchLate listens for the answer to a part that was given up as unknown, on a
// line on which nothing else is said.
func (s *session) watchLate(t *transfer) {
	limit := time.NewTimer(lateWatch)
	defer limit.Stop()
	select {
	case err := <-t.done:
		final, lineErr := s.finalOf(err)
		if lineErr != nil {
			return
		}
		receipt, accepted := s.awaitReceipt(t.ex, final == nil)
		if final != nil || accepted {
			s.resolve(receipt, final)
		}
	case <-t.ex.accepted:
		s.resolve(Receipt{Reference: t.ex.mr}, nil)
	case <-s.down():
		s.m.late.owed = nil // it forgot the part
	case <-s.at.Closed():
	case <-limit.C:
	}
}

// listen waits, on a line that was just opened, for the answer that is due.
func (s *session) listen() {
	if s.m.late.owed == nil {
		return
	}
	s.hearFinals(true)
	defer s.hearFinals(false)
	limit := time.NewTimer(listenFirst)
	defer limit.Stop()
	for s.m.late.owed != nil {
		select {
		case <-s.news:
			s.takeLate()
		case <-s.down():
			s.m.late.owed = nil // it restarted and forgot the part
		case <-s.at.Closed():
			return
		case <-limit.C:
			return
		}
	}
}

// hearFinals says whether a final result that nothing was asked for may be the
// answer that is due.
func (s *session) hearFinals(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finalsCount = yes
}

// hearLate takes an unsolicited line and reports whether it may be a late answer.
// It needs mu.
func (s *session) hearLate(line string) bool {
	isError := line == "ERROR" || strings.HasPrefix(line, "+CMS ERROR") || strings.HasPrefix(line, "+CME ERROR")
	if prefix(line) != "+CMGS" && !(isError && s.finalsCount) {
		return false
	}
	s.lateLine = line
	return true
}

// takeLate resolves the part whose answer is due, if a line has come for it.
func (s *session) takeLate() {
	line := s.takeLateLine()
	if line == "" || s.m.late.owed == nil {
		return
	}
	if reference, ok := strings.CutPrefix(line, "+CMGS:"); ok {
		s.resolve(Receipt{Reference: messageReference(reference)}, nil)
		return
	}
	s.resolve(Receipt{}, refusalLine(line))
}

// takeLateLine is the line last heard that may be a late answer, once; "" when
// there is none.
func (s *session) takeLateLine() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := s.lateLine
	s.lateLine = ""
	return line
}

// resolve notes the answer to the part that was owed: its receipt, or why it was
// refused.
func (s *session) resolve(receipt Receipt, final *refusal) {
	o := s.m.late.owed
	s.m.late.owed = nil
	l := Late{Modem: s.m.o.Name, Part: o.part, Receipt: receipt, Submitted: o.submitted}
	_, l.Err = s.answered(o.part, receipt, final)
	s.weigh(o.part.To, l.Err)
	s.judgeNetwork(l.Err)
	s.log.Info("late answer", "to", o.part.To.Redacted(), "part", o.part.Index, "parts", o.part.Count,
		"after", time.Since(o.submitted), "accepted", l.Err == nil)
	if l.Err == nil {
		s.m.count(nil)
		s.m.expectReport(o.part)
	}
	if l.Err != nil && l.Err.Outcome == Unknown || s.m.o.Inbox == nil {
		return // it says no more than was known
	}
	due := &s.m.late.due
	if len(*due) == lateMax {
		*due = (*due)[1:]
	}
	*due = append(*due, l)
	s.m.offerLate()
}

// offerLate gives the late answers to the inbox. What it does not take is offered
// again.
func (m *Serial) offerLate() {
	for len(m.late.due) > 0 {
		if err := m.o.Inbox.Late(m.late.due[0]); err != nil {
			m.log.Debug("late answer is not taken", "error", err)
			return
		}
		m.late.due = m.late.due[1:]
	}
}

// messageReference reads what follows +CMGS:, a reference and perhaps more. What
// is none counts as 0.
func messageReference(text string) uint8 {
	number, _, _ := strings.Cut(strings.TrimSpace(text), ",")
	mr, _ := strconv.ParseUint(number, 10, 8)
	return uint8(mr)
}
