package modem

import "time"

// What a modem reaches its network over: [State.Technology].
const (
	TechnologyGSM  = "GSM"
	TechnologyUMTS = "UMTS"
	TechnologyLTE  = "LTE"
	TechnologyNB   = "NB-IoT"
	Technology5G   = "5G"
)

// technologies are the values of <AcT> (3GPP 27.007 clause 7.3).
var technologies = [...]string{
	0: TechnologyGSM, 1: TechnologyGSM, 2: TechnologyUMTS, 3: TechnologyGSM,
	4: TechnologyUMTS, 5: TechnologyUMTS, 6: TechnologyUMTS, 7: TechnologyLTE,
	8: TechnologyGSM, 9: TechnologyNB, 10: TechnologyLTE, 11: Technology5G, 12: Technology5G, 13: TechnologyLTE,
}

// technology is what an <AcT> means, "" when it is not known.
func technology(act int) string {
	if act < 0 || act >= len(technologies) {
		return ""
	}
	return technologies[act]
}

// generation orders technologies by their age, 0 for one that is not known.
func generation(technology string) int {
	switch technology {
	case TechnologyGSM:
		return 2
	case TechnologyUMTS:
		return 3
	case TechnologyLTE, TechnologyNB:
		return 4
	case Technology5G:
		return 5
	}
	return 0
}

// accessOf reads the <AcT> of a +CREG line or one of its sisters, -1 when it has
// none.
func accessOf(line string) int {
	at := 3 // +CREG: <stat>,<lac>,<ci>,<AcT>
	if isRegistrationAnswer(line) {
		at++ // <n> is in front
	}
	if n, ok := within(fields(line), at, 0, len(technologies)-1); ok {
		return n
	}
	return -1
}

// accessTold is the <AcT> of a domain in which the modem is registered, -1 when
// it does not tell.
func (s *session) accessTold() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, domain := range []int{domainEPS, domainCS, domainPS} {
		if usable(s.reg[domain]) && s.acts[domain] >= 0 {
			return s.acts[domain]
		}
	}
	return -1
}

// Times of the watch over weak access.
const (
	weakAccessPatience = 30 * time.Minute // a dip is over by then
	selectPauseMin     = time.Hour        // between two selections, doubled with each that does not help
	selectPauseMax     = 24 * time.Hour
	idleTime           = time.Minute     // without a text, for one to be unlikely
	selectTimeout      = 3 * time.Minute // of +COPS, which ends when the network has answered
)

// weakAccess watches for a modem that stays on an older technology than its SIM
// has had here, as firmware does after a dip in reception. It is told the time
// and does nothing by itself.
type weakAccess struct {
	since    time.Time // it has been weak; zero: it is not
	selected time.Time // when the network was last selected anew
	pause    time.Duration
}

// due reports whether the network should be selected anew: now is the
// generation in use, best the highest that the SIM has had.
func (w *weakAccess) due(now, best int, at time.Time) bool {
	switch {
	case now == 0: // no service, or the modem does not tell
		return false
	case now >= best:
		w.since, w.pause = time.Time{}, selectPauseMin
		return false
	case w.since.IsZero():
		w.since = at
	}
	return at.Sub(w.since) >= weakAccessPatience && (w.selected.IsZero() || at.Sub(w.selected) >= w.pause)
}

// attempt notes that the network is being selected anew.
func (w *weakAccess) attempt(at time.Time) {
	w.pause = max(selectPauseMin, w.pause)
	if !w.selected.IsZero() {
		w.pause = min(2*w.pause, selectPauseMax)
	}
	w.selected = at
}

// lookAtAccess selects the network anew where the modem hangs on to an older
// technology than it has had with this SIM and nothing is being sent.
func (s *session) lookAtAccess(best string) error {
	now := time.Now()
	if s.m.bearer.way().access != unset {
		return nil // chosen, since texts go no other way
	}
	if !s.m.weak.due(generation(s.access), generation(best), now) || now.Sub(s.lastPart) < idleTime {
		return nil
	}
	s.m.weak.attempt(now)
	s.log.Warn("the modem stays on an older radio access than it has had; the network is selected anew", "technology", s.access, "best", best)
	s.m.enter(condition{PhaseNoNet, "the network is selected anew, to get back to " + best, "wait"})
	return s.selectNetwork()
}

// bestAccess is the newest technology that the SIM is known to have had,
// remembered across restarts.
func (s *session) bestAccess() string {
	if s.sim == "" {
		return s.access
	}
	if s.best == "" {
		s.best = s.recall(accessPrefix)
	}
	if generation(s.access) > generation(s.best) {
		s.best = s.access
		s.remember(accessPrefix, s.best)
	}
	return s.best
}

const accessPrefix = "access/" // of the note with the newest technology of a SIM

// selectNetwork leaves the network and lets the modem choose one (3GPP 27.007
// clause 7.3); modems that cannot have their radio switched off and on.
func (s *session) selectNetwork() error {
	for _, command := range []string{"+COPS=2", "+COPS=0"} {
		_, err := s.ask(command, selectTimeout)
		if isRefusal(err) {
			return s.powerRadio(s.profile().RadioOff)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Caution is what a person should know of a modem that works.
type Caution struct {
	Cause  string `json:"cause"`
	Remedy string `json:"remedy"`
}

// cautions are those that registration and radio access give reason for; best is
// the newest technology that the SIM is known to have had.
func cautions(r registration, access, best string) []Caution {
	var list []Caution
	switch {
	case generation(access) == 0 || generation(access) >= generation(TechnologyLTE):
	case generation(best) > generation(access):
		list = append(list, Caution{"the modem fell back from " + best + " to " + access,
			"wait; the network is selected anew at most every hour; if it lasts, check antenna and coverage"})
	default:
		list = append(list, Caution{"texts go over " + access + ", which networks are switching off",
			"plan for a modem and SIM that text over LTE"})
	}
	if r[domainCS] == statDenied && usable(r[domainEPS]) {
		list = append(list, Caution{"the network lets this SIM in for LTE data and denies it calls and texts",
			"ask the operator for SMS on this SIM; over LTE alone texts need IMS or SMS over SGs"})
	}
	return list
}

// readOperator reads the answer to +COPS?: <mode>[,<format>,<oper>[,<AcT>]].
func readOperator(f []string) (name string, act int) {
	if len(f) > 2 {
		name = f[2]
	}
	if n, ok := within(f, 3, 0, len(technologies)-1); ok {
		return name, n
	}
	return name, -1
}
