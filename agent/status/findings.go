package status

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/modem"
)

// Finding is the answer to one question that somebody who installs a modem has.
type Finding struct {
	Check   string `json:"check"`
	Verdict string `json:"verdict"` // one of the verdicts below
	Words   string `json:"words"`
	Remedy  string `json:"remedy,omitempty"`
}

// The verdicts of a finding.
const (
	Pass    = "pass"
	Caution = "warn" // it works; it may not tomorrow
	Fail    = "FAIL" // no text leaves until this is put right
	Unknown = "?"    // only trying can tell
)

// Examination is what was found out about one modem.
type Examination struct {
	Name     string    `json:"name,omitempty"` // of its block in the configuration
	Findings []Finding `json:"findings"`
}

// Examine turns what is known of a modem into findings, in the order in which
// things have to work: the first that fails is what to put right first. What was
// not found out because of it is left out.
func Examine(m modem.State) Examination {
	e := Examination{Name: m.Name}
	for _, check := range checks {
		if f := check.look(m); f.Verdict != "" {
			f.Check = check.name
			e.Findings = append(e.Findings, f)
		}
	}
	return e
}

// Failed says whether something keeps the modem from sending.
func (e Examination) Failed() bool {
	for _, f := range e.Findings {
		if f.Verdict == Fail {
			return true
		}
	}
	return false
}

// checks are the questions, in the order in which a modem comes up. Each answers
// with a finding without verdict when nothing is known.
var checks = []struct {
	name string
	look func(modem.State) Finding
}{
	{"port", port},
	{"modem", identity},
	{"SIM", card},
	{"PIN", pin},
	{"registration", registration},
	{"network", network},
	{"signal", signal},
	{"service centre", centre},
	{"received texts", stores},
	{"status reports", reports},
	{"sending", sending},
}

// failing is the finding of a modem that is held up in one of phases, where good
// is what there is to say of a modem that has got further.
func failing(m modem.State, good Finding, phases ...string) Finding {
	for _, phase := range phases {
		if m.Phase == phase {
			return Finding{Verdict: Fail, Words: m.Cause, Remedy: m.Remedy}
		}
	}
	return good
}

func pass(words ...string) Finding { return Finding{Verdict: Pass, Words: list(words...)} }

func caution(cause, remedy string) Finding {
	return Finding{Verdict: Caution, Words: cause, Remedy: remedy}
}

func port(m modem.State) Finding {
	return failing(m, pass(m.Port, "opened for us alone"), modem.PhaseOpening, modem.PhaseStopped)
}

func identity(m modem.State) Finding {
	if m.Maker+m.Model == "" {
		return failing(m, Finding{}, modem.PhaseStarting)
	}
	firmware, family := "", ""
	if m.Firmware != "" {
		firmware = "firmware " + m.Firmware
	}
	if m.Profile != "" {
		family = "handled as " + m.Profile
	}
	return failing(m, pass(strings.TrimSpace(m.Maker+" "+m.Model), firmware, family), modem.PhaseStarting)
}

// reached says whether the modem has got past the SIM.
func reached(m modem.State) bool {
	switch m.Phase {
	case modem.PhaseStopped, modem.PhaseOpening, modem.PhaseStarting, modem.PhaseSIM, modem.PhaseLocked:
		return false
	}
	return true
}

func card(m modem.State) Finding {
	if reached(m) || m.Phase == modem.PhaseLocked {
		return pass("is in and answers")
	}
	return failing(m, Finding{}, modem.PhaseSIM)
}

func pin(m modem.State) Finding {
	tries := ""
	if m.PINTries >= 0 {
		tries = "; " + attempts(m.PINTries) + " left"
	}
	switch {
	case m.Phase == modem.PhaseLocked:
		return Finding{Verdict: Fail, Words: m.Cause + tries, Remedy: m.Remedy}
	case !reached(m):
		return Finding{}
	case m.PINLock == modem.PINLockOn:
		return caution("the SIM asks for its PIN after each restart"+tries,
			"for a gateway that nobody looks after, switch the SIM's PIN off in a phone")
	case m.PINLock == modem.PINLockOff:
		return pass("switched off" + tries)
	}
	return pass("unlocked" + tries)
}

func attempts(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

// domainNames are the domains of a modem.State, in its order.
var domainNames = [3]string{"calls and texts", "packets", "LTE"}

func registration(m modem.State) Finding {
	if !reached(m) {
		return Finding{}
	}
	var domains []string
	for i, stat := range m.Domains {
		if words := modem.RegistrationWords(stat); words != "" {
			domains = append(domains, domainNames[i]+": "+words)
		}
	}
	f := failing(m, pass(domains...), modem.PhaseNoNet)
	switch {
	case f.Verdict == Pass && len(domains) == 0:
		return Finding{} // it has not been asked
	case f.Verdict == Fail && len(domains) > 0:
		f.Words += " (" + list(domains...) + ")"
	}
	return f
}

func network(m modem.State) Finding {
	if !reached(m) || m.Operator+m.Technology == "" {
		return Finding{}
	}
	f := pass(m.Operator, m.Technology)
	for _, c := range m.Cautions {
		f.Verdict, f.Words = Caution, f.Words+"; "+c.Cause
		f.Remedy = strings.TrimPrefix(f.Remedy+"; "+c.Remedy, "; ")
	}
	return f
}

func signal(m modem.State) Finding {
	switch {
	case !reached(m), m.Phase == modem.PhaseCentre:
		return Finding{}
	case m.SignalDBm == 0 && m.RSRPDBm == 0:
		return Finding{Verdict: Unknown, Words: "the modem does not tell"}
	}
	f := pass(m.Signal, decibels("", m.SignalDBm), decibels("LTE reference ", m.RSRPDBm))
	if m.Signal == modem.SignalMarginal {
		f.Verdict, f.Remedy = Caution, "move the antenna higher, outdoors or away from metal, or fit a better one"
	}
	return f
}

func decibels(what string, dBm int) string {
	if dBm == 0 {
		return ""
	}
	return fmt.Sprintf("%s%d dBm", what, dBm)
}

func centre(m modem.State) Finding {
	if !reached(m) || m.SMSC == "" && m.Phase != modem.PhaseCentre {
		return Finding{}
	}
	return failing(m, pass(m.SMSC), modem.PhaseCentre)
}

func stores(m modem.State) Finding {
	if len(m.Stores) == 0 {
		return Finding{}
	}
	var words []string
	cause := ""
	for _, s := range m.Stores {
		words = append(words, fmt.Sprintf("%s %d of %d", s.Name, s.Used, s.Total))
		if s.Cause != "" {
			cause = s.Cause
		}
	}
	if cause != "" {
		return caution(list(words...)+"; "+cause, "the agent reads and deletes what comes; delete the rest in a phone, or with AT+CMGD=1,4")
	}
	return pass(words...)
}

func reports(m modem.State) Finding {
	if !reached(m) {
		return Finding{}
	}
	switch m.Reports {
	case modem.ReportsWorking:
		return pass("working")
	case modem.ReportsNone:
		return caution("not available: texts were accepted and none was reported", "nothing; that a text arrived stays unproven with this modem and SIM")
	case modem.ReportsOff:
		return pass("switched off in the configuration")
	case modem.ReportsUnproven:
		return Finding{Verdict: Unknown, Words: "none has come yet; a text has to be sent to find out"}
	}
	return Finding{}
}

func sending(m modem.State) Finding {
	switch {
	case m.Phase == modem.PhaseHold:
		return Finding{Verdict: Fail, Words: m.Cause, Remedy: m.Remedy}
	case m.CanSend == modem.CanSendYes:
		return pass("the network took a text " + lasting(time.Since(m.LastAccepted)) + " ago")
	case m.CanSend == modem.CanSendUnproven:
		return Finding{Verdict: Unknown, Words: "ready; only a text can prove it", Remedy: "tocsin doctor --send NUMBER"}
	}
	return Finding{}
}

// Trial is what became of a text that an agent was told to send.
func Trial(fate TextFate) Finding {
	f := Finding{Check: "text"}
	switch t := fate.Sent; {
	case t == nil && fate.Waiting != nil:
		f.Verdict, f.Words, f.Remedy = Fail, "not accepted yet: "+fate.Waiting.Cause, "`tocsin queue` shows how it goes on"
	case t == nil:
		f.Verdict, f.Words = Fail, "the agent knows nothing of it"
	case t.Lost():
		f.Verdict, f.Words, f.Remedy = Fail, list(t.words(), t.Cause), "check the number, and whether the phone is on"
	case t.Fate == FateDelivered:
		f.Verdict, f.Words = Pass, t.words()
	default:
		f.Verdict, f.Words, f.Remedy = Unknown, t.words(), "look at the phone; this network or modem may not report"
	}
	return f
}

// WriteText writes the findings for a person at a terminal.
func (e Examination) WriteText(w io.Writer) error {
	var p page
	if e.Name != "" {
		p.line("", "modem "+e.Name)
	}
	for _, f := range e.Findings {
		p.line(f.Verdict, f.Check+": "+f.Words)
		p.more(f.Remedy)
	}
	_, err := io.WriteString(w, p.String())
	return err
}
