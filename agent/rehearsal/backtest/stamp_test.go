package backtest

import (
	"strings"
	"testing"
	"time"
)

func TestTimesAreReadAsFilesSpellThem(t *testing.T) {
	dublin, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ text, want string }{
		{"2013-12-02 21:15:00", "2013-12-02T21:15:00Z"},
		{"2013-07-02 21:15:00", "2013-07-02T20:15:00Z"}, // Irish summer
		{"2013-12-02T21:15:00Z", "2013-12-02T21:15:00Z"},
		{"2013-12-02T21:15:00+01:00", "2013-12-02T20:15:00Z"},
		{"2013-12-02T21:15:00.25-0530", "2013-12-03T02:45:00.25Z"},
		{"2013-12-02T21:15:00.250000Z+0100", "2013-12-02T20:15:00.25Z"}, // mosquitto_sub -F %j
		{"2013-12-02 21:15:00 UTC", "2013-12-02T21:15:00Z"},
		{"2013-12-02 21:15:00+02", "2013-12-02T19:15:00Z"},
		{"2013-12-02 21:15", "2013-12-02T21:15:00Z"},
		{"2013-12-02T21:15+01:00", "2013-12-02T20:15:00Z"},
		{"2013/12/02 21:15:00", "2013-12-02T21:15:00Z"},
		{"2003.10.22.12.06.24", "2003-10-22T11:06:24Z"},
		{"2013-12-02 21:15:00,5", "2013-12-02T21:15:00.5Z"},
		{"2013-12-02 21:15:00.000000", "2013-12-02T21:15:00Z"},
		{"2013-12-02", "2013-12-02T00:00:00Z"},
		{"1386018900", "2013-12-02T21:15:00Z"},
		{"1386018900.5", "2013-12-02T21:15:00.5Z"},
		{"1386018900000", "2013-12-02T21:15:00Z"},
		{"1386018900000000", "2013-12-02T21:15:00Z"},
		{"1386018900000000000", "2013-12-02T21:15:00Z"},
		{"1.3860189e9", "2013-12-02T21:15:00Z"},
		{"0", "1970-01-01T00:00:00Z"},
	}
	s := newStamps(dublin)
	for _, test := range tests {
		s.last = 0
		at, err := s.parse([]byte(test.text))
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if got := time.Unix(0, at).UTC().Format(time.RFC3339Nano); got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}

func TestWhatIsNoTimeIsRefused(t *testing.T) {
	s := newStamps(time.UTC)
	for _, text := range []string{
		"", "soon", "02/12/2013 21:15", "2013-13-02 21:15", "2013-12-02 25:15", "2013-12-02 21:61", "2013-12-02 21:15:99",
		"2013-12-02 21:15:00 CET", "2013-12-02 21:15:00ZZ", "2013-12-02 21:15:00+25:00", "2013-12-0x", "1066-10-14 09:00", "-5", "nan", "inf", "1e300", "2013-12-02 21",
		"9999-12-31 00:00",
	} {
		if at, err := s.parse([]byte(text)); err == nil {
			t.Errorf("%q: got %v, want an error", text, time.Unix(0, at).UTC())
		}
	}
	if _, err := s.parse([]byte("02/12/2013 21:15")); !strings.Contains(err.Error(), "2013-12-02 21:15:00") {
		t.Errorf("the error says nothing of what can be read: %v", err)
	}
}

func TestAnHourThatComesTwiceInAutumnGoesOn(t *testing.T) {
	dublin, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Fatal(err)
	}
	s := newStamps(dublin)
	var before int64
	for _, text := range []string{
		"2013-10-27 00:30:00", "2013-10-27 01:00:00", "2013-10-27 01:30:00",
		"2013-10-27 01:00:00", "2013-10-27 01:30:00", "2013-10-27 02:00:00",
	} {
		at, err := s.parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if step := time.Duration(at - before); before != 0 && step != 30*time.Minute {
			t.Errorf("%s comes %v after the time before it, want 30m", text, step)
		}
		before = at
	}
}

func TestMinutesAreRightWhereClocksChangeWithinTheHour(t *testing.T) {
	howe, err := time.LoadLocation("Australia/Lord_Howe")
	if err != nil {
		t.Fatal(err)
	}
	s := newStamps(howe)
	for minute := range 60 {
		civil := time.Date(2013, 4, 7, 1, minute, 0, 0, howe)
		at, err := s.parse([]byte(civil.Format(time.DateTime)))
		if err != nil {
			t.Fatal(err)
		}
		if got := time.Unix(0, at).In(howe).Format(time.DateTime); got != civil.Format(time.DateTime) {
			t.Errorf("got %s, want %s", got, civil.Format(time.DateTime))
		}
	}
}
