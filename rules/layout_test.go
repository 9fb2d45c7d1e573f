package rules

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"strings"
	"testing"
)

func checkBytes(t *testing.T, arguments string, cases []decodeCase) {
	t.Helper()
	for i := range cases {
		raw, err := hex.DecodeString(strings.ReplaceAll(cases[i].payload, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		cases[i].payload = string(raw)
	}
	checkDecode(t, "decode = \"bytes\"\n"+arguments, cases)
}

func TestNumbersAreReadOutOfBytes(t *testing.T) {
	checkBytes(t, `fields = {
		u8     = { type = number, at = 0, format = "uint8" }
		i8     = { type = number, at = 0, format = "int8" }
		u16    = { type = number, at = 0, format = "uint16" }
		little = { type = number, at = 0, format = "uint16", endian = "little" }
		i16    = { type = number, at = 2, format = "int16", scale = 0.1 }
		i24    = { type = number, at = 1, format = "int24", endian = "little" }
		u32    = { type = number, at = 0, format = "uint32" }
		i48    = { type = number, at = 0, format = "int48" }
		f32    = { type = number, at = 4, format = "float32" }
	}`, []decodeCase{
		{`ff01 ff9c 41ac0000`, `255 -1 65281 511 -10 -6.488319e+06 4.278321052e+09 -1.090928229972e+12 21.5`},
		{`8000 0000 7fc00000`, `128 -128 32768 128 0 0 2.147483648e+09 -1.40737488322624e+14 unavailable`},
		{`0000 0000 ff800000`, `0 0 0 0 0 0 0 65408 out_of_range`},
		{`ff01 ff9c 41ac00`, `255 -1 65281 511 -10 -6.488319e+06 4.278321052e+09 -1.090928229972e+12 missing`},
		{`07`, `7 7 missing missing missing missing missing missing missing`},
		{``, `missing missing missing missing missing missing missing missing missing`},
	})
	checkBytes(t, `fields = {
		f64 = { type = number, at = 0, format = "float64", endian = "little" }
		u64 = { type = number, at = 0, format = "uint64" }
		i64 = { type = number, at = 0, format = "int64" }
	}`, []decodeCase{
		{`0000000000803540`, `21.5 8.40224e+06 8.40224e+06`},
		{`ffffffffffffffff`, `unavailable 1.8446744073709552e+19 -1`},
	})
}

func TestAFloatOfFourBytesIsTheDecimalThatWasMeant(t *testing.T) {
	for _, tt := range []struct {
		n    float32
		want float64
	}{{27.2, 27.2}, {-0.1, -0.1}, {0, 0}, {16777216, 16777216}, {3.4028235e38, 3.4028235e38}, {1e-45, 1e-45}} {
		if got := decimal(tt.n); got != tt.want {
			t.Errorf("got %v, want %v", got, tt.want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { decimal(-3.4028235e38) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestBitsOfANumberAreChosenByAMask(t *testing.T) {
	checkBytes(t, `fields = {
		battery_v = { type = number, at = 0, format = "uint16", mask = "0x3fff", scale = 0.001 }
		leak      = { type = bool, at = 0, bit = 6 }
		open      = { type = bool, at = 0, format = "uint16", bit = 15 }
		upper     = { type = number, at = 1, format = "uint8", mask = "0xf0" }
		signed    = { type = number, at = 0, format = "int16", mask = "0x0fff" }
		parted    = { type = number, at = 0, format = "uint16", mask = 33153 } # 0x8181
	}`, []decodeCase{
		{`4bb8`, `3 true false 11 -1096 6`},
		{`8ce4`, `3.3 false true 14 -796 10`},
	})
	// SPN and FMI of a J1939 DM1 fault, whose 19 bits are apart.
	checkBytes(t, `
		endian = "little"
		fields = {
			spn = { type = number, at = 2, format = "uint24", mask = "0xe0ffff" }
			fmi = { type = number, at = 4, format = "uint8", mask = "0x1f" }
		}`, []decodeCase{{`44ff6e00000100ff`, `110 0`}, {`44ff6e00230100ff`, `65646 3`}})
}

func TestTextIsReadOutOfBytes(t *testing.T) {
	checkBytes(t, `fields = {
		name = { type = string, at = 1, size = 4, format = "text" }
		rest = { type = number, at = 5, format = "text" }
		on   = { type = bool, at = 0, format = "uint8", on = [0], off = [255] }
	}`, []decodeCase{
		{`00 61620000 2d332e35`, `"ab" -3.5 true`}, {`ff 61626364`, `"abcd" missing false`}, {`01 ff000000 41`, `bad_payload not_a_number not_a_number`},
	})
}

func TestATimeIsReadOutOfBytes(t *testing.T) {
	checkBytes(t, `
		value  = time
		at     = 0
		format = "uint32"`, []decodeCase{{`6553f100`, `1.7e+09`}})
}

func TestBytesCanBeWrittenAsText(t *testing.T) {
	checkDecode(t, `
		encoding = "base64"
		fields = {
			battery = { type = number, path = "data", at = 2, format = "uint8" }
			leak    = { type = bool, path = "data", at = 5, format = "uint8" }
			name    = { type = string, path = "deviceInfo.deviceName" }
		}`, []decodeCase{
		{`{"data":"AXVcBQAB","deviceInfo":{"deviceName":"Leak rope"}}`, `92 true "Leak rope"`},
		{`{"data":"AXVcBQAA"}`, `92 false missing`}, {`{"data":"AXVcBQ"}`, `92 missing missing`}, {`{"data":"AXVcBQ=="}`, `92 missing missing`},
		{`{"data":"-_8-_w"}`, `62 missing missing`}, {`{"data":""}`, `missing missing missing`}, {`{"data":null}`, `null null missing`},
		{`{"data":"%%%"}`, `not_a_number not_a_number missing`}, {`{"data":7}`, `not_a_number not_a_number missing`}, {`{"data":[1,2,3]}`, `not_a_number not_a_number missing`},
	})
	checkDecode(t, `
		encoding = "hex"
		endian   = "little"
		fields = {
			coolant_c = { type = number, path = "can2[id=419360256].data", at = 0, format = "uint8", offset = -40 }
			rpm       = { type = number, path = "can2[id=217056256].data", at = 3, format = "uint16", scale = 0.125, endian = "little" }
		}`, []decodeCase{
		{`{"can2":[{"id":217056256,"data":"5FFFC9943927F4FF"},{"id":419360256,"data":"7e ff"}]}`, `86 1842.5`},
		{`{"can2":[{"id":217056256,"data":"5F-FF-C9-94-39"},{"id":419360256,"data":"0x95"}]}`, `109 1842.5`},
		{`{"can2":[{"id":217056256,"data":"5F:FF:C"},{"id":419360256,"data":"gg"}]}`, `not_a_number not_a_number`},
	})
	checkDecode(t, `
		fields = { open = { type = bool, path = "*.Payload", encoding = "array", at = 0, bit = 7 } }`, []decodeCase{
		{`{"LDS01":{"Payload":[11,196,1,0,0]}}`, `false`}, {`{"LDS01":{"Payload":[ 139 , 196 ]}}`, `true`}, {`{"LDS01":{"Payload":[]}}`, `missing`},
		{`{"LDS01":{"Payload":[256]}}`, `not_a_number`}, {`{"LDS01":{"Payload":[-1]}}`, `not_a_number`}, {`{"LDS01":{"Payload":[1.5]}}`, `not_a_number`},
		{`{"LDS01":{"Payload":["1"]}}`, `not_a_number`}, {`{"LDS01":{"Payload":"8b"}}`, `not_a_number`},
	})
	checkDecode(t, `
		decode   = "bytes"
		encoding = "hex"
		value    = number
		at       = 1
		format   = "int8"`, []decodeCase{{"00EE", `-18`}, {" 0x00ee\n", `-18`}, {"00E", `bad_payload`}, {"zz", `bad_payload`}, {"", `missing`}})
	checkDecode(t, `
		encoding = "base64"
		value    = number
		at       = 0
		format   = "uint8"`, []decodeCase{{`qg==`, `170`}, {`"qg=="`, `170`}, {`qg`, `170`}, {`{`, `bad_payload`}})
}

func TestBytesCostNoAllocation(t *testing.T) {
	for _, tt := range []struct {
		arguments string
		payload   []byte
	}{
		{`
		encoding = "base64"
		fields = { leak = { type = bool, path = "data", at = 5, format = "uint8" } }`, []byte(`{"data":"AXVcBQAB"}`)},
		{`
		encoding = "hex"
		fields = { t = { type = number, path = "can[id=7].data", at = 0, format = "int16" } }`, []byte(`{"can":[{"id":7,"data":"AXVcBQAB"}]}`)},
		{`
		decode = "bytes"
		value  = string
		at     = 0
		format = "text"`, []byte("ready")},
		{`decode = "cbor"
		fields = { t = number, name = string }`, []byte("\xa2\x61t\xfb\x40\x35\x80\x00\x00\x00\x00\x00\x64name\x61x")},
	} {
		s := sensorOf(t, tt.arguments)
		d, values := s.NewDecoder(), make([]Value, len(s.Fields))
		d.Decode("a/b", tt.payload, values)
		if n := testing.AllocsPerRun(200, func() { d.Decode("a/b", tt.payload, values) }); n != 0 || values[0].Why > NotANumber {
			t.Errorf("%s: %v allocations for %v, want 0", tt.arguments, n, values)
		}
	}
}

func TestGatheringBitsKeepsTheirOrder(t *testing.T) {
	for _, tt := range []struct{ n, mask, want uint64 }{
		{0xffff, 0x8181, 0xf}, {0x8001, 0x8181, 0x9}, {0x0180, 0x8181, 0x6}, {math.MaxUint64, math.MaxUint64, math.MaxUint64}, {0xf0, 0xf0, 0xf}, {5, 0, 0},
	} {
		if got := gather(tt.n, tt.mask); got != tt.want {
			t.Errorf("gather(%x, %x): got %x, want %x", tt.n, tt.mask, got, tt.want)
		}
	}
}

func FuzzBytesNeverCrashTheDecoder(f *testing.F) {
	f.Add([]byte("\x4b\xb8\x02\x00"), "hex")
	f.Add([]byte("AXVcBQAB"), "base64")
	f.Add([]byte("[1,2,3]"), "array")
	raw := sensorOf(f, `
		decode = "bytes"
		fields = {
			a = { type = number, at = 1, format = "int24", endian = "little", mask = "0x0fffff" }
			b = { type = string, at = 2, format = "text" }
			c = { type = time, at = 0, format = "float64" }
			d = { type = bool, at = 7, bit = 7 }
		}`)
	encoded := map[string]*Sensor{}
	for _, encoding := range []string{"hex", "base64", "array"} {
		encoded[encoding] = sensorOf(f, "encoding = \""+encoding+"\"\nfields = { a = { type = string, path = \"d\", at = 0, format = \"text\" } }")
	}
	f.Fuzz(func(t *testing.T, payload []byte, encoding string) {
		var values [4]Value
		raw.NewDecoder().Decode("a/b", payload, values[:])
		if want := len(payload) > 7 && payload[7]&0x80 != 0; len(payload) > 7 && (values[3].Bool != want || values[3].Why != Known) {
			t.Errorf("%x: bit 7 of byte 7 is %+v", payload, values[3])
		}
		for _, v := range values {
			if v.Num != v.Num || v.Num-v.Num != 0 {
				t.Errorf("%x: %v", payload, v.Num)
			}
		}
		text := string(payload)
		if s := encoded[encoding]; s != nil {
			s.NewDecoder().Decode("a/b", []byte(`{"d":"`+base64.StdEncoding.EncodeToString(payload)+`"}`), values[:1])
			s.NewDecoder().Decode("a/b", []byte(`{"d":`+text+`}`), values[:1])
		}
	})
}
