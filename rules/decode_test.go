package rules

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// sensorBlock parses one sensor block.
func sensorBlock(t testing.TB, src string) *hclsyntax.Block {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(src), "home.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s\n%v", src, diags)
	}
	return file.Body.(*hclsyntax.Body).Blocks[0]
}

// sensorOf loads a sensor with the given arguments and no mistakes.
func sensorOf(t testing.TB, arguments string) *Sensor {
	t.Helper()
	s, diags := loadSensor(sensorBlock(t, "sensor \"x\" {\n topic = \"a/{b}\"\n"+arguments+"\n}"), nil, nil)
	if diags.HasErrors() {
		t.Fatalf("%s\n%v", arguments, diags)
	}
	return s
}

// decoded decodes a payload and writes the values down.
func decoded(s *Sensor, payload string) string {
	values := make([]Value, len(s.Fields))
	s.NewDecoder().Decode("a/b", []byte(payload), values)
	return listed(s, values)
}

// listed writes values down.
func listed(s *Sensor, values []Value) string {
	var out []string
	for i, v := range values {
		out = append(out, written(s.Fields[i].Kind, v))
	}
	return strings.Join(out, " ")
}

func written(k Kind, v Value) string {
	switch {
	case v.Why != Known:
		return v.Why.String()
	case k == Bool:
		return fmt.Sprint(v.Bool)
	case k == String:
		return fmt.Sprintf("%q", v.Str)
	}
	return fmt.Sprint(v.Num)
}

type decodeCase struct{ payload, want string }

func checkDecode(t *testing.T, arguments string, cases []decodeCase) {
	t.Helper()
	s := sensorOf(t, arguments)
	for _, tt := range cases {
		if got := decoded(s, tt.payload); got != tt.want {
			t.Errorf("%s\n%.60q: got %s, want %s", arguments, tt.payload, got, tt.want)
		}
	}
}

func TestFieldsAreMembersOfTheirOwnName(t *testing.T) {
	checkDecode(t, `fields = { smoke = bool, battery = number, state = string, seen = time }`, []decodeCase{
		{`{"battery":90,"smoke":true,"state":"OK","seen":"2024-01-10T18:42:48+00:00"}`, `true 90 "OK" 1.704912168e+09`},
		{`{"smoke":"ON","battery":" 12.5 ","state":7,"seen":1704912168000}`, `true 12.5 "7" 1.704912168e+09`},
		{"\n{ \"smoke\" : 0 ,\t\"battery\" : 1e2 , \"state\" : false, \"seen\": null }\r\n", `false 100 "false" null`},
		{`{"smoke":null,"battery":null,"state":null}`, `null null null missing`},
		{`{"smoke":2,"battery":true,"state":{},"seen":[]}`, `not_a_number not_a_number not_a_number not_a_number`},
		{`{"smoke":"unavailable","battery":"nan","state":"none","seen":"unknown"}`, `unavailable unavailable "none" unavailable`},
		{`{"smoke":"","battery":"","state":"","seen":""}`, `not_a_number not_a_number "" not_a_number`},
		{`{"battery":1e10000000,"state":1e10000000}`, `missing out_of_range "1e10000000" missing`},
		{`{"battery":-0}`, `missing 0 missing missing`},
		{`{"nested":{"battery":5},"list":[{"battery":6}]}`, `missing missing missing missing`},
		{`{}`, `missing missing missing missing`},
		{`[]`, `missing missing missing missing`},
		{`21.5`, `missing missing missing missing`},
		{`"ON"`, `missing missing missing missing`},
		{`null`, `missing missing missing missing`},
		{``, `missing missing missing missing`},
		{`offline`, `bad_payload bad_payload bad_payload bad_payload`},
		{` `, `bad_payload bad_payload bad_payload bad_payload`},
		{`{"battery":90`, `bad_payload bad_payload bad_payload bad_payload`},
		{`{"battery":90}}`, `bad_payload bad_payload bad_payload bad_payload`},
		{`{"battery":90,}`, `bad_payload bad_payload bad_payload bad_payload`},
		{`{battery:90}`, `bad_payload bad_payload bad_payload bad_payload`},
		{`{"battery":NaN}`, `bad_payload bad_payload bad_payload bad_payload`},
		{`{"battery":0x10}`, `bad_payload bad_payload bad_payload bad_payload`},
		{"{\"state\":\"\xff\"}", `bad_payload bad_payload bad_payload bad_payload`},
		{"\x00\x01\x02", `bad_payload bad_payload bad_payload bad_payload`},
		{"{\"battery\":1}\x00", `bad_payload bad_payload bad_payload bad_payload`},
	})
}

func TestWhatDoesNotFitIsUnknownWithAReason(t *testing.T) {
	const stuck, late = "celsius 20, an hour long", "ten minutes old"
	for _, tt := range []struct {
		payload string
		want    Reason
	}{
		{`{}`, Missing},
		{`{"celsius": null}`, Null},
		{`{"celsius": "warm"}`, NotANumber},
		{`{"celsius": "unavailable"}`, Unavailable},
		{`{"celsius": 85}`, OutOfRange},
		{`{"celsius": 20`, BadPayload},
		{stuck, Stuck},
		{late, TooOld},
	} {
		l := newLife(t, `
sensor "x" {
  topic       = "x"
  fields      = { celsius = number }
  valid       = { celsius = [-40, 80] }
  time        = payload.ts
  max_age     = "5m"
  stuck_after = "1h"
}
`)
		switch l.origin = time.Unix(2e9, 0); tt.payload {
		case stuck:
			l.observe("x", `{"celsius": 20}`)
			l.until(time.Hour)
			l.observe("x", `{"celsius": 20}`)
		case late:
			l.observe("x", fmt.Sprintf(`{"celsius": 20, "ts": %d}`, l.origin.Add(-10*time.Minute).Unix()))
		default:
			l.observe("x", tt.payload)
		}
		if got := l.engine.sensors[0].series[""].values[0].Why; got != tt.want {
			t.Errorf("%s: unknown because of %v, want %v", tt.payload, got, tt.want)
		}
	}
}

func TestStringsSayWhatTheirEscapesMean(t *testing.T) {
	checkDecode(t, `fields = { state = string, battery = number, smoke = bool }`, []decodeCase{
		{`{"state":"a\"b\\c\/\n\u00e9"}`, `"a\"b\\c/\né" missing missing`},
		{`{"state":"\ud83d\udd25"}`, `"🔥" missing missing`},
		{`{"state":"\ud800"}`, `"` + "\uFFFD" + `" missing missing`},
		{`{"state":"\u0000"}`, `"\x00" missing missing`},
		{`{"state":"  kept  "}`, `"  kept  " missing missing`},
		{`{"battery":"\u0031\u0032","smoke":"\u004fN"}`, `missing 12 true`},
		{`{"st\u0061te":"by escaped key"}`, `"by escaped key" missing missing`},
		{`{"\\":1,"a\"state":2,"x":"}\"{","state":"found"}`, `"found" missing missing`},
		{`{"state":"` + strings.Repeat("x", stringMaxBytes+1) + `"}`, `out_of_range missing missing`},
	})
}

func TestOfEqualKeysTheLastCounts(t *testing.T) {
	checkDecode(t, `
		fields = { a = number, b = number, c = number }
		path   = { b = "n.b", c = "n.c" }`, []decodeCase{
		{`{"a":1,"a":2}`, `2 missing missing`},
		{`{"a":1,"a":null}`, `null missing missing`},
		{`{"n":{"b":1,"c":1},"n":{"c":2}}`, `missing missing 2`},
		{`{"n":{"b":1},"n":3}`, `missing missing missing`},
		{`{"n":3,"n":{"b":1}}`, `missing 1 missing`},
	})
}

func TestPathsReachIntoThePayload(t *testing.T) {
	checkDecode(t, `
		fields = { oil = number, second = number, dotted = number, probe = number, star = number, whole = string }
		path = {
			oil    = "engine.oil[0].p"
			second = "engine.oil[1].p"
			dotted = "['a.b']"
			probe  = "DS18B20-1.Temperature"
			star   = "e*.#.@this"
			whole  = "engine.name"
		}`, []decodeCase{
		{`{"engine":{"oil":[{"p":310,"q":[1,{"p":2}]},{"p":5}],"name":"C32"}}`, `310 5 missing missing missing "C32"`},
		{`{"engine":{"oil":[{"p":310}]}}`, `310 missing missing missing missing missing`},
		{`{"engine":{"oil":{"0":{"p":310}}}}`, `missing missing missing missing missing missing`},
		{`{"engine":[{"oil":1}]}`, `missing missing missing missing missing missing`},
		{`{"engine":{"oil":[]}}`, `missing missing missing missing missing missing`},
		{`{"a":{"b":1},"a.b":2}`, `missing missing 2 missing missing missing`},
		{`{"DS18B20-1":{"Id":"00000566CC39","Temperature":13.3},"DS18B20-2":{"Temperature":1.2}}`, `missing missing missing 13.3 missing missing`},
		{`{"e*":{"#":{"@this":4}},"engine":{"#":{"@this":5}}}`, `missing missing missing missing 4 missing`},
	})
	checkDecode(t, `
		value = number
		path  = "[2].v"`, []decodeCase{
		{`[{"v":1},{"v":2},{"v":3}]`, `3`},
		{`[[{"v":9}],"}",{"v":3},{"v":4}]`, `3`},
		{`[{"v":1}]`, `missing`},
		{`{"v":1}`, `missing`},
		{`21.5`, `missing`},
		{`ON`, `bad_payload`},
		{`[1,2,{"v":{}}]`, `not_a_number`},
	})
}

func TestAPayloadCanBeTheValueItself(t *testing.T) {
	checkDecode(t, `value = number`, []decodeCase{
		{`21.5`, `21.5`}, {`"21.5"`, `21.5`}, {" -4.25\n", `-4.25`}, {`007`, `7`}, {`+1`, `1`},
		{`unavailable`, `unavailable`}, {`nan`, `unavailable`}, {`null`, `null`}, {`ON`, `not_a_number`},
		{`true`, `not_a_number`}, {`inf`, `not_a_number`}, {`1e10000000`, `out_of_range`}, {` `, `not_a_number`},
		{`{"value":21.5}`, `missing`}, {`[21.5]`, `missing`}, {``, `missing`},
		{`{"value":21.5`, `bad_payload`}, {`"21.5`, `bad_payload`}, {"21.5\xff", `bad_payload`},
	})
	checkDecode(t, `value = bool`, []decodeCase{
		{`ON`, `true`}, {`"ON"`, `true`}, {`true`, `true`}, {`1`, `true`}, {`open`, `true`}, {"True\n", `true`},
		{`OFF`, `false`}, {`"no"`, `false`}, {`closed`, `false`}, {`0`, `false`},
		{`overpower`, `not_a_number`}, {`30`, `not_a_number`}, {`null`, `null`}, {``, `missing`},
	})
	checkDecode(t, `value = string`, []decodeCase{
		{`offline`, `"offline"`}, {`"YES"`, `"YES"`}, {` stopped `, `"stopped"`}, {`true`, `"true"`}, {`0017`, `"0017"`},
		{`21.50`, `"21.50"`}, {`null`, `null`}, {`none`, `"none"`}, {`unavailable`, `"unavailable"`}, {``, `missing`},
		{`[INFO] started`, `bad_payload`}, {strings.Repeat("x", stringMaxBytes+1), `out_of_range`},
	})
	checkDecode(t, `value = time`, []decodeCase{
		{`2024-01-10T18:42:48.5+00:00`, `1.7049121685e+09`}, {`1704912168`, `1.704912168e+09`}, {`soon`, `not_a_number`},
	})
}

func TestADecoderDecidesWhatIsJSON(t *testing.T) {
	checkDecode(t, `
		value  = string
		decode = "text"`, []decodeCase{
		{`[INFO] started`, `"[INFO] started"`}, {` "quoted" `, `"\"quoted\""`}, {`null`, `"null"`}, {`{"a":1}`, `"{\"a\":1}"`},
		{"\xff", `bad_payload`}, {``, `missing`},
	})
	checkDecode(t, `
		value  = number
		decode = "text"`, []decodeCase{{` 21.5 `, `21.5`}, {`"21.5"`, `not_a_number`}, {`null`, `null`}, {`{}`, `not_a_number`}})
	checkDecode(t, `
		value  = bool
		decode = "json"`, []decodeCase{{`"ON"`, `true`}, {`true`, `true`}, {`ON`, `bad_payload`}, {` `, `bad_payload`}, {``, `missing`}})
}

func TestNumbersOutsideTheValidRangeAreNotBelieved(t *testing.T) {
	checkDecode(t, `
		fields = { celsius = number, id = number }
		valid  = { celsius = [-40, 150] }`, []decodeCase{
		{`{"celsius":-40,"id":999}`, `-40 999`}, {`{"celsius":150}`, `150 missing`},
		{`{"celsius":-40.001}`, `out_of_range missing`}, {`{"celsius":"999"}`, `out_of_range missing`},
	})
	checkDecode(t, `
		value = number
		valid = [-100, 900]`, []decodeCase{{`999`, `out_of_range`}, {`-18`, `-18`}})
}

func TestDeepJSONIsRefusedBeforeItCosts(t *testing.T) {
	nested := func(depth int) string {
		return `{"x":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `,"celsius":4}`
	}
	checkDecode(t, `fields = { celsius = number }`, []decodeCase{
		{nested(jsonMaxDepth), `4`},
		{nested(jsonMaxDepth + 1), `bad_payload`},
		{nested(100_000), `bad_payload`},
		{strings.Repeat("[", 256<<10), `bad_payload`},
		{strings.Repeat(`{"a":`, 50_000), `bad_payload`},
		{`{"x":"` + strings.Repeat("[", 1000) + `\"[","celsius":4}`, `4`},
		{`{"x":[` + strings.Repeat("[],", 1000) + `[]],"celsius":4}`, `4`},
	})
	// Looking at this twice for each bracket would take minutes.
	s := sensorOf(t, `fields = { celsius = number }`)
	hostile := []byte(`{"a":[` + strings.Repeat(`"\"[",[{"b":[]}],`, 16<<10) + `0`)
	began := time.Now()
	s.NewDecoder().Decode("a/b", hostile, make([]Value, 1))
	if took := time.Since(began); took > time.Second {
		t.Errorf("%d bytes took %v, want well under a second", len(hostile), took)
	}
}

func TestValuesOutliveThePayload(t *testing.T) {
	s := sensorOf(t, `fields = { state = string }`)
	values := make([]Value, 1)
	payload := []byte(`{"state":"closed"}`)
	s.NewDecoder().Decode("a/b", payload, values)
	copy(payload, strings.Repeat("x", len(payload)))
	if values[0].Str != "closed" {
		t.Errorf("after the payload was overwritten the value is %q, want closed", values[0].Str)
	}
	bare := sensorOf(t, `value = string`)
	payload = []byte("online")
	bare.NewDecoder().Decode("a/b", payload, values)
	copy(payload, "xxxxxx")
	if values[0].Str != "online" {
		t.Errorf("after the payload was overwritten the value is %q, want online", values[0].Str)
	}
}

func TestDecodeSetsEveryPartOfAValue(t *testing.T) {
	s := sensorOf(t, `fields = { celsius = number, smoke = bool, state = string }`)
	for _, payload := range []string{``, `{}`, `{"celsius":null,"smoke":null,"state":null}`, `broken`} {
		values := []Value{{Num: 7, Str: "a", Bool: true}, {Num: 7, Str: "a", Bool: true}, {Num: 7, Str: "a", Bool: true}}
		s.NewDecoder().Decode("a/b", []byte(payload), values)
		for i, v := range values {
			if v.Why == Known || v != (Value{Why: v.Why}) {
				t.Errorf("%q: field %d is %+v, want an unknown and nothing else", payload, i, v)
			}
		}
	}
	values := []Value{{Str: "a", Bool: true}, {Num: 7, Str: "a"}, {Num: 7, Bool: true}}
	s.NewDecoder().Decode("a/b", []byte(`{"celsius":1,"smoke":true,"state":"a"}`), values)
	if want := [3]Value{{Num: 1}, {Bool: true}, {Str: "a"}}; [3]Value(values) != want {
		t.Errorf("got %+v, want %+v", values, want)
	}
}

var steadyPayload = []byte(`{"battery":83,"humidity":76.55,"last_seen":"2024-01-09T23:17:18+00:00","linkquality":99,` +
	`"update":{"state":"idle","installed":[1,2,{"x":"y"}]},"pressure":1008.8,"smoke":"ON","temperature":" 20.76 ","state":"closed"}`)

const steadyFields = `
	fields = { temperature = number, smoke = bool, battery = number, state = string, update = string }
	path   = { update = "update.state" }`

func TestASteadySensorAllocatesNothing(t *testing.T) {
	for _, tt := range []struct {
		arguments string
		payload   []byte
	}{
		{steadyFields, steadyPayload},
		{`value = number`, []byte("-18.5")},
		{`value = number`, []byte(`"-18.123456789012345678901234567890123456789"`)},
		{`value = number`, []byte("unavailable")},
		{`value = bool`, []byte("OFF")},
		{`value = string`, []byte("closed")},
		{`value = time`, []byte("2024-01-09T23:17:18Z")},
		{`value = number`, []byte("{broken")},
		{`value = number`, nil},
	} {
		s := sensorOf(t, tt.arguments)
		d, values := s.NewDecoder(), make([]Value, len(s.Fields))
		d.Decode("a/b", tt.payload, values)
		if n := testing.AllocsPerRun(200, func() { d.Decode("a/b", tt.payload, values) }); n != 0 {
			t.Errorf("%s\n%.40q: %v allocations, want 0", tt.arguments, tt.payload, n)
		}
	}
}

func FuzzDecodeAgreesWithTheStandardLibrary(f *testing.F) {
	for _, payload := range []string{
		string(steadyPayload), `{"n":1,"n":2}`, `{"n":{"n":[{"n":"1"}]}}`, `[{"n":1},2]`, `{"\u006e":"a\ud800"}`,
		`21.5`, `ON`, `{"n":1e999}`, `{"n":`, "\xff", ``, `{"n":[],"n":{}}`, ` { "n" : [ 1 , { "n" : true } ] } `,
	} {
		f.Add([]byte(payload))
	}
	var sensors []*Sensor
	for _, kind := range []string{"number", "bool", "string", "time"} {
		sensors = append(sensors,
			sensorOf(f, "value = "+kind),
			sensorOf(f, "decode = \"text\"\nvalue = "+kind),
			sensorOf(f, "decode = \"json\"\nvalue = "+kind+"\npath = \"n.n[0].n\""),
			sensorOf(f, "fields = { n = "+kind+", m = "+kind+" }\npath = { m = \"n[1].n\" }"))
	}
	plain := sensorOf(f, "fields = { n = string, m = string }\npath = { m = \"n[1].n\" }")
	f.Fuzz(func(t *testing.T, payload []byte) {
		var values [2]Value
		for _, s := range sensors {
			s.NewDecoder().Decode("a/b", payload, values[:len(s.Fields)])
			for i, v := range values[:len(s.Fields)] {
				if v.Num != v.Num || v.Num-v.Num != 0 {
					t.Errorf("%q: field %d is %v", payload, i, v.Num)
				}
			}
		}
		plain.NewDecoder().Decode("a/b", payload, values[:])
		var document any
		decoder := json.NewDecoder(strings.NewReader(string(payload)))
		decoder.UseNumber()
		if !json.Valid(payload) || decoder.Decode(&document) != nil || tooDeep(string(payload)) || values[0].Why == BadPayload {
			if json.Valid(payload) != (values[0].Why != BadPayload) && !tooDeep(string(payload)) && strings.ToValidUTF8(string(payload), "") == string(payload) && len(payload) > 0 {
				t.Errorf("%q: valid JSON is %v, but got %v", payload, json.Valid(payload), values[0].Why)
			}
			return
		}
		object, _ := document.(map[string]any)
		n, present := object["n"]
		sameAsLibrary(t, payload, values[0], n, present)
		if list, ok := n.([]any); ok && len(list) > 1 {
			inner, _ := list[1].(map[string]any)
			m, present := inner["n"]
			sameAsLibrary(t, payload, values[1], m, present)
		} else if values[1].Why != Missing {
			t.Errorf("%q: m is %+v, want missing", payload, values[1])
		}
	})
}

// sameAsLibrary compares a string field with what encoding/json found.
func sameAsLibrary(t *testing.T, payload []byte, got Value, want any, present bool) {
	t.Helper()
	expected := Value{}
	switch want := want.(type) {
	case nil:
		expected.Why = Null
		if !present {
			expected.Why = Missing
		}
	case string:
		expected.Str = want
	case json.Number:
		expected.Str = want.String()
	case bool:
		expected.Str = fmt.Sprint(want)
	default:
		expected.Why = NotANumber
	}
	if len(expected.Str) > stringMaxBytes {
		expected = Value{Why: OutOfRange}
	}
	if got != expected {
		t.Errorf("%q: got %+v, encoding/json says %+v", payload, got, expected)
	}
}

func BenchmarkDecodeFiveFieldsOfAnObject(b *testing.B) {
	s := sensorOf(b, steadyFields)
	values := make([]Value, len(s.Fields))
	b.SetBytes(int64(len(steadyPayload)))
	b.ReportAllocs()
	d := s.NewDecoder()
	for b.Loop() {
		d.Decode("a/b", steadyPayload, values)
	}
}

func BenchmarkDecodeABareNumber(b *testing.B) {
	s := sensorOf(b, "value = number")
	values := make([]Value, 1)
	payload := []byte("-18.5")
	b.ReportAllocs()
	d := s.NewDecoder()
	for b.Loop() {
		d.Decode("a/b", payload, values)
	}
}

func BenchmarkDecodeAHostileNest(b *testing.B) {
	s := sensorOf(b, steadyFields)
	values := make([]Value, len(s.Fields))
	payload := []byte(strings.Repeat("[", 256<<10))
	b.ReportAllocs()
	d := s.NewDecoder()
	for b.Loop() {
		d.Decode("a/b", payload, values)
	}
}
