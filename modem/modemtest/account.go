package modemtest

import (
	"fmt"
	"strings"
	"time"
)

// account is what the operator thinks of the SIM.
type account struct {
	barred int // the +CMS ERROR each part earns; 0: none
	prepay bool
	credit int // parts that are still paid for
}

// cmsRejected is what a part earns that nobody pays for.
const cmsRejected = 21

// SetCredit leaves the SIM paid for n more parts; after them each is refused
// with +CMS ERROR 21.
func (m *Modem) SetCredit(n int) { m.with(func() { m.setCredit(n) }) }

func (m *Modem) setCredit(n int) { m.account.prepay, m.account.credit = true, n }

// Bar has the operator refuse each part with that +CMS ERROR, such as 8
// operator determined barring or 50 not subscribed; 0 lifts the bar.
func (m *Modem) Bar(code int) { m.with(func() { m.account.barred = code }) }

// charge is the operator allowing a part, or why not.
func (a *account) charge() *refusal {
	switch {
	case a.barred != 0:
		return refuse(a.barred, "the operator bars this SIM")
	case a.prepay && a.credit == 0:
		return refuse(cmsRejected, "there is no credit left")
	case a.prepay:
		a.credit--
	}
	return nil
}

// dislikes are the elements of an SMS-SUBMIT the service centre refuses.
type dislikes struct{ validity, class, ucs2 bool }

func (d dislikes) refusal(s submit) *refusal {
	switch {
	case d.validity && s.hasValidity:
		return refuse(cmsValidity, "the script refuses TP-VP")
	case d.ucs2 && s.encoding == "ucs2":
		return refuse(cmsAlphabet, "the script refuses UCS-2")
	case d.class && s.class >= 0:
		return refuse(cmsClass, "the script refuses message classes")
	}
	return nil
}

func (d *dislikes) read(w *words) {
	switch w.one("what the service centre refuses", "validity", "class", "ucs2") {
	case "validity":
		d.validity = true
	case "class":
		d.class = true
	case "ucs2":
		d.ucs2 = true
	}
}

// ussdTime is how long the network thinks about a code.
const ussdTime = 2 * time.Second

// balanceCode is the code that tells the credit.
const balanceCode = "*100#"

// ussdCommand turns the presentation of codes on and off, and sends codes
// (27.007 7.15). A network without a word for a code refuses it.
func (m *Modem) ussdCommand(c command) ([]string, final) {
	switch {
	case c.form == test:
		return []string{"+CUSD: (0-2)"}, ok
	case c.form == read:
		return []string{fmt.Sprintf("+CUSD: %d", m.settings["+CUSD"])}, ok
	}
	n, isNumber := c.number(0, 0)
	if !isNumber || n > 2 {
		return nil, cme(cmeIncorrect)
	}
	m.settings["+CUSD"] = n
	if len(c.args) == 1 {
		return nil, ok
	}
	answer, known := m.ussdAnswer(c.text(1))
	if !known || !m.registration().carriesTexts() {
		return nil, cme(cmeNoService)
	}
	m.after(ussdTime, func() {
		const notFurther, gsm = 0, 15 // no answer is awaited; the GSM alphabet (23.038 5)
		m.unsolicited(fmt.Sprintf("+CUSD: %d,%q,%d", notFurther, answer, gsm))
	})
	return nil, ok
}

func (m *Modem) ussdAnswer(code string) (answer string, known bool) {
	answer, known = m.script.ussd[code]
	if !known && code == balanceCode && m.account.prepay {
		return fmt.Sprintf("Balance: %d texts", m.account.credit), true
	}
	return strings.ReplaceAll(answer, "{credit}", fmt.Sprint(m.account.credit)), known
}
