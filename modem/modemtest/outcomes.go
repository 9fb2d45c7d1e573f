package modemtest

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

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

// reportOutcome reads what becomes of a status report.
func (w *words) reportOutcome() func(*reportPlan) {
	switch w.one("what becomes of a report", "delay", "status", "never", "lost", "again", "to", "store", "announced") {
	case "delay":
		d := w.duration()
		return func(p *reportPlan) { p.delay = d }
	case "status":
		status := w.octet("a status")
		return func(p *reportPlan) { p.status = status }
	case "never":
		return func(p *reportPlan) { p.never = true }
	case "lost":
		return w.reportLoss()
	case "again":
		f := furtherReport{after: w.duration(), status: w.octet("a status")}
		return func(p *reportPlan) {
			if len(p.further) < furtherReportsMax {
				p.further = append(p.further, f)
			}
		}
	case "to":
		to := w.next("a number")
		return func(p *reportPlan) { p.to = to }
	case "store":
		store := w.next("a store")
		return func(p *reportPlan) { p.store = store }
	}
	store := w.next("a store")
	return func(p *reportPlan) { p.announced = store }
}

// reportLoss reads "[ds 1]" or "[ds 2]" after lost.
func (w *words) reportLoss() func(*reportPlan) {
	routing := 0
	if len(w.rest) > 0 {
		w.one("when it is lost", "ds")
		routing = w.number("a <ds>", 1, 2)
	}
	return func(p *reportPlan) { p.lost, p.lostAs = true, routing }
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
