package modem

import (
	"errors"
	"fmt"
	"time"

	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/tpdu"
	"github.com/warthog618/sms/encoding/ucs2"
)

// Board is the [State] of a modem that another package speaks to, kept and
// logged as that of a [Serial] one. Its Ready and State are those of [Modem].
type Board struct {
	*board
	reports reports // only the owner's of the modem
}

// NewBoard makes the board of a modem that is not being run.
func NewBoard(o Options) *Board {
	b := &Board{board: newBoard(o)}
	b.reports.off = o.NoReports || o.Inbox == nil
	b.state.Reports = b.reports.state()
	return b
}

// Enter notes what the modem is doing or waiting for, and logs it when it is
// something else than before. A part can be taken in [PhaseReady] only.
func (b *Board) Enter(c Condition) { b.enter(c) }

// Update changes what is known of the modem; its condition is Enter's.
func (b *Board) Update(change func(*State)) { b.update(change) }

// NotReady is closed while no part can be taken.
func (b *Board) NotReady() <-chan struct{} { return b.notReady() }

// WhyNotReady is the error of a part that was not taken.
func (b *Board) WhyNotReady() error { return b.whyNotReady() }

// Sending shows that a part is being sent, or no longer is.
func (b *Board) Sending(on bool) { b.sending(on) }

// Count notes what became of a part; nil means that it was accepted.
func (b *Board) Count(e *SendError) { b.count(e) }

// ExpectReport notes that a part was accepted whose report was asked for. It is
// for the modem's owner alone, as are ReportCame and ReviseReports.
func (b *Board) ExpectReport(now time.Time) { b.reports.expect(now) }

// ReportCame notes that the modem passes on reports.
func (b *Board) ReportCame() {
	b.reports.proven, b.reports.asked = true, nil
	b.showReports()
}

// ReviseReports gives reports up when enough were asked for in vain, and has hope
// again a day later.
func (b *Board) ReviseReports(now time.Time) {
	switch r := &b.reports; {
	case r.fruitless(now):
		r.asked, r.givenUpAt = nil, now
	case !r.givenUpAt.IsZero() && now.Sub(r.givenUpAt) >= reportsRetry:
		r.givenUpAt = time.Time{}
	}
	b.showReports()
}

func (b *Board) showReports() { b.update(func(st *State) { st.Reports = b.reports.state() }) }

// SetSignal sets the received strength in dBm, 0 for unknown, and its word.
func (st *State) SetSignal(dBm int) {
	st.SignalDBm, st.Signal = dBm, strength{rssi: dBm}.words()
}

// Stopped is the condition of a modem that is not being run.
func Stopped() Condition { return stopped }

// NoSIM is the condition of a modem without a card.
func NoSIM() Condition { return noSIM }

// NeedsPUK is the condition of a modem whose card is blocked.
func NeedsPUK() Condition { return needsPUK }

// Asks is the condition of a modem that wants a code which is never entered, by
// its name in +CPIN (3GPP 27.007 clause 8.3).
func Asks(code string) Condition {
	return condition{PhaseLocked, fmt.Sprintf("the modem asks for %q", code),
		"take the SIM or the modem to who locked it; only the SIM's own PIN is entered automatically"}
}

// Registered is what a registration state means for texts (<stat> of +CREG, 3GPP
// 27.007 clause 7.2): the condition is [PhaseReady], or [PhaseNoNet] with the
// reason.
func Registered(stat int) Condition {
	r := unknownRegistration
	r[domainCS] = stat
	if r.service() {
		return ready
	}
	cause, remedy := r.cause()
	return condition{PhaseNoNet, cause, remedy}
}

// Content is what a [Part] says, for a modem that makes the SMS-SUBMIT itself.
type Content struct {
	// Text is that of the part alone, as a phone shows it.
	Text     string
	Validity time.Duration // 0: none is given
	Report   bool          // a status report is asked for
	Class    int           // message class (3GPP 23.038 clause 4), -1 without one
}

// Content reads the part back.
func (p Part) Content() (Content, error) {
	t := tpdu.TPDU{Direction: tpdu.MO}
	if err := t.UnmarshalBinary(p.tpdu); err != nil {
		return Content{}, fmt.Errorf("part %d of %d: %w", p.Index, p.Count, err)
	}
	c := Content{Report: t.FirstOctet.SRR(), Class: -1}
	if t.FirstOctet.VPF() == tpdu.VpfRelative {
		c.Validity = t.VP.Duration
	}
	if class, err := t.DCS.Class(); err == nil && class != tpdu.MClassUnknown {
		c.Class = int(class)
	}
	var err error
	c.Text, err = decodeBody(&t)
	return c, err
}

// Alone is the Content of the part for a modem that sends each as a text by
// itself: of several, the text says in front which it is, "(2/3) ", or as much of
// that as fits.
func (p Part) Alone() (Content, error) {
	c, err := p.Content()
	if err != nil || p.Count == 1 {
		return c, err
	}
	for _, mark := range []string{"(%d/%d) ", "%d/%d ", "%d/%d"} {
		if marked := fmt.Sprintf(mark, p.Index, p.Count) + c.Text; fitsAlone(marked) {
			c.Text = marked
			break
		}
	}
	return c, nil
}

// fitsAlone reports whether text, as it is, needs no second part.
func fitsAlone(text string) bool {
	if plain, err := gsmAlphabet.Encode([]byte(text)); err == nil {
		return len(plain) <= septetsAlone
	}
	return len(ucs2.Encode([]rune(text))) <= octetsAlone
}

var errNoText = errors.New("the part carries data, not text")

func decodeBody(t *tpdu.TPDU) (string, error) {
	alphabet, err := t.Alphabet()
	if err != nil {
		return "", err
	}
	switch alphabet {
	case tpdu.Alpha7Bit:
		text, err := gsm7.Decode(t.UD, gsm7.Strict)
		return string(text), err
	case tpdu.AlphaUCS2:
		text, err := ucs2.Decode(t.UD)
		return string(text), err
	}
	return "", errNoText
}
