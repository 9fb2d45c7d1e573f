package buffer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

var errNoPart = fmt.Errorf("report about no part that is known: %w", ErrNoText)

// Reported is the part a status report is about.
type Reported struct {
	Text     Text // as it now is
	Part     int  // from 1
	News     bool // it was not known before
	Accepted bool // by it the network is known to have accepted all of the text
}

// Report notes what a status report says of a part. isFor tells whether a
// recipient is the one it names. A report that comes twice is no harm.
//
// It is about the part that was accepted last by that modem, for that recipient
// and under that reference, within [ReportMax]. Where there is none it may be
// about a part whose acceptance nobody has told of yet: one at the modem, or one
// that went out unanswered. With exactly one such part to the recipient, that is
// the one, and as good as accepted. Otherwise the error is [ErrNoText].
func (s *Store) Report(r Report, isFor func(to string) bool) (Reported, error) {
	s.write.Lock()
	defer s.write.Unlock()
	if s.closed {
		return Reported{}, ErrClosed
	}
	found, ok := match(r, s.places(isFor))
	if !ok {
		return Reported{}, errNoPart
	}
	x := found.sent.clone()
	p := &x.Parts[found.part]
	news := !r.same(p.Report)
	if news {
		p.Report = &r
		p.resolve()
		s.tell(r)
	}
	about := Reported{x.Text, found.part + 1, news, x.complete() && (found.waits || x.Cause != "")}
	return about, s.revise(&x, found.waits) // also a second time: the first may not be on disk
}

// SettleLate is [Store.Settle] for an answer that came after the modem had been
// silent. The text may have been given up meanwhile, for want of it.
func (s *Store) SettleLate(id uint64, part int, r Receipt) error {
	s.write.Lock()
	defer s.write.Unlock()
	x, waits, err := s.known(id)
	if err != nil {
		return err
	}
	p, err := x.part(part)
	if err != nil {
		return err
	}
	p.State, p.Modem, p.Reference, p.At = Accepted, r.Modem, r.Reference, r.At
	return s.revise(&x, waits)
}

// known is the text of this ID, in the queue or given up.
func (s *Store) known(id uint64) (x Sent, waits bool, err error) {
	t, err := s.text(id)
	if !errors.Is(err, ErrNoText) {
		return Sent{Text: t}, true, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.history.index(id); i >= 0 {
		return s.history.texts[i].clone(), false, nil
	}
	return Sent{}, false, err
}

// revise writes down what became known of a text.
func (s *Store) revise(x *Sent, waits bool) error {
	if waits {
		return s.moved(&x.Text)
	}
	s.mu.Lock()
	if x.complete() && x.Cause != "" {
		x.Cause = "" // it was given up because nobody could tell
		s.state.Accepted++
	}
	s.history.replace(x)
	s.mu.Unlock()
	return s.record(x.ID, putSent([]*Sent{x}))
}

// tell counts a report.
func (s *Store) tell(r Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Fate {
	case Delivered:
		s.state.Delivered++
	case Failed:
		s.state.Undelivered++
	}
}

// A place is one part of a text.
type place struct {
	sent  *Sent
	part  int  // from 0
	waits bool // in the queue, where sent is nothing but its text
}

func (p place) ledger() Part { return p.sent.Parts[p.part] }

func placesOf(s *Sent, waits bool) []place {
	all := make([]place, len(s.Parts))
	for i := range all {
		all[i] = place{s, i, waits}
	}
	return all
}

// places are the parts of all texts to a recipient, the last accepted first.
func (s *Store) places(isFor func(to string) bool) []place {
	var all []place
	s.mu.Lock()
	defer s.mu.Unlock()
	for to, line := range s.queue.byTo {
		if isFor(to) {
			for _, t := range line {
				all = append(all, placesOf(&Sent{Text: *t}, true)...)
			}
		}
	}
	for _, x := range s.history.texts {
		if isFor(x.To) {
			all = append(all, placesOf(x, false)...)
		}
	}
	lastAcceptedFirst(all)
	return all
}

func lastAcceptedFirst(all []place) {
	slices.SortFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(b.ledger().At, a.ledger().At), cmp.Compare(b.sent.ID, a.sent.ID), cmp.Compare(a.part, b.part))
	})
}

// match finds the part that r is about.
func match(r Report, all []place) (place, bool) {
	for _, is := range []func(Part) bool{
		func(p Part) bool { return r.same(p.Report) },
		r.names,
	} {
		if i := slices.IndexFunc(all, func(p place) bool { return is(p.ledger()) }); i >= 0 {
			return all[i], true
		}
	}
	open := slices.DeleteFunc(all, func(p place) bool { return !r.mayName(p.ledger()) })
	if len(open) != 1 {
		return place{}, false
	}
	return open[0], true
}

// names reports whether r is about p, which the network accepted.
func (r Report) names(p Part) bool {
	return p.State == Accepted && p.Modem == r.Modem && p.Reference == r.Reference && p.Fate(r.At) == Pending
}

// mayName reports whether r can be about p, of which the modem has not told
// whether, or under which references, it was accepted.
func (r Report) mayName(p Part) bool {
	early := p.Report == nil || p.Report.Modem == r.Modem && p.Report.Reference == r.Reference
	return early && p.Modem == r.Modem && (p.State == Submitted || p.unanswered() && p.Fate(r.At) == Pending)
}
