package modem

import (
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

func TestTheClockIsReadWithItsZone(t *testing.T) {
	for text, want := range map[string]string{
		"26/12/01,14:30:05+04": "2026-12-01T13:30:05Z",
		"26/12/01,14:30:05-20": "2026-12-01T19:30:05Z",
		"26/12/01,00:15:00+22": "2026-11-30T18:45:00Z",
		"26/12/01,14:30:05+00": "2026-12-01T14:30:05Z",
		"80/01/06,00:00:12+00": "1980-01-06T00:00:12Z",
		"26/12/01,14:30:05":    "",
		"26/13/01,14:30:05+04": "",
		"26/12/01,14:30:05+97": "",
		"26/12/01,14:30:05+":   "",
		"":                     "",
		"+04":                  "",
	} {
		at, ok := parseClock(text)
		if got := at.Format(time.RFC3339); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %s, %t; want %q", text, got, ok, want)
		}
	}
}

func FuzzNoClockIsTooStrangeToRead(f *testing.F) {
	f.Add("26/12/01,14:30:05+04")
	f.Fuzz(func(t *testing.T, text string) {
		at, ok := parseClock(text)
		if ok && (at.Year() < 1968 || at.Year() > 2070) {
			t.Errorf("%q is %v", text, at)
		}
	})
}

func TestTheNetworksTimeGoesOnBetweenTwoReadings(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Fault("command +CCLK? answer +CCLK: \"26/12/01,14:30:05+04\"")))
		mustBeReady(t, m, time.Minute)
		time.Sleep(clockEvery / 2)
		st := m.State()
		read := time.Date(2026, 12, 1, 13, 30, 5, 0, time.UTC)
		if got := st.NetworkClock(time.Now()).Sub(read); got < clockEvery/2 || got > clockEvery/2+time.Minute {
			t.Errorf("%v after the reading the network's clock shows %v", clockEvery/2, got)
		}
	})
}

func TestAClockThatNobodySetTellsNoTime(t *testing.T) {
	for _, answer := range []string{
		`answer +CCLK: "80/01/06,00:00:12+00"`, `answer +CCLK: "04/01/01,00:00:12+00"`, `answer +CCLK: "70/01/01,00:00:12+00"`, "error",
	} {
		inBubble(t, func(t *testing.T) {
			m := run(t, modemtest.New(modemtest.Fault("command +CCLK? "+answer)))
			mustBeReady(t, m, time.Minute)
			if st := m.State(); !st.NetworkTime.IsZero() || !st.NetworkClock(time.Now()).IsZero() {
				t.Errorf("%s: the network's time is %v", answer, st.NetworkTime)
			}
		})
	}
}
