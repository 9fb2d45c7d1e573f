package modemtest

import (
	"math/rand/v2"
	"time"
)

// plan is what will happen to one attempt to send. The zero plan is a modem
// without fault.
type plan struct {
	prompt       promptKind
	promptAfter  time.Duration
	midway       func(*Modem) // in the middle of the PDU
	network      time.Duration
	lost         bool          // the network never gets it
	verdict      final         // an error instead of the receipt
	sent         bool          // the network takes it although the verdict is an error
	event        func(*Modem)  // instead of any answer
	late         time.Duration // from the network's decision to the answer
	garbage      int           // octets of noise before the answer
	answer       answerKind
	receiptAfter time.Duration
	report       reportPlan
}

func (p plan) takes() bool { return !p.lost && (p.verdict == ok || p.sent) }

type promptKind uint8

const (
	promptUsual   promptKind = iota
	promptNoSpace            // as SIM7670G writes it
	promptNone
)

func (k promptKind) text() string {
	switch k {
	case promptNoSpace:
		return "\r\n>\r\n"
	case promptNone:
		return ""
	}
	return "\r\n> "
}

type answerKind uint8

const (
	answerWhole     answerKind = iota
	answerNothing              // neither receipt nor OK
	answerNoOK                 // the receipt alone
	answerNoReceipt            // OK alone
	answerOKFirst              // OK, and the receipt later
)

// place is a moment at which a line nobody asked for does most harm.
type place uint8

const (
	beforePrompt  place = iota // between +CMGS and its prompt
	afterPrompt                // at the prompt
	beforeReceipt              // between Ctrl-Z and +CMGS:
	beforeOK                   // between +CMGS: and OK
	insideReply                // between information and OK
)

// faults carries out a script.
type faults struct {
	script *script
	chance *rand.Rand
	delay  time.Duration
	left   []int // how often each command rule still applies; -1 for ever
}

func newFaults(s *script, delay time.Duration) faults {
	f := faults{script: s, delay: delay, chance: rand.New(rand.NewPCG(s.seed, s.seed))}
	for _, rule := range s.commands {
		f.left = append(f.left, rule.times)
	}
	return f
}

// plan draws what happens to the n-th attempt, the first being 1. Every rule
// that applies has its say, in the order of the script.
func (f *faults) plan(n int) plan {
	p := plan{network: f.delay}
	for _, rule := range f.script.sends {
		if rule.probability > 0 && f.chance.Float64() >= rule.probability {
			continue
		}
		if n >= rule.first && n <= rule.last {
			rule.change(&p)
		}
	}
	if p.lost && p.verdict == ok {
		p.answer = answerNothing // whatever else was drawn: no modem makes up a receipt
	}
	for _, rule := range f.script.reports {
		if n >= rule.first && n <= rule.last {
			rule.change(&p.report)
		}
	}
	return p
}

// command finds the rule for a command and uses it up by one.
func (f *faults) command(c command) *commandRule {
	for i := range f.script.commands {
		rule := &f.script.commands[i]
		if f.left[i] == 0 || !rule.matches(c) {
			continue
		}
		if f.left[i] > 0 {
			f.left[i]--
		}
		return rule
	}
	return nil
}

// garbage is n octets such as a bad wire brings: anything but what could end
// a line.
func (f *faults) garbage(n int) string {
	noise := make([]byte, n)
	for i := range noise {
		noise[i] = byte(0x80 + f.chance.IntN(0x80))
	}
	return string(noise)
}

// interject says the script's lines for a moment.
func (m *Modem) interject(at place) {
	for _, u := range m.script.urcs {
		if u.every == 0 && u.at == at {
			m.interrupt(u.text)
		}
	}
}

// startScript starts the script's clock when the first line is opened, and
// its chatter on every line.
func (m *Modem) startScript() {
	for _, u := range m.script.urcs {
		if u.every > 0 {
			m.chatter(m.line, u)
		}
	}
	if m.started {
		return
	}
	m.started = true
	for _, e := range m.script.events {
		m.schedule(e)
	}
}

// chatter says a line again and again for as long as l is open.
func (m *Modem) chatter(l *line, u urcRule) {
	time.AfterFunc(u.every, func() {
		m.with(func() {
			if m.line != l {
				return
			}
			if !m.deaf() {
				m.interrupt(u.text)
			}
			m.chatter(l, u)
		})
	})
}

// afflict carries out a command as its rule wants it.
func (m *Modem) afflict(rule *commandRule, c command) ([]string, final) {
	if rule.delay == 0 {
		return m.filled(rule.info), rule.end
	}
	m.after(rule.delay, func() {
		if m.conclude(m.run(c)) {
			m.advance()
		}
	})
	return nil, later
}
