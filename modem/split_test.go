package modem

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/warthog618/sms/encoding/tpdu"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
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
		"10² m², 1½ h, m²3":         "10^2 m2, 1 1/2 h, m2 3",
		"Kitchen · 21":              "Kitchen . 21",
		"ΠΥΡΚΑΓΙΑ ΣΤΗΝ ΚΟΥΖΊΝΑ":     "ΠYPKAΓIA ΣTHN KOYZINA",
		"⚠️ leak, ✅ pump":           "! leak, OK pump",
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
	for _, to := range []Number{"", "0151123456", "+49 151 12345678", "abc", "+", "12", "50 123", "112", "+112"} {
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

func TestOtherScriptsStayAsTheyAre(t *testing.T) {
	for _, text := range []string{"Νερό στο υπόγειο 3", "Воды нет: 5", "НЕТ ВОДЫ", "5·6 l", "пожар ✅", "水漏れ", "🔥 kitchen"} {
		got := receive(t, mustSplit(t, text, SplitOptions{}))
		if got.Body != text || !got.UCS2 {
			t.Errorf("%q arrives as %q (UCS-2 %t), want it as it is", text, got.Body, got.UCS2)
		}
	}
}

func TestATextThatSpillsOverIsTightenedWhereNothingIsLost(t *testing.T) {
	fill := strings.Repeat("0123456789", 15)
	cyrillic := strings.Repeat("ж", 60)
	for name, c := range map[string]struct{ text, want string }{
		"fits":                 {fill + "  a.  b...", fill + "  a.  b..."},
		"double blanks":        {fill + " a  b   c de.", fill + " a b c de."},
		"lines":                {fill + " a \n\n b\n c def", fill + " a\nb\nc def"},
		"a full stop":          {fill + " abcdefghi.", fill + " abcdefghi"},
		"both":                 {fill + "  abcdefg i...", fill + " abcdefg i"},
		"a question":           {fill + " abcdefghi?", fill + " abcdefghi?"},
		"not enough":           {fill + " abcdefghi  jk.", fill + " abcdefghi  jk."},
		"nothing but stops":    {strings.Repeat(".", 161), strings.Repeat(".", 161)},
		"other script":         {cyrillic + "  ж  жжжжжж.", cyrillic + " ж жжжжжж."},
		"other script, stop":   {cyrillic + " ж жжжжжжж.", cyrillic + " ж жжжжжжж"},
		"other script, spills": {cyrillic + " ж жжжжжжжж.", cyrillic + " ж жжжжжжжж."},
	} {
		t.Run(name, func(t *testing.T) {
			if got := receive(t, mustSplit(t, c.text, SplitOptions{})); got.Body != c.want {
				t.Errorf("arrives as %q, want %q", got.Body, c.want)
			}
			if got := AsSent(c.text); got != c.want {
				t.Errorf("shown as %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnAlterationChangesThatAlone(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		o    SplitOptions
		dcs  byte // 3GPP 23.038 clause 4
		want modemtest.Submit
	}{
		"as usual":               {"Воды нет", SplitOptions{}, 0x08, modemtest.Submit{Encoding: "ucs2", Body: "Воды нет", Validity: 24 * time.Hour}},
		"report":                 {"hello", SplitOptions{Report: true}, 0x00, modemtest.Submit{Encoding: "gsm7", Body: "hello", Validity: 24 * time.Hour, Report: true}},
		"repeat":                 {"hello", SplitOptions{RejectDuplicates: true}, 0x00, modemtest.Submit{Encoding: "gsm7", Body: "hello", Validity: 24 * time.Hour, RejectDuplicates: true}},
		"plain":                  {"Воды нет: 5 °C, 水 🔥!", SplitOptions{Alter: AsPlain}, 0x00, modemtest.Submit{Encoding: "gsm7", Body: "Vody net: 5 C, ? ?!", Validity: 24 * time.Hour}},
		"plain already":          {"hello", SplitOptions{Alter: AsPlain}, 0x00, modemtest.Submit{Encoding: "gsm7", Body: "hello", Validity: 24 * time.Hour}},
		"plain, nothing left":    {"水漏れ", SplitOptions{Alter: AsPlain}, 0x00, modemtest.Submit{Encoding: "gsm7", Body: "?", Validity: 24 * time.Hour}},
		"flash":                  {"hello", SplitOptions{Flash: true}, 0x10, modemtest.Submit{Encoding: "gsm7", Body: "hello", Validity: 24 * time.Hour}},
		"flash in other script":  {"Воды нет", SplitOptions{Flash: true}, 0x18, modemtest.Submit{Encoding: "ucs2", Body: "Воды нет", Validity: 24 * time.Hour}},
		"flash without class":    {"hello", SplitOptions{Flash: true, Alter: WithoutClass}, 0x00, modemtest.Submit{Encoding: "gsm7", Body: "hello", Validity: 24 * time.Hour}},
		"without validity":       {"hello", SplitOptions{Validity: time.Hour, Alter: WithoutValidity}, 0x00, modemtest.Submit{Encoding: "gsm7", Body: "hello"}},
		"everything and nothing": {"Да", SplitOptions{Flash: true, Report: true, Alter: AsPlain | WithoutClass | WithoutValidity}, 0x00, modemtest.Submit{Encoding: "gsm7", Body: "Da", Report: true}},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustSplit(t, c.text, c.o)[0]
			got, err := modemtest.ReadSubmit(p.pdu(), len(p.tpdu))
			if err != nil {
				t.Fatal(err)
			}
			const codingScheme = 12 // behind first octet, TP-MR, 13 digits with length and type, TP-PID
			if p.tpdu[codingScheme] != c.dcs {
				t.Errorf("TP-DCS %#02x, want %#02x", p.tpdu[codingScheme], c.dcs)
			}
			c.want.To = string(somebody)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestEverySoundFitsTheAlphabet(t *testing.T) {
	for letter, sound := range sounds {
		if gsmLength(sound) == 0 {
			t.Errorf("%q is written %q, which the alphabet lacks", letter, sound)
		}
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
	f.Add("10²½5 · 6·7 №8 9…0", uint16(7))
	f.Add(strings.Repeat("a  ", 56)+"1.", uint16(7))
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
		want := AsSent(text)
		if (encoding == EncodingUCS2) != got.UCS2 {
			t.Fatalf("%s was announced, UCS-2 is %t", encoding, got.UCS2)
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

func FuzzTheNetworkReadsWhatAsSentShows(f *testing.F) {
	f.Add("“21 °C” at site [a]", byte(0))
	f.Add("Воды нет: 10² ½ 5ъ6", byte(AsPlain))
	f.Add("1\u200b2 3·4 5\ufe0f6 ٣ ²3", byte(0))
	f.Add(strings.Repeat("ж  ", 24)+"5.", byte(WithoutClass|WithoutValidity))
	f.Fuzz(func(t *testing.T, text string, alter byte) {
		o := SplitOptions{Flash: true, Report: true, Alter: Alteration(alter)}
		parts, err := Split(somebody, text, 1, o)
		if err != nil || parts[0].Cut {
			return
		}
		var read strings.Builder
		for _, p := range parts {
			s, err := modemtest.ReadSubmit(p.pdu(), len(p.tpdu))
			if err != nil {
				t.Fatalf("%q, part %d: %v", text, p.Index, err)
			}
			read.WriteString(s.Body)
		}
		shown, _ := rendering(text, o.Alter)
		if read.String() != shown || o.Alter&AsPlain == 0 && shown != AsSent(text) {
			t.Fatalf("%q is read as %q, shown as %q", text, read.String(), shown)
		}
		if got, want := numbers(shown), numbers(clean(text)); !slices.Equal(got, want) {
			t.Fatalf("%q has the numbers %q, %q has %q", text, want, shown, got)
		}
	})
}

// numbers returns the numbers in text, with those that are one character.
func numbers(text string) []string {
	text = strings.NewReplacer("¹", " 1 ", "²", " 2 ", "³", " 3 ", "½", " 1/2 ", "¼", " 1/4 ", "¾", " 3/4 ").Replace(text)
	text = strings.Map(func(r rune) rune {
		if alike, known := lookalikes[r]; known && alike == "" || unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, text)
	return regexp.MustCompile(`[0-9]+([.,][0-9]+)*`).FindAllString(text, -1)
}
