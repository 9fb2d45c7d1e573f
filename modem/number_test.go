package modem

import (
	"strings"
	"testing"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

func TestANumberIsReadHoweverItsDigitsAreGrouped(t *testing.T) {
	for _, given := range []string{
		"+4915112345678", "+49 151 12345678", " +49-151-1234-5678 ", "+49 (151) 12345678", "+49\u00a015112345678",
	} {
		got, err := ParseNumber(given)
		if err != nil || got != "+4915112345678" {
			t.Errorf("ParseNumber(%q) = %q, %v, want +4915112345678", given, got, err)
		}
	}
}

func TestANumberThatCannotBeCalledIsRefusedWithWhatToWriteInstead(t *testing.T) {
	for given, want := range map[string]string{
		"":                              "number is empty",
		"   ":                           "number is empty",
		"0151 12345678":                 "write + and the country code in place of the 0",
		"004915112345678":               "write +4915112345678",
		"4915112345678":                 "has no +",
		"112":                           "emergency services",
		"+911":                          "emergency services",
		"+49 (0)151 12345678":           `has "(0)"`,
		"+49151CALLME":                  "not a digit",
		"+4915112345678,145":            "not a digit",
		"+49+151":                       "not a digit",
		"+٤٩١٥١١٢٣٤٥٦٧٨":                "not a digit",
		"+49151\r\nAT+CMGS":             "not a digit",
		"+015112345678":                 "0 after the +",
		"+":                             "has 0 digits",
		"+49151":                        "has 5 digits, fewer than 7",
		"+1234567890123456":             "has 16 digits, more than the 15",
		"+" + strings.Repeat("1", 4000): "has 4000 digits",
	} {
		got, err := ParseNumber(given)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseNumber(%.30q) = %q, %v, want an error that says %q", given, got, err, want)
		}
	}
}

func TestAShortCodeIsDigitsAlone(t *testing.T) {
	for _, given := range []string{"50123", "50 123", " 50-123 "} {
		if got, err := ParseShortCode(given); err != nil || got != "50123" {
			t.Errorf("ParseShortCode(%q) = %q, %v, want 50123", given, got, err)
		}
	}
	for given, want := range map[string]string{
		"":             "short code is empty",
		"+50123":       "has a +",
		"50a23":        "not a digit",
		"12":           "has 2 digits, a short code has 3 to 8",
		"123456789":    "has 9 digits",
		"112":          "emergency services",
		"9-1-1":        "emergency services",
		"000":          "emergency services",
		"5\r\nAT+CMGS": "not a digit",
	} {
		got, err := ParseShortCode(given)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseShortCode(%q) = %q, %v, want an error that says %q", given, got, err, want)
		}
	}
}

func TestATypeOfNumberIsTheNumbersOwn(t *testing.T) {
	for to, want := range map[Number]byte{"+353871234567": 0x91, "50123": 0x81, "501": 0x81} {
		parts, err := Split(to, "hello", 1, SplitOptions{})
		if err != nil {
			t.Fatal(err)
		}
		const typeOfAddress = 3 // behind first octet, TP-MR and the number of digits
		if got := parts[0].tpdu[typeOfAddress]; got != want {
			t.Errorf("%s has type of address %#x, want %#x", string(to), got, want)
		}
		read, err := modemtest.ReadSubmit(parts[0].pdu(), len(parts[0].tpdu))
		if err != nil || read.To != string(to) {
			t.Errorf("%s is read as %q, %v", string(to), read.To, err)
		}
	}
}

func TestARedactedNumberKeepsItsEnds(t *testing.T) {
	for n, want := range map[Number]string{
		"+4915112345678": "+4915…678",
		"+3538712345":    "+3538…345",
		"+1234567":       "…567",
		"+1":             "…+1",
		"50123":          "…123",
		"":               "…",
	} {
		if got := n.Redacted(); got != want {
			t.Errorf("Number(%q).Redacted() = %q, want %q", string(n), got, want)
		}
	}
}

func FuzzParseNumberYieldsOnlyWhatCanBeDialled(f *testing.F) {
	f.Add("+49 (151) 1234-5678")
	f.Add("0049151")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseNumber(s)
		if err != nil {
			return
		}
		digits, plus := strings.CutPrefix(string(n), "+")
		if !plus || strings.Trim(digits, "0123456789") != "" || len(digits) < numberMinDigits || len(digits) > numberMaxDigits {
			t.Errorf("ParseNumber(%q) = %q, which is no E.164 number", s, n)
		}
	})
}
