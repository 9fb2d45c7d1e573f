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
type Board struct{ *board }

// NewBoard makes the board of a modem that is not being run.
func NewBoard(o Options) *Board { return &Board{newBoard(o)} }

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

// Stopped is the condition of a modem that is not being run.
func Stopped() Condition { return stopped }

// NoSIM is the condition of a modem without a card.
func NoSIM() Condition { return noSIM }

// NeedsPUK is the condition of a modem whose card is blocked.
func NeedsPUK() Condition { return needsPUK }

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
