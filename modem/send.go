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

	verdict *Verdict // in the light of what came before; nil: that of outcome and code
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
	errSilent   = errors.New("no answer to AT+CMGS")
	errNoOK     = fmt.Errorf("no OK within %v after +CMGS", receiptGrace)
	errNoMR     = errors.New("AT+CMGS answered OK without +CMGS")
)

// Send submits p and waits until the network has accepted or refused it. The
// error is always a *SendError.
//
// When the modem is not ready, Send returns at once, NotSent. Once Ctrl-Z has
// left, ctx no longer matters: the final result is waited for, for minutes,
// because nobody else will ever learn it.
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
	t := &transfer{part: r.part}
	receipt, sendErr, err := s.sendTwice(r.ctx, t)
	defer s.guard.finish()
	s.m.sending(false)
	s.lastPart = time.Now()
	pause := s.weigh(r.part.To, sendErr)
	s.judgeNetwork(sendErr)
	if err == nil {
		look, err = s.heed(sendErr, pause)
	}
	if err != nil || look {
		// Before the caller learns of the failure, so that it waits for the
		// recovery and does not try against the same state.
		s.m.enter(s.checking(sendErr))
	}
	s.m.count(sendErr)
	if sendErr == nil {
		s.m.expectReport(r.part)
	}
	r.reply <- reply{receipt, sendErr}
	if sendErr != nil && sendErr.Outcome == Unknown {
		s.owe(t, err)
	}
	if err == nil {
		err = s.mend(sendErr)
	}
	return look, err
}

// checking is what a modem shows whose last part failed.
func (s *session) checking(e *SendError) condition {
	if held := s.heldBack(); !held.ready() {
		return held
	}
	if e != nil && e.Outcome == Unknown {
		return condition{PhaseHold, "the modem has not said what became of a text and is listened to", "wait"}
	}
	return condition{PhaseHold, "the modem is checked before the next text", "wait"}
}

// owe notes that the answer to t is due, and listens for it where the line, which
// is to be closed for lineErr, still lives. No line heard so far is that answer.
func (s *session) owe(t *transfer, lineErr error) {
	if errors.Is(lineErr, errRestarted) {
		return
	}
	s.takeLateLine()
	s.m.late.owed = &owed{part: t.part, submitted: t.submitted}
	if lineErr != nil && s.guard.reason() == nil {
		s.watchLate(t)
	}
}

// sendTwice sends the part of t, and once more when the modem finds it damaged:
// it may have left PDU mode, or lost an octet.
func (s *session) sendTwice(ctx context.Context, t *transfer) (Receipt, *SendError, error) {
	receipt, e, err := s.send(ctx, t)
	if err != nil || e == nil || e.Outcome != Refused || e.Code != cmsInvalidPDU && e.Code != cmsInvalidText {
		return receipt, e, err
	}
	s.log.Warn("the modem finds a part damaged, which is sent once more", "error", e)
	s.guard.finish()
	if err := s.try("+CMGF=0", commandTimeout); err != nil {
		return receipt, e, err
	}
	return s.send(ctx, t)
}

// transfer is a part on its way through the line.
type transfer struct {
	part      Part
	ex        *exchange
	done      chan error // what the engine returns
	submitted time.Time  // when it was given to the modem
}

// send is one AT+CMGS in PDU mode (3GPP 27.005 clause 4.3). Its err is not nil
// when the line is no longer to be trusted, whatever became of the part. The
// exchange lasts until the guard's finish.
func (s *session) send(ctx context.Context, t *transfer) (Receipt, *SendError, error) {
	p := t.part
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
	s.m.late.owed = nil // the next +CMGS is no longer its
	t.ex, t.done, t.submitted = s.guard.begin(), make(chan error, 1), time.Now()
	final, err := s.submit(ctx, t)
	return s.judge(t, final, err)
}

// pdu is what is typed at the prompt: the service centre's address, empty for
// the one that is set, and the TPDU, in the hex digits of 3GPP 27.005 clause 3.1.
func (p Part) pdu() string {
	const centreThatIsSet = "00"
	return centreThatIsSet + strings.ToUpper(hex.EncodeToString(p.tpdu))
}

// submit drives a transfer until its final result, which is nil for OK, or until
// there is none to wait for: then err says why. The line of a modem that is silent
// is left open for it.
func (s *session) submit(ctx context.Context, t *transfer) (final *refusal, err error) {
	go func() {
		// The engine has one limit for prompt and final result, and answers
		// it with ESC: ours are kept here, so it gets none.
		_, err := s.at.SMSCommand("+CMGS="+strconv.Itoa(len(t.part.tpdu)), t.part.pdu(), at.WithTimeout(-1))
		t.done <- err
	}()
	if err, ended := s.awaitSubmission(ctx, t); ended {
		return s.finalOf(err)
	}
	// Whoever gives up before the network's own timers (3GPP 24.011 TR1M, some
	// 45 s) and what modems add to them makes duplicates.
	patience := s.profile().FinalTimeout
	limit := time.NewTimer(patience)
	defer limit.Stop()
	accepted, why := t.ex.accepted, fmt.Errorf("%w within %v", errSilent, patience)
	for {
		select {
		case err := <-t.done:
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
		if !errors.Is(why, errSilent) {
			s.abandon(why, t.done)
		}
		return nil, why
	}
}

// awaitSubmission waits until Ctrl-Z has left, or reports with ended that the
// exchange is over before that.
func (s *session) awaitSubmission(ctx context.Context, t *transfer) (err error, ended bool) {
	prompt := time.NewTimer(promptTimeout)
	defer prompt.Stop()
	cancelled, down := ctx.Done(), s.down()
	for {
		var why error
		select {
		case err := <-t.done:
			return err, true
		case <-t.ex.submitted:
			return nil, false
		case <-prompt.C:
			why = errNoPrompt
		case <-cancelled:
			why, cancelled = fmt.Errorf("%w: %w", errWithdrawn, context.Cause(ctx)), nil
		case <-down:
			why, down = errRestarted, nil
		}
		if s.guard.withdraw(t.ex) {
			s.abandon(why, t.done)
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

// judge decides what is known of a part, from what left and what came back.
func (s *session) judge(t *transfer, final *refusal, lineErr error) (Receipt, *SendError, error) {
	p := t.part
	submitted := !s.guard.withdraw(t.ex)
	receipt, accepted := s.awaitReceipt(t.ex, submitted && final == nil && lineErr == nil)
	switch {
	case accepted && final == nil:
		return receipt, nil, lineErr
	case final != nil && accepted:
		return Receipt{}, p.failed(Unknown, final), nil
	case final != nil && final.cms() == cmsNoAcknowledgement:
		// The answer to another command: which one is this part's?
		return Receipt{}, p.failed(Unknown, final), errOutOfStep
	case final != nil:
		receipt, e := s.answered(p, Receipt{}, final)
		return receipt, e, nil
	case lineErr == nil && submitted:
		return Receipt{}, p.failed(Unknown, errNoMR), errNoMR
	case lineErr == nil:
		return Receipt{}, p.failed(NotSent, errOutOfStep), errOutOfStep
	case submitted:
		return Receipt{}, p.failed(Unknown, lineErr), lineErr
	}
	return Receipt{}, p.failed(NotSent, lineErr), lineErr
}

// answered is what the final result of a part means, nil being OK.
func (s *session) answered(p Part, receipt Receipt, final *refusal) (Receipt, *SendError) {
	switch {
	case final == nil:
		return receipt, nil
	case final.cms() == cmsDuplicate && p.rejectDuplicates:
		return Receipt{}, nil
	case s.verdictOn(final.cms()).Class == Ambiguous:
		return Receipt{}, p.failed(Unknown, final)
	}
	return Receipt{}, p.failed(Refused, final)
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
