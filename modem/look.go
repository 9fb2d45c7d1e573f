package modem

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Condition is what a modem is doing or waiting for, as [State] shows it.
type Condition struct{ Phase, Cause, Remedy string }

type condition = Condition

// The phases of a modem, as [State.Phase] has them.
const (
	PhaseStopped  = "stopped" // Run is not running
	PhaseOpening  = "opening" // no line to the modem
	PhaseStarting = "starting"
	PhaseSIM      = "waiting for SIM"
	PhaseLocked   = "SIM locked" // a person is needed
	PhaseCentre   = "no service centre"
	PhaseNoNet    = "no service"
	PhaseHold     = "holding off" // the modem asked for patience
	PhaseAccount  = "refused"     // the network refuses texts from this SIM or account
	PhaseReady    = "ready"
	PhaseSending  = "sending"
	PhaseCalling  = "ringing a telephone"
)

func (c Condition) ready() bool { return c.Phase == PhaseReady }

var ready = condition{Phase: PhaseReady}

// look finds what stands in the way of a text, doing what can be done about it:
// the PIN is entered, the service centre set. The error means that the line is
// no longer to be trusted.
func (s *session) look() (condition, error) {
	for _, step := range []func() (condition, error){
		s.lookAtSIM, s.configure, s.recogniseSIM, s.lookAtCentre, s.lookAtNetwork, s.lookAtClock, s.lookAtBearer,
	} {
		if c, err := step(); err != nil || !c.ready() {
			return c, err
		}
	}
	return s.heldBack(), nil
}

// lookAtSIM asks for the state of the card (3GPP 27.007 clause 8.3).
func (s *session) lookAtSIM() (condition, error) {
	lines, err := s.ask("+CPIN?", cardTimeout)
	var r *refusal
	if errors.As(err, &r) {
		return s.cardTrouble(r)
	}
	if err != nil {
		return condition{}, err
	}
	switch state := cardState(lines); state {
	case "READY", "":
		// An OK without a word is how some modems say READY.
		if s.m.recovery.card.suspect {
			return s.lostSIM(noSIM)
		}
		s.m.recovery.card.found(time.Now())
		if err := s.confirmPIN(); err != nil {
			return condition{}, err
		}
		return ready, s.lookAtLock()
	case "SIM PIN":
		return s.unlock()
	case "SIM PUK":
		return needsPUK, nil
	case "NOT INSERTED", "NOT READY":
		return s.lostSIM(noSIM)
	default:
		return Asks(state), nil
	}
}

var (
	noSIM = condition{PhaseSIM, "no SIM in the modem",
		"insert the SIM and check that its holder is closed"}
	needsPUK = condition{PhaseLocked, "the SIM is blocked and needs its PUK",
		"put the SIM in a phone and unblock it with the PUK from the operator"}
)

// forgetSIM drops what is known of a card that may be replaced by another.
func (s *session) forgetSIM() {
	s.m.forgetNetwork()
	s.sweepAt, s.stores = time.Time{}, stores{}
	s.centre, s.centreAsked, s.pinConfirmed = "", 0, false
	s.sim, s.simAsked, s.best = "", 0, ""
	s.lockAsked = false
}

// cardState is the code of +CPIN: with or without quotes, "" when there is none.
func cardState(lines []string) string {
	for _, line := range lines {
		if prefix(line) == "+CPIN" {
			return strings.ToUpper(strings.Join(fields(line), ","))
		}
	}
	return ""
}

func (s *session) cardTrouble(r *refusal) (condition, error) {
	s.forgetSIM()
	unreadable := condition{PhaseSIM, "the modem cannot read the SIM: " + r.Error(),
		"take the SIM out, clean it, put it back; try it in a phone"}
	switch {
	case r.cme(cmeNoSIM):
		return s.lostSIM(noSIM)
	case r.cme(cmePUKRequired):
		return needsPUK, nil
	case r.cme(cmeSIMFailure):
		return s.lostSIM(unreadable)
	case r.cme(cmeWrongSIM):
		return unreadable, nil
	}
	return condition{PhaseSIM, "the SIM is not ready: " + r.Error(), "wait; if it lasts, check the SIM"}, nil
}

// configure sets, once the SIM is ready, everything that sending depends on.
func (s *session) configure() (condition, error) {
	if s.configured {
		return ready, nil
	}
	if _, err := s.ask("+CMGF=0", commandTimeout); isRefusal(err) {
		return condition{PhaseStarting, "the modem refuses PDU mode: " + err.Error(),
			"wait; if it lasts, this modem cannot be used"}, nil
	} else if err != nil {
		return condition{}, err
	}
	for domain, name := range domains {
		if err := s.watchRegistration(domain, name); err != nil {
			return condition{}, err
		}
	}
	s.configured = true
	// The network sets the clock of modems that know +CTZU (3GPP 27.007 clause
	// 8.40), others may have it set all the same.
	if err := s.try("+CTZU=1", commandTimeout); err != nil {
		return condition{}, err
	}
	return ready, s.try("+COPS=3,0", commandTimeout)
}

// watchRegistration asks to be told of changes in one domain. A domain that
// knows no location reports may know plain ones, and one that knows none may
// still answer the question.
func (s *session) watchRegistration(domain int, name string) error {
	for _, mode := range []string{"=2", "=1"} {
		_, err := s.ask(name+mode, commandTimeout)
		if err == nil || !isRefusal(err) {
			return err
		}
	}
	return nil
}

// lookAtCentre makes sure that there is a service centre (3GPP 27.005 clause
// 3.3.1), without which every text is refused.
func (s *session) lookAtCentre() (condition, error) {
	if s.centre != "" {
		return ready, nil
	}
	if s.m.o.SMSC != "" {
		return s.setCentre()
	}
	f, err := s.value("+CSCA?", "+CSCA", cardTimeout)
	if err != nil {
		return condition{}, err
	}
	switch {
	case f == nil && s.centreAsked < centreAttempts:
		s.centreAsked++
		return condition{PhaseStarting, "the modem does not name its service centre yet", "wait; the SIM is being read"}, nil
	case f == nil:
		// Over LTE with IMS some modems need none and answer ERROR.
		s.noteCentre("not told by the modem")
	case strings.Trim(f[0], "+") == "":
		return condition{PhaseCentre, "neither SIM nor configuration names a service centre",
			"set smsc in the modem block to the number the operator gives for it"}, nil
	default:
		s.noteCentre(f[0])
	}
	return ready, nil
}

// centreAttempts is how often a modem is asked for the service centre before
// it is taken to have none that it could tell.
const centreAttempts = 3

func (s *session) setCentre() (condition, error) {
	const remedy = "set smsc in the modem block to the number the operator gives for it, such as +353868002000"
	centre, err := ParseNumber(s.m.o.SMSC)
	if err != nil {
		return condition{PhaseCentre, "smsc: " + err.Error(), remedy}, nil
	}
	const international = 145 // 3GPP 27.005 clause 3.1, <tosca>
	_, err = s.ask(fmt.Sprintf(`+CSCA="%s",%d`, string(centre), international), cardTimeout)
	if isRefusal(err) {
		return condition{PhaseCentre, "the modem refuses the service centre " + s.m.o.SMSC + ": " + err.Error(), remedy}, nil
	}
	if err != nil {
		return condition{}, err
	}
	s.noteCentre(string(centre))
	return ready, nil
}

func (s *session) noteCentre(number string) {
	s.centre = number
	s.m.update(func(st *State) { st.SMSC = number })
}

// lookAtNetwork asks for registration in every domain the modem knows, and for
// the signal.
func (s *session) lookAtNetwork() (condition, error) {
	for domain, name := range domains {
		lines, err := s.ask(name+"?", commandTimeout)
		if err != nil && !isRefusal(err) {
			return condition{}, err
		}
		s.noteRegistration(domain, lines, err)
	}
	r := s.registration()
	signal, err := s.signal()
	if err != nil {
		return condition{}, err
	}
	operator, err := s.operator()
	if err != nil {
		return condition{}, err
	}
	best := s.bestAccess()
	s.m.update(func(st *State) {
		st.Registration, st.Domains, st.Operator, st.Technology = r.telling(), r, operator, s.access
		st.SignalDBm, st.RSRPDBm, st.Signal = signal.rssi, signal.rsrp, signal.words()
		st.Cautions = append(cautions(r, s.access, best), s.m.outcomes.cautions()...)
	})
	if !r.service() {
		if b := &s.m.bearer; b.sim != "" && b.strays(time.Now()) {
			b.fail()
			s.changeWay()
			return condition{PhaseNoNet, "the modem finds no network over another radio access", "wait; the network is selected anew"}, s.useBearer()
		}
		cause, remedy := r.cause()
		return condition{PhaseNoNet, cause, remedy}, nil
	}
	return ready, s.lookAtAccess(best)
}

func (s *session) noteRegistration(domain int, lines []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var r *refusal
	switch {
	case !errors.As(err, &r):
		s.reg.answer(domain, lines)
		for _, line := range lines {
			if prefix(line) == domains[domain] {
				s.acts[domain] = accessOf(line)
			}
		}
	case r.kind == "" || r.cme(cmeNotAllowed, cmeNotSupported, cmeUnknown):
		s.reg[domain] = statRefused
	default:
		s.reg[domain] = statUnknown
	}
}

func (s *session) registration() registration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reg
}

// operator returns the name of the network, "" when there is none, and notes
// what it is reached over. A modem that was left deregistered is told to
// register.
func (s *session) operator() (string, error) {
	f, err := s.value("+COPS?", "+COPS", commandTimeout)
	if err != nil {
		return "", err
	}
	const deregistered = "2"
	if f != nil && f[0] == deregistered {
		return "", s.try("+COPS=0", selectTimeout)
	}
	name, act := readOperator(f)
	if act < 0 {
		act = s.accessTold()
	}
	s.access = technology(act)
	return name, nil
}
