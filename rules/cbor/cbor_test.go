package cbor

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The examples of RFC 8949, appendix A, and what they do not show.
func TestCBORBecomesTheSameInJSON(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"00", "0"}, {"17", "23"}, {"1818", "24"}, {"1903e8", "1000"}, {"1a000f4240", "1000000"},
		{"1bffffffffffffffff", "18446744073709551615"},
		{"c249010000000000000000", "1.8446744073709552e+19"},
		{"3bffffffffffffffff", "-1.8446744073709552e+19"},
		{"c349010000000000000000", "-1.8446744073709552e+19"},
		{"20", "-1"}, {"3863", "-100"}, {"3903e7", "-1000"}, {"3b7fffffffffffffff", "-9223372036854775808"},
		{"f90000", "0"}, {"f98000", "-0"}, {"f93c00", "1"}, {"fb3ff199999999999a", "1.1"}, {"f93e00", "1.5"}, {"f97bff", "65504"},
		{"fa47c35000", "100000"}, {"fa7f7fffff", "3.4028235e+38"}, {"fb7e37e43c8800759c", "1e+300"},
		{"f90001", "5.960464477539063e-08"}, {"f90400", "6.103515625e-05"}, {"f9c400", "-4"}, {"fbc010666666666666", "-4.1"},
		{"fa41d9999a", "27.2"}, // as its sender meant it, and not 27.200000762939453
		{"f97c00", "1e999"}, {"f97e00", `"nan"`}, {"f9fc00", "-1e999"}, {"fa7fc00000", `"nan"`}, {"fb7ff0000000000000", "1e999"},
		{"f4", "false"}, {"f5", "true"}, {"f6", "null"}, {"f7", "null"}, {"f0", "null"}, {"f8ff", "null"},
		{"c074323031332d30332d32315432303a30343a30305a", `"2013-03-21T20:04:00Z"`},
		{"c11a514b67b0", "1363896240"}, {"c1fb41d452d9ec200000", "1.3638962405e+09"},
		{"d74401020304", `"01020304"`}, {"d818456449455446", `"6449455446"`}, {"d9d9f7820102", "[1,2]"},
		{"40", `""`}, {"4401020304", `"01020304"`}, {"60", `""`}, {"6449455446", `"IETF"`}, {"62225c", `"\"\\"`},
		{"62c3bc", `"ü"`}, {"64f0908591", `"𐅑"`}, {"620107", `"\u0001\u0007"`},
		{"80", "[]"}, {"83010203", "[1,2,3]"}, {"8301820203820405", "[1,[2,3],[4,5]]"},
		{"a0", "{}"}, {"a201020304", `{"1":2,"3":4}`}, {"a26161016162820203", `{"a":1,"b":[2,3]}`}, {"826161a161626163", `["a",{"b":"c"}]`},
		{"a4182714200af501f61863", `{"39":20,"-1":10,"true":1,"null":99}`}, {"a14201ff02", `{"01ff":2}`},
		{"a1f97e0001", `{"nan":1}`}, {"a1fb3ff199999999999a01", `{"1.1":1}`},
		{"5f42010243030405ff", `"0102030405"`}, {"7f657374726561646d696e67ff", `"streaming"`},
		{"9fff", "[]"}, {"9f018202039f0405ffff", "[1,[2,3],[4,5]]"}, {"83018202039f0405ff", "[1,[2,3],[4,5]]"},
		{"bf61610161629f0203ffff", `{"a":1,"b":[2,3]}`}, {"bf6346756ef563416d7421ff", `{"Fun":true,"Amt":-2}`},
		{"c48221196ab3", "27315e-2"}, {"c4820103", "3e1"}, {"c482203903e7", "-1000e-1"}, {"c5822003", "1.5"}, {"c5821b7fffffffffffffff01", "1e999"},
	} {
		got, err := AppendJSON([]byte("x"), unhex(t, tt.in))
		if err != nil || string(got) != "x"+tt.want {
			t.Errorf("%s: got %s, %v, want %s", tt.in, got[1:], err, tt.want)
		}
		if err == nil && !json.Valid(got[1:]) {
			t.Errorf("%s: %s is not JSON", tt.in, got[1:])
		}
	}
}

// The first are those of RFC 8949, appendix F.
func TestWhatIsNotOneItemOfCBORIsRefused(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", "byte 0: an item is missing"},
		{"18", "byte 1: the payload ends within an item"},
		{"19 00", "ends within an item"},
		{"fb 000000", "ends within an item"},
		{"41", "ends within an item"},
		{"5a ffffffff 00", "ends within an item"},
		{"5b ffffffffffffffff 010203", "ends within an item"},
		{"7b 7fffffffffffffff 010203", "ends within an item"},
		{"81", "an item is missing"},
		{"8181818181818181 81", "an item is missing"},
		{"9b ffffffffffffffff 00", "an item is missing"},
		{"bb ffffffffffffffff 0000", "an item is missing"},
		{"a1", "an item is missing"},
		{"a1 00", "an item is missing"},
		{"a2 000000", "an item is missing"},
		{"c0", "an item is missing"},
		{"5f 41 00", "an item is missing"},
		{"9f 01", "an item is missing"},
		{"bf 01", "an item is missing"},
		{"bf 00 ff", "a break that ends nothing"},
		{"ff", "a break that ends nothing"},
		{"81 ff", "a break that ends nothing"},
		{"82 00 ff", "a break that ends nothing"},
		{"1c", "not the beginning of an item"},
		{"3d", "not the beginning of an item"},
		{"1f", "not the beginning of an item"},
		{"df 00", "not the beginning of an item"},
		{"fc", "not the beginning of an item"},
		{"5f 00 ff", "a piece of another kind"},
		{"5f 61 00 ff", "a piece of another kind"},
		{"5f 5f 41 00 ff ff", "a piece of another kind"},
		{"61 ff", "a text that is not UTF-8"},
		{"7f 61 c3 61 bc ff", "a text that is not UTF-8"},
		{"a1 80 00", "a key is no text or number"},
		{"a1 ff 00", "a break that ends nothing"},
		{"00 00", "byte 1: bytes follow the item"},
		{"c2 01", "a big number that is no byte string"},
		{"c2 5f ff", "a big number that is no byte string"},
		{"c4 83 01 02 03", "a fraction that is no pair"},
		{"c4 82 01 f9 3c00", "no integer of 64 bits"},
		{"c4 82 01 c2 41 01", "no integer of 64 bits"},
		{"c4 82 01 1b ffffffffffffffff", "no integer of 64 bits"},
		{strings.Repeat("81", depthMax+1) + "00", "nested deeper than 64"},
		{strings.Repeat("81", 100_000), "nested deeper than 64"},
		{strings.Repeat("c6", 100_000), "nested deeper than 64"},
	} {
		got, err := AppendJSON(nil, unhex(t, tt.in))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40s: got %.40s, %v, want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestLyingLengthsCostNoMemory(t *testing.T) {
	for _, in := range []string{"9b7fffffffffffffff", "bb7fffffffffffffff", "5b7fffffffffffffff", "7affffffff", "9f", "c45b7fffffffffffffff"} {
		payload := unhex(t, in)
		if out, err := AppendJSON(nil, payload); err == nil || cap(out) > 1024 {
			t.Errorf("%s: %d bytes, %v", in, cap(out), err)
		}
	}
}

func TestAReusedBufferMeansNoAllocation(t *testing.T) {
	payload := unhex(t, "a3 6174 fbc00c000000000000 6162 fb4007 47ae147ae148 63657272 f6")
	buffer := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() { AppendJSON(buffer, payload) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func FuzzCBORBecomesJSONOrIsRefused(f *testing.F) {
	for _, in := range []string{
		"a3617400", "9f018202039f0405ffff", "c48221196ab3", "5f42010243030405ff", "bf6346756ef563416d7421ff", "fb3ff199999999999a",
		"a1182714", "d9d9f7820102", "7f657374726561646d696e67ff", "9bffffffffffffffff00", "c249010000000000000000", "62225c",
	} {
		f.Add(unhex(f, in))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		before := bytes.Clone(payload)
		out, err := AppendJSON(nil, payload)
		if !bytes.Equal(before, payload) {
			t.Error("the payload was written to")
		}
		if len(out) > 8*len(payload)+64 {
			t.Errorf("%d bytes made of %d", len(out), len(payload))
		}
		if err == nil && !json.Valid(out) {
			t.Errorf("%x: %s is not JSON", payload, out)
		}
	})
}
