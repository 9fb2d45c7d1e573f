package rules

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

func TestAnyChildIsTheFirstThatIsKnown(t *testing.T) {
	checkDecode(t, `
		fields = { door = bool, battery = number, name = string }
		path   = { door = "LwReceived.*.DoorOpen", battery = "*.*.Battery", name = "list[*].name" }`, []decodeCase{
		{`{"LwReceived":{"0x4AD6":{"DoorOpen":1,"Battery":3.0}}}`, `true 3 missing`},
		{`{"LwReceived":{"a":{"DoorOpen":"?","Battery":null},"b":{"DoorOpen":0,"Battery":2},"c":{"DoorOpen":1,"Battery":1}}}`, `false 2 missing`},
		{`{"LwReceived":{"a":{"DoorOpen":"?"},"b":{"DoorOpen":null}}}`, `not_a_number missing missing`},
		{`{"LwReceived":{"a":{},"b":{"DoorOpen":null},"c":{}}}`, `null missing missing`},
		{`{"LwReceived":{}}`, `missing missing missing`},
		{`{"LwReceived":5}`, `missing missing missing`},
		{`{"list":[{"nam":"x"},7,{"name":"y"},{"name":"z"}]}`, `missing missing "y"`},
		{`{"list":{"a":{"name":"y"}}}`, `missing missing "y"`},
		// Of a key that is there twice the last counts, also around and inside of *.
		{`{"LwReceived":{"a":{"DoorOpen":1}},"LwReceived":{"b":{"DoorOpen":0}}}`, `false missing missing`},
		{`{"LwReceived":{"a":{"DoorOpen":1,"DoorOpen":0}}}`, `false missing missing`},
	})
	checkDecode(t, `
		value = number
		path  = "*.*.v"`, []decodeCase{
		{`{"a":{"x":{}},"b":{"x":{"v":"?"},"y":{"v":2}},"c":{"x":{"v":3}}}`, `2`},
		{`[[{"v":1}]]`, `1`},
	})
}

func TestAnElementIsChosenByWhatItSays(t *testing.T) {
	checkDecode(t, `
		fields = { kitchen = number, probe = number, frame = string, error = bool, port = number }
		path = {
			kitchen = "sensors[name=kitchen].temp"
			probe   = "[Id=0000059352D4].Temperature"
			frame   = "can1[id=217056256].data"
			error   = "errors[=overtemp]"
			port    = "list['port number'=5].v"
		}
		on  = { error = ["overtemp"] }
		off = { error = ["none"] }`, []decodeCase{
		{`{"sensors":[{"name":"hall","temp":1},{"temp":2,"name":"kitchen"},{"name":"kitchen","temp":3}]}`, `2 missing missing missing missing`},
		{`{"sensors":[{"name":"kitchen"},{"name":"kitchen","temp":3}]}`, `3 missing missing missing missing`},
		{`{"sensors":{"a":{"name":"kitchen","temp":4}}}`, `4 missing missing missing missing`},
		{`{"sensors":[{"name":"Kitchen","temp":4}]}`, `missing missing missing missing missing`},
		{`{"sensors":["kitchen",{"name":null},{"name":["kitchen"]},{"name":"hall","name":"kitchen","temp":5}]}`, `5 missing missing missing missing`},
		{`{"DS18B20-1":{"Id":"00000566CC39","Temperature":13.3},"DS18B20-2":{"Id":"0000059352D4","Temperature":1.2},"TempUnit":"C"}`, `missing 1.2 missing missing missing`},
		{`{"can1":[{"id":217056000,"data":"00"},{"id":2.17056256e8,"data":"FF"}]}`, `missing missing "FF" missing missing`},
		{`{"errors":["cable","overtemp"]}`, `missing missing missing true missing`},
		{`{"errors":["cable"]}`, `missing missing missing missing missing`},
		{`{"list":[{"port number":"5","v":1}]}`, `missing missing missing missing 1`},
	})
}

func TestOfSeveralPathsTheFirstCountsThatMakesTheFieldKnown(t *testing.T) {
	checkDecode(t, `
		value = bool
		path  = ["state", "."]
		on    = ["online"]
		off   = ["offline"]`, []decodeCase{
		{`{"state":"online"}`, `true`}, {`online`, `true`}, {`"offline"`, `false`}, {`Offline`, `false`},
		{`{"state":"?"}`, `not_a_number`}, {`{}`, `missing`}, {``, `missing`}, {`{"state`, `bad_payload`},
	})
	checkDecode(t, `
		fields = { celsius = number, name = string }
		path   = { celsius = ["tempc", "temp", "*.celsius"] }`, []decodeCase{
		{`{"tempc":1,"temp":2,"name":"a"}`, `1 "a"`}, {`{"temp":2}`, `2 missing`}, {`{"tempc":"?","temp":2}`, `2 missing`},
		{`{"tempc":"?","temp":null}`, `not_a_number missing`}, {`{"temp":null}`, `null missing`}, {`{"x":{"celsius":4}}`, `4 missing`},
		{`21`, `missing missing`}, {`x`, `bad_payload bad_payload`},
	})
}

func TestABareValueReachesTheFieldsThatAreThePayloadItself(t *testing.T) {
	checkDecode(t, `
		fields = { state = string, seen = number }
		path   = { state = ["state", "."] }`, []decodeCase{
		{`online`, `"online" missing`}, {`{"state":"online","seen":5}`, `"online" 5`}, {`7`, `"7" missing`},
	})
}

func TestAStepToManyLooksAtSoManyChildrenOnly(t *testing.T) {
	many := func(n int) string { return "[" + strings.Repeat(`{"v":"?"},`, n) + `{"v":7}]` }
	checkDecode(t, `
		value = number
		path  = "*.v"`, []decodeCase{{many(childrenMax - 1), `7`}, {many(childrenMax), `not_a_number`}})
}

func TestAHostilePayloadCostsLittleWithEveryKindOfStep(t *testing.T) {
	s := sensorOf(t, `
		fields = { a = number, b = number, c = string, d = number }
		path   = { a = "*.*.*.v", b = "*[k=v][k=v].*.v", c = "['a'].*[=x]", d = ["*.a", "*.b", "[*][*]"] }`)
	values := make([]Value, 4)
	for _, payload := range []string{
		"[" + strings.Repeat(`{"k":"v"},`, 25_000) + "0]",
		strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100),
		`{"a":[` + strings.Repeat(`[[{"v":"?"}]],`, 16_000) + `0]}`,
		"[" + strings.Repeat(`"\u0061",`, 30_000) + "0]",
	} {
		ours := quickest(func() { s.NewDecoder().Decode("a/b", []byte(payload), values) })
		stock := quickest(func() {
			var v any
			if err := json.Unmarshal([]byte(payload), &v); err != nil {
				t.Fatal(err)
			}
		})
		if ours > stock {
			t.Errorf("%.40q: %v, and encoding/json reads it in %v; want less", payload, ours, stock)
		}
	}
}

// quickest is the least of what five runs took: what else the machine does only
// adds to it.
func quickest(run func()) time.Duration {
	least := time.Duration(math.MaxInt64)
	for range 5 {
		began := time.Now()
		run()
		least = min(least, time.Since(began))
	}
	return least
}
