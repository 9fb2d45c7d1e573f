package modem

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

func TestPINTriesAreReadInEachMakersWay(t *testing.T) {
	for _, c := range []struct {
		command, answer string
		want            int
	}{
		{"+CPINR", "+CPINR: SIM PIN,3,3\n+CPINR: SIM PUK,10,10", 3},
		{"+CPINR", "+CPINR: \"SIM PIN\",1,3", 1},
		{"+CPINR", "+CPINR: SIM PUK,10,10\n+CPINR: SIM PIN2,3,3", -1},
		{"+SPIC", "+SPIC: 2,10,3,10", 2},
		{"+SPIC", "+SPIC: 3,3,10,10", 3},
		{"+SPIC", "+SPIC: 0,3,10,10", 0},
		{"+QPINC?", "+QPINC: \"P2\",3,10\n+QPINC: \"SC\",1,10", 1},
		{"^CPIN?", "^CPIN: SIM PIN,3,10,3,10,3", 3},
		{"^CPIN?", "^CPIN: SIM PUK,10,10,0,10,3", -1},
		{"^CPIN?", "^CPIN: READY,,10,3,10,3", -1},
		{"+UPINCNT", "+UPINCNT: 2,3,10,10", 2},
		{"^SPIC", "^SPIC: 3", 3},
		{"#PCT", "#PCT: 2", 2},
		{"+ZPINPUK=?", "+ZPINPUK: 3,10", 3},
		{"+SPIC", "+SPIC: many", -1},
		{"+SPIC", "+SPIC:", -1},
		{"+SPIC", "+SPIC: 10", -1}, // of a PUK, or nonsense
		{"+SPIC", "+SPIC: -1", -1},
		{"+SPIC", "+CREG: 1\n+SPIC: 1,10", 1},
		{"+SPIC", "", -1},
	} {
		if got := triesIn(c.command, strings.Split(c.answer, "\n")); got != c.want {
			t.Errorf("%s answered %q: %d tries, want %d", c.command, c.answer, got, c.want)
		}
	}
}

func FuzzAnAnswerNeverGivesMoreTriesThanASIMHas(f *testing.F) {
	for _, p := range families {
		f.Add(p.withDefaults().TriesCommand, "+SPIC: 3,10,3,10")
	}
	f.Add("^CPIN?", "^CPIN: SIM PIN,3,10,3,10,3")
	f.Add("+QPINC?", "+QPINC: \"SC\",3")
	f.Fuzz(func(t *testing.T, command, answer string) {
		if got := triesIn(command, strings.Split(answer, "\n")); got < -1 || got > pinTries {
			t.Errorf("%q answered %q: %d tries", command, answer, got)
		}
		if iccid := iccidIn(strings.Split(answer, "\n")); iccid != "" && !isICCID(iccid) {
			t.Errorf("%q is no serial number of a card", iccid)
		}
	})
}

func TestTheSerialNumberOfASIMIsReadInEachMakersWay(t *testing.T) {
	const iccid = "8988211000000000007"
	for _, answer := range []string{
		iccid, iccid + "F", `"` + iccid + `"`, "+CCID: " + iccid, `+CCID: "` + iccid + `f"`, "+QCCID: " + iccid + "F",
		"^ICCID: " + iccid, "#CCID: " + iccid, "!ICCID: " + iccid, "+ZGETICCID: " + iccid, "^SCID: " + iccid,
		"+CICCID: " + iccid,
	} {
		if got := iccidIn([]string{"+CREG: 1", answer}); got != iccid {
			t.Errorf("%s is read as %q", answer, got)
		}
	}
	for _, answer := range []string{"", "OK", "+CCID:", "+CCID: 1234", "861234567890123"} {
		if got := iccidIn([]string{answer}); got != "" {
			t.Errorf("%s is read as the serial number %q", answer, got)
		}
	}
}

func TestTheTriesOfAModemThatOnlyTellsThemItsOwnWayAreMinded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Profile("sim800"), modemtest.PIN("2580", 3), modemtest.Fault("command +SPIC answer +SPIC: 1,10,3,10"))
		m := run(t, sim, withPIN("2580", &disk{}))
		waitForCause(t, m, PhaseLocked, "1 of the SIM's PIN tries left")
		time.Sleep(time.Hour)
		if got := sim.PINTries(); got != 3 {
			t.Errorf("%d tries left, want 3", got)
		}
	})
}
