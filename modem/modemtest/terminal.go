package modemtest

import "strings"

const (
	// commandLineMaxBytes is the longest command line; a longer one is an
	// ERROR, whatever it says.
	commandLineMaxBytes = 2048
	// editorMaxBytes is the longest PDU or text at the prompt: the hex of the
	// longest TPDU and its service centre, with room for a mistake.
	editorMaxBytes = 2 * (submitMaxOctets + centreMaxOctets + 1 + 64)
	// heldMax is how many unsolicited lines wait for an idle moment.
	heldMax = 256

	backspace = 0x08
	ctrlZ     = 0x1a
	escape    = 0x1b
)

// terminal is what the modem knows of the conversation on its port. It
// outlives an opened line: a prompt stands open until it is answered.
type terminal struct {
	echo    bool
	quiet   bool // ATQ1: no result codes
	numeric bool // ATV0: result codes are numbers
	busy    bool // a command goes on; what is typed waits

	line     []byte // the command line so far
	overlong bool
	pending  []command // what is left of the line being carried out
	broken   bool      // a mistake in the line follows what is pending

	editor editor
	held   []string // unsolicited lines that wait until nobody types
}

// editor is the prompt "> " after +CMGS.
type editor struct {
	open    bool
	typed   []byte
	spoiled bool // more was typed than any PDU has
	done    func(typed string)
	midway  func(*Modem) // a fault in the middle of the PDU
}

// midwayBytes is where the middle of a PDU is.
const midwayBytes = 20

// digest reads what was typed as far as the modem is free to.
func (m *Modem) digest() {
	for m.line != nil && len(m.line.typed) > 0 && m.listens() {
		b := m.line.typed[0]
		m.line.typed = m.line.typed[1:]
		if m.byteTime > 0 {
			m.resting = true
			m.after(m.byteTime, func() { m.resting = false })
		}
		m.hear(b)
	}
}

// listens tells whether the modem would take an octet off the wire now. One
// that hangs still does, and forgets it.
func (m *Modem) listens() bool {
	return !m.stalled && !m.resting && (!m.terminal.busy || m.hung || m.dialling())
}

// hear is one octet reaching the modem.
func (m *Modem) hear(b byte) {
	t := &m.terminal
	switch {
	case m.deaf():
	case m.dialling():
		m.endCall("hung up", finalNoCarrier)
	case t.editor.open:
		m.edit(b)
	case b == '\r':
		m.echo(b)
		m.enter()
	case b == backspace:
		m.echo(b)
		t.line = t.line[:max(0, len(t.line)-1)]
	case b < ' ': // V.250 5.2.2: other control characters are ignored
	case len(t.line) >= commandLineMaxBytes:
		t.overlong = true
	default:
		m.echo(b)
		t.line = append(t.line, b)
	}
}

func (m *Modem) echo(b byte) {
	if m.terminal.echo || m.script.echoStuck {
		m.say(string(b))
	}
}

// enter carries out the line that was typed.
func (m *Modem) enter() {
	t := &m.terminal
	typed, overlong := string(t.line), t.overlong
	t.line, t.overlong = nil, false
	text, isCommand := commandText(typed)
	if !isCommand {
		m.releaseHeld()
		return
	}
	m.log.Debug("command", "line", withoutPIN(typed))
	m.commands = remember(m.commands, typed, commandsMax)
	m.stats.Commands++
	var err error
	t.pending, err = parseCommands(text)
	t.broken = err != nil || overlong
	t.busy = true
	m.advance()
}

// withoutPIN is a command line as it may be logged.
func withoutPIN(line string) string {
	if i := indexFold(line, "+CPIN="); i >= 0 {
		return line[:i+len("+CPIN=")] + "…"
	}
	return line
}

// advance carries out the pending commands until one goes on by itself, one
// fails or none is left.
func (m *Modem) advance() {
	t := &m.terminal
	for len(t.pending) > 0 {
		c := t.pending[0]
		t.pending = t.pending[1:]
		if !m.conclude(m.obey(c)) {
			return
		}
	}
	if t.broken {
		m.finish(failed)
		return
	}
	m.finish(ok)
}

// conclude says what a command answered, and tells whether the next command
// of the line may run now.
func (m *Modem) conclude(info []string, end final) bool {
	m.inform(info)
	switch end.kind {
	case finalOK:
		return true
	case finalLater:
		return false
	}
	m.finish(end)
	return false
}

// finish ends the command line: the rest of it is dropped, the final result
// is said, and the modem listens again.
func (m *Modem) finish(end final) {
	t := &m.terminal
	t.pending, t.broken, t.busy = nil, false, false
	if end.kind != finalSilent {
		m.result(end)
	}
	m.releaseHeld()
}

// result says a final result code (V.250 5.7).
func (m *Modem) result(end final) {
	t := &m.terminal
	text := end.text(m.settings["+CMEE"])
	switch {
	case t.quiet:
	case t.numeric && text == "OK":
		m.say("0\r")
	case t.numeric && text == "ERROR":
		m.say("4\r")
	default:
		m.say("\r\n" + text + "\r\n")
	}
}

// inform says the information text of a command.
func (m *Modem) inform(info []string) {
	if len(info) == 0 {
		return
	}
	m.say("\r\n" + strings.Join(info, "\r\n") + "\r\n")
	m.interject(insideReply)
}

// edits lets the host type at the prompt; done gets what it typed before
// Ctrl-Z.
func (m *Modem) edits(e editor) {
	e.open = true
	m.terminal.busy = false
	m.terminal.editor = e
}

// edit is one octet typed at the prompt. A carriage return is part of what is
// typed, and in text mode prompts for the next line; Ctrl-Z ends it all and
// ESC throws it away (27.005 3.5.1).
func (m *Modem) edit(b byte) {
	e := &m.terminal.editor
	switch {
	case b == '\n' && len(e.typed) == 0: // of the CR LF that ended the command line
	case b == escape:
		*e = editor{}
		m.finish(ok)
	case b == ctrlZ:
		done, typed := e.done, string(e.typed)
		if e.spoiled {
			typed = "too much was typed"
		}
		*e = editor{}
		m.terminal.busy = true
		done(typed)
	case len(e.typed) >= editorMaxBytes:
		e.spoiled = true
	default:
		m.echo(b)
		e.typed = append(e.typed, b)
		if b == '\r' && m.settings["+CMGF"] == 1 {
			m.say("\r\n> ")
		}
		if len(e.typed) == midwayBytes && e.midway != nil {
			e.midway(m)
		}
	}
}

// unsolicited says a line nobody asked for, or holds it back while somebody
// types or a command line is not yet carried out.
func (m *Modem) unsolicited(text string) {
	t := &m.terminal
	if m.line == nil || m.deaf() {
		return
	}
	if len(t.line) == 0 && !t.editor.open && len(t.pending) == 0 {
		m.interrupt(text)
		return
	}
	if len(t.held) >= heldMax {
		m.stats.LostURCs++
		return
	}
	t.held = append(t.held, text)
}

// interrupt says a line nobody asked for, come what may.
func (m *Modem) interrupt(text string) { m.say("\r\n" + text + "\r\n") }

func (m *Modem) releaseHeld() {
	held := m.terminal.held
	m.terminal.held = nil
	for _, text := range held {
		m.interrupt(text)
	}
}

// say puts text on the line, with the line ends the script asks for.
func (m *Modem) say(text string) {
	if m.line == nil || m.hung || m.dark {
		return
	}
	if m.script.doubledCR {
		text = strings.ReplaceAll(text, "\r\n", "\r\r\n")
	}
	m.line.say(text)
}
