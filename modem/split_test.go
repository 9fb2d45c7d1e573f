package modem

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/warthog618/sms/encoding/tpdu"
)

const somebody = Number("+4915112345678")

// received is what the recipient's phone makes of a text.
type received struct {
	Body   string
	Sizes  []int // septets or octets of user data a part, without the header
	UCS2   bool
	Lowest byte // the concatenation reference
}

// receive decodes parts the way a phone does, from the bytes alone.
func receive(t *testing.T, parts []Part) received {
	t.Helper()
	var r received
	for i, p := range parts {
		var pdu tpdu.TPDU
		pdu.Direction = tpdu.MO
		if err := pdu.UnmarshalBinary(p.tpdu); err != nil {
			t.Fatalf("part %d: %v", i+1, err)
		}
		if got := pdu.DA.Number(); got != string(p.To) {
			t.Fatalf("part %d goes to %s, want %s", i+1, got, p.To)
		}
		count, index, reference, concatenated := pdu.ConcatInfo()
		if concatenated != (len(parts) > 1) || concatenated && (count != len(parts) || index != i+1) {
			t.Fatalf("part %d of %d says it is %d of %d (header %t)", i+1, len(parts), index, count, concatenated)
		}
		alphabet, _ := pdu.Alphabet()
		body, err := tpdu.DecodeUserData(pdu.UD, nil, alphabet)
		if err != nil || !utf8.Valid(body) || strings.ContainsRune(string(body), utf8.RuneError) && alphabet == tpdu.Alpha7Bit {
			t.Fatalf("part %d: %q, %v", i+1, body, err)
		}
		r.Body += string(body)
		r.Sizes = append(r.Sizes, len(pdu.UD))
		r.UCS2 = alphabet == tpdu.AlphaUCS2
		r.Lowest = byte(reference)
	}
	return r
}

func mustSplit(t *testing.T, text string, o SplitOptions) []Part {
	t.Helper()
	parts, err := Split(somebody, text, 0x0142, o)
	if err != nil {
		t.Fatalf("Split(%.40q): %v", text, err)
	}
	return parts
}

func TestATextArrivesAsItWasWritten(t *testing.T) {
	long := strings.Repeat("0123456789", 30)
	for name, c := range map[string]struct {
		text string
		want received
	}{
		"one character":         {"a", received{Body: "a", Sizes: []int{1}}},
		"exactly one part":      {long[:160], received{Body: long[:160], Sizes: []int{160}}},
		"one more than a part":  {long[:161], received{Body: long[:161], Sizes: []int{153, 8}, Lowest: 0x42}},
		"extension table":       {"[a]{b}€^", received{Body: "[a]{b}€^", Sizes: []int{14}}},
		"an escape at 153":      {long[:152] + "€" + long[:20], received{Body: long[:152] + "€" + long[:20], Sizes: []int{152, 22}, Lowest: 0x42}},
		"an escape ends at 160": {long[:158] + "€", received{Body: long[:158] + "€", Sizes: []int{160}}},
		"other script":          {"Воды нет", received{Body: "Воды нет", Sizes: []int{16}, UCS2: true}},
		"other script, 70":      {strings.Repeat("ж", 70), received{Body: strings.Repeat("ж", 70), Sizes: []int{140}, UCS2: true}},
		"other script, 71":      {strings.Repeat("ж", 71), received{Body: strings.Repeat("ж", 71), Sizes: []int{134, 8}, UCS2: true, Lowest: 0x42}},
		"a surrogate pair at 67": {
			strings.Repeat("ж", 66) + "🔥" + strings.Repeat("ж", 10),
			received{Body: strings.Repeat("ж", 66) + "🔥" + strings.Repeat("ж", 10), Sizes: []int{132, 24}, UCS2: true, Lowest: 0x42},
		},
		"a UCS-2 text keeps its quotes": {"“пожар” — 21 °C", received{Body: "“пожар” — 21 °C", Sizes: []int{30}, UCS2: true}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, receive(t, mustSplit(t, c.text, SplitOptions{}))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLookalikesKeepATextInTheCheapAlphabet(t *testing.T) {
	for text, want := range map[string]string{
		"“warm” – ‘door’ — open…":   `"warm" - 'door' - open...`,
		"21 °C":                     "21 C",
		"21°C, 70°F":                "21 C, 70 F",
		"arm at 90° now":            "arm at 90 deg now",
		"°":                         "deg",
		"a\u00a0b\u2009c\u200bd":    "a b cd",
		"Müller, café, señor, Åse":  "Müller, café, señor, Åse",
		"Mu\u0308ller, cafe\u0301":  "Müller, café",
		"c\u030cervena\u0301":       "cervena",
		"český Łódź ő façade Œuvre": "cesky Lódz ö facade OEuvre",
		"≥ 5 µm ± 2 → off":          ">= 5 um +/- 2 -> off",
		"pump\ufe0f":                "pump",
		"5 k\u2126":                 "5 kΩ",
	} {
		want = strings.ReplaceAll(want, "ó", "o")
		got := receive(t, mustSplit(t, text, SplitOptions{}))
		if got.Body != want || got.UCS2 {
			t.Errorf("%q arrives as %q (UCS-2 %t), want %q", text, got.Body, got.UCS2, want)
		}
	}
}

func TestEveryLookalikeFitsTheAlphabet(t *testing.T) {
	for from, to := range lookalikes {
		if _, err := gsmAlphabet.Encode([]byte(to)); err != nil {
			t.Errorf("%q is replaced by %q: %v", from, to, err)
		}
		if _, err := gsmAlphabet.Encode([]byte(string(from))); err == nil {
			t.Errorf("%q is replaced by %q though the alphabet has it", from, to)
		}
	}
	for from, to := range compositions {
		if _, err := gsmAlphabet.Encode([]byte(string(to))); err != nil {
			t.Errorf("%q is composed to %q: %v", string(from[:]), to, err)
		}
	}
}

func TestNothingInATextIsControl(t *testing.T) {
	for text, want := range map[string]string{
		"hi\x1a\rAT+CMGS=\"+47\"\rx\x1a": "hi \nAT+CMGS=\"+47\"\nx",
		"a\x00b\x1bc\x7fd\te\u0085f":     "a b c d e f",
		"one\r\ntwo\rthree\nfour":        "one\ntwo\nthree\nfour",
		"bad \xff\xfe utf":               "bad ? utf",
		"\n  padded \r\n":                "padded",
	} {
		if got := receive(t, mustSplit(t, text, SplitOptions{})).Body; got != want {
			t.Errorf("%q arrives as %q, want %q", text, got, want)
		}
	}
}

func TestATextThatIsTooLongIsCutVisibly(t *testing.T) {
	for name, c := range map[string]struct{ text, wantTail string }{
		"GSM":                    {strings.Repeat("0123456789", 10_000), "890..."},
		"GSM, an escape before":  {strings.Repeat("€", 2000), "€..."},
		"UCS-2":                  {strings.Repeat("жщ", 50_000), "ж…"},
		"UCS-2, surrogate pairs": {strings.Repeat("🔥", 5000), "🔥…"},
	} {
		t.Run(name, func(t *testing.T) {
			parts := mustSplit(t, c.text, SplitOptions{})
			got := receive(t, parts)
			if len(parts) != PartsMax || !strings.HasSuffix(got.Body, c.wantTail) {
				t.Errorf("%d parts that end in %q, want %d and %q", len(parts), got.Body[len(got.Body)-12:], PartsMax, c.wantTail)
			}
			for _, p := range parts {
				if !p.Cut {
					t.Errorf("part %d does not say that the text was cut", p.Index)
				}
			}
		})
	}
	exact := strings.Repeat("x", PartsMax*septetsEach)
	parts := mustSplit(t, exact, SplitOptions{})
	if got := receive(t, parts); got.Body != exact || parts[0].Cut {
		t.Errorf("a text of exactly %d parts lost something (cut %t)", PartsMax, parts[0].Cut)
	}
}

func TestAnEmptyTextIsRefused(t *testing.T) {
	for _, text := range []string{"", "  ", "\r\n", "\x1a"} {
		parts, err := Split(somebody, text, 1, SplitOptions{})
		if err == nil {
			t.Errorf("Split(%q) = %d parts, want an error", text, len(parts))
		}
		if n, _ := Segments(text); n != 0 {
			t.Errorf("Segments(%q) = %d, want 0", text, n)
		}
	}
}

func TestANumberThatWasNotParsedIsRefused(t *testing.T) {
	for _, to := range []Number{"", "0151123456", "+49 151 12345678", "abc", "+"} {
		if _, err := Split(to, "hello", 1, SplitOptions{}); err == nil {
			t.Errorf("Split to %q gives no error", string(to))
		}
	}
}

func TestThePartSaysWhatTheServiceCentreMayDo(t *testing.T) {
	for name, c := range map[string]struct {
		o        SplitOptions
		wantRD   bool
		wantTime time.Duration
	}{
		"default":           {SplitOptions{}, false, 24 * time.Hour},
		"repeat":            {SplitOptions{RejectDuplicates: true}, true, 24 * time.Hour},
		"an hour":           {SplitOptions{Validity: time.Hour}, false, time.Hour},
		"shorter than can":  {SplitOptions{Validity: time.Second}, false, validityMin},
		"longer than can":   {SplitOptions{Validity: 9999 * time.Hour * 24}, false, validityMax},
		"three days":        {SplitOptions{Validity: 72 * time.Hour}, false, 72 * time.Hour},
		"eighteen hours":    {SplitOptions{Validity: 18 * time.Hour}, false, 18 * time.Hour},
		"less than nothing": {SplitOptions{Validity: -time.Hour}, false, validityMin},
	} {
		t.Run(name, func(t *testing.T) {
			var pdu tpdu.TPDU
			pdu.Direction = tpdu.MO
			if err := pdu.UnmarshalBinary(mustSplit(t, "hello", c.o)[0].tpdu); err != nil {
				t.Fatal(err)
			}
			if got := pdu.FirstOctet.RD(); got != c.wantRD {
				t.Errorf("TP-RD = %t, want %t", got, c.wantRD)
			}
			if pdu.VP.Format != tpdu.VpfRelative || pdu.VP.Duration != c.wantTime {
				t.Errorf("validity %v in format %v, want %v", pdu.VP.Duration, pdu.VP.Format, c.wantTime)
			}
		})
	}
}

func TestAKnownTextHasTheKnownBytes(t *testing.T) {
	// Worked out by hand from 3GPP 23.040: SUBMIT with relative validity, no
	// reference, 13 digits international, PID 0, DCS 0, 24 h, 5 septets.
	const want = "\x11\x00\x0d\x91\x94\x51\x11\x32\x54\x76\xf8\x00\x00\xa7\x05\xe8\x32\x9b\xfd\x06"
	got := string(mustSplit(t, "hello", SplitOptions{})[0].tpdu)
	if got != want {
		t.Errorf("TPDU % x, want % x", got, want)
	}
}

func TestSegmentsCountsWhatSplitSends(t *testing.T) {
	for text, want := range map[string]struct {
		parts    int
		encoding string
	}{
		"hello":                   {1, EncodingGSM},
		strings.Repeat("x", 161):  {2, EncodingGSM},
		"🔥":                       {1, EncodingUCS2},
		strings.Repeat("ж", 135):  {3, EncodingUCS2},
		strings.Repeat("x", 1530): {10, EncodingGSM},
	} {
		parts, encoding := Segments(text)
		if parts != want.parts || encoding != want.encoding {
			t.Errorf("Segments(%.10q…) = %d, %s, want %d, %s", text, parts, encoding, want.parts, want.encoding)
		}
	}
}

func FuzzATextArrivesWhole(f *testing.F) {
	f.Add("“21 °C” at site [a]", uint16(1))
	f.Add(strings.Repeat("0", 152)+"€€", uint16(0xffff))
	f.Add(strings.Repeat("ж", 66)+"🔥🔥", uint16(0))
	f.Add("e\u0301\u0301 \u0301 \ufe0f\r\n\x1a", uint16(7))
	f.Fuzz(func(t *testing.T, text string, reference uint16) {
		parts, err := Split(somebody, text, reference, SplitOptions{})
		if err != nil {
			if clean(text) != "" {
				t.Fatalf("Split(%q): %v", text, err)
			}
			return
		}
		n, encoding := Segments(text)
		if parts[0].Cut != (n > PartsMax) || !parts[0].Cut && n != len(parts) {
			t.Fatalf("%d parts (cut %t), Segments says %d", len(parts), parts[0].Cut, n)
		}
		got := receive(t, parts)
		want := clean(text)
		if encoding == EncodingGSM {
			want = transliterate(want)
		}
		if parts[0].Cut {
			kept := strings.TrimSuffix(strings.TrimSuffix(got.Body, cutMarkGSM), cutMarkUCS2)
			if !strings.HasPrefix(want, kept) {
				t.Fatalf("%q is no beginning of %q", kept, want)
			}
		} else if got.Body != want {
			t.Fatalf("arrived %q, want %q", got.Body, want)
		}
		if len(parts) > 1 && got.Lowest != byte(reference) {
			t.Fatalf("reference %d, want the low byte of %d", got.Lowest, reference)
		}
	})
}
