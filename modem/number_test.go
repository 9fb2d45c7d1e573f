package modem

import (
	"strings"
	"testing"
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
		"112":                           "has no +",
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

func TestARedactedNumberKeepsItsEnds(t *testing.T) {
	for n, want := range map[Number]string{
		"+4915112345678": "+4915…678",
		"+3538712345":    "+3538…345",
		"+1234567":       "…567",
		"+1":             "…+1",
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
