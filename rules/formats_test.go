package rules

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"
)

// sensorAt loads a sensor with the given arguments, topic included.
func sensorAt(t testing.TB, arguments string, zone *time.Location) *Sensor {
	t.Helper()
	s, diags := loadSensor(sensorBlock(t, "sensor \"x\" {\n"+arguments+"\n}"), nil, zone)
	if diags.HasErrors() {
		t.Fatalf("%s\n%v", arguments, diags)
	}
	return s
}

func fromHex(t testing.TB, text string) string {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPathsGoIntoCBORAsIntoJSON(t *testing.T) {
	checkDecode(t, `
		decode = "cbor"
		fields = {
			battery = { type = number, path = "ts.39" }
			name    = { type = string, path = "list[1].n" }
			seen    = time
			raw     = { type = string, path = "b" }
			low     = { type = bool, path = "b", at = 1, bit = 0 }
			none    = number
		}`, []decodeCase{
		{fromHex(t, "a5 627473 a1182714 646c697374 82 00 a1616e6178 647365656e c11a514b67b0 6162 4200ff 646e6f6e65 f97e00"), `20 "x" 1.36389624e+09 "00ff" true unavailable`},
		{fromHex(t, "a1 627473 a11827"), `bad_payload bad_payload bad_payload bad_payload bad_payload bad_payload`},
		{fromHex(t, "a1 627473 05"), `missing missing missing missing missing missing`},
		{"", `missing missing missing missing missing missing`},
		{`{"ts":5}`, `bad_payload bad_payload bad_payload bad_payload bad_payload bad_payload`},
	})
	checkDecode(t, "decode = \"cbor\"\nvalue = number", []decodeCase{{fromHex(t, "fb4035800000000000"), `21.5`}, {fromHex(t, "a0"), `missing`}, {fromHex(t, "6432312e35"), `21.5`}})
}

func TestSenMLRecordsAreFoundByNameAndUnit(t *testing.T) {
	checkDecode(t, `
		decode = "senml"
		fields = { voltage = number, current = number, door = bool, label = string }`, []decodeCase{
		{`[{"bn":"urn:dev:ow:10e2:","n":"voltage","u":"V","v":120.1},{"n":"current","u":"A","v":1.2}]`, `120.1 1.2 missing missing`},
		{`[{"bn":"urn:dev:mac:0024/","n":"door","vb":true},{"n":"label","vs":"Machine Room"}]`, `missing missing true "Machine Room"`},
		{`[{"bn":"urn:dev:ow:10e2:","bt":1.276020076001e+09,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},{"n":"current","t":-5,"v":1.2},{"n":"current","v":1.7},{"n":"current","t":-1,"v":1.6}]`, `120.1 1.7 missing missing`},
		{`[{"bn":"volt","n":"age","v":5}]`, `5 missing missing missing`},
		{`[{"bv":100,"n":"voltage","v":20.5},{"n":"current","bv":-1,"v":3},{"n":"door","vb":false}]`, `120.5 2 false missing`},
		{`[{"n":"voltage","s":5}]`, `missing missing missing missing`},
		{`[{"n":"voltage","v":"high"},{"n":"current","v":null}]`, `not_a_number null missing missing`},
		{` [ { "n" : "voltage" , "v" : 1 } , { "v" : 2 , "n" : "voltage" } ] `, `2 missing missing missing`},
		{`[]`, `missing missing missing missing`},
		{`[5]`, `bad_payload bad_payload bad_payload bad_payload`},
		{`[{"n":"voltage","v":1},{"bt":"now"}]`, `bad_payload bad_payload bad_payload bad_payload`},
		{`[{"n":5,"v":1}]`, `bad_payload bad_payload bad_payload bad_payload`},
		{`[{"n":"voltage","v":1,"must_":true}]`, `bad_payload bad_payload bad_payload bad_payload`},
		{`{"n":"voltage","v":1}`, `bad_payload bad_payload bad_payload bad_payload`},
		{`[{"n":"voltage"`, `bad_payload bad_payload bad_payload bad_payload`},
		{``, `missing missing missing missing`},
	})
	checkDecode(t, `
		decode = "senml"
		fields = { humidity = number, longitude = number, battery = number, probe = number }
		path   = { humidity = "[%RH]", longitude = "urn:dev:ow:10e2[lon]", battery = "[%EL]", probe = ["none", "urn:dev:ow:77"] }`, []decodeCase{
		{`[{"bn":"urn:dev:ow:10e2","bt":1.320067464e+09,"bu":"%RH","v":20},{"u":"lon","v":24.30621},{"u":"lat","v":60.07965},{"t":60,"v":20.3},{"u":"%EL","t":150,"v":98},{"t":180,"v":21.2}]`, `21.2 24.30621 98 missing`},
		{`[{"n":"urn:dev:ow:77","u":"Cel","v":23.1}]`, `missing missing missing 23.1`},
	})
	checkDecode(t, `
		decode = "senml"
		fields = { temp = number, data = { type = number, at = 1, format = "int8" } }`, []decodeCase{
		{fromHex(t, "82 a5 21 68646576313a613a3a 22 fb41d303a15b001062 00 6474656d70 01 6343656c 02 fb4046c00000000000 a2 00 6464617461 08 4200ee"), `45.5 -18`},
		{`[{"n":"data","vd":"AO4"},{"n":"temp","v":1}]`, `1 -18`},
		{`[{"n":"data","v":7},{"n":"temp","vd":"AO4"}]`, `not_a_number not_a_number`},
		{fromHex(t, "82 a5"), `bad_payload bad_payload`},
	})
}

// stamped decodes a payload and writes down what it says of itself.
func stamped(s *Sensor, topic, payload string) string {
	stamp, ok := s.NewDecoder().Decode(topic, []byte(payload), make([]Value, len(s.Fields)))
	out := "untimed"
	if !stamp.Time.IsZero() {
		out = stamp.Time.UTC().Format(time.RFC3339Nano)
	}
	if stamp.Sequence != 0 {
		out += " numbered"
	}
	return fmt.Sprint(out, map[bool]string{true: "", false: " nothing"}[ok])
}

func TestAReadingsOwnTimeIsWhereTheSensorSays(t *testing.T) {
	for _, tt := range []struct{ arguments, payload, want string }{
		{`time = payload.ts`, `{"ts":1764000000,"a":1}`, "2025-11-24T16:00:00Z"},
		{`time = payload.ts`, `{"ts":"1743724331"}`, "2025-04-03T23:52:11Z"},
		{`time = payload.ts`, `{"ts":1764000000123}`, "2025-11-24T16:00:00.123Z"},
		{`time = payload.meta.times[1]`, `{"meta":{"times":[5,1764000000]}}`, "2025-11-24T16:00:00Z"},
		{`time = payload["at time"]`, `{"at time":1764000000}`, "2025-11-24T16:00:00Z"},
		{`time = "params.ts"`, `{"params":{"ts":1764000000}}`, "2025-11-24T16:00:00Z"},
		{`time = "*.t"`, `{"x":{"t":null},"y":{"t":1764000000}}`, "2025-11-24T16:00:00Z"},
		{`time = [payload.after, "ts"]`, `{"after":null,"ts":1764000000}`, "2025-11-24T16:00:00Z"},
		{`time = [payload.after, "ts"]`, `{"after":1763000000,"ts":1764000000}`, "2025-11-13T02:13:20Z"},
		{`time = payload`, `1764000000`, "2025-11-24T16:00:00Z"},
		{`time = payload.Time`, `{"Time":"2021-06-27T15:03:44"}`, "2021-06-27T13:03:44Z"},
		{"time = payload.Time\ntimezone = \"UTC\"", `{"Time":"2021-06-27T15:03:44"}`, "2021-06-27T15:03:44Z"},
		{`time = payload.Time`, `{"Time":"2021-06-27T15:03:44Z"}`, "2021-06-27T15:03:44Z"},
		{`time = payload.Time`, `{"Time":"1970-01-01T00:00:10"}`, "untimed"},
		{`time = payload.Time`, `{"Time":"@0.125572s"}`, "untimed"},
		{`time = payload.Time`, `{"Time":0}`, "untimed"},
		{`time = payload.Time`, `{"Time":{"x":1}}`, "untimed"},
		{`time = payload.Time`, `{"a":1}`, "untimed"},
		{`time = payload.Time`, `{"Time`, "untimed"},
		{`qos = 0`, `{"ts":1764000000}`, "untimed"},
	} {
		s := sensorAt(t, "topic = \"a\"\nfields = { a = number }\n"+tt.arguments, time.FixedZone("", 2*3600))
		if got := stamped(s, "a", tt.payload); got != tt.want {
			t.Errorf("%s, %s: got %s, want %s", tt.arguments, tt.payload, got, tt.want)
		}
	}
}

func TestTheNewestRecordOfAPackSaysItsTime(t *testing.T) {
	s := sensorAt(t, "topic = \"a\"\ndecode = \"senml\"\ntime = payload.t\nfields = { a = number, b = number }", nil)
	for _, tt := range []struct{ payload, want string }{
		{`[{"bt":1764000000,"n":"a","v":1},{"n":"b","t":10,"v":1},{"n":"c","t":20,"v":1}]`, "2025-11-24T16:00:10Z"},
		{`[{"n":"a","v":1},{"n":"b","t":-10,"v":1}]`, "untimed"},
		{`[{"n":"c","t":1764000000,"v":1}]`, "untimed"},
		{`[{"n":"a","t":500000000,"v":1}]`, "untimed"},
	} {
		if got := stamped(s, "a", tt.payload); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.payload, got, tt.want)
		}
	}
}

func TestTheSameSequenceStandsForTheSameMessage(t *testing.T) {
	s := sensorOf(t, "fields = { a = number }\nsequence = payload.seq")
	d, into := s.NewDecoder(), make([]Value, 1)
	number := func(payload string) uint64 {
		stamp, _ := d.Decode("a/b", []byte(payload), into)
		return stamp.Sequence
	}
	one, same, two, text := number(`{"seq":1,"a":5}`), number(`{"a":6,"seq":1}`), number(`{"seq":2}`), number(`{"seq":"3ac7e3c4"}`)
	if one == 0 || one != same || one == two || text == 0 || text == two {
		t.Errorf("got %x, %x, %x, %x", one, same, two, text)
	}
	for _, payload := range []string{`{"a":1}`, `{"seq":null}`, ``, `broken`} {
		if got := number(payload); got != 0 {
			t.Errorf("%s: got %x, want none", payload, got)
		}
	}
}
