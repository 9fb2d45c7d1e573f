package backtest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/tidwall/gjson"

	"github.com/tocsin-edge/tocsin/agent/rehearsal"
)

// A recording is JSON lines, each an object with time, topic and payload. The
// time is a text or a number; a payload that is a text is what was published,
// any other JSON was published as it stands. In place of payload, payload_base64
// holds one that is no text; retain tells a message that the broker kept from
// before. So what mosquitto_sub writes with -F %j is a recording.
type recording struct {
	source *source
	stamps *stamps
	time   string // the member that holds the time; "" for the usual names
	topics map[string]string

	stamp, payload []byte // of the last line
}

func newRecording(time string, stamps *stamps, s *source) *recording {
	return &recording{source: s, stamps: stamps, time: time, topics: map[string]string{}}
}

// read takes one line's time and message.
func (r *recording) read(line []byte) (err error) {
	if !gjson.ValidBytes(line) || line[0] != '{' {
		return errors.New("it is no JSON object")
	}
	var stamp, topic, payload, encoded, retain gjson.Result
	gjson.Parse(viewString(line)).ForEach(func(key, value gjson.Result) bool {
		switch name := key.Str; {
		case name == "topic":
			topic = value
		case name == "payload":
			payload = value
		case name == "payload_base64":
			encoded = value
		case name == "retain", name == "retained":
			retain = value
		case r.isTime(name):
			stamp = value
		}
		return true
	})
	switch {
	case topic.Type != gjson.String || topic.Str == "":
		return errors.New(`it has no "topic" that is a text`)
	case !payload.Exists() && !encoded.Exists():
		return errors.New(`it has no "payload"`)
	}
	if r.source.at, err = r.stampOf(stamp); err != nil {
		return err
	}
	if err := r.keep(payload, encoded); err != nil {
		return err
	}
	r.source.retained = retain.Bool()
	r.source.messages = append(r.source.messages, rehearsal.Message{Topic: r.intern(topic.Str), Payload: r.payload})
	return nil
}

// keep takes the payload out of a line.
func (r *recording) keep(payload, encoded gjson.Result) (err error) {
	switch {
	case !payload.Exists():
		if r.payload, err = base64.StdEncoding.AppendDecode(r.payload[:0], []byte(encoded.Str)); err != nil {
			return fmt.Errorf("its payload_base64 is no base64: %w", err)
		}
	case payload.Type == gjson.String:
		r.payload = append(r.payload[:0], payload.Str...)
	default:
		r.payload = append(r.payload[:0], payload.Raw...)
	}
	return nil
}

// viewString returns a line as a string without copying it. It must not be kept:
// the line changes with the next one.
func viewString(line []byte) string {
	return unsafe.String(unsafe.SliceData(line), len(line))
}

func (r *recording) isTime(name string) bool {
	if r.time != "" {
		return name == r.time
	}
	for _, usual := range timeNames {
		if strings.EqualFold(name, usual) {
			return true
		}
	}
	return false
}

func (r *recording) stampOf(v gjson.Result) (int64, error) {
	switch v.Type {
	case gjson.String:
		r.stamp = append(r.stamp[:0], v.Str...)
		return r.stamps.parse(r.stamp)
	case gjson.Number:
		r.stamp = append(r.stamp[:0], v.Raw...)
		return r.stamps.parse(r.stamp)
	}
	if r.time != "" {
		return 0, fmt.Errorf("it has no %q that is a time", r.time)
	}
	return 0, errors.New(`it has no "time"`)
}

// intern keeps one string for a topic that comes again and again.
func (r *recording) intern(topic string) string {
	if known, ok := r.topics[topic]; ok {
		return known
	}
	topic = strings.Clone(topic)
	if len(r.topics) < topicsMax {
		r.topics[topic] = topic
	}
	return topic
}
