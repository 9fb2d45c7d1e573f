package modemtest

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/tpdu"
)

// The classical example of every description of SMS-SUBMIT: "hellohello".
const (
	classic       = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37"
	classicLength = 23
)

func TestTheClassicalPDUIsRead(t *testing.T) {
	s, wrong := parseSubmit(classic, classicLength)
	if wrong != nil {
		t.Fatal(wrong)
	}
	if s.to != "+46708251358" || s.body != "hellohello" || s.encoding != "gsm7" {
		t.Errorf("to %s: %q in %s", s.to, s.body, s.encoding)
	}
	if want := 4 * 24 * time.Hour; s.validity != want {
		t.Errorf("valid for %v, want %v", s.validity, want)
	}
}

// tpduText writes a TPDU to +447700901234 from its pieces; changed replaces
// one of them.
func tpduText(changed map[string]string) string {
	pieces := []struct{ name, octets string }{
		{"smsc", "00"}, {"first", "01"}, {"mr", "00"}, {"da", "0C91447700092143"},
		{"pid", "00"}, {"dcs", "00"}, {"vp", ""}, {"udl", "05"}, {"ud", "E8329BFD06"},
	}
	var text strings.Builder
	for _, p := range pieces {
		if octets, isChanged := changed[p.name]; isChanged {
			p.octets = octets
		}
		text.WriteString(p.octets)
	}
	return text.String()
}

// lengthOf is what +CMGS has to announce for a PDU.
func lengthOf(t testing.TB, pdu string) int {
	t.Helper()
	octets, err := hex.DecodeString(pdu)
	if err != nil {
		t.Fatal(err)
	}
	return len(octets) - 1 - int(octets[0])
}

func TestWhatAStandardForbidsIsRefused(t *testing.T) {
	for _, tt := range []struct {
		what    string
		changed map[string]string
		code    int
	}{
		{"a service centre of one octet", map[string]string{"smsc": "0191"}, 304},
		{"a service centre of twelve octets", map[string]string{"smsc": "0C91" + strings.Repeat("44", 11)}, 304},
		{"a service centre without the top bit of its type", map[string]string{"smsc": "02114F"}, 304},
		{"an SMS-COMMAND", map[string]string{"first": "02"}, 304},
		{"an SMS-DELIVER", map[string]string{"first": "00"}, 304},
		{"twenty-one digits", map[string]string{"da": "1591" + strings.Repeat("44", 11)}, 304},
		{"a number without the top bit of its type", map[string]string{"da": "0C11447700092143"}, 304},
		{"a number with a filler in its middle", map[string]string{"da": "0C9144F700092143"}, 304},
		{"an odd number without its filler", map[string]string{"da": "0B91447700092143"}, 304},
		{"nobody", map[string]string{"da": "0091"}, 195},
		{"a name", map[string]string{"da": "0CD0447700092143"}, 195},
		{"a private numbering plan", map[string]string{"da": "0C99447700092143"}, 195},
		{"a telex", map[string]string{"pid": "21"}, 143},
		{"a compressed text", map[string]string{"dcs": "20"}, 159},
		{"a reserved coding group", map[string]string{"dcs": "80"}, 159},
		{"a reserved alphabet", map[string]string{"dcs": "0C"}, 144},
		{"eight-bit data", map[string]string{"dcs": "04"}, 144},
		{"eight-bit data with a class", map[string]string{"dcs": "F5"}, 144},
		{"no validity where one is announced", map[string]string{"first": "11"}, 304},
		{"a validity where none is announced", map[string]string{"vp": "AA"}, 304},
		{"an absolute validity of month 13", map[string]string{"first": "19", "vp": "62311100000000"}, 198},
		{"an absolute validity with a letter", map[string]string{"first": "19", "vp": "6A111100000000"}, 198},
		{"a reserved enhanced validity", map[string]string{"first": "09", "vp": "07000000000000"}, 198},
		{"a length above the text", map[string]string{"udl": "06"}, 304},
		{"a length below the text", map[string]string{"udl": "04"}, 304},
		{"a fill bit set", map[string]string{"ud": "E8329BFD86"}, 304},
		{"161 septets", map[string]string{"udl": "A1", "ud": strings.Repeat("00", 141)}, 304},
		{"an escape at the end", map[string]string{"udl": "01", "ud": "1B"}, 304},
		{"an escape nobody knows", map[string]string{"udl": "02", "ud": "9B00"}, 304},
		{"half a UCS-2 character", map[string]string{"dcs": "08", "udl": "03", "ud": "004100"}, 304},
		{"a high surrogate alone", map[string]string{"dcs": "08", "udl": "04", "ud": "D83D0041"}, 304},
		{"a low surrogate alone", map[string]string{"dcs": "08", "udl": "02", "ud": "DE00"}, 304},
		{"142 octets of UCS-2", map[string]string{"dcs": "08", "udl": "8E", "ud": strings.Repeat("0041", 71)}, 304},
		{"a header longer than the data", map[string]string{"first": "41", "udl": "02", "ud": "7F00"}, 304},
		{"an element longer than its header", map[string]string{"first": "41", "dcs": "08", "udl": "06", "ud": "030003010041"}, 304},
		{"half an element", map[string]string{"first": "41", "dcs": "08", "udl": "04", "ud": "01000041"}, 304},
		{"an 8-bit reference of two octets", map[string]string{"first": "41", "dcs": "08", "udl": "07", "ud": "04000201020041"}, 304},
		{"a 16-bit reference of three octets", map[string]string{"first": "41", "dcs": "08", "udl": "08", "ud": "0508030102010041"}, 304},
		{"part 0", map[string]string{"first": "41", "dcs": "08", "udl": "08", "ud": "0500030102000041"}, 304},
		{"part 3 of 2", map[string]string{"first": "41", "dcs": "08", "udl": "08", "ud": "0500030102030041"}, 304},
		{"part 1 of 0", map[string]string{"first": "41", "dcs": "08", "udl": "08", "ud": "0500030100010041"}, 304},
		{"a part placed twice", map[string]string{"first": "41", "dcs": "08", "udl": "0D", "ud": "0A000301020100030102010041"}, 304},
		{"a national alphabet", map[string]string{"first": "41", "udl": "06", "ud": "0324010104" + "00"}, 144},
	} {
		pdu := tpduText(tt.changed)
		s, wrong := parseSubmit(pdu, lengthOf(t, pdu))
		if wrong == nil {
			t.Errorf("%s was accepted: %+v", tt.what, s)
		} else if wrong.code != tt.code {
			t.Errorf("%s: got %v, want code %d", tt.what, wrong, tt.code)
		}
	}
}

func TestWhatAStandardAllowsIsAccepted(t *testing.T) {
	for _, tt := range []struct {
		what    string
		changed map[string]string
		want    string
	}{
		{"a plain text", nil, "+447700901234: hello"},
		{"its own service centre", map[string]string{"smsc": "07914477000900F0"}, "+447700901234: hello"},
		{"a national number", map[string]string{"da": "0B817007709021F3"}, "07700709123: hello"},
		{"a short code", map[string]string{"da": "05812143F5"}, "12345: hello"},
		{"a reply path", map[string]string{"first": "81"}, "+447700901234: hello"},
		{"a message class", map[string]string{"dcs": "F1"}, "+447700901234: hello"},
		{"an absolute validity", map[string]string{"first": "19", "vp": "62111100000000"}, "+447700901234: hello"},
		{"an enhanced validity", map[string]string{"first": "09", "vp": "02AA0000000000"}, "+447700901234: hello"},
		{"no text", map[string]string{"udl": "00", "ud": ""}, "+447700901234: "},
		{"an unknown element", map[string]string{"first": "41", "dcs": "08", "udl": "06", "ud": "03EE0101" + "0041"}, "+447700901234: A"},
		{"a pair of surrogates", map[string]string{"dcs": "08", "udl": "04", "ud": "D83DDE00"}, "+447700901234: 😀"},
		{"lower-case hexadecimal", map[string]string{"ud": "e8329bfd06"}, "+447700901234: hello"},
	} {
		pdu := tpduText(tt.changed)
		s, wrong := parseSubmit(pdu, lengthOf(t, pdu))
		if wrong != nil {
			t.Errorf("%s: %v", tt.what, wrong)
		} else if got := s.to + ": " + s.body; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.what, got, tt.want)
		}
	}
}

func TestWhatIsNotHexadecimalOrNotAsLongAsAnnouncedIsRefused(t *testing.T) {
	good := tpduText(nil)
	length := lengthOf(t, good)
	for _, tt := range []struct {
		what, typed string
		length      int
	}{
		{"nothing", "", length},
		{"an odd number of digits", good[:len(good)-1], length},
		{"a NUL in the middle", good[:10] + "\x00" + good[10:], length},
		{"a line end", good + "\r", length},
		{"a letter beyond F", "G" + good[1:], length},
		{"one octet announced too many", good, length + 1},
		{"one octet announced too few", good, length - 1},
		{"the service centre counted in", good, length + 1},
	} {
		if _, wrong := parseSubmit(tt.typed, tt.length); wrong == nil || wrong.code != 304 {
			t.Errorf("%s: got %v, want code 304", tt.what, wrong)
		}
	}
}

// Another implementation's encoder: what it writes must be read as it was
// meant, whatever the alphabet and the number of parts.
func TestWhatAnotherEncoderWritesIsReadBack(t *testing.T) {
	for _, body := range []string{
		"hello", "Freezer 3 is at -9 C", "@£$¥èéùìòÇ ÆæßÉ ¤ ÄÖÑÜ§¿äöñüà", "{braces} [brackets] ~ ^ | \\ €",
		"Grüße aus Köln", "Ωμέγα", "日本語のアラーム", "smoke 🔥 now", strings.Repeat("a", 160), strings.Repeat("a", 161),
		strings.Repeat("€", 80), strings.Repeat("x", 152) + "€" + strings.Repeat("y", 40), strings.Repeat("ж", 70),
		strings.Repeat("ж", 71), strings.Repeat("long text ", 60),
	} {
		parts, err := sms.Encode([]byte(body), sms.To("447700901234"))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for i, p := range parts {
			s := readBack(t, p)
			if len(parts) > 1 && (int(s.concat.count) != len(parts) || int(s.concat.seq) != i+1) {
				t.Errorf("part %d of %d was read as %+v", i+1, len(parts), s.concat)
			}
			got += s.body
		}
		if got != body {
			t.Errorf("got %q, want %q", got, body)
		}
	}
}

func readBack(t testing.TB, p tpdu.TPDU) submit {
	t.Helper()
	octets, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	s, wrong := parseSubmit("00"+hex.EncodeToString(octets), len(octets))
	if wrong != nil {
		t.Fatalf("%X: %v", octets, wrong)
	}
	return s
}

func TestTheAlphabetIsTheOneOthersHave(t *testing.T) {
	for code := range byte(128) {
		if code == gsmEscape {
			continue
		}
		theirs, err := gsm7.Decode([]byte{code})
		ours, ourErr := decodeGSM([]byte{code})
		if err != nil || ourErr != nil || string(theirs) != ours {
			t.Errorf("code 0x%02x: got %q, %v, want %q, %v", code, ours, ourErr, theirs, err)
		}
		if code == '\r' {
			continue // they read a control character of the table as a line feed
		}
		theirs, err = gsm7.Decode([]byte{gsmEscape, code}, gsm7.Strict)
		ours, ourErr = decodeGSM([]byte{gsmEscape, code})
		if known := err == nil; known != (ourErr == nil) || known && string(theirs) != ours {
			t.Errorf("escape 0x%02x: got %q, %v, want %q, %v", code, ours, ourErr, theirs, err)
		}
	}
}

func TestSeptetsSurviveBeingPacked(t *testing.T) {
	for n := range 161 {
		septets := make([]byte, n)
		for i := range septets {
			septets[i] = byte(i*37+n) & 0x7f
		}
		packed := packSeptets(septets)
		if got := unpackSeptets(packed, 0, n); string(got) != string(septets) {
			t.Errorf("%d septets: got %x, want %x", n, got, septets)
		}
		if theirs := gsm7.Pack7Bit(septets, 0); string(packed) != string(theirs) {
			t.Errorf("%d septets: packed %x, others pack %x", n, packed, theirs)
		}
	}
}

func TestRelativeValidityIsTheTableOfTheStandard(t *testing.T) {
	for _, tt := range []struct {
		v    byte
		want time.Duration
	}{
		{0, 5 * time.Minute}, {143, 12 * time.Hour}, {144, 12*time.Hour + 30*time.Minute}, {167, 24 * time.Hour},
		{168, 48 * time.Hour}, {196, 30 * 24 * time.Hour}, {197, 5 * 7 * 24 * time.Hour}, {255, 63 * 7 * 24 * time.Hour},
	} {
		if got := relativeValidity(tt.v); got != tt.want {
			t.Errorf("TP-VP %d: got %v, want %v", tt.v, got, tt.want)
		}
	}
}

func FuzzSubmit(f *testing.F) {
	f.Add(classic, classicLength)
	f.Add(tpduText(nil), 18)
	f.Add(tpduText(map[string]string{"first": "41", "dcs": "08", "udl": "08", "ud": "0500030102010041"}), 21)
	f.Add(tpduText(map[string]string{"first": "19", "vp": "62111100000000"}), 25)
	f.Fuzz(func(t *testing.T, typed string, length int) {
		s, wrong := parseSubmit(typed, length)
		switch {
		case wrong != nil && (wrong.code == 0 || wrong.why == ""):
			t.Errorf("%q is refused without a reason: %v", typed, wrong)
		case wrong == nil && (s.to == "" || s.encoding == "" || s.content == ""):
			t.Errorf("%q is accepted as %+v", typed, s)
		case wrong == nil:
			agree(t, typed)
		}
	})
}

// agree checks that the other implementation reads a PDU that was accepted,
// to the same number.
func agree(t *testing.T, typed string) {
	octets, err := hex.DecodeString(typed)
	if err != nil {
		t.Fatal(err)
	}
	p := tpdu.TPDU{Direction: tpdu.MO}
	if err := p.UnmarshalBinary(octets[1+octets[0]:]); err != nil {
		if strings.Contains(fmt.Sprint(err), "vp") {
			return // it knows fewer validity periods
		}
		t.Errorf("%s is accepted here, and not by others: %v", typed, err)
	}
}
