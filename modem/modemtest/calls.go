package modemtest

import (
	"fmt"
	"strings"
	"time"
)

// callsMax is how many calls a modem remembers.
const callsMax = 1000

// Times of a voice call.
const (
	alertTime   = 3 * time.Second  // from dialling to the first ring
	callRingMax = 60 * time.Second // of a telephone nobody answers
)

// Call is one voice call the modem made.
type Call struct {
	To       string
	At       time.Time     // when it was dialled
	Ringing  time.Duration // how long the other telephone rang
	Answered bool
	End      string // "hung up" by the modem, "no answer", "busy", "no carrier"; "" while it lasts
	Duration time.Duration
}

// callPlan is what becomes of a call. The zero plan is a telephone that rings
// until it is given up.
type callPlan struct {
	answer time.Duration // after so much ringing; 0: nobody does
	end    finalKind     // finalBusy or finalNoCarrier instead of any ringing; finalOK: it rings
	refuse bool          // ATD is an error
	waits  bool          // ATD ends with the answer, not at once
}

// call is the one in progress.
type call struct {
	record  *Call
	plan    callPlan
	state   int // <stat> of +CLCC
	alerted time.Time
}

// States of a call (27.007 7.18).
const (
	callActive   = 0
	callDialling = 2
	callAlerting = 3
)

// Calls returns the last calls the modem made, oldest first; at most 1000.
func (m *Modem) Calls() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := make([]Call, len(m.placed))
	for i, c := range m.placed {
		calls[i] = *c
	}
	return calls
}

// AnswerCall has the other telephone answer the call in progress, if it rings.
func (m *Modem) AnswerCall() { m.with(m.answerCall) }

// EndCall has the other side end the call in progress.
func (m *Modem) EndCall() { m.with(func() { m.endCall("no carrier", finalNoCarrier) }) }

// dialCommand makes a voice call, which a semicolon asks for (27.007 6.2).
// There is nobody to talk data to.
func (m *Modem) dialCommand(c command) ([]string, final) {
	to, isVoice := strings.CutSuffix(c.text(0), ";")
	number := strings.TrimPrefix(to, "+")
	switch {
	case !isVoice || number == "" || strings.Trim(number, "0123456789*#") != "":
		return nil, final{kind: finalNoCarrier}
	case m.call != nil:
		return nil, cme(cmeNotAllowed)
	case m.profile.voiceless || !canText(m.registration()[circuitDomain]):
		return nil, final{kind: finalNoCarrier}
	}
	record := &Call{To: to, At: time.Now()}
	m.placed = remember(m.placed, record, callsMax)
	m.stats.Calls++
	plan := m.faults.callPlan(m.stats.Calls)
	if plan.refuse {
		record.End = "no carrier"
		return nil, cme(cmeNotAllowed)
	}
	m.dial(&call{record: record, plan: plan, state: callDialling})
	if plan.waits {
		return nil, later
	}
	return nil, ok
}

// dial drives a call by the network's timers, as long as it is the one in
// progress.
func (m *Modem) dial(c *call) {
	m.call = c
	m.tellCall(*c.record)
	during := func(d time.Duration, f func()) {
		m.after(d, func() {
			if m.call == c {
				f()
			}
		})
	}
	during(alertTime, func() {
		switch c.plan.end {
		case finalBusy:
			m.endCall("busy", finalBusy)
		case finalNoCarrier:
			m.endCall("no carrier", finalNoCarrier)
		default:
			c.state, c.alerted = callAlerting, time.Now()
			during(callRingMax, func() {
				if c.state == callAlerting {
					m.endCall("no answer", finalNoCarrier)
				}
			})
			if c.plan.answer > 0 {
				during(c.plan.answer, m.answerCall)
			}
		}
	})
}

func (m *Modem) tellCall(c Call) {
	if m.onCall != nil && len(m.callbacks) < callsMax {
		m.callbacks = append(m.callbacks, func() { m.onCall(c) })
	}
}

func (m *Modem) answerCall() {
	c := m.call
	if c == nil || c.state != callAlerting {
		return
	}
	c.state, c.record.Answered = callActive, true
	c.record.Ringing = time.Since(c.alerted)
	if c.plan.waits {
		m.finish(ok)
	}
}

func (m *Modem) callText() string {
	c := m.call
	return fmt.Sprintf(`+CLCC: 1,0,%d,0,0,"%s",%d`, c.state, c.record.To, numberKind(c.record.To))
}

// endCall ends the call in progress. said is what the modem says of it: the
// final result of an ATD that still waits, or a line nobody asked for;
// finalSilent is nothing.
func (m *Modem) endCall(why string, said finalKind) {
	c := m.call
	if c == nil {
		return
	}
	m.call = nil
	c.record.End = why
	switch c.state {
	case callAlerting:
		c.record.Ringing = time.Since(c.alerted)
	case callActive:
		c.record.Duration = time.Since(c.alerted) - c.record.Ringing
	}
	m.tellCall(*c.record)
	switch {
	case said == finalSilent:
	case c.plan.waits && c.state != callActive:
		m.finish(final{kind: said})
	default:
		m.unsolicited(final{kind: said}.text(0))
	}
}

// hangUpCommand is ATH and +CHUP.
func (m *Modem) hangUpCommand(c command) ([]string, final) {
	if c.form != test && m.call != nil {
		m.endCall("hung up", finalSilent)
	}
	return nil, ok
}

// dialling tells whether ATD still waits for the other side. Whatever is typed
// then ends the call (V.250 5.6.1).
func (m *Modem) dialling() bool {
	return m.call != nil && m.call.plan.waits && m.call.state != callActive
}

func (m *Modem) callsCommand(c command) ([]string, final) {
	switch {
	case c.form == test:
		return []string{"+CLCC: (0,1)"}, ok
	case c.form == set || m.call == nil:
		return nil, ok
	}
	return []string{m.callText()}, ok
}

// activity is +CPAS (27.007 8.1): 3 while it rings, 4 while it talks.
func (m *Modem) activity() string {
	switch {
	case m.call == nil:
		return "+CPAS: 0"
	case m.call.state == callActive:
		return "+CPAS: 4"
	}
	return "+CPAS: 3"
}

type callRule struct {
	first, last int
	change      func(*callPlan)
}

// callPlan is what becomes of the n-th call, the first being 1.
func (f *faults) callPlan(n int) callPlan {
	var p callPlan
	for _, rule := range f.script.calls {
		if n >= rule.first && n <= rule.last {
			rule.change(&p)
		}
	}
	return p
}

// callOutcome reads what becomes of a call.
func (w *words) callOutcome() func(*callPlan) {
	switch w.one("what becomes of a call", "answered", "busy", "no", "refused", "waits") {
	case "answered":
		d := w.duration()
		return func(p *callPlan) { p.answer = d }
	case "busy":
		return func(p *callPlan) { p.end = finalBusy }
	case "no":
		w.one("what is missing", "carrier")
		return func(p *callPlan) { p.end = finalNoCarrier }
	case "refused":
		return func(p *callPlan) { p.refuse = true }
	}
	return func(p *callPlan) { p.waits = true }
}
