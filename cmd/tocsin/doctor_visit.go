package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/modem"
)

const (
	visitMax    = 90 * time.Second // the slowest modem and SIM are up within a minute
	visitGlance = 200 * time.Millisecond
	reportWait  = 2 * time.Minute // most reports come within seconds of a delivery
)

// patience is how long a modem may stay in a phase before that is its state and
// not a step on its way. One that is ready still has its stores to be looked at.
var patience = map[string]time.Duration{
	modem.PhaseStopped: visitMax, modem.PhaseOpening: 5 * time.Second, modem.PhaseStarting: time.Minute,
	modem.PhaseSIM: 20 * time.Second, modem.PhaseLocked: 0, modem.PhaseCentre: 0,
	modem.PhaseNoNet: 30 * time.Second, modem.PhaseHold: 10 * time.Second, modem.PhaseReady: 3 * time.Second,
}

// A visit is a look at one modem that no agent runs.
type visit struct {
	modem   modem.Modem
	reports *reportInbox
	text    *trialText // to be sent when the modem is ready; nil for none
}

type trialText struct {
	to   modem.Number
	body string
}

// examine runs the modems until each has settled, sends their texts, and returns
// what was found, in the order given.
func examine(ctx context.Context, visits []visit) ([]status.Examination, error) {
	found := make([]status.Examination, len(visits))
	running, stop := context.WithCancel(ctx)
	defer stop()
	var modems, looks errgroup.Group
	for i, v := range visits {
		modems.Go(func() error { return v.modem.Run(running) })
		looks.Go(func() error {
			found[i] = v.look(ctx)
			return nil
		})
	}
	looks.Wait()
	stop()
	return found, errors.Join(modems.Wait(), ctx.Err())
}

func (v visit) look(ctx context.Context) status.Examination {
	st := settle(ctx, v.modem)
	e := status.Examine(st)
	if v.text != nil && st.Phase == modem.PhaseReady {
		e.Findings = append(e.Findings, v.try(ctx))
	}
	return e
}

// settle waits until a modem is ready, or until it is plain that it will not be.
func settle(ctx context.Context, m modem.Modem) modem.State {
	limit := time.NewTimer(visitMax)
	defer limit.Stop()
	glance := time.NewTicker(visitGlance)
	defer glance.Stop()
	was, since := m.State(), time.Now()
	for {
		st := m.State()
		if st.Phase != was.Phase || st.Cause != was.Cause {
			since = time.Now()
		}
		if was = st; time.Since(since) >= patience[st.Phase] {
			return st
		}
		select {
		case <-glance.C:
		case <-limit.C:
			return m.State()
		case <-ctx.Done():
			return m.State()
		}
	}
}

// try sends the text and waits for the report on its last part.
func (v visit) try(ctx context.Context) status.Finding {
	f := status.Finding{Check: "text", Verdict: status.Fail}
	parts, err := modem.Split(v.text.to, v.text.body, uint16(time.Now().UnixNano()), modem.SplitOptions{Report: true})
	if err != nil {
		f.Words, f.Remedy = err.Error(), "correct the number"
		return f
	}
	began := time.Now()
	var receipt modem.Receipt
	for _, p := range parts {
		if receipt, err = v.modem.Send(ctx, p); err != nil {
			return refused(f, err)
		}
	}
	f.Words = fmt.Sprintf("the network took the text to %s after %s", v.text.to.Redacted(), took(began))
	r, came := v.reports.await(ctx, receipt.Reference)
	switch {
	case !came:
		f.Verdict, f.Remedy = status.Unknown, "look at the phone; this network or modem may not report"
		f.Words += "; no report came within " + reportWait.String()
	case r.Fate() == modem.FateDelivered:
		f.Verdict = status.Pass
		f.Words += ", and the phone has it after " + took(began)
	default:
		f.Words += "; then: " + r.Cause()
		f.Remedy = "check the number, and whether the phone is on"
	}
	return f
}

func refused(f status.Finding, err error) status.Finding {
	f.Words = err.Error()
	var failed *modem.SendError
	if errors.As(err, &failed) {
		v := failed.Verdict()
		f.Words, f.Remedy = v.Cause+" ("+err.Error()+")", v.Remedy
	}
	return f
}

// took is the time since began as people say it.
func took(began time.Time) string { return time.Since(began).Round(100 * time.Millisecond).String() }

// A reportInbox takes status reports and nothing else: received texts stay in the
// modem for the agent.
type reportInbox struct{ came chan modem.Report }

// reportsAhead is how many reports of earlier texts may come before one is lost.
const reportsAhead = 16

func newReportInbox() *reportInbox { return &reportInbox{make(chan modem.Report, reportsAhead)} }

var errForTheAgent = errors.New("received texts are left for the agent")

// Text is modem.Inbox's.
func (*reportInbox) Text(modem.Inbound) error { return errForTheAgent }

// Late is modem.Inbox's. Whoever waits for the text has been told that nothing is
// known of it.
func (*reportInbox) Late(modem.Late) error { return nil }

// Report is modem.Inbox's.
func (i *reportInbox) Report(r modem.Report) error {
	select {
	case i.came <- r:
	default:
	}
	return nil
}

// await returns the report that ends the wait for a part.
func (i *reportInbox) await(ctx context.Context, reference uint8) (modem.Report, bool) {
	limit := time.NewTimer(reportWait)
	defer limit.Stop()
	for {
		select {
		case r := <-i.came:
			if r.Reference == reference && r.Fate() != modem.FatePending {
				return r, true
			}
		case <-limit.C:
			return modem.Report{}, false
		case <-ctx.Done():
			return modem.Report{}, false
		}
	}
}
