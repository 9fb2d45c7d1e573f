package mqtt

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// checkFilter says what keeps f from being a topic filter (§4.7).
func checkFilter(f Filter) error {
	switch topic := f.Topic; {
	case f.QoS > 2:
		return fmt.Errorf("%q: quality of service %d, at most 2 is possible", topic, f.QoS)
	case topic == "":
		return fmt.Errorf("%q is empty [MQTT-4.7.3-1]", topic)
	case len(topic) > stringMaxBytes:
		return fmt.Errorf("%.40q… is %d bytes long, at most %d are possible [MQTT-4.7.3-3]", topic, len(topic), stringMaxBytes)
	case !utf8.ValidString(topic) || strings.ContainsRune(topic, 0):
		return fmt.Errorf("%q is not text: it must be UTF-8 without U+0000 [MQTT-1.5.3-1]", topic)
	case strings.HasPrefix(topic, "$share/"):
		return fmt.Errorf("%q is a shared subscription, which would give some messages to other clients", topic)
	}
	levels := strings.Split(f.Topic, "/")
	for i, level := range levels {
		if len(level) > 1 && strings.ContainsAny(level, "+#") {
			return fmt.Errorf("%q: a wildcard must be a whole level, level %d is %q [MQTT-4.7.1-2]", f.Topic, i+1, level)
		}
		if level == "#" && i < len(levels)-1 {
			return fmt.Errorf("%q: # is only possible as the last level [MQTT-4.7.1-2]", f.Topic)
		}
	}
	return nil
}

// minimal drops every filter that another one covers and gives the survivor the
// highest quality of service of what it covers. The order is that of the first
// occurrence.
//
// Two filters may still overlap without either covering the other, as a/+/c and
// +/b/c do on a/b/c. A broker sends such a message once, at the highest quality
// of service of the two, but may send one copy for each [MQTT-3.3.5-1];
// mosquitto and the embedded broker send it once. A copy comes as a message of
// its own, without DUP.
func minimal(filters []Filter) []Filter {
	var kept []Filter
	for _, f := range filters {
		kept = insertFilter(kept, f)
	}
	return kept
}

// insertFilter adds f to kept, in which no filter covers another.
func insertFilter(kept []Filter, f Filter) []Filter {
	for i := range kept {
		if covers(kept[i].Topic, f.Topic) {
			kept[i].QoS = max(kept[i].QoS, f.QoS)
			return kept
		}
	}
	at := -1
	out := kept[:0]
	for _, k := range kept {
		if !covers(f.Topic, k.Topic) {
			out = append(out, k)
			continue
		}
		f.QoS = max(f.QoS, k.QoS)
		if at < 0 {
			at = len(out)
		}
	}
	if at < 0 {
		at = len(out)
	}
	return slices.Insert(out, at, f)
}

// covers says whether every topic that narrow matches is one that wide matches.
func covers(wide, narrow string) bool {
	w, n := strings.Split(wide, "/"), strings.Split(narrow, "/")
	// A wildcard at the start does not match topics that begin with $ [MQTT-4.7.2-1].
	if strings.HasPrefix(n[0], "$") && (w[0] == "+" || w[0] == "#") {
		return false
	}
	for i, level := range w {
		if level == "#" {
			return true // also of the level above (§4.7.1.2)
		}
		if i == len(n) || n[i] == "#" {
			return false
		}
		if level != "+" && level != n[i] {
			return false
		}
	}
	return len(w) == len(n)
}
