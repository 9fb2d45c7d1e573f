package modemtest

import (
	"strings"
	"testing"
)

func TestACommandLineIsReadAsAModemReadsIt(t *testing.T) {
	for _, tt := range []struct {
		line string
		want string // the commands, separated by spaces
	}{
		{"AT", ""},
		{"at", ""},
		{"ATE0", "E0"},
		{"ATE0V1Q0", "E0 V1 Q0"},
		{"ATE", "E"},
		{"AT&F", "&F"},
		{"AT&FE0", "&F E0"},
		{"AT+CMEE=1;+CREG=2", "+CMEE=1 +CREG=2"},
		{"ATE0+CMEE=1;+CSQ", "E0 +CMEE=1 +CSQ"},
		{"AT +CSQ ; +CSQ", "+CSQ +CSQ"},
		{"at+csq", "+CSQ"},
		{"AT+CNMI=?", "+CNMI=?"},
		{"AT+CREG?", "+CREG?"},
		{`AT+CPMS="SM","ME"`, "+CPMS=SM,ME"},
		{`AT+CUSD=1,"*100;#",15;+CSQ`, "+CUSD=1,*100;#,15 +CSQ"},
		{"AT^CURC=0", "^CURC=0"},
		{"AT$TSSPCSW=?", "$TSSPCSW=?"},
		{"ATS0=1S3?", "S0=1 S3?"},
		{"ATD+447700900123;", "D+447700900123;"},
		{"noise\xffAT+CSQ", "+CSQ"},
		{"AT+CSQ=", "+CSQ="},
		{"AT+CMGL=,1", "+CMGL=,1"},
	} {
		text, isCommand := commandText(tt.line)
		if !isCommand {
			t.Errorf("%q is no command", tt.line)
			continue
		}
		commands, err := parseCommands(text)
		if got := names(commands); got != tt.want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", tt.line, got, err, tt.want)
		}
	}
}

// names writes commands the way the table above does.
func names(commands []command) string {
	var list []string
	for _, c := range commands {
		text := c.String()
		if c.form == execute {
			text = strings.ReplaceAll(text, ",", "")
		}
		list = append(list, text)
	}
	return strings.Join(list, " ")
}

func TestWhatIsBeforeAMistakeIsStillCarriedOut(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`+CSQ;+CPMS="SM`, "+CSQ"},
		{"E0+", "E0"},
		{"+CSQ;5", "+CSQ"},
		{"+CSQ;+CREG!x", "+CSQ +CREG!X"},
		{"+CSQ;+CREG x", "+CSQ"},
		{"&", ""},
	} {
		commands, err := parseCommands(tt.text)
		wantsError := tt.text != "+CSQ;+CREG!x"
		if got := names(commands); got != tt.want || (err != nil) != wantsError {
			t.Errorf("%q: got %q, %v, want %q", tt.text, got, err, tt.want)
		}
	}
}

func TestALineWithoutATIsNoCommand(t *testing.T) {
	for _, line := range []string{"", "A", "0001000C9144", "TA", "+CSQ"} {
		if text, isCommand := commandText(line); isCommand {
			t.Errorf("%q was read as the command %q", line, text)
		}
	}
}

func FuzzCommandLine(f *testing.F) {
	for _, seed := range []string{
		"AT", "ATE0V1", "AT+CMEE=1;+CREG=2", `AT+CPMS="SM","SM"`, "AT&F", "ATS3=13", "AT+CNMI=?", "AT^CURC=0;;", `AT+X="`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		text, _ := commandText(line)
		commands, _ := parseCommands(text)
		for _, c := range commands {
			if c.name == "" || c.name != strings.ToUpper(c.name) {
				t.Errorf("%q: a command named %q", line, c.name)
			}
			if c.form != set && c.form != execute && len(c.args) > 0 {
				t.Errorf("%q: %s has parameters %v", line, c.name, c.args)
			}
		}
		// Whatever was typed, the modem must still be there afterwards.
		m := New()
		l, err := m.open()
		if err != nil {
			t.Fatal(err)
		}
		l.Write([]byte(line + "\x1b\r"))
		l.Write([]byte("ATQ0V1\r"))
		if said := string(l.said); !strings.HasSuffix(said, "\r\nOK\r\n") && m.radioOn() {
			t.Errorf("after %q the modem says %q", line, tail(said, 80))
		}
		l.Close()
	})
}

// radioOn is false while the modem restarts or hangs and rightly says nothing.
func (m *Modem) radioOn() bool { return m.plugged && !m.booting && !m.terminal.busy }

func tail(text string, n int) string { return text[max(0, len(text)-n):] }
