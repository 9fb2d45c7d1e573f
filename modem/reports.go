package modem

import "time"

// What [State.Reports] says.
const (
	ReportsOff      = "off"           // none are asked for
	ReportsUnproven = "unproven"      // none has come yet
	ReportsWorking  = "working"       // one has come
	ReportsNone     = "not available" // texts were accepted and none was reported
)

// Whether a modem passes on reports is only known by use.
const (
	reportsPatience = 5                // texts without a report after which none is expected
	reportsWait     = 15 * time.Minute // how long after the last of them
	reportsRetry    = 24 * time.Hour   // after which reports that were not available are asked for again
)

// ReportsExpected says whether it is worth asking for a status report.
func (st State) ReportsExpected() bool {
	return st.Reports == ReportsUnproven || st.Reports == ReportsWorking
}

// reports is what use has shown of the status reports of a modem. It is its
// owner's.
type reports struct {
	off       bool
	tried     int         // of the family's ways, those that brought no report
	asked     []time.Time // when texts were accepted that asked for a report, the first reportsPatience
	proven    bool
	givenUpAt time.Time // zero while there is hope
}

// ways returns the <ds> of +CNMI to try, those of the family that are left.
func (r *reports) ways(family []int) []int {
	if r.off {
		return nil
	}
	return family[min(r.tried, len(family)):]
}

// expect notes that a text was accepted that asks for a report.
func (r *reports) expect(now time.Time) {
	if !r.proven && len(r.asked) < reportsPatience {
		r.asked = append(r.asked, now)
	}
}

// fruitless reports whether enough texts have asked for a report in vain.
func (r *reports) fruitless(now time.Time) bool {
	return !r.proven && len(r.asked) == reportsPatience && now.Sub(r.asked[reportsPatience-1]) >= reportsWait
}

func (r *reports) state() string {
	switch {
	case r.off:
		return ReportsOff
	case r.proven:
		return ReportsWorking
	case !r.givenUpAt.IsZero():
		return ReportsNone
	}
	return ReportsUnproven
}

// reviseReports draws its conclusions from reports that did not come: the next
// way is tried, then none, and a day later all again. It reports whether +CNMI
// is to be set anew.
func (s *session) reviseReports(now time.Time) (anew bool) {
	r := &s.m.reports
	switch {
	case r.fruitless(now):
		r.tried, r.asked = r.tried+1, nil
		s.log.Info("texts were accepted and none was reported", "texts", reportsPatience, "ways_tried", r.tried)
		return true
	case !r.givenUpAt.IsZero() && now.Sub(r.givenUpAt) >= reportsRetry:
		r.tried, r.givenUpAt = 0, time.Time{}
		return true
	}
	return false
}

// noteReports notes by which <ds> of +CNMI reports come from now on.
func (s *session) noteReports(ds int) {
	r := &s.m.reports
	switch {
	case ds != unreported:
		r.givenUpAt = time.Time{}
		for i, way := range s.profile().Reports {
			if way == ds {
				r.tried = i
			}
		}
	case !r.off && r.givenUpAt.IsZero():
		r.givenUpAt = time.Now()
	}
	s.m.showReports()
}

// expectReport notes that p was accepted. A text is what counts: its last part.
func (m *Serial) expectReport(p Part) {
	if p.wantsReport() && p.Index == p.Count {
		m.reports.expect(time.Now())
	}
}

// wantsReport reports whether the part asks for a status report (3GPP 23.040
// clause 9.2.3.5).
func (p Part) wantsReport() bool { return p.tpdu[0]&statusReportRequest != 0 }

const statusReportRequest = 0x20 // TP-SRR in the first octet

// reportCame notes that the modem passes on reports.
func (m *Serial) reportCame() {
	if !m.reports.proven {
		m.log.Info("status reports work")
	}
	m.reports.proven, m.reports.asked = true, nil
	m.showReports()
}

func (m *Serial) showReports() {
	m.update(func(st *State) { st.Reports = m.reports.state() })
}
