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
	zoneMax         = 56               // quarters of an hour from UTC
	slotsMax        = 255              // of a store
	outageUsual     = 10 * time.Second // of vanish and unplug without a duration
)

// script is a parsed fault script; the package's comment has its language.
type script struct {
	seed        uint64
	sends       []sendRule
	reports     []reportRule
	calls       []callRule
	ussd        map[string]string // the answer to each code
	ways        []wayRule
	dislikes    dislikes
	account     account
	ims         ims
	timeless    bool          // the network tells no time
	zone        int           // of the network, in quarters of an hour from UTC
	fullLoses   bool          // a message for a full store is lost
	slots       int           // of a store; 0: the profile's
	indications string        // +CNMI=?; "": the profile's
	radioMutes  bool          // with the radio off it is deaf
	modeSwitch  time.Duration // how long it is storage after each power-up
	commands    []commandRule
	events      []event
	urcs        []urcRule
	echoStuck   bool
	doubledCR   bool
	byteTime    time.Duration
	boot        time.Duration // 0: the profile's
	sim         time.Duration
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
	s := &script{seed: 1, ussd: map[string]string{}}
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

// statements are what a statement may begin with, and what reads the rest.
var statements = map[string]func(s *script, w *words){
	"at":          func(s *script, w *words) { s.events = append(s.events, w.event(w.duration())...) },
	"send":        (*script).sendStatement,
	"report":      (*script).reportStatement,
	"call":        (*script).callStatement,
	"probability": (*script).probabilityStatement,
	"command":     func(s *script, w *words) { s.commands = append(s.commands, w.command()) },
	"prompt":      func(s *script, w *words) { s.always(w.prompt()) },
	"no":          (*script).absenceStatement,
	"urc":         func(s *script, w *words) { s.urcs = append(s.urcs, w.urc()) },
	"texts":       (*script).textsStatement,
	"refuse":      func(s *script, w *words) { s.dislikes.read(w) },
	"barred":      func(s *script, w *words) { s.account.barred = w.number("a +CMS ERROR", 1, 65535) },
	"credit":      (*script).creditStatement,
	"ussd":        (*script).ussdStatement,
	"ims":         (*script).imsStatement,
	"network":     (*script).networkStatement,
	"full":        (*script).fullStatement,
	"slots":       func(s *script, w *words) { s.slots = w.number("slots", 1, slotsMax) },
	"indications": func(s *script, w *words) { s.indications = w.indications() },
	"echo":        func(s *script, w *words) { s.echoStuck = w.one("on or off", "on", "off") == "on" },
	"crlf":        func(s *script, w *words) { s.doubledCR = w.one("a line end", "crlf", "crcrlf") == "crcrlf" },
	"baud": func(s *script, w *words) {
		s.byteTime = 10 * time.Second / time.Duration(w.number("baud", 50, 4_000_000))
	},
	"boot":  func(s *script, w *words) { s.boot = w.duration() },
	"sim":   (*script).simStatement,
	"radio": (*script).radioStatement,
	"mode":  (*script).modeStatement,
	"seed":  func(s *script, w *words) { s.seed = uint64(w.number("a seed", 0, math.MaxInt32)) },
}

func (s *script) statement(w *words) {
	read := statements[w.one("a statement", sortedKeys(statements)...)]
	if read != nil {
		read(s, w)
	}
}

// always adds a rule for every attempt.
func (s *script) always(change func(*plan)) {
	s.sends = append(s.sends, sendRule{first: 1, last: math.MaxInt, change: change})
}

func (s *script) sendStatement(w *words) {
	rule := w.attempts()
	rule.change = w.outcome()
	s.sends = append(s.sends, rule)
}

func (s *script) reportStatement(w *words) {
	which := w.attempts()
	s.reports = append(s.reports, reportRule{which.first, which.last, w.reportOutcome()})
}

func (s *script) callStatement(w *words) {
	which := w.attempts()
	s.calls = append(s.calls, callRule{which.first, which.last, w.callOutcome()})
}

func (s *script) probabilityStatement(w *words) {
	rule := sendRule{first: 1, last: math.MaxInt, probability: w.probability()}
	rule.change = w.outcome()
	s.sends = append(s.sends, rule)
}

func (s *script) absenceStatement(w *words) {
	w.one("what is missing", "prompt")
	s.always(noPrompt)
}

func (s *script) textsStatement(w *words) {
	w.one("what there is to say of texts", "need")
	s.ways = append(s.ways, w.way())
}

func (s *script) creditStatement(w *words) {
	s.account.prepay, s.account.credit = true, w.number("parts", 0, math.MaxInt32)
}

func (s *script) ussdStatement(w *words) {
	code := w.next("a code")
	s.ussd[code] = w.remainder("an answer")
}

func (s *script) imsStatement(w *words) {
	if w.one("on or off", "on", "off") == "on" {
		s.ims = ims{on: true, choice: imsForcedOn}
	}
}

func (s *script) networkStatement(w *words) {
	switch w.one("what the network tells", "timeless", "zone") {
	case "timeless":
		s.timeless = true
	case "zone":
		s.zone = w.number("quarters of an hour", -zoneMax, zoneMax)
	}
}

func (s *script) fullStatement(w *words) {
	w.one("what becomes of a message for a full store", "lost")
	s.fullLoses = true
}

func (s *script) simStatement(w *words) {
	w.one("what the SIM does", "busy")
	s.sim = w.duration()
}

func (s *script) radioStatement(w *words) {
	w.one("what the radio does when it is off", "mutes")
	s.radioMutes = true
}

func (s *script) modeStatement(w *words) {
	w.one("what the mode does", "switch")
	s.modeSwitch = w.duration()
}
