package modem

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warthog618/modem/at"
)

// Time limits of sending one part.
const (
	// promptTimeout is from the command line to the prompt for the PDU.
	promptTimeout = 10 * time.Second
	// finalTimeout is from Ctrl-Z to the final result. Whoever gives up before
	// the network's own timers (3GPP 24.011 TR1M, some 45 s) and what modems
	// add to them makes duplicates. NB-IoT may take six minutes longer.
	finalTimeout = 180 * time.Second
	// receiptGrace is how much later than its companion the second of +CMGS
	// and OK may come.
	receiptGrace = 5 * time.Second
)

// Outcome is what is known of a part that was not accepted. It decides what
// the caller may do.
type Outcome uint8

const (
	// NotSent: the part has certainly not left. It may be sent again at once.
	NotSent Outcome = iota
	// Refused: modem or network said no; the code says why.
	Refused
	// Unknown: the part was submitted and no final result tells what became of
	// it. Sent again it may arrive twice, not sent again it may never arrive.
	Unknown
)

func (o Outcome) String() string {
	switch o {
	case NotSent:
		return "not sent"
	case Refused:
		return "refused"
	case Unknown:
		return "unknown"
	}
	return "Outcome(" + strconv.Itoa(int(o)) + ")"
}

// SendError says why a part was not accepted.
type SendError struct {
	To          Number
	Part, Parts int
	Outcome     Outcome
	Code        int // of +CMS ERROR, or of the +CME ERROR in its numbering; 0 when there is none
	Err         error
}

func (e *SendError) Error() string {
	return fmt.Sprintf("modem: part %d of %d to %s: %v", e.Part, e.Parts, e.To.Redacted(), e.Err)
}

func (e *SendError) Unwrap() error { return e.Err }

// Receipt is the network's acceptance of a part.
type Receipt struct {
	// Reference is the TP-MR by which a status report names the part; 0 also
	// when a repeated part turned out to be held by the service centre already.
	Reference uint8
}

var (
	errNoPrompt = fmt.Errorf("no prompt after AT+CMGS within %v", promptTimeout)
	errSilent   = fmt.Errorf("no answer to AT+CMGS within %v", finalTimeout)
	errNoOK     = fmt.Errorf("no OK within %v after +CMGS", receiptGrace)
	errNoMR     = errors.New("AT+CMGS answered OK without +CMGS")
)

// Send submits p and waits until the network has accepted or refused it. The
// error is always a *SendError.
//
// When the modem is not ready, Send returns at once, NotSent. Once Ctrl-Z has
// left, ctx no longer matters: the final result is waited for, up to three
// minutes, because nobody else will ever learn it.
func (m *Serial) Send(ctx context.Context, p Part) (Receipt, error) {
	r := request{ctx: ctx, part: p, reply: make(chan reply, 1)}
	select {
	case <-m.notReady():
		return Receipt{}, p.failed(NotSent, m.whyNotReady())
	default:
	}
	select {
	case m.requests <- r:
	case <-m.notReady():
		return Receipt{}, p.failed(NotSent, m.whyNotReady())
	case <-ctx.Done():
		return Receipt{}, p.failed(NotSent, context.Cause(ctx))
	}
	answer := <-r.reply
	if answer.err != nil {
		return Receipt{}, answer.err
	}
	return answer.receipt, nil
}

func (p Part) failed(o Outcome, why error) *SendError {
	e := &SendError{To: p.To, Part: p.Index, Parts: p.Count, Outcome: o, Err: why}
	var r *refusal
	if errors.As(why, &r) {
		e.Code = r.cms()
	}
	return e
}

// request is a part on its way from Send to the owner of the line, who always
// replies once it has taken it.
type request struct {
	ctx   context.Context // of the caller of Send
	part  Part
	reply chan reply
}

type reply struct {
	receipt Receipt
	err     *SendError
}

// carryOut sends the part of r and replies. look says that the state of SIM and
// network should be looked at before the next part; err that the line is no
// longer to be trusted.
func (s *session) carryOut(r request) (look bool, err error) {
	s.m.sending(true)
	receipt, sendErr, err := s.send(r.ctx, r.part)
	s.m.sending(false)
	s.lastPart = time.Now()
	s.judgeNetwork(sendErr)
	if sendErr != nil && sendErr.Outcome == Refused && sendErr.Verdict().Class.OfModem() {
		s.hold("the modem answered: " + sendErr.Err.Error())
		look = true
	}
	if err != nil || look {
		// Before the caller learns of the failure, so that it waits for the
		// recovery and does not try against the same state.
		s.m.enter(condition{PhaseHold, "the modem is checked before the next text", "wait"})
	}
	s.m.count(sendErr)
	if sendErr == nil {
		s.m.expectReport(r.part)
	}
	r.reply <- reply{receipt, sendErr}
	return look, err
}

// send is one AT+CMGS in PDU mode (3GPP 27.005 clause 4.3). Its err is not nil
// when the line is no longer to be trusted, whatever became of the part.
func (s *session) send(ctx context.Context, p Part) (Receipt, *SendError, error) {
	if ctx.Err() != nil {
		return Receipt{}, p.failed(NotSent, context.Cause(ctx)), nil
	}
	if p.Count > 1 && p.Index == 1 {
		// Keeps the link to the network up between parts (3GPP 27.005
		// clause 3.5.6). Modems that cannot are only slower.
		if err := s.try("+CMMS=1", commandTimeout); err != nil {
			return Receipt{}, p.failed(NotSent, err), err
		}
	}
	ex := s.guard.begin()
	defer s.guard.finish()
	final, err := s.submit(ctx, p, ex)
	return s.judge(p, ex, final, err)
}

// pdu is what is typed at the prompt: the service centre's address, empty for
// the one that is set, and the TPDU, in the hex digits of 3GPP 27.005 clause 3.1.
func (p Part) pdu() string {
	const centreThatIsSet = "00"
	return centreThatIsSet + strings.ToUpper(hex.EncodeToString(p.tpdu))
}

// submit drives the exchange ex until its final result, which is nil for OK,
// or until there is none to wait for: then err says why.
func (s *session) submit(ctx context.Context, p Part, ex *exchange) (final *refusal, err error) {
	done := make(chan error, 1)
	go func() {
		// The engine has one limit for prompt and final result, and answers
		// it with ESC: ours are kept here, so it gets none.
		_, err := s.at.SMSCommand("+CMGS="+strconv.Itoa(len(p.tpdu)), p.pdu(), at.WithTimeout(-1))
		done <- err
	}()
	if err, ended := s.awaitSubmission(ctx, ex, done); ended {
		return s.finalOf(err)
	}
	limit := time.NewTimer(finalTimeout)
	defer limit.Stop()
	accepted, why := ex.accepted, errSilent
	for {
		select {
		case err := <-done:
			return s.finalOf(err)
		case <-accepted:
			// +CMGS is the network's word; OK only frees the line.
			accepted, why = nil, errNoOK
			limit.Reset(receiptGrace)
			continue
		case <-s.down():
			why = errRestarted
		case <-limit.C:
		}
		s.abandon(why, done)
		return nil, why
	}
}

// awaitSubmission waits until Ctrl-Z has left, or reports with ended that the
// exchange is over before that.
func (s *session) awaitSubmission(ctx context.Context, ex *exchange, done <-chan error) (err error, ended bool) {
	prompt := time.NewTimer(promptTimeout)
	defer prompt.Stop()
	cancelled, down := ctx.Done(), s.down()
	for {
		var why error
		select {
		case err := <-done:
			return err, true
		case <-ex.submitted:
			return nil, false
		case <-prompt.C:
			why = errNoPrompt
		case <-cancelled:
			why, cancelled = fmt.Errorf("%w: %w", errWithdrawn, context.Cause(ctx)), nil
		case <-down:
			why, down = errRestarted, nil
		}
		if s.guard.withdraw(ex) {
			s.abandon(why, done)
			return why, true
		}
		// Ctrl-Z is leaving at this moment: too late to withdraw.
	}
}

// abandon closes the line, which ends the engine's command, and waits for that.
func (s *session) abandon(why error, done <-chan error) {
	s.guard.close(why)
	limit := time.NewTimer(closeTimeout)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
	}
}

// finalOf divides what the engine returned into a final result and the end of
// the line.
func (s *session) finalOf(err error) (*refusal, error) {
	if err == nil {
		return nil, nil
	}
	if r := refusalOf("AT+CMGS", err); r != nil {
		return r, nil
	}
	if reason := s.guard.reason(); reason != nil {
		return nil, reason
	}
	return nil, err
}

// judge decides what is known of p, from what left and what came back.
func (s *session) judge(p Part, ex *exchange, final *refusal, lineErr error) (Receipt, *SendError, error) {
	submitted := !s.guard.withdraw(ex)
	receipt, accepted := s.awaitReceipt(ex, submitted && final == nil && lineErr == nil)
	switch {
	case accepted && final == nil:
		return receipt, nil, lineErr
	case final != nil && final.cms() == cmsDuplicate && p.rejectDuplicates:
		return Receipt{}, nil, nil
	case final != nil && (accepted || verdictOn(final.cms()).Class == Ambiguous):
		return Receipt{}, p.failed(Unknown, final), nil
	case final != nil:
		return Receipt{}, p.failed(Refused, final), nil
	case lineErr == nil && submitted:
		return Receipt{}, p.failed(Unknown, errNoMR), errNoMR
	case lineErr == nil:
		return Receipt{}, p.failed(NotSent, errOutOfStep), errOutOfStep
	case submitted:
		return Receipt{}, p.failed(Unknown, lineErr), lineErr
	}
	return Receipt{}, p.failed(NotSent, lineErr), lineErr
}

// awaitReceipt returns the receipt that came for ex. When wait, it may still be
// on its way, as on modems that say OK first.
func (s *session) awaitReceipt(ex *exchange, wait bool) (Receipt, bool) {
	if wait {
		limit := time.NewTimer(receiptGrace)
		defer limit.Stop()
		select {
		case <-ex.accepted:
		case <-limit.C:
		}
	}
	if !isClosed(ex.accepted) {
		return Receipt{}, false
	}
	return Receipt{Reference: ex.mr}, true
}
