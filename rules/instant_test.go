package rules

import (
	"strings"
	"testing"
	"time"
)

func TestATimeIsReadInEverySpelling(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	for _, tt := range []struct {
		text string
		want string // RFC 3339, in UTC; "" for none
		why  Reason
	}{
		{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", Known},
		{"2024-01-10T18:42:48+00:00", "2024-01-10T18:42:48Z", Known},
		{"2024-01-10T20:42:48.25+02:00", "2024-01-10T18:42:48.25Z", Known},
		{" 2024-01-10t18:42:48z ", "2024-01-10T18:42:48Z", Known},
		{"2023-07-20T16:47:13.379345-0500", "2023-07-20T21:47:13.379345Z", Known},
		{"2023-07-20T16:47:13-05", "2023-07-20T21:47:13Z", Known},
		{"2023-07-20T16:47:13+05:45", "2023-07-20T11:02:13Z", Known},
		{"2022-07-18T09:34:15.775023242+00:00", "2022-07-18T09:34:15.775023242Z", Known},
		{"2020-02-12T15:15:46.0147731439999Z", "2020-02-12T15:15:46.014773143Z", Known},
		{"2024-01-10 18:42:48 +0000", "2024-01-10T18:42:48Z", Known},
		{"2024-01-10 18:42:48,5", "2024-01-10T16:42:48.5Z", Known},
		{"2021-01-01T00:00:00", "2020-12-31T22:00:00Z", Known},
		{"2024-01-10 18:42", "2024-01-10T16:42:00Z", Known},
		{"2024-02-29T00:00:00", "2024-02-28T22:00:00Z", Known},
		{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", Known},
		{"1680962879.62", "2023-04-08T14:07:59.619999885Z", Known},
		{"1747038892", "2025-05-12T08:34:52Z", Known},
		{"1768000000123", "2026-01-09T23:06:40.123Z", Known},
		{"1653579153147395", "2022-05-26T15:32:33.147395Z", Known},
		{"1653579153147395661", "2022-05-26T15:32:33.147395610Z", Known},
		{"-100.5", "1969-12-31T23:58:19.5Z", Known},
		{"1e19", "", OutOfRange},
		{"1e400", "", OutOfRange},
		{"2023-02-29T00:00:00Z", "", NotANumber},
		{"2024-13-01T00:00:00Z", "", NotANumber},
		{"2024-00-10T00:00:00Z", "", NotANumber},
		{"2024-01-00T00:00:00Z", "", NotANumber},
		{"2024-01-10T24:00:00Z", "", NotANumber},
		{"2024-01-10T18:60:00Z", "", NotANumber},
		{"2024-01-10T18:42:61Z", "", NotANumber},
		{"2024-01-10T18:42:48+24:00", "", NotANumber},
		{"2024-01-10T18:42:48.Z", "", NotANumber},
		{"2024-01-10T18:42:48Zx", "", NotANumber},
		{"2024-01-10", "", NotANumber},
		{"24-01-10T18:42:48Z", "", NotANumber},
		{"@0.125572s", "", NotANumber},
		{"18:05", "", NotANumber},
		{"yesterday", "", NotANumber},
		{"", "", NotANumber},
		{strings.Repeat("x", 100_000), "", NotANumber},
		{"unknown", "", Unavailable},
		{"null", "", Null},
	} {
		at, why := parseInstant(tt.text, zone)
		got := ""
		if why == Known {
			got = at.UTC().Format(time.RFC3339Nano)
		}
		want, _ := time.Parse(time.RFC3339, tt.want)
		if off := at.Sub(want).Abs(); why != tt.why || (got == "") != (tt.want == "") || why == Known && off > 100*time.Nanosecond {
			t.Errorf("%.40q: got %q, %v, want %q, %v", tt.text, got, why, tt.want, tt.why)
		}
	}
}

func TestATimeWithoutAZoneIsNoneWhereNobodyKnowsTheZone(t *testing.T) {
	for _, text := range []string{"2021-01-01T00:00:00", "2024-01-10 18:42:48"} {
		if at, why := parseInstant(text, nil); why != NotANumber {
			t.Errorf("%s: got %v, %v, want %v", text, at, why, NotANumber)
		}
	}
	if _, why := parseInstant("2021-01-01T00:00:00Z", nil); why != Known {
		t.Errorf("with a zone: got %v", why)
	}
}

func TestATimeWithoutAZoneIsMeantWhereTheSiteIs(t *testing.T) {
	dublin, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Skip("no time zones on this machine:", err)
	}
	for text, want := range map[string]string{
		"2024-01-10 12:00:00": "2024-01-10T12:00:00Z",
		"2024-07-10 12:00:00": "2024-07-10T11:00:00Z",
	} {
		if at, why := parseInstant(text, dublin); why != Known || at.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: got %v, %v, want %s", text, at.UTC(), why, want)
		}
	}
}

func FuzzATimeIsReadAsTheStandardLibraryReadsIt(f *testing.F) {
	for _, text := range []string{"2024-01-10T18:42:48.25+02:00", "2024-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "1680962879.62", "2024-01-10 18:42"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, why := parseInstant(text, time.UTC)
		want, err := time.Parse(time.RFC3339, trimBlanks(text))
		if err == nil && len(text) <= instantMaxBytes && (why != Known || !got.Equal(want)) {
			t.Errorf("%q: got %v, %v, want %v", text, got, why, want)
		}
	})
}
