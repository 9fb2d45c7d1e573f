package modem

import (
	"testing"
)

func TestRegistrationIsReadFromAnswerAndNews(t *testing.T) {
	for line, want := range map[string]struct {
		answer bool
		stat   int // when it is an answer, and when it is news
	}{
		"+CREG: 0,1":                         {true, 1},
		"+CREG: 2,5,\"00C3\",\"01A2B3C4\",7": {true, 5},
		"+CREG: 2,11":                        {true, 11},
		"+CREG: 1":                           {false, 1},
		"+CREG: 5,\"00C3\",\"01A2B3C4\",7":   {false, 5},
		"+CREG: 2,00C3,01A2B3C4":             {false, 2},
		"+CREG:1":                            {false, 1},
		"+CREG: 300":                         {false, 300},
		"+CREG: ":                            {false, statUnknown},
		"+CREG: x":                           {false, statUnknown},
		"+CREG: -1":                          {false, statUnknown},
		"+CREG":                              {false, statUnknown},
	} {
		heard := unknownRegistration
		if got := heard.hear(line); got == want.answer {
			t.Errorf("%q counts as news: %t, want %t", line, got, !want.answer)
		}
		if !want.answer && heard[domainCS] != want.stat {
			t.Errorf("%q says state %d, want %d", line, heard[domainCS], want.stat)
		}
		answered := unknownRegistration
		answered.answer(domainCS, []string{"noise", line})
		if answered[domainCS] != want.stat {
			t.Errorf("answer %q says state %d, want %d", line, answered[domainCS], want.stat)
		}
	}
}

func TestServiceIsJudgedOnEveryDomain(t *testing.T) {
	const no = statRefused
	for _, c := range []struct {
		cs, ps, eps int
		service     bool
		telling     int
	}{
		{1, 1, 1, true, 1}, {5, 0, 0, true, 5}, {6, 0, 0, true, 6}, {7, 0, 0, true, 7}, {9, 0, 0, true, 9}, {10, 0, 0, true, 10},
		{3, 0, 1, true, 1},      // LTE-only SIM: whether texts work there, only sending tells
		{no, no, 5, true, 5},    // NB-IoT modems know +CEREG alone
		{0, 1, 0, false, 0},     // packet service of 2G and 3G does not mean texts
		{no, 1, no, true, 1},    // unless the modem has nothing else to tell
		{no, no, no, true, -1},  // nothing to go by
		{2, 2, 2, false, 2},     // searching
		{3, 0, 0, false, 3},     // denied
		{8, 2, 2, false, 8},     // emergency calls only
		{0, 0, 11, false, 11},   // restricted local services
		{4, 4, 4, false, 4},     // out of coverage
		{77, 77, 77, false, 77}, // a state of a later standard
		{-1, -1, -1, false, -1},
	} {
		r := registration{c.cs, c.ps, c.eps}
		if got := r.service(); got != c.service {
			t.Errorf("registration %v: service %t, want %t", r, got, c.service)
		}
		if got := r.telling(); got != c.telling {
			t.Errorf("registration %v: telling state %d, want %d", r, got, c.telling)
		}
		if cause, remedy := r.cause(); !c.service && (cause == "" || remedy == "") {
			t.Errorf("registration %v has no cause or remedy: %q, %q", r, cause, remedy)
		}
	}
}

func FuzzNoLineIsTooStrangeToRead(f *testing.F) {
	f.Add(`+CREG: 2,1,"00C3"`)
	f.Add(`+CPIN: "SIM PIN`)
	f.Fuzz(func(t *testing.T, line string) {
		r := unknownRegistration
		r.hear(line)
		r.answer(domainEPS, []string{line})
		fields(line)
		cardState([]string{line})
		finalResult(line, "")
		if line != "" {
			unsolicited(line, "AT+CREG?")
		}
	})
}
