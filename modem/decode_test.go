package modem

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/warthog618/sms/encoding/gsm7"
)

func octets(t testing.TB, digits string) []byte {
	t.Helper()
	pdu, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return pdu
}

// The fields of a text from +447700900222 in May 2023, in front of its user
// data, in the GSM alphabet.
const (
	fromHer     = "00 04 0C91 447700092022 00 00"
	fromHerLong = "00 44 0C91 447700092022 00 00"
	inMay       = "32505021436500"
)

var may = time.Date(2023, 5, 5, 12, 34, 56, 0, time.UTC)

func TestATextIsReadAsItsSenderWroteIt(t *testing.T) {
	for name, c := range map[string]struct {
		pdu  string
		want Inbound
	}{
		"plain": {"07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07",
			Inbound{From: "+31641600986", Body: "How are you?", Sent: time.Date(2002, 8, 26, 19, 37, 41, 0, time.UTC), Index: 1, Count: 1}},
		"empty":             {fromHer + inMay + "00", Inbound{From: "+447700900222", Sent: may, Index: 1, Count: 1}},
		"with the euro":     {fromHer + inMay + "03 9B B20D", Inbound{From: "+447700900222", Body: "€6", Sent: may, Index: 1, Count: 1}},
		"from a short code": {"00 04 0581 2143F5 00 00" + inMay + "02 CF25", Inbound{From: "12345", Body: "OK", Sent: may, Index: 1, Count: 1}},
		"national number":   {"00 04 0AA1 7087654321 00 00" + inMay + "02 CF25", Inbound{From: "0778563412", Body: "OK", Sent: may, Index: 1, Count: 1}},
		"from nobody":       {"00 04 0080 00 00" + inMay + "02 CF25", Inbound{Body: "OK", Sent: may, Index: 1, Count: 1}},
		"from a name": {"00 04 09D0 5474DDBD06 00 00" + inMay + "02 CF25",
			Inbound{From: "Thunk", Name: true, Body: "OK", Sent: may, Index: 1, Count: 1}},
		"UCS-2 with a surrogate pair": {"00 04 0C91 447700092022 00 08" + inMay + "06 0436 D83DDE00",
			Inbound{From: "+447700900222", Body: "ж😀", Sent: may, Index: 1, Count: 1}},
		"UCS-2 with half a pair": {"00 04 0C91 447700092022 00 08" + inMay + "04 0436 D83D",
			Inbound{From: "+447700900222", Body: "ж\ufffd", Sent: may, Index: 1, Count: 1}},
		"UCS-2 with an odd octet": {"00 04 0C91 447700092022 00 08" + inMay + "03 0436 D8",
			Inbound{From: "+447700900222", Body: "ж", Sent: may, Index: 1, Count: 1}},
		"8-bit data": {"00 04 0C91 447700092022 00 04" + inMay + "04 DEADBEEF",
			Inbound{From: "+447700900222", Body: "DEADBEEF", Sent: may, Index: 1, Count: 1}},
		"reserved coding": {"00 04 0C91 447700092022 00 8B" + inMay + "02 CF25",
			Inbound{From: "+447700900222", Body: "OK", Sent: may, Index: 1, Count: 1}},
		"message waiting, UCS-2": {"00 04 0C91 447700092022 00 E0" + inMay + "02 0436",
			Inbound{From: "+447700900222", Body: "ж", Sent: may, Index: 1, Count: 1}},
		"reserved message type": {"00 07 0C91 447700092022 00 00" + inMay + "02 CF25",
			Inbound{From: "+447700900222", Body: "OK", Sent: may, Index: 1, Count: 1}},
		"part with an 8-bit reference": {"00 44 0C91 447700092022 00 08" + inMay + "08 05 0003 A7 03 02 0436",
			Inbound{From: "+447700900222", Body: "ж", Sent: may, Reference: 0xa7, Index: 2, Count: 3}},
		"part with a 16-bit reference": {"00 44 0C91 447700092022 00 08" + inMay + "09 06 0804 A7B8 03 03 0436",
			Inbound{From: "+447700900222", Body: "ж", Sent: may, Reference: 0xa7b8, Index: 3, Count: 3}},
		"part 4 of 3":          {"00 44 0C91 447700092022 00 08" + inMay + "08 05 0003 A7 03 04 0436", Inbound{From: "+447700900222", Body: "ж", Sent: may, Index: 1, Count: 1}},
		"part 0":               {"00 44 0C91 447700092022 00 08" + inMay + "08 05 0003 A7 03 00 0436", Inbound{From: "+447700900222", Body: "ж", Sent: may, Index: 1, Count: 1}},
		"element cut short":    {"00 44 0C91 447700092022 00 08" + inMay + "06 03 000A A7 0436", Inbound{From: "+447700900222", Body: "ж", Sent: may, Index: 1, Count: 1}},
		"Turkish single shift": {fromHerLong + inMay + "09 03 240101" + packed(t, 5, "\x1bS\x1bs"), Inbound{From: "+447700900222", Body: "Şş", Sent: may, Index: 1, Count: 1}},
		"a month of 13":        {fromHer + "32315021436500" + "02 CF25", Inbound{From: "+447700900222", Body: "OK", Index: 1, Count: 1}},
		"a timestamp of FF":    {fromHer + "FFFFFFFFFFFFFF" + "02 CF25", Inbound{From: "+447700900222", Body: "OK", Index: 1, Count: 1}},
		"an octet too many":    {fromHer + inMay + "02 CF25 00", Inbound{From: "+447700900222", Body: "OK", Sent: may, Index: 1, Count: 1}},
		"its end missing":      {fromHer + inMay + "0C C8F71D1496", Inbound{From: "+447700900222", Body: "How a…", Sent: may, Index: 1, Count: 1}},
		"all of it missing":    {fromHer + inMay + "0C", Inbound{From: "+447700900222", Body: "…", Sent: may, Index: 1, Count: 1}},
		"fill within an address": {"00 04 0C91 4477F0092022 00 00" + inMay + "02 CF25",
			Inbound{From: "+44770900222", Body: "OK", Sent: may, Index: 1, Count: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			pdu := octets(t, c.pdu)
			c.want.Modem, c.want.PDU = "sim", pdu
			text, report := readPDU("sim", pdu)
			if report != nil {
				t.Fatalf("read as the report %+v", report)
			}
			if diff := cmp.Diff(c.want, *text, cmp.Comparer(time.Time.Equal)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// packed gives septets behind a header, with the bits of fill that make them
// start at a septet's boundary, in hexadecimal digits.
func packed(t testing.TB, headerSeptets int, septets string) string {
	t.Helper()
	all := gsm7.Pack7Bit(append(make([]byte, headerSeptets), septets...), 0)
	const headerOctets = 4
	return hex.EncodeToString(all[headerOctets:])
}

func TestEveryNameOfASenderIsReadWithoutItsFill(t *testing.T) {
	for _, name := range []string{"A", "Ab", "Abc", "Abcd", "Abcde", "Abcdef", "Abcdefg", "Abcdefgh", "Abcdefghi", "Abcdefghij", "Abcdefghijk"} {
		exact := (7*len(name) + 3) / 4
		for _, semiOctets := range []int{exact, exact + exact%2} { // some round up
			r := &fieldReader{rest: append([]byte{byte(semiOctets), 0xd0}, gsm7.Pack7Bit([]byte(name), 0)...)}
			if got, isName := r.address("the sender"); got != name || !isName || r.err != nil {
				t.Errorf("%d semi-octets of %q read as %q, %v, %v", semiOctets, name, got, isName, r.err)
			}
		}
	}
}

func TestAStatusReportIsRead(t *testing.T) {
	submitted := time.Date(2011, 1, 11, 17, 59, 15, 0, time.FixedZone("", 3600))
	for name, c := range map[string]struct {
		pdu  string
		want Report
	}{
		"plain": {"0006D60B911326880736F41110117195514011101171957140" + "00",
			Report{To: "+31628870634", Reference: 0xd6, Status: 0, Submitted: submitted, Discharged: submitted.Add(2 * time.Second)}},
		"with more to come": {"0006D60B911326880736F41110117195514011101171957140" + "46 FF 00 00 00",
			Report{To: "+31628870634", Reference: 0xd6, Status: 0x46, Submitted: submitted, Discharged: submitted.Add(2 * time.Second)}},
		"national, no discharge time": {"0006000A817087654321 11101171955140 00000000000000 30",
			Report{To: "0778563412", Status: 0x30, Submitted: submitted}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Modem = "sim"
			text, report := readPDU("sim", octets(t, c.pdu))
			if text != nil {
				t.Fatalf("read as the text %+v", text)
			}
			if diff := cmp.Diff(c.want, *report, cmp.Comparer(time.Time.Equal)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWhatCannotBeReadIsKeptWithItsProblem(t *testing.T) {
	for pdu, problem := range map[string]string{
		"":                              "the PDU of 0 octets ends within the service centre's address",
		"07911326":                      "the PDU of 4 octets ends within the service centre's address",
		"00":                            "the PDU of 1 octets ends within the TPDU's first octet",
		"0001":                          "the PDU is an SMS-SUBMIT-REPORT, neither a text nor a status report",
		"00040C914477":                  "the PDU of 6 octets ends within the sender's address",
		"0004FF91" + "00":               "the sender's address has 255 digits, more than 20",
		fromHer + "3250":                "the PDU of 14 octets ends within the timestamp",
		fromHer + inMay:                 "the PDU of 19 octets ends within the length of the user data",
		fromHerLong + inMay + "02 0A00": "the header is longer than the user data that it is part of",
		"00040C914477000920220020" + inMay + "01 00": "the text is compressed (3GPP 23.042), which is not supported",
		"0006D60B911326880736F411101171955140":       "the PDU of 18 octets ends within the discharge time",
	} {
		t.Run(pdu, func(t *testing.T) {
			pdu := octets(t, pdu)
			text, report := readPDU("sim", pdu)
			if report != nil {
				t.Fatalf("read as the report %+v", report)
			}
			want := Inbound{Modem: "sim", PDU: pdu, Problem: problem}
			if diff := cmp.Diff(want, *text); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func FuzzNoPDUIsLost(f *testing.F) {
	for _, pdu := range []string{
		"07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07",
		"0006D60B911326880736F41110117195514011101171957140" + "00",
		"00440C91447700092022000832505021436500" + "08050003A703020436",
		fromHerLong + inMay + "0805250101C8F71D", "0004", "",
	} {
		f.Add(octets(f, pdu))
	}
	f.Fuzz(func(t *testing.T, pdu []byte) {
		text, report := readPDU("sim", bytes.Clone(pdu))
		switch {
		case (text == nil) == (report == nil):
			t.Fatalf("read as text %+v and report %+v", text, report)
		case report != nil:
			return
		case !bytes.Equal(text.PDU, pdu):
			t.Fatalf("the PDU became %X", text.PDU)
		case text.Problem != "":
			if text.From != "" || text.Body != "" || text.Count != 0 || !text.Sent.IsZero() {
				t.Fatalf("an unreadable PDU was read as %+v", text)
			}
			return
		}
		if text.Index < 1 || text.Index > text.Count || !utf8.ValidString(text.Body) || !utf8.ValidString(text.From) {
			t.Fatalf("read as %+v", text)
		}
		const longest = 4 * 255 // bytes of UTF-8 for the longest user data
		if len(text.Body) > longest+len(truncationMark) {
			t.Fatalf("%d octets read as a text of %d", len(pdu), len(text.Body))
		}
	})
}
