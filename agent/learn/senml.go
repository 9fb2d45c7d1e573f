package learn

import (
	"github.com/tidwall/gjson"
)

// A label of a record in JSON, and in CBOR as it is turned into JSON (RFC 8428
// §4.3, table 1, and §6).
var senmlLabels = struct{ name, base, unit, baseUnit, number, text, is []string }{
	[]string{"n", "0"}, []string{"bn", "-2"}, []string{"u", "1"}, []string{"bu", "-4"},
	[]string{"v", "2"}, []string{"vs", "3"}, []string{"vb", "4"},
}

// isSenML tells packs from other arrays: each record has a value or a base, and
// one of them has a name.
func isSenML(doc gjson.Result) bool {
	if !doc.IsArray() {
		return false
	}
	named := false
	all := doc.Array()
	for _, record := range all {
		value := firstOf(record, senmlLabels.number, senmlLabels.text, senmlLabels.is, senmlLabels.base)
		if !record.IsObject() || !value.Exists() {
			return false
		}
		named = named || firstOf(record, senmlLabels.name, senmlLabels.base).Type == gjson.String
	}
	return named && len(all) > 0
}

// firstOf returns the first member that a record has, by its labels.
func firstOf(record gjson.Result, labels ...[]string) (v gjson.Result) {
	record.ForEach(func(key, value gjson.Result) bool {
		for _, names := range labels {
			if key.Str == names[0] || key.Str == names[1] {
				v = value
				return false
			}
		}
		return true
	})
	return v
}

// senmlUnits are our names for the units of the registry (RFC 8428 §12.1) that
// are not the same.
var senmlUnits = map[string]string{"Cel": "C", "%RH": "%", "%EL": "%", "/": "", "lat": "", "lon": ""}

// unitNames name a record that has no name of its own.
var unitNames = map[string]string{
	"Cel": "celsius", "%RH": "humidity", "%EL": "battery", "V": "voltage", "A": "current", "W": "power", "lat": "latitude", "lon": "longitude",
}

func (l *Learner) hearSenML(m Message, doc gjson.Result, text string) {
	u := l.unit(m, formatSenML, mark{}, text)
	if u == nil {
		return
	}
	var unit string
	for _, record := range doc.Array() {
		if bu := firstOf(record, senmlLabels.baseUnit); bu.Exists() {
			unit = bu.Str
		}
		said := firstOf(record, senmlLabels.unit)
		own := unit
		if said.Exists() {
			own = said.Str
		}
		v := firstOf(record, senmlLabels.number, senmlLabels.text, senmlLabels.is)
		if p, ok := recordPlace(firstOf(record, senmlLabels.name).Str, own); ok && v.Exists() {
			l.sawJSON(u, m, p, v)
			if f := u.index[p.path]; f != nil && writable(own) && len(own) <= unitMaxBytes {
				f.unit = own
				if ours, differs := senmlUnits[own]; differs {
					f.unit = ours
				}
			}
		}
	}
}

// unitMaxBytes is more than any unit of the registry has.
const unitMaxBytes = 8

// recordPlace is the path to a record: its own name, or the unit of one that is
// called after the device it is of.
func recordPlace(name, unit string) (place, bool) {
	switch {
	case name != "" && !isAddress(name) && recordWritable(name):
		return place{name, []string{name}}, true
	case unit != "" && recordWritable(unit) && nameOf(unit) != "":
		if short := unitNames[unit]; short != "" {
			return place{"[" + unit + "]", []string{short}}, true
		}
		return place{"[" + unit + "]", []string{unit}}, true
	}
	return place{}, false
}

func recordWritable(name string) bool {
	if len(name) > pathMax || !writable(name) {
		return false
	}
	for i := range len(name) {
		if name[i] == '[' || name[i] == ']' || name[i] < ' ' {
			return false
		}
	}
	return true
}
