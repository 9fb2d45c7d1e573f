package learn

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-edge/tocsin/rules"
)

// nameOf is a name in snake case. What is all capitals is one word with its
// digits: DS18B20, and MQTT in BTtoMQTT.
func nameOf(text string) string {
	if strings.ToUpper(text) == text || strings.HasSuffix(text, "toMQTT") || isCode(strings.TrimPrefix(text, "0x")) {
		text = strings.ToLower(text)
	}
	return rules.NameOf(text)
}

// numeral writes a number that a payload said.
func numeral(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// short writes a number for people.
func short(n float64) string {
	if n == math.Trunc(n) && math.Abs(n) < 1e15 {
		return numeral(n)
	}
	return strconv.FormatFloat(n, 'g', 6, 64)
}

// noteWordsMax is how many words a note lists.
const noteWordsMax = 6

// note says what was seen of a field: its range, or its words.
func (f *field) note(d declaration) string {
	var parts []string
	switch {
	case d.kind == rules.Number && f.known() == 0:
	case d.kind == rules.Number && f.least == f.greatest:
		parts = append(parts, short(f.least))
	case d.kind == rules.Number:
		parts = append(parts, short(f.least)+" to "+short(f.greatest))
	case d.kind == rules.Time:
	case d.kind == rules.Bool && f.known() > 0 && f.numbers+f.numerals == f.known():
		parts = append(parts, map[bool]string{true: short(f.least), false: "0, 1"}[f.least == f.greatest])
	default:
		parts = append(parts, f.heard()...)
	}
	if d.kind == rules.Number {
		parts = append(parts, f.guards()...)
	}
	if f.nulls > 0 {
		parts = append(parts, "sometimes null")
	}
	return strings.Join(parts, "; ")
}

// heard lists the texts of a field.
func (f *field) heard() (parts []string) {
	var words []string
	for _, text := range f.says {
		words = append(words, strconv.Quote(text))
	}
	if f.known() > 0 && f.bools == f.known() {
		words = slices.Clone(f.says)
	}
	if f.numbers+f.numerals > 0 && f.least != f.greatest {
		words = append(words, short(f.least)+" to "+short(f.greatest))
	} else if f.numbers+f.numerals > 0 {
		words = append(words, short(f.least))
	}
	more := f.tooMany || len(words) > noteWordsMax
	words = words[:min(len(words), noteWordsMax)]
	text := strings.Join(words, ", ")
	switch {
	case more && text == "":
		text = "longer texts"
	case more:
		text += " and others"
	}
	if text == "" {
		return nil
	}
	return []string{text}
}

// guardNumbers are what devices say that have nothing to measure.
var guardNumbers = []float64{-127, -127.99, 85, 127.5, 127.99, 999, -999, 9999, -9999, 32767, -32768, 65535, 850}

// guards warns of an extreme value that may be none, and says how to refuse it,
// and of words that are none.
func (f *field) guards() (parts []string) {
	isGuard := func(n float64) bool { return slices.Contains(guardNumbers, n) }
	switch kind := measureOf(f); {
	case kind != "C" && kind != "F" && kind != "%":
	case isGuard(f.greatest) && f.greatest != f.least:
		parts = append(parts, fmt.Sprintf("if %s is no reading: invalid = [%[1]s]", short(f.greatest)))
	case isGuard(f.least):
		parts = append(parts, fmt.Sprintf("if %s is no reading: invalid = [%[1]s]", short(f.least)))
	}
	for _, text := range f.says {
		if rules.SaysUnknown(text) {
			parts = append(parts, "sometimes "+strconv.Quote(text))
		}
	}
	return parts
}

// A measure is a unit that names of numbers tell, and the range in which a
// number is that and not, say, tenths of it.
type measure struct {
	words           []string
	unit            string
	least, greatest float64
}

// measures are tried in their order: what a name says itself counts first.
var measures = []measure{
	{[]string{"kwh"}, "kWh", -1e9, 1e9},
	{[]string{"wh"}, "Wh", -1e12, 1e12},
	{[]string{"kpa"}, "kPa", -1e6, 1e6},
	{[]string{"hpa"}, "hPa", 300, 1200},
	{[]string{"psi"}, "psi", -1e4, 1e5},
	{[]string{"rpm"}, "rpm", 0, 1e6},
	{[]string{"kmh"}, "km/h", 0, 1000},
	{[]string{"cm"}, "cm", -1e6, 1e6},
	{[]string{"mm"}, "mm", -1e6, 1e6},
	{[]string{"f", "tempf", "fahrenheit", "tf"}, "F", -100, 300},
	{[]string{"c", "tempc", "celsius", "tc"}, "C", -60, 200},
	{[]string{"pct", "percent", "percentage"}, "%", -1, 101},
	{[]string{"temp", "temperature", "dew"}, "C", -60, 130},
	{[]string{"humidity", "hum", "rh", "soc", "battery", "batt", "moisture"}, "%", 0, 100},
	{[]string{"pressure", "pres", "barometer"}, "hPa", 850, 1100},
	{[]string{"co", "dioxide"}, "ppm", 300, 10_000},
	{[]string{"rssi", "signal", "dbm"}, "dBm", -150, -1},
	{[]string{"snr"}, "dB", -40, 60},
	{[]string{"lux", "illuminance"}, "lx", 0, 200_000},
	{[]string{"power", "watts", "apower"}, "W", -1e6, 1e6},
	{[]string{"current", "amps"}, "A", -1000, 1000},
	{[]string{"voltage", "volt", "volts", "vcc", "v"}, "V", 0, 500},
}

// notMeasures are words by which a name is of something else.
var notMeasures = []string{"factor", "state", "status", "count", "id", "low", "ok", "limit", "index", "mode", "target", "reset", "outage"}

// unitOf is the unit of a number, "" when its name does not tell or its range
// speaks against it.
func (f *field) unitOf() string {
	if f.unit != "" {
		return f.unit
	}
	return measureOf(f)
}

func measureOf(f *field) string {
	name := f.name()
	if len(f.names) > 1 && (genericNames[f.last()] || isWordless(name)) {
		name = nameOf(f.names[len(f.names)-2])
	}
	if nameHas(name, notMeasures) || nameHas(name, []string{"battery", "batt"}) && f.fraction && !nameHas(name, []string{"level", "percentage"}) {
		return "" // as likely volts as percent
	}
	word := measuring(name)
	for _, m := range measures {
		if slices.Contains(m.words, word) {
			least, greatest := f.likely()
			if least >= m.least && greatest <= m.greatest {
				return m.unit
			}
			return ""
		}
	}
	return ""
}

// besides are words that stand after what is measured and do not change it.
var besides = []string{"level", "internal", "external", "indoor", "outdoor", "inside", "outside", "value", "avg", "average", "now", "actual", "mean", "point"}

// measuring is the word of a name that says what is measured: the last, without
// those that say where or which.
func measuring(name string) string {
	words := strings.Split(name, "_")
	for len(words) > 1 {
		last := words[len(words)-1]
		if !slices.Contains(besides, last) && strings.Trim(last, "l0123456789") != "" {
			break
		}
		words = words[:len(words)-1]
	}
	return strings.TrimRight(words[len(words)-1], "0123456789")
}

// likely is the range of a field without an extreme that may be no reading.
func (f *field) likely() (least, greatest float64) {
	least, greatest = f.least, f.greatest
	if slices.Contains(guardNumbers, greatest) && greatest != least {
		greatest = least
	}
	if slices.Contains(guardNumbers, least) && greatest != least {
		least = greatest
	}
	return least, greatest
}

// genericNames are members that say nothing without what they are in.
var genericNames = map[string]bool{"value": true, "v": true, "val": true, "state": true, "STATE": true}

func isWordless(name string) bool { return strings.Trim(name, "n0123456789_") == "" }
