package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// mistakes lists diagnostics one a line, each after the source at its range.
func mistakes(src string, diags hcl.Diagnostics) string {
	var lines []string
	for _, d := range diags {
		lines = append(lines, fmt.Sprintf("%s| %s: %s", src[d.Subject.Start.Byte:d.Subject.End.Byte], d.Summary, d.Detail))
	}
	return strings.Join(lines, "\n")
}

func checkMistakes(t *testing.T, src, want string) {
	t.Helper()
	_, diags := loadSensor(sensorBlock(t, src), nil, nil)
	if got := mistakes(src, diags); got != want {
		t.Errorf("%s\ngot  %s\nwant %s", src, got, want)
	}
}

func TestAMistakeInASensorIsToldAtItsPlaceWithARemedy(t *testing.T) {
	const topicRemedy = `Write the topic it is read from, such as topic = "site/{site}/freezer/{n}".`
	const fieldsRemedy = `Write fields = { name = type } if the payload is an object, or value = type if it is one value.`
	for _, tt := range []struct{ src, want string }{
		{`sensor "front-door" {
			topic = "a"
			value = bool
		}`, `"front-door"| Invalid name: The sensor's name "front-door" is not in lower snake case. Write front_door.`},
		{`sensor {
			topic = "a"
			value = bool
		}`, `sensor| Invalid name: A sensor has one name. Write it in quotes before the brace: sensor "freezer" { … }.`},
		{`sensor "x" {}`, `sensor "x"| Missing argument: sensor "x" has no topic. ` + topicRemedy + `
sensor "x"| Missing argument: sensor "x" has no fields. ` + fieldsRemedy},
	} {
		checkMistakes(t, tt.src, tt.want)
	}
}

func TestAMistakeInATopicIsToldAtItsPlace(t *testing.T) {
	const levels = `Write {name...} for the levels that are left, with a name of your choice.`
	for _, tt := range []struct{ topic, want string }{
		{`"a/+"`, `+| Invalid topic: The wildcard + has no name. Write {name} for the level, with a name of your choice.`},
		{`"Küche/{n}/#"`, `#| Invalid topic: The wildcard # has no name. ` + levels},
		{`"\u004b/#"`, `"\u004b/#"| Invalid topic: The wildcard # has no name. ` + levels},
		{`""`, `""| Invalid topic: The topic is empty. Write a topic, such as "site/{site}/freezer/{n}".`},
		{`"smoke_${room}"`, `"smoke_${room}"| Invalid topic: ${room} would have to be known before any message. For a part of the topic that varies write {room}, without $.`},
		{`var.topic`, `var.topic| Invalid value: topic is fixed when the configuration is loaded, so it cannot use var.topic.`},
		{`5`, `5| Invalid value: topic takes a text, and this is a number. Write it in quotes: "5".`},
	} {
		checkMistakes(t, "sensor \"x\" {\n topic = "+tt.topic+"\n value = bool\n}", tt.want)
	}
}

func TestARangeWithinATopicCountsColumnsAsTheReaderDoes(t *testing.T) {
	_, diags := loadSensor(sensorBlock(t, "sensor \"x\" {\n topic = \"🇮🇪/+\"\n value = bool\n}"), nil, nil)
	if got, want := fmt.Sprint(diags[0].Subject), "home.hcl:2,13-14"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAMistakeInAFieldIsToldAtItsPlace(t *testing.T) {
	for _, tt := range []struct{ arguments, want string }{
		{`value = number
		fields = { a = bool }`, `number| Conflicting arguments: A sensor has fields or a value, not both. Keep value if the payload is one value, fields if it is an object.`},
		{`fields = {}`, `{}| Invalid value: fields is empty. Write fields = { name = type }, such as { celsius = number }.`},
		{`fields = number`, `number| Invalid value: fields takes an object. Write fields = { name = … }.`},
		{`fields = { smoke = boolean, x = nmber, y = "bool", z = 5 }`, `boolean| Invalid value: smoke has the type boolean, which is none of number, bool, string and time. Did you mean bool?
nmber| Invalid value: x takes one of the words number, bool, string and time. Did you mean number?
"bool"| Invalid value: y takes one of the words number, bool, string and time. Write bool without the quotes.
5| Invalid value: z takes one of the words number, bool, string and time. Write number, bool, string or time.`},
		{`value = int`, `int| Invalid value: value has the type int, which is none of number, bool, string and time. Did you mean number?`},
		{`fields = { Oil = number, "oil pressure" = number, "a.b" = bool, null = bool, "" = bool, "é" = bool, a = bool, a = bool }`,
			`Oil| Invalid name: The field's name "Oil" is not in lower snake case. Write oil. If the payload says "Oil", add path = { oil = "Oil" }.
"oil pressure"| Invalid name: The field's name "oil pressure" is not in lower snake case. Write oil_pressure. If the payload says "oil pressure", add path = { oil_pressure = "['oil pressure']" }.
"a.b"| Invalid name: The field's name "a.b" is not in lower snake case. Write a_b. If the payload says "a.b", add path = { a_b = "['a.b']" }.
null| Invalid name: The field's name "null" is a word of the language. Choose another name, such as null_state.
""| Invalid name: The field's name "" is empty. Write a name in lower snake case, such as oil_kpa.
"é"| Invalid name: The field's name "é" is not in lower snake case. Write a name such as oil_kpa.
a| Duplicate name: fields already has a, on line 3. Keep one of them.`},
		{"fields = {" + manyFields(fieldsMax+1) + "}", `f64| Too many fields: A sensor has at most 64 fields, and here are 65. Split it into several sensors on the same topic.`},
	} {
		checkMistakes(t, "sensor \"x\" {\n topic = \"a/{b}\"\n "+tt.arguments+"\n}", tt.want)
	}
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " f%d = number,", i)
	}
	return b.String()
}

func TestAMistakeInAPathOrARangeIsToldAtItsPlace(t *testing.T) {
	for _, tt := range []struct{ arguments, want string }{
		{`fields = { oil = number }
		path = { oli = "a", x = "b", oil = "a..b" }`, `oli| Unknown field: path is for oli, which is not one of the fields. Did you mean oil?
x| Unknown field: path is for x, which is not one of the fields. The fields are oil.
.| Invalid path: A name is missing. Write names with one dot between them, such as "engine.oil[0].p".`},
		{`fields = { oil = number }
		path = "a"`, `"a"| Invalid value: path takes an object. Write path = { oil = … }.`},
		{`fields = { oil = number }
		path = { oil = 5 }`, `5| Invalid value: The path of oil takes a text, and this is a number. Write it in quotes: "5".`},
		{`value = number
		path = { oil = "a" }`, `{ oil = "a" }| Invalid value: path takes a text, and this is an object. Write a text in quotes.`},
		{`value = number
		path = ""`, `""| Invalid path: The path is 0 bytes long. Write between 1 and 256, such as "engine.oil[0].p".`},
		{`value = number
		path = "Öl[x]"`, `x| Invalid path: "x" is not an index. Write a number from 0 to 65535, quote a key, such as "['key']", or choose an element by what it says, such as "[name=kitchen]".`},
		{`fields = { oil = number, on = bool, typo = numer }
		valid = { oli = [1, 2], oil = [2, 1.5], on = [0, 1], typo = [0, 1] }`, `numer| Invalid value: typo takes one of the words number, bool, string and time. Did you mean number?
oli| Unknown field: valid is for oli, which is not one of the fields. Did you mean oil?
[2, 1.5]| Invalid range: No oil lies between 2 and 1.5. Write the smaller number first: [1.5, 2].
[0, 1]| Invalid range: Only a number has a valid range, and on is a bool. Remove it.`},
		{`fields = { oil = number, a = number, b = number }
		valid = { oil = 5, a = [1, 2, 3], b = ["1", 2] }`, `5| Invalid range: The valid range of oil is two numbers. Write the least and the greatest, such as [-40, 150].
[1, 2, 3]| Invalid range: The valid range of a is two numbers. Write the least and the greatest, such as [-40, 150].
"1"| Invalid value: The least valid b takes a number, and this is a text. Write a number without quotes, such as 10 or 2.5.`},
		{`fields = { oil = number }
		valid = [1, 2]`, `[1, 2]| Invalid value: valid takes an object. Write valid = { oil = … }.`},
		{`value = number
		valid = { a = [1, 2] }`, `{ a = [1, 2] }| Invalid range: The valid range of value is two numbers. Write the least and the greatest, such as [-40, 150].`},
		{`value = number
		valid = [1, 1e999]`, `1e999| Invalid number: The greatest valid value is too large. Write a number below 1e308.`},
		{`path = { oil = "a" }
		valid = { oil = [1, 2] }`, `sensor "x"| Missing argument: sensor "x" has no fields. Write fields = { name = type } if the payload is an object, or value = type if it is one value.`},
	} {
		checkMistakes(t, "sensor \"x\" {\n topic = \"a/{b}\"\n "+tt.arguments+"\n}", tt.want)
	}
}

func TestAMistakeInHowASensorIsReadIsToldAtItsPlace(t *testing.T) {
	for _, tt := range []struct{ arguments, want string }{
		{`decode = "xml"`, `"xml"| Invalid value: decode cannot be "xml". Write "auto", "json", "text", "bytes", "cbor", "senml" or "sparkplug".`},
		{`decode = "text"
		path = "a"`, `"a"| Conflicting arguments: Text has no path into it. Leave path out, or write decode = "json".`},
		{`qos = 3`, `3| Invalid number: qos is 3. Write a whole number between 0 and 2.`},
		{`mqtt = "local"`, `"local"| Invalid reference: mqtt refers to a block, and "local" is a text. Write mqtt.local, without quotes.`},
		{`mqtt = [mqtt.a, mqtt.b]`, `mqtt.b| Invalid reference: A sensor is read from one broker. Keep one reference, or leave mqtt out to read it from all.`},
		{`pth = "x"`, `pth| Unsupported argument: sensor "x" takes no argument pth. Did you mean path?`},
	} {
		checkMistakes(t, "sensor \"x\" {\n topic = \"a/{b}\"\n value = string\n "+tt.arguments+"\n}", tt.want)
	}
	checkMistakes(t, `sensor "x" {
		topic  = "a/{b}"
		fields = { a = number }
		decode = "text"
	}`, `a| Conflicting arguments: Text has no fields. Write value = type instead of fields, say which part of the text a is with extract, or write decode = "json".`)
}

func TestASensorIsReadAsWritten(t *testing.T) {
	src := `sensor "engine" {
		topic  = "${var.root}/{machine}/engine"
		fields = { coolant_c = number, running = bool }
		path   = { coolant_c = "engine.coolant[0]" }
		valid  = { coolant_c = [-40, var.hot] }
		decode = "json"
		qos    = 2
		mqtt   = mqtt.plant
	}`
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(map[string]cty.Value{
		"root": cty.StringVal("fleet"), "hot": cty.NumberIntVal(150),
	})}}
	s, diags := loadSensor(sensorBlock(t, src), ctx, nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if s.Name != "engine" || s.Format != "json" || s.QoS != 2 || s.MQTT != "plant" || s.Pattern.Filter() != "fleet/+/engine" || s.Range.Start.Line != 1 {
		t.Errorf("got %+v", s)
	}
	if !slices.Equal(s.Pattern.Labels(), []string{"machine"}) {
		t.Errorf("labels: got %q, want machine", s.Pattern.Labels())
	}
	if c := s.Fields[0]; c.Name != "coolant_c" || c.Kind != Number || c.Path != "engine.coolant[0]" || *c.Valid != [2]float64{-40, 150} || c.Range.Start.Line != 3 {
		t.Errorf("first field: got %+v", c)
	}
	if r := s.Fields[1]; r.Name != "running" || r.Kind != Bool || r.Path != "" || r.Valid != nil {
		t.Errorf("second field: got %+v", r)
	}
	if s.Field("running") != 1 || s.Field("stopped") != -1 || s.Field("") != -1 {
		t.Errorf("Field: got %d, %d, %d, want 1, -1, -1", s.Field("running"), s.Field("stopped"), s.Field(""))
	}
}

func TestWhatASensorDoesNotSayIsAutoOnceAndAllBrokers(t *testing.T) {
	s := sensorOf(t, "value = time")
	if s.Format != "auto" || s.QoS != 1 || s.MQTT != "" || s.Field("") != 0 || s.Fields[0].Kind != Time {
		t.Errorf("got %+v, want format auto, QoS 1 and no broker named", s)
	}
}
