package modemtest

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

func TestAMistakeInAScriptIsNamed(t *testing.T) {
	for _, tt := range []struct{ script, want string }{
		{"sent 3 silent", `line 1: "sent 3 silent": "sent" is not a statement; there are [at barred`},
		{"send 3", "an outcome is missing"},
		{"send", "an attempt is missing"},
		{"\n\nsend 3 explode", `line 3: "send 3 explode": "explode" is not an outcome`},
		{"send 0 silent", `"0" is no attempt`},
		{"send 5-3 silent", `"5-3" is no attempt`},
		{"send x silent", `"x" is no attempt`},
		{"send 3 cms", "a +CMS ERROR is missing"},
		{"send 3 cms many", `"many" is not a +CMS ERROR from 0 to 65535`},
		{"send 3 cms 38 maybe", `"maybe" is not whether it was sent`},
		{"send 3 silent now", `nothing may follow here, but "now" does`},
		{"send 3 late", "a duration is missing"},
		{"send 3 late 45", `"45" is not a duration`},
		{"send 3 late -45s", `"-45s" is not a duration`},
		{"send 3 ok last 5s", `"last" is not when OK comes`},
		{"send 3 no luck", `"luck" is not what is missing`},
		{"at unplug", `"unplug" is not a duration`},
		{"at 10s explode", `"explode" is not an event`},
		{"at 10s registration 12", `"12" is not a registration state from 0 to 11`},
		{"at 10s registration 2 60s", `"60s" is not a registration state`},
		{"at 10s signal loud", `"loud" is not a signal`},
		{"at 10s sim lost", `"lost" is not where the SIM is`},
		{"at 10s text", "a number is missing"},
		{"at 10s text +447700900222", "the body is missing"},
		{"probability 0 silent", `"0" is not a probability`},
		{"probability 1.5 silent", `"1.5" is not a probability`},
		{"probability NaN silent", `"NaN" is not a probability`},
		{"command", "a command is missing"},
		{"command +CSQ", "a result is missing"},
		{"command +CSQ cme 14 times none", `"none" is not times`},
		{"command +CSQ answer", "an answer is missing"},
		{"urc RING", "write a line and when it comes"},
		{"urc RING after lunch", `"after lunch" is no moment`},
		{"urc RING every day", `"day" is not a duration`},
		{"echo maybe", `"maybe" is not on or off`},
		{"crlf lf", `"lf" is not a line end`},
		{"baud 1", `"1" is not baud from 50`},
		{"seed -1", `"-1" is not a seed`},
		{"prompt", "a prompt is missing"},
		{"no luck", `"luck" is not what is missing`},
		{"boot", "a duration is missing"},
		{"sim busy", "a duration is missing"},
		{"report 1 status delivered", `"delivered" is not a status from 0 to 0xff`},
		{"report 1 lost ds 3", `"3" is not a <ds> from 1 to 2`},
		{"report 1 explode", `"explode" is not what becomes of a report`},
		{"at 5s report +44 9", "a status is missing"},
		{"at 5s pdu 04zz", `"04zz" is not the hexadecimal digits`},
		{"at 5s parts 0,1 Bank x", `"0" is not a part from 1 to 255`},
		{"at 5s power maybe", `"maybe" is not a duration`},
		{"at 5s access 12", `"12" is not an access technology from 0 to 9`},
		{"at 5s call again", `"again" is not what the other side does`},
		{"call 1 explode", `"explode" is not what becomes of a call`},
		{"texts need luck", `"luck" is not what texts need`},
		{"texts need cgsms 4", `"4" is not a <service> of +CGSMS from 0 to 3`},
		{"texts need ims on cme 3", `"cme" is not an error`},
		{"refuse pid", `"pid" is not what the service centre refuses`},
		{"indications (0-2)", `"(0-2)" is not five lists of numbers`},
		{"network zone 99", `"99" is not quarters of an hour from -56 to 56`},
		{"mode switch", "a duration is missing"},
		{"slots 0", `"0" is not slots from 1`},
		{"ussd *100#", "an answer is missing"},
		{strings.Repeat("echo on;", statementsMax+1), "more than 1000 statements"},
	} {
		_, err := Build(Fault(tt.script))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40q: got %v, want %q in it", tt.script, err, tt.want)
		}
	}
}

func TestAProfileNobodyKnowsIsNamed(t *testing.T) {
	_, err := Build(Profile("nokia"))
	if err == nil || !strings.Contains(err.Error(), `no profile "nokia"; there are [a7670 bg96 ec25`) {
		t.Errorf("got %v", err)
	}
}

// Every statement of the package's comment is understood.
func TestTheLanguageOfTheCommentIsUnderstood(t *testing.T) {
	for _, statement := range documented(t) {
		if _, err := parseScripts(statement); err != nil {
			t.Errorf("%q: %v", statement, err)
		}
	}
}

// documented reads the indented statements of the package's comment, which
// stand two spaces or more before their explanation.
func documented(t *testing.T) (statements []string) {
	t.Helper()
	comment, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	optional := strings.NewReplacer("[", "", "]", "", "WHICH", "3", "NAME", "+CSQ", "OUTCOME", "silent", "RESULT", "error", "BODY", "hello")
	prefix := ""
	for line := range strings.Lines(string(comment)) {
		indented, isStatement := strings.CutPrefix(line, "//\t")
		switch {
		case strings.Contains(line, "OUTCOME is one of"):
			prefix = "send 3 "
			continue
		case strings.Contains(line, "A part that asks for a status report"): // no outcomes any more
			prefix = ""
			continue
		case !isStatement:
			continue
		}
		statement, _, _ := strings.Cut(indented, "  ")
		for alternative := range strings.SplitSeq(statement, ", ") {
			statements = append(statements, prefix+strings.TrimSpace(optional.Replace(alternative)))
		}
	}
	if len(statements) < 40 {
		t.Fatalf("only %d statements in the comment", len(statements))
	}
	return statements
}

func FuzzScript(f *testing.F) {
	for _, seed := range []string{
		"at 10s unplug 60s", "send 3- cms 38 sent", "probability 0.1 cms 500; seed 7", "urc ^RSSI: 20 every 10ms",
		"command +CPIN? cme 14 times 20", "at 5s registration 3 1 for 60s", "# remark", "prompt late 5s;no prompt",
		"report 1- status 0x46; report * again 5s 0", "at 5s parts 2,1 Bank x; at 6s pdu 04ff; at 7s report +44 9 0x60",
		"call 1 answered 5s; at 9s call end", "texts need access 0,2 cms 38; refuse class; credit 3; ussd *1# x",
		"indications (0-2),(0,2),(0),(0),(1); network zone -8; mode switch 5s; at 3s power off",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseScripts(text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "fault script") {
				t.Errorf("%q: the mistake does not say where: %v", text, err)
			}
			return
		}
		f := newFaults(s, 0)
		f.plan(1)
		for _, e := range s.events {
			if e.at <= 0 || e.do == nil {
				t.Errorf("%q: an event at %v", text, e.at)
			}
		}
	})
}
