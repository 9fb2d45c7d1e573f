package rules

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestNumbersAreDecimalAndFinite(t *testing.T) {
	for _, tt := range []struct {
		text string
		want float64
		why  Reason
	}{
		{"21.5", 21.5, Known},
		{" \t-18\r\n", -18, Known},
		{"+5", 5, Known},
		{".5", 0.5, Known},
		{"5.", 5, Known},
		{"00.496", 0.496, Known},
		{"1e3", 1000, Known},
		{"1.5E-3", 0.0015, Known},
		{"9223372036854775807", 9223372036854775807, Known},
		{"1e-10000000", 0, Known},
		{"1e308", 1e308, Known},
		{"1e309", 0, OutOfRange},
		{"-1e309", 0, OutOfRange},
		{"1e10000000", 0, OutOfRange},
		{"1e99999999999999999999", 0, OutOfRange},
		{strings.Repeat("9", numeralMaxBytes+1), 0, OutOfRange},
		{"", 0, NotANumber},
		{" ", 0, NotANumber},
		{".", 0, NotANumber},
		{"-", 0, NotANumber},
		{"e5", 0, NotANumber},
		{"5e", 0, NotANumber},
		{"5e+", 0, NotANumber},
		{"1.2.3", 0, NotANumber},
		{"1,5", 0, NotANumber},
		{"21.5 C", 0, NotANumber},
		{"1 2", 0, NotANumber},
		{"0x1F", 0, NotANumber},
		{"0x1p-2", 0, NotANumber},
		{"1_000", 0, NotANumber},
		{"Infinity", 0, NotANumber},
		{"+inf", 0, NotANumber},
		{"-Inf", 0, NotANumber},
		{"true", 0, NotANumber},
		{"٣", 0, NotANumber},
		{"nan", 0, Unavailable},
		{"NaN", 0, Unavailable},
		{"-nan", 0, Unavailable},
		{"unavailable", 0, Unavailable},
		{"Unknown", 0, Unavailable},
		{"None", 0, Unavailable},
		{"null", 0, Null},
	} {
		if got, why := parseNumber(tt.text); got != tt.want || why != tt.why {
			t.Errorf("%.30q: got %v, %v, want %v, %v", tt.text, got, why, tt.want, tt.why)
		}
	}
	if got, _ := parseNumber("-0"); math.Signbit(got) {
		t.Error("-0 keeps its sign and would be texted as -0")
	}
}

func TestBoolsAreWordsInAnyCase(t *testing.T) {
	for _, tt := range []struct {
		want  bool
		why   Reason
		texts string
	}{
		{true, Known, "true True TRUE on ON yes open OPEN 1 1.0 +1"},
		{false, Known, "false False off OFF Off no NO closed Closed close 0 0.0 -0"},
		{false, NotANumber, "2 -1 30 0.5 x online ja truely unlocked detected 1e999 onn ope\u212a"},
		{false, Unavailable, "unavailable Unknown Offline none nan"},
		{false, Null, "null"},
	} {
		for text := range strings.FieldsSeq(tt.texts) {
			if got, why := parseBool(" " + text + "\n"); got != tt.want || why != tt.why {
				t.Errorf("%q: got %v, %v, want %v, %v", text, got, why, tt.want, tt.why)
			}
		}
	}
	if _, why := parseBool(""); why != NotANumber {
		t.Errorf("empty text: got %v, want %v", why, NotANumber)
	}
}

func FuzzNumbersAgreeWithStrconv(f *testing.F) {
	for _, text := range []string{"21.5", "-.5e-3", "1e309", "0x1p4", "1_0", "inf", "+nan", "5.", "1e"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, why := parseNumber(text)
		if math.IsNaN(got) || math.IsInf(got, 0) {
			t.Errorf("%q is %v", text, got)
		}
		if len(text) > numeralMaxBytes {
			return
		}
		want, err := strconv.ParseFloat(trimBlanks(text), 64)
		decimal := !strings.ContainsAny(text, "xX_") && strings.ContainsAny(text, "0123456789")
		if ok := err == nil && decimal; (why == Known) != ok || ok && got != want {
			t.Errorf("%q: got %v, %v, strconv says %v, %v", text, got, why, want, err)
		}
	})
}
