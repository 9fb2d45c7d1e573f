package agent

import (
	"errors"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
)

// fates are what becomes of a part, as modem and store each have it.
var fates = map[modem.Fate]buffer.Fate{
	modem.FatePending:     buffer.Pending,
	modem.FateDelivered:   buffer.Delivered,
	modem.FateUnconfirmed: buffer.Unconfirmed,
	modem.FateFailed:      buffer.Failed,
}

// Report takes down what became of a part. One that is about no part of ours is
// nothing to keep.
func (b *inbox) Report(r modem.Report) error {
	about, err := b.store.Report(buffer.Report{
		Fate: fates[r.Fate()], Status: r.Status, Modem: r.Modem, Reference: r.Reference,
		At: b.timeline.now(), Submitted: r.Submitted, Discharged: r.Discharged,
	}, func(to string) bool { return modem.SameSubscriber(to, r.To) })
	log := b.log.With("to", modem.Number(r.To).Redacted(), "modem", r.Modem, "reference", r.Reference, "status", r.Status)
	if errors.Is(err, buffer.ErrNoText) {
		log.Info("a status report is about no text that is known")
		return nil
	}
	if about.News {
		log.Info("a status report came", "subject", about.Text.Subject, "part", about.Part, "fate", r.Fate(), "cause", r.Cause())
		b.tell(about, r)
	}
	return err
}

// tell lets know what a report means for a text.
func (b *inbox) tell(about buffer.Reported, r modem.Report) {
	if about.Accepted {
		b.accepted(about.Text)
	}
	if r.Fate() == modem.FateFailed {
		b.failed(about.Text, r.Cause())
	}
}

// Late takes down the answer to a part that went out unanswered.
func (b *inbox) Late(l modem.Late) error {
	log := b.log.With("to", l.Part.To.Redacted(), "modem", l.Modem, "part", l.Part.Index)
	t, ok := b.unresolved(l)
	if !ok {
		log.Info("a late answer is about no part that waits for one")
		return nil
	}
	if l.Err != nil {
		log.Info("a part that was not answered was refused, as a late answer says", "subject", t.Subject, "cause", l.Err)
		err := b.store.Refute(t.ID, l.Part.Index, b.timeline.now(), l.Err.Error())
		if errors.Is(err, buffer.ErrNoText) {
			return nil // it was given up meanwhile, rightly
		}
		return err
	}
	err := b.store.SettleLate(t.ID, l.Part.Index, buffer.Receipt{Modem: l.Modem, Reference: l.Receipt.Reference, At: b.timeline.now()})
	if err != nil && !buffer.Remembered(err) {
		return err
	}
	log.Info("a part that was not answered was accepted, as a late answer says", "subject", t.Subject)
	if lastPart(t, l.Part.Index) {
		b.accepted(t)
	}
	return err
}

// unresolved is the text whose part l answers for, if that is not known yet.
func (b *inbox) unresolved(l modem.Late) (buffer.Text, bool) {
	texts := b.store.Texts()
	for _, s := range b.store.Sent() {
		if s.Cause != "" {
			texts = append(texts, s.Text)
		}
	}
	for _, t := range texts {
		if t.To != string(l.Part.To) || uint16(t.ID) != l.Part.Reference || len(t.Parts) != l.Part.Count {
			continue
		}
		p := t.Parts[l.Part.Index-1]
		open := p.State == buffer.Submitted || p.State == buffer.Waiting && p.Silent+p.Interrupted > 0
		if open && p.Modem == l.Modem {
			return t, true
		}
	}
	return buffer.Text{}, false
}

// lastPart reports whether the network has every part of the text but this one.
func lastPart(t buffer.Text, part int) bool {
	for i, p := range t.Parts {
		if i+1 != part && p.State != buffer.Accepted {
			return false
		}
	}
	return true
}
