package sparkplug

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
)

// field is one field of a protobuf message, as bytes.
func field(number int, typ wireType, value any) []byte {
	b := binary.AppendUvarint(nil, uint64(number)<<3|uint64(typ))
	switch v := value.(type) {
	case uint64:
		return binary.AppendUvarint(b, v)
	case float32:
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	case float64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	case []byte:
		return append(binary.AppendUvarint(b, uint64(len(v))), v...)
	case string:
		return append(binary.AppendUvarint(b, uint64(len(v))), v...)
	}
	panic("no such field")
}

func message(fields ...[]byte) (out []byte) {
	for _, f := range fields {
		out = append(out, f...)
	}
	return out
}

// told writes a metric down.
func told(m Metric) string {
	var out []string
	out = append(out, m.Name)
	if m.HasAlias {
		out = append(out, fmt.Sprint("alias ", m.Alias))
	}
	for word, is := range map[string]bool{"historical": m.Historical, "null": m.Null, "doubtful": m.Doubtful} {
		if is {
			out = append(out, word)
		}
	}
	if n, ok := m.Number(Unknown); ok {
		out = append(out, fmt.Sprint(n))
	}
	if is, ok := m.Bool(); ok {
		out = append(out, fmt.Sprint(is))
	}
	if text, ok := m.Text(); ok {
		out = append(out, fmt.Sprintf("%q", text))
	}
	if b, ok := m.Bytes(); ok {
		out = append(out, fmt.Sprintf("%x", b))
	}
	return strings.TrimSpace(strings.Join(out, " "))
}

func TestAMetricSaysItsValueByItsType(t *testing.T) {
	for _, tt := range []struct {
		want   string
		fields [][]byte
	}{
		{"t 21.5", [][]byte{field(1, delimited, "t"), field(4, varint, uint64(Float)), field(12, fixed32, float32(21.5))}},
		{"t 21.25", [][]byte{field(1, delimited, "t"), field(4, varint, uint64(Double)), field(13, fixed64, 21.25)}},
		{"alias 7 -18", [][]byte{field(2, varint, uint64(7)), field(4, varint, uint64(Int32)), field(10, varint, uint64(4294967278))}},
		{"t -18", [][]byte{field(1, delimited, "t"), field(4, varint, uint64(Int8)), field(10, varint, uint64(4294967278))}},
		{"t -18", [][]byte{field(1, delimited, "t"), field(4, varint, uint64(Int8)), field(10, varint, uint64(238))}},
		{"t -18", [][]byte{field(1, delimited, "t"), field(4, varint, uint64(Int16)), field(10, varint, uint64(65518))}},
		{"t -18", [][]byte{field(1, delimited, "t"), field(4, varint, uint64(Int64)), field(11, varint, uint64(math.MaxUint64-17))}},
		{"t 4.294967278e+09", [][]byte{field(1, delimited, "t"), field(4, varint, uint64(UInt32)), field(10, varint, uint64(4294967278))}},
		{"t 127", [][]byte{field(1, delimited, "t"), field(10, varint, uint64(127))}},
		{"t", [][]byte{field(1, delimited, "t"), field(10, varint, uint64(128))}},
		{"t", [][]byte{field(1, delimited, "t"), field(4, varint, uint64(String)), field(10, varint, uint64(5))}},
		{"t true", [][]byte{field(1, delimited, "t"), field(4, varint, uint64(Boolean)), field(14, varint, uint64(1))}},
		{`t "ok"`, [][]byte{field(1, delimited, "t"), field(15, delimited, "ok")}},
		{"t 0aff", [][]byte{field(1, delimited, "t"), field(16, delimited, "\x0a\xff")}},
		{"t null", [][]byte{field(1, delimited, "t"), field(7, varint, uint64(1))}},
		{"t historical 5", [][]byte{field(1, delimited, "t"), field(5, varint, uint64(1)), field(10, varint, uint64(5))}},
		{"t", [][]byte{field(1, delimited, "t"), field(17, delimited, "a data set")}},
		{"t 5", [][]byte{field(1, delimited, "t"), field(99, delimited, "later"), field(10, varint, uint64(5))}},
	} {
		var got []string
		_, ok := Read(message(field(2, delimited, message(tt.fields...))), func(m Metric) { got = append(got, told(m)) })
		if !ok || strings.Join(got, "|") != tt.want {
			t.Errorf("got %q, %v, want %q", got, ok, tt.want)
		}
	}
}

func TestABadOrStaleQualityIsDoubtful(t *testing.T) {
	property := func(quality uint64) []byte {
		return message(
			field(1, delimited, "engUnit"), field(1, delimited, "Quality"),
			field(2, delimited, message(field(1, varint, uint64(String)), field(8, delimited, "C"))),
			field(2, delimited, message(field(1, varint, uint64(Int32)), field(3, varint, quality))))
	}
	for quality, want := range map[uint64]bool{0: true, 192: false, 500: true} {
		var got Metric
		_, ok := Read(field(2, delimited, message(field(1, delimited, "t"), field(9, delimited, property(quality)))), func(m Metric) { got = m })
		if !ok || got.Doubtful != want {
			t.Errorf("quality %d: doubtful is %v, %v, want %v", quality, got.Doubtful, ok, want)
		}
	}
}

func TestAPayloadSaysItsTimeAndNumber(t *testing.T) {
	p, ok := Read(message(field(1, varint, uint64(1700000000123)), field(3, varint, uint64(0))), func(Metric) {})
	if want := (Payload{Timestamp: 1700000000123, Sequenced: true}); !ok || p != want {
		t.Errorf("got %+v, %v, want %+v", p, ok, want)
	}
}

func TestNothingIsReadOfAnUnsoundPayload(t *testing.T) {
	sound := message(field(2, delimited, message(field(1, delimited, "a"), field(10, varint, uint64(5)))), field(3, varint, uint64(7)))
	for _, payload := range [][]byte{
		sound[:len(sound)-1],
		sound[:4],
		message(sound, []byte{0x00}), // field 0
		message(sound, []byte{0x0b}), // a group
		message(sound, []byte{0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}), // a length of 2^64-1
		message(sound, []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}), // a varint of 11 bytes
		message(sound, field(2, delimited, "\x0a\x05abc")),                                       // a metric that is cut short
		message(sound, field(2, delimited, message(field(9, delimited, "\x0a\x05abc")))),         // properties that are
	} {
		if _, ok := Read(payload, func(m Metric) { t.Errorf("%x: visited %v", payload, m.Name) }); ok {
			t.Errorf("%x: sound", payload)
		}
	}
}

func TestATopicSaysWhoAndWhat(t *testing.T) {
	for _, tt := range []struct {
		topic string
		want  Topic
		ok    bool
	}{
		{"spBv1.0/plant 1/DDATA/edge/press", Topic{"plant 1", "edge", DeviceData, "press"}, true},
		{"spBv1.0/plant/NBIRTH/edge", Topic{"plant", "edge", NodeBirth, ""}, true},
		{"spBv1.0/plant/NDATA/edge/press", Topic{}, false},
		{"spBv1.0/plant/DDATA/edge", Topic{}, false},
		{"spBv1.0/plant/DDATA/edge/a/b", Topic{}, false},
		{"spBv1.0/STATE/scada1", Topic{}, false},
		{"spBv1.0/plant/STATE/scada1", Topic{}, false},
		{"spAv1.0/plant/NDATA/edge", Topic{}, false},
		{"spBv1.0", Topic{}, false},
		{"", Topic{}, false},
	} {
		got, ok := ParseTopic(tt.topic)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: got %+v, %v, want %+v, %v", tt.topic, got, ok, tt.want, tt.ok)
		}
	}
}

func TestReadingAllocatesNothing(t *testing.T) {
	payload := message(field(1, varint, uint64(1700000000123)),
		field(2, delimited, message(field(1, delimited, "temperature"), field(4, varint, uint64(Float)), field(12, fixed32, float32(21.5)))),
		field(2, delimited, message(field(2, varint, uint64(3)), field(15, delimited, "ok"))))
	sum := 0.0
	visit := func(m Metric) {
		n, _ := m.Number(Unknown)
		sum += n
	}
	if n := testing.AllocsPerRun(100, func() { Read(payload, visit) }); n != 0 || sum == 0 {
		t.Errorf("%v allocations, sum %v, want 0 and some", n, sum)
	}
}

func FuzzAPayloadIsReadWholeOrNotAtAll(f *testing.F) {
	f.Add(message(field(1, varint, uint64(1)), field(2, delimited, message(field(1, delimited, "a"), field(10, varint, uint64(5))))))
	f.Add(message(field(2, delimited, message(field(9, delimited, message(field(1, delimited, "Quality"), field(2, delimited, message(field(3, varint, uint64(0))))))))))
	f.Add([]byte{0x12, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, payload []byte) {
		metrics := 0
		_, ok := Read(payload, func(m Metric) {
			metrics++
			told(m)
		})
		if !ok && metrics > 0 {
			t.Errorf("%x: %d metrics of an unsound payload", payload, metrics)
		}
		if metrics > len(payload)/2 {
			t.Errorf("%x: %d metrics", payload, metrics)
		}
	})
}
