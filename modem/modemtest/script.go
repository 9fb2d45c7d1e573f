package modemtest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a script.
const (
	statementsMax   = 1000
	scriptWaitMax   = 1000 * time.Hour
	garbageMaxBytes = 4096
	outageUsual     = 10 * time.Second // of vanish and unplug without a duration
)

// script is a parsed fault script; the package's comment has its language.
type script struct {
	seed      uint64
	sends     []sendRule
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

// parseScript reads statements separated by line ends or semicolons.
func parseScript(text string) (*script, error) {
	s := &script{seed: 1}
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
				return nil, fmt.Errorf("fault script: more than %d statements", statementsMax)
			}
			s.statement(w)
			w.end()
			if w.wrong != nil {
				return nil, fmt.Errorf("fault script, line %d: %q: %w", i+1, strings.TrimSpace(statement), w.wrong)
			}
		}
	}
	return s, nil
}

func (s *script) statement(w *words) {
	switch w.one("a statement", "at", "send", "probability", "command", "prompt", "no", "urc", "echo", "crlf", "baud", "boot", "sim", "seed") {
	case "at":
		at := w.duration()
		s.events = append(s.events, s.event(w, at)...)
	case "send":
		rule := w.attempts()
		rule.change = w.outcome()
		s.sends = append(s.sends, rule)
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
	switch w.one("an event", "unplug", "plug", "reboot", "hang", "stall", "registration", "signal", "sim", "echo", "garbage", "urc", "text") {
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

func noPrompt(p *plan) { p.prompt = promptNone }

// prompt reads what is wrong with the prompt.
func (w *words) prompt() func(*plan) {
	if w.one("a prompt", "nospace", "late") == "nospace" {
		return func(p *plan) { p.prompt = promptNoSpace }
	}
	d := w.duration()
	return func(p *plan) { p.promptAfter = d }
}

// attempts reads which attempts a rule is for: 3, 3-5, 3- or *.
func (w *words) attempts() sendRule {
	which := w.next("an attempt")
	if which == "*" {
		return sendRule{first: 1, last: math.MaxInt}
	}
	from, to, isRange := strings.Cut(which, "-")
	first, err := strconv.Atoi(from)
	last := first
	switch {
	case isRange && to == "":
		last = math.MaxInt
	case isRange && err == nil:
		last, err = strconv.Atoi(to)
	}
	if err != nil || first < 1 || last < first {
		w.fail("%q is no attempt; write a number from 1, 3-5, 3- or *", which)
	}
	return sendRule{first: first, last: last}
}

// outcome reads what becomes of an attempt.
func (w *words) outcome() func(*plan) {
	switch word := w.one("an outcome", "cms", "cme", "error", "silent", "lost", "late", "delay", "no", "ok",
		"hang", "reboot", "unplug", "vanish", "stall", "garbage", "prompt"); word {
	case "cms", "cme", "error":
		return w.verdict(word)
	case "silent":
		return func(p *plan) { p.answer = answerNothing }
	case "lost":
		return func(p *plan) { p.lost, p.answer = true, answerNothing }
	case "late":
		d := w.duration()
		return func(p *plan) { p.late = d }
	case "delay":
		d := w.duration()
		return func(p *plan) { p.network = d }
	case "no":
		return w.absence()
	case "ok":
		w.one("when OK comes", "first")
		d := w.duration()
		return func(p *plan) { p.answer, p.receiptAfter = answerOKFirst, d }
	case "garbage":
		n := w.number("octets", 1, garbageMaxBytes)
		return func(p *plan) { p.garbage = n }
	case "prompt":
		return w.prompt()
	case "stall":
		return func(p *plan) { p.midway = func(m *Modem) { m.stalled = true } }
	case "vanish":
		d := w.outage()
		return func(p *plan) { p.midway = func(m *Modem) { m.unplugFor(d) } }
	default:
		return w.catastrophe(word)
	}
}

// catastrophe reads what happens after the network took the part and before
// the modem said so.
func (w *words) catastrophe(word string) func(*plan) {
	var happens func(*Modem)
	switch word {
	case "hang":
		happens = func(m *Modem) { m.hung = true }
	case "reboot":
		happens = (*Modem).reboot
	case "unplug":
		d := w.outage()
		happens = func(m *Modem) { m.unplugFor(d) }
	}
	return func(p *plan) { p.event = happens }
}

func (w *words) verdict(word string) func(*plan) {
	end := w.errorFinal(word)
	sent := false
	if len(w.rest) > 0 {
		sent = w.one("whether it was sent", "sent") == "sent"
	}
	return func(p *plan) { p.verdict, p.sent = end, sent }
}

func (w *words) errorFinal(word string) final {
	switch word {
	case "cms":
		return cms(w.number("a +CMS ERROR", 0, 65535))
	case "cme":
		return cme(w.number("a +CME ERROR", 0, 65535))
	}
	return failed
}

func (w *words) absence() func(*plan) {
	switch w.one("what is missing", "prompt", "ok", "receipt") {
	case "ok":
		return func(p *plan) { p.answer = answerNoOK }
	case "receipt":
		return func(p *plan) { p.answer = answerNoReceipt }
	}
	return noPrompt
}

// command reads "NAME RESULT [times N]".
func (w *words) command() commandRule {
	rule := commandRule{times: -1}
	rule.name, rule.form, rule.any = commandPattern(w.next("a command"))
	if n := len(w.rest); n >= 2 && w.rest[n-2] == "times" {
		tail := &words{rest: w.rest[n-1:]}
		rule.times = tail.number("times", 1, 1_000_000)
		w.wrong, w.rest = tail.wrong, w.rest[:n-2]
	}
	switch word := w.one("a result", "cms", "cme", "error", "unsupported", "silent", "delay", "answer"); word {
	case "unsupported":
		rule.end = final{kind: finalNotSupported}
	case "silent":
		rule.end = final{kind: finalSilent}
	case "delay":
		rule.delay = w.duration()
	case "answer":
		rule.info = []string{w.remainder("an answer")}
	default:
		rule.end = w.errorFinal(word)
	}
	return rule
}

// commandPattern reads a command with or without its form: +CSQ, +CPIN?,
// +CNMI=?, +CNMI=.
func commandPattern(text string) (name string, f form, any bool) {
	text = strings.ToUpper(text)
	for _, ending := range []struct {
		text string
		form form
	}{{"=?", test}, {"?", read}, {"=", set}} {
		if name, cut := strings.CutSuffix(text, ending.text); cut {
			return name, ending.form, false
		}
	}
	return text, execute, true
}

// places are the words for the moments of an unsolicited line.
var places = map[string]place{
	"before prompt":  beforePrompt,
	"after prompt":   afterPrompt,
	"before receipt": beforeReceipt,
	"before ok":      beforeOK,
	"inside reply":   insideReply,
}

// urc reads "TEXT every DURATION" or "TEXT before prompt" and the like.
func (w *words) urc() urcRule {
	n := len(w.rest)
	if n < 3 {
		w.fail("write a line and when it comes: every 10s, or one of %q", sortedKeys(places))
		return urcRule{}
	}
	rule := urcRule{text: strings.Join(w.rest[:n-2], " ")}
	w.rest = w.rest[n-2:]
	if w.rest[0] == "every" {
		w.rest = w.rest[1:]
		rule.every = w.duration()
		return rule
	}
	when := strings.Join(w.rest, " ")
	at, known := places[when]
	if !known {
		w.fail("%q is no moment; there are %q and every DURATION", when, sortedKeys(places))
	}
	rule.at, w.rest = at, nil
	return rule
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// words is one statement, read from the front; it keeps the first mistake.
type words struct {
	rest  []string
	wrong error
}

func (w *words) fail(format string, a ...any) {
	if w.wrong == nil {
		w.wrong = fmt.Errorf(format, a...)
	}
	w.rest = nil
}

func (w *words) end() {
	if len(w.rest) > 0 {
		w.fail("nothing may follow here, but %q does", strings.Join(w.rest, " "))
	}
}

func (w *words) next(what string) string {
	if len(w.rest) == 0 {
		w.fail("%s is missing", what)
		return ""
	}
	word := w.rest[0]
	w.rest = w.rest[1:]
	return word
}

func (w *words) one(what string, of ...string) string {
	word := w.next(what)
	if w.wrong == nil && !slices.Contains(of, word) {
		w.fail("%q is not %s; there are %v", word, what, of)
		return ""
	}
	return word
}

func (w *words) remainder(what string) string {
	text := strings.Join(w.rest, " ")
	w.rest = nil
	if text == "" {
		w.fail("%s is missing", what)
	}
	return text
}

func (w *words) number(what string, least, most int) int {
	word := w.next(what)
	n, err := strconv.Atoi(word)
	if w.wrong == nil && (err != nil || n < least || n > most) {
		w.fail("%q is not %s from %d to %d", word, what, least, most)
	}
	if w.wrong != nil {
		return least
	}
	return n
}

func (w *words) probability() float64 {
	word := w.next("a probability")
	p, err := strconv.ParseFloat(word, 64)
	if w.wrong == nil && (err != nil || !(p > 0 && p <= 1)) {
		w.fail("%q is not a probability above 0 and up to 1", word)
	}
	return p
}

func (w *words) duration() time.Duration {
	word := w.next("a duration")
	d, err := time.ParseDuration(word)
	if w.wrong == nil && (err != nil || d <= 0 || d > scriptWaitMax) {
		w.fail("%q is not a duration above 0 and up to %v, such as 90s", word, scriptWaitMax)
	}
	return d
}

func (w *words) outage() time.Duration {
	if len(w.rest) == 0 {
		return outageUsual
	}
	return w.duration()
}
