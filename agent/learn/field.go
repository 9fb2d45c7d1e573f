package learn

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

// A field is what was seen at one place. The counts are of messages.
type field struct {
	place
	numbers  int // JSON numbers, and bare ones
	numerals int // numbers in quotes
	bools    int // JSON bools
	times    int // texts that are times, and no numbers
	words    int // other texts
	unknowns int // texts such as "unavailable"
	nulls    int

	least, greatest float64
	fraction        bool // a number had one
	padded          bool // a number in quotes began with 0, as numbers of parts do

	says    []string // different texts, sorted; at most wordsMax
	tooMany bool     // and there were more, or longer ones

	ticks ticks
	unit  string // said by a format that knows units
}

// text takes in a text that is no JSON bool; quoted tells a JSON string.
func (f *field) text(text string, quoted bool) {
	n, isNumber := rules.ReadNumber(text)
	_, isTime := rules.ReadTime(text)
	switch {
	case text == "":
		return
	case isNumber && quoted:
		f.numerals++
		f.padded = f.padded || len(text) > 1 && text[0] == '0' && text[1] != '.'
		f.number(n)
	case isNumber:
		f.numbers++
		f.number(n)
	case isTime:
		f.times++
	case rules.SaysUnknown(text):
		f.unknowns++
	default:
		f.words++
	}
	if quoted || !isNumber {
		f.say(text)
	}
}

func (f *field) bool(is bool) {
	f.bools++
	if is {
		f.say("true")
	} else {
		f.say("false")
	}
}

func (f *field) number(n float64) {
	if f.numbers+f.numerals == 1 {
		f.least, f.greatest = n, n
	}
	f.least, f.greatest = min(f.least, n), max(f.greatest, n)
	f.fraction = f.fraction || n != math.Trunc(n)
}

func (f *field) say(text string) {
	at, found := slices.BinarySearch(f.says, text)
	switch {
	case found:
	case len(f.says) == wordsMax || len(text) > wordMaxBytes || !writable(text):
		f.tooMany = true
	default:
		f.says = slices.Insert(f.says, at, strings.Clone(text))
	}
}

// take adds what another field saw at the same place of another topic.
func (f *field) take(o *field) {
	if f.numbers+f.numerals == 0 {
		f.least, f.greatest = o.least, o.greatest
	} else if o.numbers+o.numerals > 0 {
		f.least, f.greatest = min(f.least, o.least), max(f.greatest, o.greatest)
	}
	f.numbers += o.numbers
	f.numerals += o.numerals
	f.bools += o.bools
	f.times += o.times
	f.words += o.words
	f.unknowns += o.unknowns
	f.nulls += o.nulls
	f.fraction = f.fraction || o.fraction
	f.padded = f.padded || o.padded
	f.tooMany = f.tooMany || o.tooMany
	if f.unit != o.unit {
		f.unit = ""
	}
	for _, text := range o.says {
		f.say(text)
	}
	f.ticks.take(o.ticks)
}

// ticks tells the time a message was made from any other time in it.
type ticks struct {
	told     int       // live messages that said one
	last     time.Time // that was said
	same     int       // of them, it was that of the message before
	backward bool
	offBy    time.Duration // the most it was from when the message came
	unlikely bool          // it was before clocks were set
}

// clocksSet is before every message of interest and after what devices say that
// do not know the time.
var clocksSet = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)

// clock takes in the message's text of the field, if it may be a time.
func (f *field) clock(m Message, text string) {
	if m.Retained {
		return
	}
	t, ok := rules.ReadTime(text)
	if !ok {
		return
	}
	k := &f.ticks
	k.told++
	k.unlikely = k.unlikely || t.Before(clocksSet)
	if k.told > 1 && t.Equal(k.last) {
		k.same++
	}
	k.backward = k.backward || k.told > 1 && t.Before(k.last)
	k.offBy = max(k.offBy, m.At.Sub(t).Abs())
	k.last = t
}

func (k *ticks) take(o ticks) {
	k.told += o.told
	k.same += o.same
	k.backward = k.backward || o.backward
	k.offBy = max(k.offBy, o.offBy)
	k.unlikely = k.unlikely || o.unlikely
}

// offByMax is how far the time a message says may be from when it came. A zone
// that is not said may make half a day of it.
const offByMax = 14 * time.Hour

// isStamp reports whether the field is when a message was made.
func (f *field) isStamp() bool {
	k := f.ticks
	return f.mayStamp() && k.told > 2*k.same && !k.backward && !k.unlikely && k.offBy < offByMax
}

// mayStamp reports whether it is a time of that name, be it right or wrong.
func (f *field) mayStamp() bool { return stampNames[f.name()] && f.isTime() }

// stampNames are what the time of a message is called.
var stampNames = map[string]bool{
	"time": true, "ts": true, "timestamp": true, "last_seen": true, "received_at": true, "tst": true,
	"datetime": true, "date_time": true, "measured_at": true, "systimestamp": true,
}

func (f *field) name() string { return rules.NameOf(f.last()) }

// known is how often there was a value.
func (f *field) known() int { return f.numbers + f.numerals + f.bools + f.times + f.words }

// isTime reports whether what was seen are times: texts that can be nothing
// else, or numbers that are a time after clocksSet and are called so.
func (f *field) isTime() bool {
	switch n := f.numbers + f.numerals; {
	case f.times > 0:
		return f.times == f.known()
	case n == 0 || n != f.known() || !nameHas(f.name(), timeWords):
		return false
	}
	least, ok := rules.ReadTime(numeral(f.least))
	greatest, alsoOK := rules.ReadTime(numeral(f.greatest))
	return ok && alsoOK && least.After(clocksSet) && greatest.Before(clocksSet.AddDate(100, 0, 0))
}

// A declaration is how a field is to be declared.
type declaration struct {
	kind    rules.Kind
	on, off []string
	unit    string
	seen    string // what was seen
}

// declare decides the field's type; false when nothing tells.
func (f *field) declare() (declaration, bool) {
	d, ok := f.decide()
	if ok && d.kind == rules.Number {
		d.unit = f.unitOf()
	}
	if ok {
		d.seen = f.note(d)
	}
	return d, ok
}

func (f *field) decide() (declaration, bool) {
	n := f.numbers + f.numerals
	on, off, isPair := f.pair()
	switch {
	case f.known() == 0 && len(f.says) == 1 && strings.EqualFold(f.says[0], "nan"):
		return declaration{kind: rules.Number}, true // a probe that is dead
	case f.known() == 0 && len(f.says) == 1 && strings.EqualFold(f.says[0], "none"):
		return declaration{kind: rules.String}, true // a gas detector that smells none
	case f.known() == 0 && !isPair:
		return declaration{}, false
	case f.isTime():
		return declaration{kind: rules.Time}, true
	case isPair:
		return declaration{kind: rules.Bool, on: on, off: off}, true
	case f.allBools() && (f.words > 0 || f.bools > 0):
		return declaration{kind: rules.Bool}, true
	case n == f.known() && !f.padded:
		if f.least >= 0 && f.greatest <= 1 && !f.fraction && nameHas(f.name(), boolWords) {
			return declaration{kind: rules.Bool}, true
		}
		return declaration{kind: rules.Number}, true
	}
	return declaration{kind: rules.String}, true
}

// allBools reports whether each value can be read as a bool.
func (f *field) allBools() bool {
	if f.tooMany || f.times > 0 || f.numbers+f.numerals > 0 && (f.least < 0 || f.greatest > 1 || f.fraction) {
		return false
	}
	for _, text := range f.says {
		if _, ok := rules.ReadBool(text); !ok && !rules.SaysUnknown(text) {
			return false
		}
	}
	return true
}

// pairs are words for being in reach or not, which are not read as a bool without
// being told. The first of each is meant when only others were heard.
var pairs = []struct{ on, off []string }{
	{[]string{"online"}, []string{"offline", "stopped"}},
	{[]string{"connected"}, []string{"disconnected"}},
	{[]string{"alive", "awake", "asleep"}, []string{"dead"}},
	{[]string{"ready", "init", "sleeping"}, []string{"lost"}},
}

// presenceWords are in the names of what says whether something is in reach.
var presenceWords = []string{"status", "state", "available", "availability", "online", "lwt", "connection", "connected", "detect"}

// pair returns the words for on and off when all that was said is among one of
// pairs.
func (f *field) pair() (on, off []string, ok bool) {
	if f.tooMany || len(f.says) == 0 || f.words != f.known() || !nameHas(f.name(), presenceWords) {
		return nil, nil, false
	}
	for _, p := range pairs {
		all := slices.Concat(p.on, p.off)
		if !slices.ContainsFunc(f.says, func(text string) bool { return !slices.Contains(all, strings.ToLower(text)) }) {
			return f.said(p.on), f.said(p.off), true
		}
	}
	return nil, nil, false
}

// said is the first of the words, and those of the others that were said.
func (f *field) said(words []string) []string {
	out := words[:1:1]
	for _, word := range words[1:] {
		if slices.ContainsFunc(f.says, func(text string) bool { return strings.EqualFold(text, word) }) {
			out = append(out, word)
		}
	}
	return out
}
