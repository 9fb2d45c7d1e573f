package modemtest

import (
	"fmt"
	"strings"
	"time"
)

// sendCommand is +CMGS (27.005 3.5.1, 4.3).
func (m *Modem) sendCommand(c command) ([]string, final) {
	if c.form == test {
		return nil, ok
	}
	if trouble := m.card.textTrouble(); trouble != ok {
		return nil, trouble
	}
	if c.form != set {
		return nil, cms(cmsNotAllowed)
	}
	if m.settings["+CMGF"] == 1 {
		return m.sendText(c)
	}
	length, isNumber := c.number(0, 0)
	if !isNumber || len(c.args) != 1 || length < submitMinOctets || length > submitMaxOctets {
		return nil, cms(cmsInvalidPDU)
	}
	return m.attempt(func(p plan, typed string) {
		s, wrong := parseSubmit(typed, length)
		m.submitted(p, s, wrong)
	})
}

// sendText is +CMGS in text mode, good for a person at a terminal: one part
// in the GSM alphabet.
func (m *Modem) sendText(c command) ([]string, final) {
	to := c.text(0)
	if digits := strings.TrimPrefix(to, "+"); digits == "" || strings.Trim(digits, "0123456789*#") != "" {
		return nil, cms(cmsInvalidText)
	}
	return m.attempt(func(p plan, typed string) {
		s, wrong := textSubmit(to, typed)
		m.submitted(p, s, wrong)
	})
}

func textSubmit(to, typed string) (submit, *refusal) {
	body := strings.ReplaceAll(typed, "\r", "\n")
	septets, fits := encodeGSM(body)
	if !fits || len(septets) > septetsMax {
		return submit{}, refuse(cmsInvalidText, "%d octets of text are not one part in the GSM alphabet", len(typed))
	}
	s := submit{to: to, class: -1, encoding: "gsm7", body: body, content: to + " " + body}
	if strings.HasPrefix(to, "+") {
		s.toType = 1
	}
	s.userData = append([]byte{byte(len(septets))}, packSeptets(septets)...)
	return s, nil
}

// attempt counts an attempt to send, plans its faults and prompts for it.
func (m *Modem) attempt(done func(p plan, typed string)) ([]string, final) {
	m.stats.Attempts++
	p := m.faults.plan(m.stats.Attempts)
	m.interject(beforePrompt)
	m.after(p.promptAfter, func() {
		m.say(p.prompt.text())
		m.edits(editor{midway: p.midway, done: func(typed string) { done(p, typed) }})
		m.interject(afterPrompt)
	})
	return nil, later
}

// submitted is Ctrl-Z: the modem looks at the PDU and gives it to the network.
func (m *Modem) submitted(p plan, s submit, wrong *refusal) {
	m.stats.Submitted++
	if wrong == nil && s.centre == "" && m.card.centre == "" {
		wrong = refuse(cmsNoCentre, "neither the PDU nor +CSCA names a service centre")
	}
	if wrong == nil {
		wrong = m.service()
	}
	if wrong != nil {
		m.refuse(wrong)
		return
	}
	m.after(p.network, func() { m.decide(p, s) })
}

// refuse ends an attempt with the error the PDU earned.
func (m *Modem) refuse(r *refusal) {
	m.noteRefusal(r)
	m.finish(cms(r.code))
}

func (m *Modem) noteRefusal(r *refusal) {
	m.stats.Refused++
	m.refused = remember(m.refused, r.Error(), refusedMax)
	m.log.Debug("refused", "why", r.Error())
}

// decide is the network taking the part or not, and the modem telling so as
// well as the plan lets it.
func (m *Modem) decide(p plan, s submit) {
	if wrong := m.service(); wrong != nil {
		m.refuse(wrong)
		return
	}
	told := m.reference(s.reference)
	if p.takes() {
		if wrong := m.hand(p, s, told); wrong != nil {
			m.refuse(wrong)
			return
		}
	} else if p.verdict != ok {
		m.noteRefusal(&refusal{code: p.verdict.code, why: "as the fault script says"})
	}
	if p.event != nil {
		p.event(m)
		return
	}
	m.after(p.late, func() { m.tell(p, told) })
}

// hand gives the part to the service centre.
func (m *Modem) hand(p plan, s submit, told byte) *refusal {
	if wrong := m.script.dislikes.refusal(s); wrong != nil {
		return wrong
	}
	if wrong := m.account.charge(); wrong != nil {
		return wrong
	}
	text, wrong := m.network.accept(m, s, told, time.Now())
	if wrong != nil {
		return wrong
	}
	m.network.route(m.card.Number, s)
	m.stats.Accepted++
	if s.wantsReport {
		m.reportLater(p.report, s, told)
	}
	if text == nil {
		return nil
	}
	m.stats.Texts++
	if m.onText != nil && len(m.callbacks) < acceptedMax {
		m.callbacks = append(m.callbacks, func() { m.onText(*text) })
	}
	return nil
}

// reference is the TP-MR the part goes out with: what the host wrote, or with
// 0 the modem's own count.
func (m *Modem) reference(written byte) byte {
	if written != 0 {
		return written
	}
	m.radio.reference++
	return m.radio.reference
}

// tell gives the host its answer.
func (m *Modem) tell(p plan, told byte) {
	receipt := func() { m.say(fmt.Sprintf("\r\n+CMGS: %d\r\n", told)) }
	m.interject(beforeReceipt)
	m.say(m.faults.garbage(p.garbage))
	switch {
	case p.verdict != ok:
		m.finish(p.verdict)
	case p.answer == answerNothing:
		m.finish(final{kind: finalSilent})
	case p.answer == answerNoOK:
		receipt()
		m.finish(final{kind: finalSilent})
	case p.answer == answerNoReceipt:
		m.finish(ok)
	case p.answer == answerOKFirst:
		m.finish(ok)
		m.after(p.receiptAfter, receipt)
	default:
		receipt()
		m.interject(beforeOK)
		m.finish(ok)
	}
}
