package modemtest

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Bounds of a script.
const (
	statementsMax   = 1000
	scriptWaitMax   = 1000 * time.Hour
	garbageMaxBytes = 4096
	slotsMax        = 255              // of a store
	outageUsual     = 10 * time.Second // of vanish and unplug without a duration
)

// script is a parsed fault script; the package's comment has its language.
type script struct {
	seed      uint64
	sends     []sendRule
	reports   []reportRule
	fullLoses bool // a message for a full store is lost
	slots     int  // of a store; 0: the profile's
	commands  []commandRule
	events    []event
	urcs      []urcRule
	echoStuck bool
	doubledCR bool
	byteTime  time.Duration
	boot      time.Duration // 0: the profile's
	sim       time.Duration
}

type sendRule struct {
	first, last int
	probability float64 // 0: always
	change      func(*plan)
}

type reportRule struct {
	first, last int
	change      func(*reportPlan)
}

type commandRule struct {
	name  string
	form  form
	any   bool // whatever the form
	times int  // -1 for ever
	delay time.Duration
	info  []string
	end   final
}

func (r commandRule) matches(c command) bool {
	return (r.name == "*" || r.name == c.name) && (r.any || r.form == c.form)
}

type event struct {
	at time.Duration
	do func(*Modem)
}

type urcRule struct {
	text  string
	every time.Duration
	at    place
}

// parseScripts reads scripts that add up.
func parseScripts(texts ...string) (*script, error) {
	s := &script{seed: 1}
	for _, text := range texts {
		if err := s.parse(text); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// parse reads statements separated by line ends or semicolons.
func (s *script) parse(text string) error {
	statements := 0
	for i, row := range strings.Split(text, "\n") {
		for statement := range strings.SplitSeq(row, ";") {
			w := &words{rest: strings.Fields(statement)}
			if len(w.rest) == 0 {
				continue
			}
			if strings.HasPrefix(w.rest[0], "#") {
				break
			}
			if statements++; statements > statementsMax {
				return fmt.Errorf("fault script: more than %d statements", statementsMax)
			}
			s.statement(w)
			w.end()
			if w.wrong != nil {
				return fmt.Errorf("fault script, line %d: %q: %w", i+1, strings.TrimSpace(statement), w.wrong)
			}
		}
	}
	return nil
}

func (s *script) statement(w *words) {
	switch w.one("a statement", "at", "send", "report", "probability", "full", "slots", "command", "prompt", "no", "urc", "echo", "crlf", "baud", "boot", "sim", "seed") {
	case "at":
		at := w.duration()
		s.events = append(s.events, s.event(w, at)...)
	case "send":
		rule := w.attempts()
		rule.change = w.outcome()
		s.sends = append(s.sends, rule)
	case "report":
		which := w.attempts()
		s.reports = append(s.reports, reportRule{which.first, which.last, w.reportOutcome()})
	case "full":
		w.one("what becomes of a message for a full store", "lost")
		s.fullLoses = true
	case "slots":
		s.slots = w.number("slots", 0, slotsMax)
	case "probability":
		rule := sendRule{first: 1, last: math.MaxInt, probability: w.probability()}
		rule.change = w.outcome()
		s.sends = append(s.sends, rule)
	case "command":
		s.commands = append(s.commands, w.command())
	case "prompt":
		s.sends = append(s.sends, sendRule{first: 1, last: math.MaxInt, change: w.prompt()})
	case "no":
		w.one("what is missing", "prompt")
		s.sends = append(s.sends, sendRule{first: 1, last: math.MaxInt, change: noPrompt})
	case "urc":
		s.urcs = append(s.urcs, w.urc())
	case "echo":
		s.echoStuck = w.one("on or off", "on", "off") == "on"
	case "crlf":
		s.doubledCR = w.one("a line end", "crlf", "crcrlf") == "crcrlf"
	case "baud":
		s.byteTime = 10 * time.Second / time.Duration(w.number("baud", 50, 4_000_000))
	case "boot":
		s.boot = w.duration()
	case "sim":
		w.one("what the SIM does", "busy")
		s.sim = w.duration()
	case "seed":
		s.seed = uint64(w.number("a seed", 0, math.MaxInt32))
	}
}

// event is what happens at a time; one with an end is two events.
func (s *script) event(w *words, at time.Duration) []event {
	is := func(do func(*Modem)) []event { return []event{{at, do}} }
	switch w.one("an event", "unplug", "plug", "reboot", "hang", "stall", "registration", "signal", "sim", "echo", "garbage", "urc", "text", "parts", "pdu", "report") {
	case "unplug":
		return until(w, at, (*Modem).unplug, (*Modem).plug, "")
	case "plug":
		return is((*Modem).plug)
	case "reboot":
		return is((*Modem).reboot)
	case "hang":
		return is(func(m *Modem) { m.hung = true })
	case "stall":
		return is(func(m *Modem) { m.stalled = true })
	case "registration":
		return s.registrationEvent(w, at)
	case "signal":
		rssi := w.number("a signal", 0, 199)
		return is(func(m *Modem) { m.radio.signal = rssi })
	case "sim":
		absent := w.one("where the SIM is", "in", "out") == "out"
		return is(func(m *Modem) { m.insertSIM(!absent) })
	case "echo":
		echo := w.one("on or off", "on", "off") == "on"
		return is(func(m *Modem) { m.terminal.echo = echo })
	case "garbage":
		n := w.number("octets", 1, garbageMaxBytes)
		return is(func(m *Modem) { m.say(m.faults.garbage(n)) })
	case "urc":
		text := w.remainder("a line")
		return is(func(m *Modem) { m.interrupt(text) })
	case "parts":
		order := w.order()
		from, body := w.next("a number"), w.remainder("the body")
		return is(func(m *Modem) { m.receive(from, body, order...) })
	case "pdu":
		tpdu := w.octets()
		return is(func(m *Modem) { m.receivePDU(tpdu) })
	case "report":
		to, reference, status := w.next("a number"), w.octet("a reference"), w.octet("a status")
		return is(func(m *Modem) { m.reportOn(to, reference, status) })
	}
	from, body := w.next("a number"), w.remainder("the body")
	return is(func(m *Modem) { m.receive(from, body) })
}

// until reads "[for] DURATION" and undoes the event when it has passed.
func until(w *words, at time.Duration, do, undo func(*Modem), keyword string) []event {
	events := []event{{at, do}}
	if len(w.rest) == 0 {
		return events
	}
	if keyword != "" {
		w.one("for how long", keyword)
	}
	return append(events, event{at + w.duration(), undo})
}

// registrationEvent reads "CIRCUIT [PACKET] [for DURATION]"; at its end the
// modem is registered at home.
func (s *script) registrationEvent(w *words, at time.Duration) []event {
	circuit := w.number("a registration state", 0, 11)
	packet := circuit
	if len(w.rest) > 0 && w.rest[0] != "for" {
		packet = w.number("a registration state", 0, 11)
	}
	return until(w, at,
		func(m *Modem) { m.setRegistration(circuit, packet) },
		func(m *Modem) { m.setRegistration(registeredHome, registeredHome) }, "for")
}
