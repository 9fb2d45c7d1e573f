package rules

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/rules/sparkplug"
)

// wireField is one field of a protobuf message: a float64 as a double, a uint64
// as a varint, bytes and strings delimited.
func wireField(number uint64, value any) []byte {
	b := func(wire uint64) []byte { return binary.AppendUvarint(nil, number<<3|wire) }
	switch v := value.(type) {
	case int:
		return binary.AppendUvarint(b(0), uint64(v))
	case uint64:
		return binary.AppendUvarint(b(0), v)
	case float64:
		return binary.LittleEndian.AppendUint64(b(1), math.Float64bits(v))
	case string:
		return append(binary.AppendUvarint(b(2), uint64(len(v))), v...)
	}
	panic("no such field")
}

// metricOf is a metric's fields: name 1, alias 2, type 4, historical 5, null 7,
// integer 10, double 13, bool 14, string 15, bytes 16.
func metricOf(fields map[uint64]any) string {
	var out []byte
	for _, number := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, wireField(number, fields[number])...)
	}
	return string(wireField(2, string(out)))
}

const told = uint64(1764000000123) // ms

func sparkplugPayload(metrics ...string) string {
	return string(wireField(1, told)) + strings.Join(metrics, "") + string(wireField(3, 7))
}

const pressSensor = `
	topic  = "spBv1.0/{group}/{_}/{node}/{device}"
	decode = "sparkplug"
	time   = payload.timestamp
	sequence = payload.seq
	fields = {
		top_c  = { type = number, path = "Chamber/Top" }
		cold_c = { type = number, path = "Cold", scale = 0.1, invalid = [-999] }
		stop   = { type = bool, path = "output/Stop" }
		state  = { type = string, path = "State" }
		leak   = { type = bool, path = "Raw", at = 0, bit = 7 }
	}`

var pressBirth = sparkplugPayload(
	metricOf(map[uint64]any{1: "Chamber/Top", 2: 10, 4: int(sparkplug.Double), 13: 20.5}),
	metricOf(map[uint64]any{1: "Cold", 2: 11, 4: int(sparkplug.Int16), 10: uint64(math.MaxUint32 - 179)}),
	metricOf(map[uint64]any{1: "Other", 2: 12, 4: int(sparkplug.Int16), 10: 5}),
	metricOf(map[uint64]any{1: "State", 2: 13, 4: int(sparkplug.String), 15: "run"}),
)

func TestSparkplugTellsWhatChanged(t *testing.T) {
	s := sensorAt(t, pressSensor, nil)
	d, values := s.NewDecoder(), make([]Value, len(s.Fields))
	setUnknown(values, Missing)
	for _, tt := range []struct{ kind, payload, want string }{
		// Before its birth only names are understood, and only numbers of a type.
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{2: 10, 13: 70.0}), metricOf(map[uint64]any{1: "Cold", 10: uint64(4294967278)})), `missing not_a_number missing missing missing`},
		{"DBIRTH", pressBirth, `20.5 -18 missing "run" missing`},
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{2: 10, 13: 71.5})), `71.5 -18 missing "run" missing`},
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{2: 11, 10: uint64(math.MaxUint32 - 4)})), `71.5 -0.5 missing "run" missing`},
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{2: 11, 4: int(sparkplug.Int8), 10: 238})), `71.5 -1.8 missing "run" missing`},
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{2: 10, 7: 1}), metricOf(map[uint64]any{1: "output/Stop", 14: 1})), `null -1.8 true "run" missing`},
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{2: 10, 5: 1, 13: 99.0})), `null -1.8 true "run" missing`},
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{2: 12, 10: 6}), metricOf(map[uint64]any{2: 77, 10: 6})), `null -1.8 true "run" missing`},
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{1: "Raw", 10: 4})), `null -1.8 true "run" not_a_number`},
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{1: "Raw", 16: "\x80"})), `null -1.8 true "run" true`},
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{2: 11, 4: int(sparkplug.Int16), 10: uint64(math.MaxUint32 - 998)})), `null out_of_range true "run" true`},
		{"DDATA", sparkplugPayload(metricOf(map[uint64]any{1: "State", 15: "\xff"})), `null out_of_range true bad_payload true`},
		{"DCMD", sparkplugPayload(metricOf(map[uint64]any{1: "output/Stop", 14: 0})), `null out_of_range true bad_payload true`},
		{"DDATA", pressBirth[:len(pressBirth)-3], `bad_payload bad_payload bad_payload bad_payload bad_payload`},
		{"DBIRTH", pressBirth, `20.5 -18 missing "run" missing`},
		{"DDEATH", sparkplugPayload(), `unavailable unavailable unavailable unavailable unavailable`},
	} {
		d.Decode("spBv1.0/plant/"+tt.kind+"/edge/press", []byte(tt.payload), values)
		if got := listed(s, values); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.kind, got, tt.want)
		}
	}
}

func TestASparkplugMessageSaysWhenAndWhich(t *testing.T) {
	s := sensorAt(t, pressSensor, nil)
	for _, tt := range []struct{ kind, payload, want string }{
		{"DDATA", sparkplugPayload(), "2025-11-24T16:00:00.123Z numbered"},
		{"DDATA", string(wireField(1, 5)), "untimed"},
		{"DDATA", string(wireField(1, uint64(math.MaxUint64))), "untimed"},
		{"DDATA", "\x12\xff", "untimed"},
		{"DCMD", sparkplugPayload(), "untimed nothing"},
		{"DDEATH", sparkplugPayload(), "untimed"},
	} {
		if got := stamped(s, "spBv1.0/plant/"+tt.kind+"/edge/press", tt.payload); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.kind, got, tt.want)
		}
	}
	if got := stamped(s, "spBv1.0/STATE/scada1", `{"online":false}`); got != "untimed nothing" {
		t.Errorf("STATE: got %s", got)
	}
	unasked := sensorAt(t, strings.NewReplacer("time   = payload.timestamp", "", "sequence = payload.seq", "").Replace(pressSensor), nil)
	if got := stamped(unasked, "spBv1.0/plant/DDATA/edge/press", sparkplugPayload()); got != "untimed" {
		t.Errorf("not asked for: got %s", got)
	}
}

func TestABirthIsKnownAgainAfterARestart(t *testing.T) {
	s := sensorAt(t, pressSensor, nil)
	before, values := s.NewDecoder(), make([]Value, len(s.Fields))
	topic := "spBv1.0/plant/DBIRTH/edge/press"
	before.Decode(topic, []byte(pressBirth), values)
	records := before.Unsaved()
	if len(records) != 1 || records[0].Key != "plant/edge/press" {
		t.Fatalf("got %q, want one record of plant/edge/press", records)
	}
	before.Decode(topic, []byte(pressBirth), values)
	if again := before.Unsaved(); len(again) != 0 {
		t.Errorf("the same birth is written again: %q", again)
	}
	after := s.NewDecoder()
	if err := after.Restore(records[0].Key, records[0].Value); err != nil {
		t.Fatal(err)
	}
	after.Decode("spBv1.0/plant/DDATA/edge/press", []byte(sparkplugPayload(metricOf(map[uint64]any{2: 10, 13: 71.5}))), values)
	if values[0] != (Value{Num: 71.5}) {
		t.Errorf("got %+v, want 71.5", values[0])
	}
	if err := after.Restore("x", []byte("{")); err == nil {
		t.Error("a broken record is no error")
	}
}

func TestTheDeathOfAnEarlierSessionKillsNobody(t *testing.T) {
	session := func(n int) string {
		return sparkplugPayload(metricOf(map[uint64]any{1: "bdSeq", 4: int(sparkplug.UInt64), 10: n}))
	}
	d := sensorAt(t, pressSensor, nil).NewDecoder()
	dies := func(payload string) bool {
		stamp, ok := d.Decode("spBv1.0/plant/NDEATH/edge", []byte(payload), nil)
		return stamp.Gone && ok
	}
	if !dies(session(3)) {
		t.Error("the death of a node nobody heard of: got nothing")
	}
	if stamp, ok := d.Decode("spBv1.0/plant/NBIRTH/edge", []byte(session(4)), nil); ok || stamp != (Stamp{}) {
		t.Errorf("the birth of a node to a sensor of devices: got %+v, %v", stamp, ok)
	}
	if dies(session(3)) {
		t.Error("the death of the session before is taken for one of this session")
	}
	if !dies(session(4)) || !dies(sparkplugPayload()) {
		t.Error("the death of this session: got nothing")
	}
}

func TestAnEdgeNodesOwnMetricsAreReadByASensorOfNodes(t *testing.T) {
	s := sensorAt(t, "topic = \"spBv1.0/plant/{_}/{node}\"\ndecode = \"sparkplug\"\nvalue = number\npath = \"Load\"", nil)
	if got := strings.Join(s.Filters(), " "); got != "spBv1.0/plant/+/+" {
		t.Errorf("filters: got %s", got)
	}
	d, values := s.NewDecoder(), make([]Value, 1)
	birth := sparkplugPayload(metricOf(map[uint64]any{1: "Load", 2: 1, 4: int(sparkplug.Int32), 10: 50}))
	data := sparkplugPayload(metricOf(map[uint64]any{2: 1, 10: 60}))
	for _, tt := range []struct{ kind, payload, want string }{{"NBIRTH", birth, "50"}, {"NDATA", data, "60"}, {"NDEATH", sparkplugPayload(), "unavailable"}} {
		d.Decode("spBv1.0/plant/"+tt.kind+"/edge", []byte(tt.payload), values)
		if got := listed(s, values); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.kind, got, tt.want)
		}
	}
}

func TestADeviceDiesWithItsEdgeNode(t *testing.T) {
	set := loadText(t, "sensor \"press\" {"+pressSensor+`
	}
	alert "hot" {
		when    = sensor.press.top_c > 60
		message = "${device} ${sensor.press.top_c}"
	}
	alert "lost" {
		when    = !known(sensor.press.top_c)
		message = "${device} lost"
	}`)
	if got, want := strings.Join(set.Sensors[0].Filters(), " "), "spBv1.0/+/+/+/+ spBv1.0/+/NBIRTH/+ spBv1.0/+/NDEATH/+"; got != want {
		t.Errorf("filters: got %s, want %s", got, want)
	}
	e := NewEngine(set)
	at := time.Duration(0)
	hear := func(topic, payload string) (said []string) {
		at += time.Second
		for _, tr := range e.Observe(Reading{Topic: topic, Payload: []byte(payload), At: at}).Transitions {
			said = append(said, tr.Instance+" "+tr.To.String())
		}
		return said
	}
	hot := sparkplugPayload(metricOf(map[uint64]any{2: 10, 13: 71.5}))
	for _, tt := range []struct {
		topic, payload string
		want           string
	}{
		{"spBv1.0/plant/DBIRTH/edge/press", pressBirth, ""},
		{"spBv1.0/plant/DBIRTH/edge/saw", pressBirth, ""},
		{"spBv1.0/other/DBIRTH/edge/mill", pressBirth, ""},
		{"spBv1.0/plant/DDATA/edge/press", hot, `hot{device="press",group="plant",node="edge"} firing`},
		{"spBv1.0/plant/NDATA/edge", hot, ""},
		{"spBv1.0/plant/NDEATH/edge2", sparkplugPayload(), ""},
		{"spBv1.0/plant/NDEATH/edge", sparkplugPayload(), `lost{device="press",group="plant",node="edge"} firing, lost{device="saw",group="plant",node="edge"} firing`},
	} {
		if got := strings.Join(hear(tt.topic, tt.payload), ", "); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.topic, got, tt.want)
		}
	}
}

func TestBirthsAreBounded(t *testing.T) {
	d := sensorAt(t, pressSensor, nil).NewDecoder()
	values := make([]Value, 5)
	d.Decode("spBv1.0/plant/DBIRTH/edge/"+strings.Repeat("x", birthKeyMaxBytes), []byte(pressBirth), values)
	var many bytes.Buffer
	for range 1000 {
		many.WriteString(metricOf(map[uint64]any{1: "Cold", 2: 11}))
	}
	d.Decode("spBv1.0/plant/DBIRTH/edge/press", many.Bytes(), values)
	if len(d.births.known) != 1 || len(d.births.known["plant/edge/press"].Metrics) != 1 {
		t.Errorf("got %v", d.births.known)
	}
}

func TestSparkplugDataCostsNoAllocation(t *testing.T) {
	s := sensorAt(t, pressSensor, nil)
	d, values := s.NewDecoder(), make([]Value, len(s.Fields))
	topic, data := "spBv1.0/plant/DDATA/a rather long edge node name/press number seventeen", []byte(sparkplugPayload(metricOf(map[uint64]any{2: 10, 13: 71.5}), metricOf(map[uint64]any{2: 13, 15: "run"})))
	d.Decode("spBv1.0/plant/DBIRTH/a rather long edge node name/press number seventeen", []byte(pressBirth), values)
	if n := testing.AllocsPerRun(200, func() { d.Decode(topic, data, values) }); n != 0 || values[0].Num != 71.5 {
		t.Errorf("%v allocations, %v, want 0", n, values[0])
	}
}

func FuzzFormatsNeverCrashTheDecoder(f *testing.F) {
	f.Add("spBv1.0/plant/DBIRTH/edge/press", []byte(pressBirth), []byte(sparkplugPayload(metricOf(map[uint64]any{2: 10, 13: 71.5}))))
	f.Add("spBv1.0/plant/NDEATH/edge", []byte("\x12\x05abcde"), []byte(`[{"bn":"a","n":"b","v":1}]`))
	f.Add("spBv1.0/plant/DDATA/edge/press", []byte(`[{"n":"a","bv":1,"v":2,"t":5}]`), []byte("\xa1\x61a\x01"))
	sensors := []*Sensor{
		sensorAt(f, pressSensor, nil),
		sensorAt(f, "topic = \"a\"\ndecode = \"senml\"\ntime = payload.t\nfields = { a = number, b = { type = bool, at = 0, bit = 1 } }\npath = { a = [\"a\", \"[Cel]\"] }", nil),
		sensorAt(f, "topic = \"a\"\ndecode = \"cbor\"\ntime = payload.t\nsequence = payload.a\nfields = { a = number, b = { type = string, path = \"*.*\", at = 0, format = \"text\" }, c = string }", nil),
	}
	f.Fuzz(func(t *testing.T, topic string, first, second []byte) {
		for _, s := range sensors {
			d, values := s.NewDecoder(), make([]Value, len(s.Fields))
			for _, payload := range [][]byte{first, second, first} {
				d.Decode(topic, payload, values)
			}
			for i, v := range values {
				if v.Num != v.Num || v.Num-v.Num != 0 || v.Why != Known && v != (Value{Why: v.Why}) {
					t.Errorf("field %d is %+v", i, v)
				}
			}
			if len(d.births.known) > 3 || len(d.json) > 8*max(len(first), len(second))+64 {
				t.Errorf("%d births, %d bytes of JSON", len(d.births.known), len(d.json))
			}
		}
	})
}
