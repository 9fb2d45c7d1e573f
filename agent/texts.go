package agent

import (
	"context"
	"time"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
)

const (
	// recentMax bounds the texts of either kind in a snapshot; a queue has all.
	recentMax = 20
	// lostFor is how long it is a problem that a text did not arrive.
	lostFor = 24 * time.Hour
)

// Queue tells of every text that waits, that was sent, and that came.
func (a *Agent) Queue(context.Context) (status.Queue, error) { return a.allTexts(), nil }

func (a *Agent) allTexts() status.Queue {
	q := status.Queue{Waiting: []status.WaitingText{}, Sent: a.sentTexts(), Received: a.receivedTexts()}
	now := a.timeline.now()
	for _, t := range a.store.Texts() {
		q.Waiting = append(q.Waiting, waitingText(t, now))
	}
	return q
}

// Text tells of one text.
func (a *Agent) Text(_ context.Context, id uint64) (f status.TextFate, err error) {
	now := a.timeline.now()
	for _, t := range a.store.Texts() {
		if t.ID == id {
			w := waitingText(t, now)
			f.Waiting = &w
			return f, nil
		}
	}
	for _, t := range a.sentTexts() {
		if t.ID == id {
			f.Sent = &t
			return f, nil
		}
	}
	return f, &api.Refusal{Cause: errNoText(id)}
}

// texts adds to the snapshot what is known of texts.
func (a *Agent) texts(s *status.Snapshot) {
	q := a.allTexts()
	s.Waiting = q.Waiting
	for _, t := range q.Sent {
		if t.Lost() && t.Known < lostFor {
			s.Lost = append(s.Lost, t)
		}
	}
	s.Recent = last(q.Sent)
	s.Received = last(q.Received)
}

// last are the youngest of a list.
func last[T any](all []T) []T { return all[len(all)-min(len(all), recentMax):] }

func waitingText(t buffer.Text, now time.Duration) status.WaitingText {
	return status.WaitingText{
		ID: t.ID, Contact: t.Contact, To: modem.Number(t.To).Redacted(), Subject: t.Subject,
		Age: now - t.Created, Attempts: t.Attempts, NextTry: max(t.NotBefore-now, 0), Cause: t.LastError,
	}
}

func (a *Agent) sentTexts() []status.SentText {
	now := a.timeline.now()
	out := []status.SentText{}
	for _, s := range a.store.Sent() {
		out = append(out, a.sentText(s, now))
	}
	return out
}

// sentText is how a text that has left the queue is shown.
func (a *Agent) sentText(s buffer.Sent, now time.Duration) status.SentText {
	t := status.SentText{
		ID: s.ID, Contact: s.Contact, To: modem.Number(s.To).Redacted(), Subject: s.Subject,
		Fate: a.fate(s, now), Ago: now - s.Ended, Known: now - s.Ended, Cause: s.Cause, Parts: []status.SentPart{},
	}
	for _, p := range s.Parts {
		part := status.SentPart{Modem: p.Modem, Reference: p.Reference, Fate: p.Fate(now).String()}
		if p.State != buffer.Accepted {
			part.Fate = p.State.String()
		}
		if r := p.Report; r != nil {
			part.Submitted, part.Discharged = r.Submitted, r.Discharged
			t.Known = min(t.Known, now-r.At)
			t.Took = max(t.Took, took(*r))
			t.Cause = cause(s, *r, t.Cause)
		}
		t.Parts = append(t.Parts, part)
	}
	return t
}

// took is how long a part was on its way from the service centre to the phone.
func took(r buffer.Report) time.Duration {
	if r.Fate != buffer.Delivered || r.Submitted.IsZero() || r.Discharged.IsZero() {
		return 0
	}
	return r.Discharged.Sub(r.Submitted)
}

// cause is why a text did not arrive: what was known before, or what the report
// says unless that is of less weight.
func cause(s buffer.Sent, r buffer.Report, before string) string {
	if s.Cause != "" || r.Fate == buffer.Delivered || before != "" && r.Fate != buffer.Failed {
		return before
	}
	return modem.Report{Status: r.Status}.Cause()
}

// fate is what became of a text, in the words of the status.
func (a *Agent) fate(s buffer.Sent, now time.Duration) string {
	switch fate := s.Fate(now); {
	case s.Cause != "":
		return status.FateGivenUp
	case fate == buffer.Failed:
		return status.FateFailed
	case fate == buffer.Delivered:
		return status.FateDelivered
	case a.unreported(s):
		return status.FateUnreported
	case fate == buffer.Unconfirmed:
		return status.FateUnconfirmed
	}
	return status.FateAccepted
}

// unreported says whether a part went through a modem that has no reports.
func (a *Agent) unreported(s buffer.Sent) bool {
	for _, c := range a.fleet.couriers {
		state := c.modem.State()
		for _, p := range s.Parts {
			if p.Modem == state.Name && p.Report == nil && (state.Reports == modem.ReportsNone || state.Reports == modem.ReportsOff) {
				return true
			}
		}
	}
	return false
}

func (a *Agent) receivedTexts() []status.ReceivedText {
	now := a.timeline.now()
	out := []status.ReceivedText{}
	for _, r := range a.inbox.Received() {
		out = append(out, status.ReceivedText{
			From: a.senderName(r), Modem: r.Modem, Body: r.Body, Ago: now - r.At, Sent: r.Sent,
			Parts: r.Parts, Count: r.Count, Problem: r.Problem, PDU: r.PDU, Did: r.Did,
		})
	}
	return out
}

// senderName is the contact who wrote it, or as much of the sender as may be shown.
func (a *Agent) senderName(r received) string {
	if r.From != "" && !r.Name {
		for _, c := range a.options.Config.People.Contacts {
			if modem.SameSubscriber(c.Phone, r.From) {
				return c.Name
			}
		}
	}
	return r.sender()
}

// textSent is told of each text that the network is known to have accepted.
func (a *Agent) textSent(t buffer.Text) {
	a.log.Info("text accepted by the network", "to", modem.Number(t.To).Redacted(), "contact", t.Contact, "subject", t.Subject)
	if a.options.Sent != nil {
		a.options.Sent(t)
	}
}

// textFailed is told of each text that the network accepted and did not deliver.
func (a *Agent) textFailed(t buffer.Text, cause string) {
	a.log.Warn("text not delivered", "to", modem.Number(t.To).Redacted(), "contact", t.Contact, "subject", t.Subject, "cause", cause)
	signal(a.fated)
}

// textHeard is told of each text that was received whole.
func (a *Agent) textHeard(r received) {
	a.log.Info("text received", "from", a.senderName(r), "modem", r.Modem, "parts", r.Count)
	signal(a.heard)
}
