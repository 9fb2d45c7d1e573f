package learn

import (
	"slices"
	"strings"

	"github.com/tocsin-edge/tocsin/rules"
)

// A pass is why a message became part of no sensor.
type pass int

const (
	noPass pass = iota
	emptied
	noTopic
	tooLarge
	command
	description
	brokenJSON
	longText
	noText
	broken
	unnamed
)

// passTexts say the reasons of which a reader wants to know, in their order.
var passTexts = []struct {
	why  pass
	text string
}{
	{brokenJSON, "no valid JSON"},
	{noText, `bytes that say nothing of themselves (decode = "bytes" reads them)`},
	{broken, "broken Sparkplug"},
	{unnamed, "Sparkplug data whose names were not heard: have the edge node send its birth, and learn again"},
	{longText, "text of more than 1024 bytes"},
	{tooLarge, "larger than 256 KiB"},
	{noTopic, "on topics that no sensor can have"},
	{description, "no state, but descriptions, logs and answers"},
	{command, "commands to devices"},
	{emptied, "empty, which is how a retained message is deleted"},
}

// passes are the topics of messages that became part of no sensor.
type passes map[pass]*passedOver

type passedOver struct {
	messages int
	topics   []string // the first in order, at most passedTopics
}

func (p passes) add(why pass, topic string) {
	o := p[why]
	if o == nil {
		o = &passedOver{}
		p[why] = o
	}
	o.messages++
	at, found := slices.BinarySearch(o.topics, topic)
	if found || at >= passedTopics {
		return
	}
	o.topics = slices.Insert(o.topics, at, strings.Clone(topic))
	o.topics = o.topics[:min(len(o.topics), passedTopics)]
}

// passOver tells messages that say nothing of the state of anything.
func passOver(topic, text string) pass {
	levels := strings.Split(topic, "/")
	last := strings.ToLower(levels[len(levels)-1])
	switch {
	case !rules.IsTopic(topic) || topic[0] == '$':
		return noTopic
	case text == "":
		return emptied
	case len(text) > payloadMax:
		return tooLarge
	case slices.Contains([]string{"set", "get", "command", "cmd"}, last), levels[0] == "cmnd":
		return command
	case last == "config" && len(levels) >= 4, last == "meta", last == "nodeinfo", slices.Contains(levels, "$homie"):
		return description
	case isBridgeTalk(levels):
		return description
	}
	return noPass
}

// isBridgeTalk tells what a Zigbee bridge says beside its state: device lists,
// its log, answers to requests.
func isBridgeTalk(levels []string) bool {
	at := slices.Index(levels, "bridge")
	return at >= 0 && at+1 < len(levels) && !slices.Contains([]string{"state", "health"}, levels[at+1])
}
