package rules

import "testing"

func TestWordsOfABoolReplaceTheBuiltInOnes(t *testing.T) {
	checkDecode(t, `
		value = bool
		on    = ["open", "timeout not closed"]
		off   = ["closed"]`, []decodeCase{
		{`open`, `true`}, {`" OPEN "`, `true`}, {`timeout not closed`, `true`}, {`Closed`, `false`},
		{`1`, `not_a_number`}, {`true`, `not_a_number`}, {`ajar`, `not_a_number`}, {`unavailable`, `unavailable`}, {`null`, `null`},
	})
	checkDecode(t, `
		value = bool
		on    = [1, 2]
		off   = [0]`, []decodeCase{
		{`2`, `true`}, {`"1.0"`, `true`}, {`0`, `false`}, {`-0`, `false`}, {`3`, `not_a_number`}, {`true`, `not_a_number`},
	})
	checkDecode(t, `
		value = bool
		on    = [true, "TRUE", 1]
		off   = [false, 0]
		exact = true`, []decodeCase{
		{`true`, `true`}, {`TRUE`, `true`}, {`True`, `not_a_number`}, {`1`, `true`}, {`false`, `false`}, {`FALSE`, `not_a_number`},
	})
	checkDecode(t, `
		value = bool
		on    = ["geöffnet"]
		off   = ["zu"]`, []decodeCase{{`GEÖFFNET`, `true`}, {`Zu`, `false`}, {`off`, `not_a_number`}})
	checkDecode(t, `
		value = bool
		on    = ["overpower"]
		off   = ["on", "off"]`, []decodeCase{{`overpower`, `true`}, {`on`, `false`}, {`off`, `false`}})
}

func TestWordsGiveNumbersNamesAndNamesNumbers(t *testing.T) {
	checkDecode(t, `
		fields = { gas = number, alarm = string }
		words  = {
			gas   = { none = 0, mild = 1, heavy = 2, "3.0" = 9 }
			alarm = { "0" = "ok", "1" = "warning", "2" = "alarm" }
		}
		scale = { gas = 10 }
		valid = { gas = [0, 5] }`, []decodeCase{
		{`{"gas":"heavy","alarm":2}`, `2 "alarm"`}, {`{"gas":"None","alarm":"0.0"}`, `0 "ok"`}, {`{"gas":0.4,"alarm":7}`, `4 "7"`},
		{`{"gas":3,"alarm":"other"}`, `9 "other"`}, {`{"gas":"test","alarm":null}`, `not_a_number null`}, {`{"gas":"unknown"}`, `unavailable missing`},
		{`{"gas":1}`, `out_of_range missing`},
	})
}

func TestGuardValuesAreNotBelieved(t *testing.T) {
	checkDecode(t, `
		value   = number
		invalid = [999, -127.99, 32767, "n/a"]
		scale   = 0.1
		valid   = [-100, 60]`, []decodeCase{
		{`999`, `out_of_range`}, {`"999.0"`, `out_of_range`}, {`-127.99`, `out_of_range`}, {`-127.98999786376953`, `out_of_range`},
		{`32767`, `out_of_range`}, {`998`, `out_of_range`}, {`500`, `50`}, {`N/A`, `unavailable`}, {`-1279.9`, `out_of_range`}, {`-127.9`, `-12.790000000000001`},
	})
	checkDecode(t, `
		fields = {
			state = { type = string, invalid = ["unavailable", "unknown"] }
			exact = { type = string, invalid = ["NA"], exact = true }
			open  = { type = bool, invalid = [255] }
		}`, []decodeCase{
		{`{"state":"Unavailable","exact":"NA","open":255}`, `unavailable unavailable out_of_range`},
		{`{"state":"idle","exact":"na","open":1}`, `"idle" "na" true`},
	})
}

func TestScaleAndOffsetTurnThePayloadsNumberIntoTheFields(t *testing.T) {
	checkDecode(t, `
		value = number
		scale = 0.1`, []decodeCase{{`615`, `61.5`}, {`3`, `0.3`}, {`-7`, `-0.7`}, {`0`, `0`}})
	checkDecode(t, `
		value  = number
		scale  = 5 / 9
		offset = -32 * 5 / 9`, []decodeCase{{`212`, `100`}, {`32`, `0`}, {`-40`, `-40`}})
	checkDecode(t, `
		fields = { coolant_c = { type = number, offset = -40, valid = [-40, 210] } }`, []decodeCase{{`{"coolant_c":149}`, `109`}, {`{"coolant_c":255}`, `out_of_range`}})
	checkDecode(t, `
		value = number
		scale = 1e300`, []decodeCase{{`1e10`, `out_of_range`}, {`-1e10`, `out_of_range`}, {`1`, `1e+300`}})
	checkDecode(t, `
		value = number
		scale = 0.5556`, []decodeCase{{`10`, `5.556`}})
}

func TestExtractFindsTheValueInAText(t *testing.T) {
	checkDecode(t, `
		fields  = { kw = number }
		path    = { kw = "SerialReceived" }
		extract = { kw = "21[.]7[.]0[(]([0-9.]+)[*]kW" }`, []decodeCase{
		{`{"SerialReceived":"1-0:21.7.0(00.496*kW)\r"}`, `0.496`}, {`{"SerialReceived":"1-0:22.7.0(00.496*kW)"}`, `missing`}, {`{}`, `missing`},
	})
	checkDecode(t, `
		decode = "text"
		fields = {
			usage = { type = number, extract = "usage=([-0-9.e+]+)" }
			host  = { type = string, extract = "host=([^ ,]+)" }
		}`, []decodeCase{
		{`cpu,host=pop-os usage=97.5 1653579153147395661`, `97.5 "pop-os"`}, {`cpu usage=x`, `missing missing`}, {``, `missing missing`},
	})
	checkDecode(t, `
		value   = number
		extract = "^([-+0-9.]+) *°?C$"`, []decodeCase{{`21.5 °C`, `21.5`}, {`-3C`, `-3`}, {`21.5 °F`, `missing`}, {`"7 C"`, `7`}})
	checkDecode(t, `
		value   = bool
		extract = "state=(?:([a-z]+)|$)"`, []decodeCase{{`state=open`, `true`}, {`state=`, `missing`}})
}

func TestPartialMessagesLeaveTheOtherFieldsAsTheyWere(t *testing.T) {
	s := sensorOf(t, `
		fields  = { a = number, b = string }
		partial = true`)
	d, values := s.NewDecoder(), make([]Value, 2)
	for _, tt := range []decodeCase{
		{`{"a":1,"b":"x"}`, `1 "x"`}, {`{"a":2}`, `2 "x"`}, {`{"b":"y","c":3}`, `2 "y"`}, {`{"a":null}`, `null "y"`}, {`{}`, `null "y"`},
		{`{"a":3}`, `3 "y"`}, {`broken`, `bad_payload bad_payload`}, {``, `missing missing`},
	} {
		d.Decode("a/b", []byte(tt.payload), values)
		if got := listed(s, values); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.payload, got, tt.want)
		}
	}
}

func TestABareValueOfAPartialSensorLeavesTheOtherFieldsAsTheyWere(t *testing.T) {
	s := sensorOf(t, `
		fields  = { state = string, seen = number }
		path    = { state = ["state", "."] }
		partial = true`)
	d, values := s.NewDecoder(), make([]Value, 2)
	for _, tt := range []decodeCase{{`{"state":"on","seen":5}`, `"on" 5`}, {`off`, `"off" 5`}} {
		d.Decode("a/b", []byte(tt.payload), values)
		if got := listed(s, values); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.payload, got, tt.want)
		}
	}
}

func TestOnlyMessagesThatSayTheWordsAreReadings(t *testing.T) {
	s := sensorOf(t, `
		fields = { camera = string, score = number }
		path   = { camera = "after.camera", score = "after.score" }
		only   = { type = "new", "after.label" = ["person", "car"], "after.zones[*]" = ["yard", 7] }`)
	d, values := s.NewDecoder(), make([]Value, 2)
	setUnknown(values, Missing)
	for _, tt := range []struct {
		payload string
		reading bool
		want    string
	}{
		{`{"type":"new","after":{"label":"person","zones":["yard"],"camera":"gate","score":0.9}}`, true, `"gate" 0.9`},
		{`{"type":"update","after":{"label":"person","zones":["yard"],"camera":"hall","score":0.1}}`, false, `"gate" 0.9`},
		{`{"type":"new","after":{"label":"dog","zones":["yard"],"camera":"hall"}}`, false, `"gate" 0.9`},
		{`{"type":"new","after":{"label":"car","zones":["street"],"camera":"hall"}}`, false, `"gate" 0.9`},
		{`{"type":"new","after":{"label":"car","zones":["street",7.0],"camera":"hall"}}`, true, `"hall" missing`},
		{`{"type":"New","after":{"label":"car","zones":[7]}}`, false, `"hall" missing`},
		{`{"after":{"label":"car","zones":[7]}}`, false, `"hall" missing`},
		{`new`, false, `"hall" missing`}, {`"new"`, false, `"hall" missing`}, {``, false, `"hall" missing`}, {`{"type":`, false, `"hall" missing`},
	} {
		if _, ok := d.Decode("a/b", []byte(tt.payload), values); ok != tt.reading || listed(s, values) != tt.want {
			t.Errorf("%s: got %v, %s, want %v, %s", tt.payload, ok, listed(s, values), tt.reading, tt.want)
		}
	}
}
