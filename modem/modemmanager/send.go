package modemmanager

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/tocsin-edge/tocsin/modem"
)

// request is a part on its way from Send to the owner of the connection, who
// always replies once it has taken it.
type request struct {
	ctx   context.Context // of the caller of Send
	part  modem.Part
	reply chan reply
}

type reply struct {
	receipt modem.Receipt
	err     *modem.SendError
}

// Send submits p and waits until the network has accepted or refused it. The
// error is always a *modem.SendError.
//
// When the modem is not ready, Send returns at once, NotSent. Once ModemManager
// was told to send, ctx no longer matters: the result is waited for, up to five
// and a half minutes, because nobody else will ever learn it.
func (m *Modem) Send(ctx context.Context, p modem.Part) (modem.Receipt, error) {
	r := request{ctx: ctx, part: p, reply: make(chan reply, 1)}
	select {
	case <-m.NotReady():
		return modem.Receipt{}, failed(p, modem.NotSent, 0, m.WhyNotReady())
	default:
	}
	select {
	case m.requests <- r:
	case <-m.NotReady():
		return modem.Receipt{}, failed(p, modem.NotSent, 0, m.WhyNotReady())
	case <-ctx.Done():
		return modem.Receipt{}, failed(p, modem.NotSent, 0, context.Cause(ctx))
	}
	answer := <-r.reply
	if answer.err != nil {
		return modem.Receipt{}, answer.err
	}
	return answer.receipt, nil
}

func failed(p modem.Part, o modem.Outcome, code int, why error) *modem.SendError {
	return &modem.SendError{To: p.To, Part: p.Index, Parts: p.Count, Outcome: o, Code: code, Err: why}
}

// carryOut sends the part of r and replies. It reports whether the modem should be
// looked at before the next part.
func (s *session) carryOut(ctx context.Context, r request) (look bool) {
	s.m.Sending(true)
	receipt, err := s.send(ctx, r.ctx, r.part)
	s.m.Sending(false)
	if err != nil && r.ctx.Err() == nil {
		// Before the caller learns of the failure, so that it waits for the
		// modem and does not try against the same state.
		s.holdAfter(err)
	}
	s.m.Count(err)
	r.reply <- reply{receipt, err}
	return err != nil
}

// Pauses after a failure that is about the modem or its SIM.
const (
	waitPause    = 5 * time.Second
	devicePause  = 30 * time.Second
	accountPause = time.Hour
)

// holdAfter takes no part for a while when a failure is about the modem or its
// SIM, and would meet the next part as well.
func (s *session) holdAfter(err *modem.SendError) {
	if isDenied(errorName(err.Err)) {
		s.m.Enter(s.hold(declined("send texts", err.Err), s.m.limits.retry))
		return
	}
	v := err.Verdict()
	if !v.Class.OfModem() {
		return
	}
	held := modem.Condition{Phase: modem.PhaseHold, Cause: v.Cause, Remedy: v.Remedy}
	if held.Remedy == "" {
		held.Remedy = "wait; the modem is asked again"
	}
	pause := waitPause
	switch v.Class {
	case modem.Device:
		pause = devicePause
	case modem.Account:
		pause = accountPause
	}
	s.m.Enter(s.hold(held, pause))
}

// send has ModemManager make a message of p and send it. ctx is the owner's,
// caller that of Send.
func (s *session) send(ctx, caller context.Context, p modem.Part) (modem.Receipt, *modem.SendError) {
	content, err := p.Alone()
	if err != nil {
		return modem.Receipt{}, failed(p, modem.Refused, cmsInvalidParameter, err)
	}
	var message dbus.ObjectPath
	err = s.bus.call(ctx, callTimeout, s.path, messagingInterface+".Create", s.submission(p.To, content)).Store(&message)
	if err != nil {
		o, code := outcome(err)
		if o == modem.Unknown {
			o, code = modem.NotSent, 0 // a message that is not made is not sent
		}
		return modem.Receipt{}, failed(p, o, code, err)
	}
	defer s.discard(message)
	if caller.Err() != nil {
		return modem.Receipt{}, failed(p, modem.NotSent, 0, context.Cause(caller))
	}
	if err := s.bus.call(ctx, s.m.limits.send, message, smsInterface+".Send").Err; err != nil {
		o, code := outcome(err)
		return modem.Receipt{}, failed(p, o, code, fmt.Errorf("ModemManager answered: %w", err))
	}
	if content.Report {
		s.m.ExpectReport(time.Now())
	}
	return s.receipt(ctx, message), nil
}

// submission is the message that says content.
func (s *session) submission(to modem.Number, content modem.Content) map[string]any {
	message := map[string]any{
		"number":                  string(to),
		"text":                    content.Text,
		"delivery-report-request": content.Report && !s.m.o.NoReports,
	}
	if content.Class >= 0 {
		message["class"] = int32(content.Class)
	}
	if content.Validity > 0 {
		message["validity"] = validity{validityRelative, dbus.MakeVariant(uint32(content.Validity / time.Minute))}
	}
	if s.m.o.SMSC != "" {
		message["smsc"] = s.m.o.SMSC
	}
	return message
}

// validity is the property Validity.
type validity struct {
	Type  uint32
	Value dbus.Variant
}

// receipt reads the reference of a message that was sent. Without it the part is
// accepted all the same, only its report will not be recognised.
func (s *session) receipt(ctx context.Context, message dbus.ObjectPath) modem.Receipt {
	p, err := s.bus.properties(ctx, message, smsInterface)
	if err != nil {
		s.log.Warn("the reference of an accepted part is not known", "cause", err)
	}
	return modem.Receipt{Reference: uint8(property[uint32](p, "MessageReference"))}
}

// discard drops a message that ModemManager would keep in memory.
func (s *session) discard(message dbus.ObjectPath) {
	if err := s.bus.tidy(s.path, messagingInterface+".Delete", message); err != nil {
		s.log.Debug("a sent message stays with ModemManager", "cause", err)
	}
}
