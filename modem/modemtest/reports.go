package modemtest

import (
	"fmt"
	"strconv"
	"time"
)

// reportDelay is how long a recipient's telephone takes to have a text, unless
// the script says otherwise.
const reportDelay = 2 * time.Second

// furtherReportsMax is how many reports after the first a script may make of
// one part.
const furtherReportsMax = 15

// reportPlan is what becomes of the status report for one part, if its TP-SRR
// asked for one. The zero plan is a text delivered in reportDelay.
type reportPlan struct {
	delay     time.Duration // 0: reportDelay
	status    byte          // TP-ST (23.040 9.2.3.15)
	never     bool          // the service centre makes none
	lost      bool          // the modem takes it and tells nobody
	lostAs    int           // with this <ds> only; 0: with any
	to        string        // TP-RA; "": as TP-DA had it
	store     string        // where it is kept with <ds>=2; "": where the family keeps it
	announced string        // the store +CDSI names; "": as the family does
	further   []furtherReport
}

// furtherReport is another report of the same part.
type furtherReport struct {
	after  time.Duration // the one before
	status byte
}

// Report is a status report that arrives for the part of that reference (TP-MR)
// to that number, whether or not there was one.
func (m *Modem) Report(to string, reference, status uint8) {
	m.with(func() { m.reportOn(to, reference, status) })
}

func (m *Modem) reportOn(to string, reference, status byte) {
	now := time.Now()
	m.arriveReport(&reportPlan{}, statusReport{to: to, reference: reference, status: status, submitted: now, discharged: now})
}

// reportLater has the service centre report on a part it took just now. Its
// reports wait in the network for a modem that is out of reach.
func (m *Modem) reportLater(p reportPlan, s submit, reference byte) {
	if p.never {
		return
	}
	r := statusReport{to: s.to, reference: reference, submitted: time.Now()}
	if p.to != "" {
		r.to = p.to
	}
	delay := p.delay
	if delay == 0 {
		delay = reportDelay
	}
	due := time.Duration(0)
	for _, next := range append([]furtherReport{{delay, p.status}}, p.further...) {
		due += next.after
		time.AfterFunc(due, func() {
			r := r
			r.status, r.discharged = next.status, time.Now()
			m.with(func() { m.arriveReport(&p, r) })
		})
	}
}

func (m *Modem) arriveReport(p *reportPlan, r statusReport) {
	m.stats.Reported++
	m.arrive(arrival{message: m.newMessage(r.octets(), r.plain()), report: p})
}

// takeReport routes a status report as <ds> of +CNMI says (27.005 3.4.1).
func (m *Modem) takeReport(a arrival) bool {
	routing := m.messages.indication[indicatesReports]
	if a.report.lost && (a.report.lostAs == 0 || a.report.lostAs == routing) {
		return true
	}
	switch routing {
	case 1:
		m.direct("+CDS", strconv.Itoa(a.tpdu), a)
	case 2:
		store, announced := m.reportStore(a.report)
		return m.keep(a, store, func(index int) { m.unsolicited(fmt.Sprintf("+CDSI: %q,%d", announced, index)) })
	}
	return true
}

// reportStore is where a report is kept, and where the modem says it is.
func (m *Modem) reportStore(p *reportPlan) (store, announced string) {
	store = firstOf(p.store, m.profile.reportStore, m.messages.chosen[2])
	if _, exists := m.messages.stores[store]; !exists {
		store = m.messages.chosen[2]
	}
	return store, firstOf(p.announced, m.profile.reportAnnounced, store)
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// statusReport is an SMS-STATUS-REPORT (23.040 9.2.2.3).
type statusReport struct {
	reference             byte   // TP-MR
	to                    string // TP-RA
	submitted, discharged time.Time
	status                byte // TP-ST
}

// statusReportFirst is the first octet: TP-MTI of a report, and no more
// messages wait.
const statusReportFirst = 0x06

func (r statusReport) octets() []byte {
	tpdu := append([]byte{statusReportFirst, r.reference}, addressOctets(r.to)...)
	tpdu = append(tpdu, timestampOctets(r.submitted)...)
	tpdu = append(tpdu, timestampOctets(r.discharged)...)
	return append(tpdu, r.status)
}

// plain is the report in text mode (27.005 3.4.1).
func (r statusReport) plain() string {
	return fmt.Sprintf("%d,%d,%q,%d,%q,%q,%d", statusReportFirst, r.reference, r.to, numberKind(r.to),
		timestampText(r.submitted), timestampText(r.discharged), r.status)
}
