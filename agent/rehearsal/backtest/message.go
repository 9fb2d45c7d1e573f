package backtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/agent/rehearsal"
	"github.com/tocsin-edge/tocsin/rules"
)

// topicsMax bounds the topics that are remembered, of those that columns are
// part of.
const topicsMax = 100_000

// Map says what becomes of a column: the payload of a topic, or a member of the
// JSON object that is the payload of a topic.
type Map struct {
	Column string
	Topic  string // with {column} for what stands in a column
	Field  string // "" for the payload itself
}

// ParseMap reads column=topic or column=topic:field.
func ParseMap(text string) (Map, error) {
	column, topic, ok := strings.Cut(text, "=")
	if !ok || column == "" || topic == "" {
		return Map{}, errors.New("write column=topic, or column=topic:field for a member of a JSON payload")
	}
	m := Map{Column: column, Topic: topic}
	if at := strings.LastIndexByte(topic, ':'); at > 0 && !strings.Contains(topic[at:], "/") {
		m.Topic, m.Field = topic[:at], topic[at+1:]
	}
	return m, nil
}

// A message is what is made of each row.
type message struct {
	topic   topic
	bare    int // the column that is the payload; -1 when there are members
	members []member
	payload []byte // of the last row
}

// A member is one of a JSON object.
type member struct {
	prefix string // {"name": or ,"name":
	column int
}

// compile makes the messages that the options ask for.
func (t *table) compile(o Options) ([]*message, error) {
	var all []*message
	objects := map[string]*message{}
	for _, m := range o.Maps {
		column, err := t.column(m.Column)
		if err != nil {
			return nil, err
		}
		topic, err := t.topic(m.Topic)
		if err != nil {
			return nil, err
		}
		if m.Field == "" {
			all = append(all, &message{topic: topic, bare: column})
			continue
		}
		object := objects[m.Topic]
		if object == nil {
			object = &message{topic: topic, bare: -1}
			objects[m.Topic] = object
			all = append(all, object)
		}
		object.add(m.Field, column)
	}
	if o.Topic != "" {
		whole, err := t.whole(o.Topic)
		if err != nil {
			return nil, err
		}
		all = append(all, whole)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("nothing says what its columns are; write --map %q, or --topic TOPIC for whole rows as JSON; its columns are %s",
			t.exampleColumn()+"="+exampleTopic(o.Config.Rules), t.list())
	}
	return all, nil
}

// whole makes the message whose payload is the row.
func (t *table) whole(text string) (*message, error) {
	topic, err := t.topic(text)
	if err != nil {
		return nil, err
	}
	m := &message{topic: topic, bare: -1}
	for i, name := range t.columns {
		if name != "" {
			m.add(name, i)
		}
	}
	return m, nil
}

// exampleColumn is a column that does not hold the time.
func (t *table) exampleColumn() string {
	for i, c := range t.columns {
		if i != t.time && c != "" {
			return c
		}
	}
	return "value"
}

func exampleTopic(s *rules.Set) string {
	if len(s.Sensors) == 0 {
		return "some/topic"
	}
	return s.Sensors[0].Pattern.String()
}

func (m *message) add(name string, column int) {
	quoted, err := json.Marshal(name)
	if err != nil {
		panic("backtest: a name that JSON cannot hold: " + err.Error())
	}
	before := ","
	if len(m.members) == 0 {
		before = "{"
	}
	m.members = append(m.members, member{before + string(quoted) + ":", column})
}

// make is the message of a row; false when the row has nothing to say. The
// payload is valid until the next row.
func (m *message) make(row [][]byte) (rehearsal.Message, bool) {
	out := rehearsal.Message{Topic: m.topic.of(row)}
	if m.bare >= 0 {
		out.Payload = bytes.TrimSpace(row[m.bare])
		return out, len(out.Payload) > 0
	}
	b := m.payload[:0]
	for _, member := range m.members {
		b = append(b, member.prefix...)
		b = appendJSON(b, bytes.TrimSpace(row[member.column]))
	}
	m.payload = append(b, '}')
	out.Payload = m.payload
	return out, true
}

// appendJSON writes a cell as JSON: a number, a bool or null where it is one, null
// where it is empty, otherwise a text.
func appendJSON(b, cell []byte) []byte {
	switch {
	case len(cell) == 0:
		return append(b, "null"...)
	case isJSONNumber(cell), string(cell) == "true", string(cell) == "false", string(cell) == "null":
		return append(b, cell...)
	}
	for _, c := range cell {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return append(b, quote(cell)...)
		}
	}
	b = append(b, '"')
	b = append(b, cell...)
	return append(b, '"')
}

func quote(cell []byte) []byte {
	text, err := json.Marshal(string(cell))
	if err != nil {
		panic("backtest: a text that JSON cannot hold: " + err.Error())
	}
	return text
}

// isJSONNumber tells numbers as JSON writes them (RFC 8259 §6).
func isJSONNumber(cell []byte) bool {
	at := 0
	if cell[0] == '-' {
		at++
	}
	whole := digitsFrom(cell, at)
	if whole == at || cell[at] == '0' && whole > at+1 {
		return false
	}
	at = whole
	if at < len(cell) && cell[at] == '.' {
		end := digitsFrom(cell, at+1)
		if end == at+1 {
			return false
		}
		at = end
	}
	if at < len(cell) && cell[at]|0x20 == 'e' {
		at++
		if at < len(cell) && (cell[at] == '+' || cell[at] == '-') {
			at++
		}
		end := digitsFrom(cell, at)
		if end == at {
			return false
		}
		at = end
	}
	return at == len(cell)
}

func digitsFrom(cell []byte, at int) int {
	for at < len(cell) && isDigit(cell[at]) {
		at++
	}
	return at
}

// A topic is one that columns may be part of.
type topic struct {
	fixed string // when none is
	parts []topicPart
	known map[string]string // topics met before
	key   []byte
}

type topicPart struct {
	text   string
	column int // -1 for the text
}

// topic compiles a topic in which {column} stands for what is in a column.
func (t *table) topic(text string) (topic, error) {
	out := topic{known: map[string]string{}}
	rest := text
	for {
		before, after, found := strings.Cut(rest, "{")
		if before != "" {
			out.parts = append(out.parts, topicPart{before, -1})
		}
		if !found {
			break
		}
		name, behind, closed := strings.Cut(after, "}")
		if !closed {
			return topic{}, fmt.Errorf("topic %q: a { is not closed", text)
		}
		column, err := t.column(name)
		if err != nil {
			return topic{}, fmt.Errorf("topic %q: %w", text, err)
		}
		out.parts = append(out.parts, topicPart{"", column})
		rest = behind
	}
	if len(out.parts) == 1 && out.parts[0].column < 0 {
		out.fixed = text
	}
	return out, nil
}

// of is the topic for a row.
func (t *topic) of(row [][]byte) string {
	if t.fixed != "" {
		return t.fixed
	}
	t.key = t.key[:0]
	for _, p := range t.parts {
		if p.column < 0 {
			t.key = append(t.key, p.text...)
		} else {
			t.key = append(t.key, bytes.TrimSpace(row[p.column])...)
		}
	}
	if known, ok := t.known[string(t.key)]; ok {
		return known
	}
	made := string(t.key)
	if len(t.known) < topicsMax {
		t.known[made] = made
	}
	return made
}
