package modem

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// indication is what +CNMI sets (3GPP 27.005 clause 3.4.1): how the modem tells
// of what it receives.
type indication struct{ mode, mt, bm, ds, bfr int }

func (i indication) String() string {
	return fmt.Sprintf("%d,%d,%d,%d,%d", i.mode, i.mt, i.bm, i.ds, i.bfr)
}

// Values of <mt> and <ds>.
const (
	handedOver = 2 // <mt>: the text is handed over, +CMT
	kept       = 1 // <mt>: it is stored and announced, +CMTI
	unreported = 0 // <ds>: reports are dropped
	reportsCDS = 1 // <ds>: they are handed over, +CDS; 2: stored and announced, +CDSI
)

// parseIndications reads the answer to +CNMI=?: for each parameter the values
// that the modem takes, such as (0-2),(0,1,3). No value has more than one digit.
func parseIndications(line string) [][]int {
	var ranges [][]int
	for _, group := range groups(line) {
		var values []int
		for item := range strings.SplitSeq(group, ",") {
			low, high, isRange := strings.Cut(strings.TrimSpace(item), "-")
			if !isRange {
				high = low
			}
			const digits = "0123456789"
			if len(low) == 1 && len(high) == 1 {
				for v := strings.Index(digits, low); v >= 0 && v <= strings.Index(digits, high); v++ {
					values = append(values, v)
				}
			}
		}
		ranges = append(ranges, values)
	}
	return ranges
}

// indications lists what to try, the best first. Buffering while the line is
// busy, mode 2, is the best; <mt> 1 keeps a text safe in the modem while we are
// not there. ways are the <ds> by which reports may come. offered is what +CNMI=?
// tells, nil for nothing.
func indications(offered [][]int, direct bool, ways []int) []indication {
	parameter := func(at int, values ...int) []int {
		if at >= len(offered) {
			return values
		}
		return slices.DeleteFunc(values, func(v int) bool { return !slices.Contains(offered[at], v) })
	}
	only := func(at int) int { // 0, or what a modem has that does not know it
		if at < len(offered) && len(offered[at]) > 0 && !slices.Contains(offered[at], 0) {
			return offered[at][0]
		}
		return 0
	}
	routes := []int{kept, handedOver}
	if direct {
		routes = []int{handedOver}
	}
	reports := parameter(3, append(slices.Clone(ways), unreported)...)
	if len(reports) == 0 {
		reports = []int{only(3)}
	}
	var list []indication
	for _, mt := range parameter(1, routes...) {
		for _, ds := range reports {
			for _, mode := range parameter(0, 2, 1, 3) {
				list = append(list, indication{mode, mt, only(2), ds, only(4)})
			}
		}
	}
	return list
}

// announce has the modem tell of received texts and reports. Without phase 2+
// services nothing that it hands over has to be acknowledged; they are asked
// for when it hands nothing over otherwise.
func (s *session) announce() error {
	lines, err := s.ask("+CNMI=?", cardTimeout)
	if err != nil && !isRefusal(err) {
		return err
	}
	var offered [][]int
	for _, line := range lines {
		if prefix(line) == "+CNMI" {
			offered = parseIndications(line)
		}
	}
	candidates := indications(offered, s.profile().Direct, s.m.reports.ways(s.m.profile.Reports))
	s.announces, s.acknowledges = false, false
	for _, service := range []string{"0", "1"} {
		if err := s.try("+CSMS="+service, cardTimeout); err != nil {
			return err
		}
		chosen, err := s.choose(candidates)
		if err != nil {
			return err
		}
		if chosen != nil {
			return s.announced(*chosen)
		}
	}
	s.log.Debug("modem announces nothing", "offered", fmt.Sprint(offered))
	s.noteReports(unreported)
	return nil
}

// choose sets the first of the candidates that the modem takes, nil for none.
func (s *session) choose(candidates []indication) (*indication, error) {
	for _, c := range candidates {
		_, err := s.ask("+CNMI="+c.String(), cardTimeout)
		if err == nil {
			return &c, nil
		}
		if !isRefusal(err) {
			return nil, err
		}
	}
	return nil, nil
}

// announced notes how the modem tells, and whether it wants to hear that what
// it handed over has arrived (3GPP 27.005 clause 3.2.1, <service> 1).
func (s *session) announced(i indication) error {
	s.announces = true
	s.noteReports(i.ds)
	if i.mt != handedOver && i.ds != reportsCDS {
		return nil
	}
	f, err := s.value("+CSMS?", "+CSMS", cardTimeout)
	if err != nil {
		return err
	}
	if len(f) > 0 {
		service, _ := strconv.Atoi(f[0])
		s.acknowledges = service == 1
	}
	return nil
}
