package learn

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/zclconf/go-cty/cty"
)

// Bounds of one walk over a payload.
const (
	leavesMax   = 256
	depthMax    = 8
	elementsMax = 32  // of an array whose elements have names
	listMax     = 3   // of an array of numbers that are fields
	pathMax     = 200 // bytes
)

// wholePath is the path to the payload itself.
const wholePath = "."

// A place is where in a payload a value is.
type place struct {
	path  string   // as the language writes it
	names []string // the names on the way, which name the field
}

func (p place) clone() place {
	names := make([]string, len(p.names))
	for i, name := range p.names {
		names[i] = strings.Clone(name)
	}
	return place{strings.Clone(p.path), names}
}

// last is the name nearest to the value.
func (p place) last() string {
	if len(p.names) == 0 {
		return ""
	}
	return p.names[len(p.names)-1]
}

// member goes to a member; false when no path can say its key.
func (p place) member(key string) (place, bool) {
	step, ok := memberStep(key, p.path == "")
	return p.step(step, key), ok && len(p.path)+len(step) <= pathMax
}

func (p place) step(step string, names ...string) place {
	if p.path != "" && step[0] != '[' {
		step = "." + step
	}
	return place{p.path + step, append(slices.Clip(p.names), names...)}
}

// memberStep writes a key as a step of a path.
func memberStep(key string, first bool) (string, bool) {
	switch {
	case key == "" || !writable(key):
		return "?", false
	case !strings.ContainsAny(key, ".[]\"' \t\r\n") && key != "*" && !(first && strings.HasPrefix(key, "$")):
		return key, true
	case !strings.Contains(key, "'"):
		return "['" + key + "']", true
	case !strings.Contains(key, `"`):
		return `["` + key + `"]`, true
	}
	return "?", false
}

// matchStep writes the step to the element whose member says a word.
func matchStep(member, word string) (string, bool) {
	if word == "" || !writable(word) || !isWord(member) {
		return "?", false
	}
	switch {
	case !strings.ContainsAny(word, "]\"' \t\r\n"):
		return "[" + member + "=" + word + "]", true
	case !strings.Contains(word, "'"):
		return "[" + member + "='" + word + "']", true
	}
	return "?", false
}

func isWord(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_')
	})
}

// writable reports whether a text of the configuration can be exactly this one:
// the language composes its characters (NFC), and payloads need not.
func writable(text string) bool { return cty.StringVal(text).AsString() == text }

// walk looks for the values in a payload.
type walk struct {
	left  int
	found func(place, gjson.Result)
}

func (w *walk) into(p place, v gjson.Result, depth int) {
	switch {
	case w.left == 0 || depth > depthMax:
	case v.IsObject():
		w.members(p, v, depth)
	case v.IsArray():
		w.elements(p, v.Array(), depth)
	case p.path != "":
		w.left--
		w.found(p, v)
	}
}

func (w *walk) members(p place, v gjson.Result, depth int) {
	v.ForEach(func(key, value gjson.Result) bool {
		to, ok := p.member(key.Str)
		if step, fits := matchStep("Id", value.Get("Id").Str); fits && value.IsObject() && isAddress(value.Get("Id").Str) {
			// Tasmota numbers its probes anew when one is added; their Id stays.
			to, ok = p.step(step, key.Str), writable(key.Str) && len(p.path)+len(step) <= pathMax
		}
		if ok {
			w.into(to, value, depth+1)
		}
		return w.left > 0
	})
}

// elements goes into an array whose elements say a name, or that is a few
// numbers. Others have no places that mean the same in each message.
func (w *walk) elements(p place, all []gjson.Result, depth int) {
	if name := naming(all); name != "" {
		for _, e := range all {
			word := e.Get(name).Str
			if step, ok := matchStep(name, word); ok && len(p.path)+len(step) <= pathMax {
				w.named(p.step(step, word), e, name, depth+1)
			}
		}
		return
	}
	if len(all) == 1 && all[0].IsObject() {
		w.into(p.step("[0]"), all[0], depth+1)
	}
	if len(all) == 0 || len(all) > listMax || p.path == "" {
		return
	}
	for i, e := range all {
		if e.Type == gjson.Number {
			w.into(p.step("["+strconv.Itoa(i)+"]", strconv.Itoa(i)), e, depth+1)
		}
	}
}

// named goes into an element that has a name, save into the name.
func (w *walk) named(p place, e gjson.Result, name string, depth int) {
	e.ForEach(func(key, value gjson.Result) bool {
		if to, ok := p.member(key.Str); ok && key.Str != name {
			w.into(to, value, depth)
		}
		return w.left > 0
	})
}

// namingMembers are the members that name an element of an array.
var namingMembers = []string{"name", "id", "n", "tag", "key", "Id"}

// naming returns the member by which each of the elements has a name of its own,
// "" when there is none.
func naming(all []gjson.Result) string {
	if len(all) == 0 || len(all) > elementsMax {
		return ""
	}
	for _, name := range namingMembers {
		seen := map[string]bool{}
		for _, e := range all {
			if v := e.Get(name); e.IsObject() && v.Type == gjson.String && v.Str != "" {
				seen[v.Str] = true
			}
		}
		if len(seen) == len(all) {
			return name
		}
	}
	return ""
}
