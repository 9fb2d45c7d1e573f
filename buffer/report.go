package buffer

import (
	"cmp"
	"fmt"
	"slices"
)

var errNoPart = fmt.Errorf("report about no part that is known: %w", ErrNoText)

// Report notes what a status report says and returns the text it is about, as it
// now is, and which part of it. isFor tells whether a recipient is the one it
// names. A report that came before is no harm.
//
// It is about the part that was accepted last by that modem, for that recipient
// and under that reference, within [ReportMax]. Where there is none it may be
// about a part whose acceptance nobody has told of yet: one at the modem, or one
// that went out unanswered. With exactly one such part to the recipient, that is
// the one, and as good as accepted. Otherwise the error is [ErrNoText].
func (s *Store) Report(r Report, isFor func(to string) bool) (Text, int, error) {
	s.write.Lock()
	defer s.write.Unlock()
	if s.closed {
		return Text{}, 0, ErrClosed
	}
	found, ok := match(r, s.places(isFor))
	if !ok {
		return Text{}, 0, errNoPart
	}
	x := found.sent.clone()
	p := &x.Parts[found.part]
	if r.same(p.Report) {
		return x.Text, found.part + 1, nil
	}
	p.Report = &r
	p.resolve()
	s.tell(r)
	if found.waits {
		return x.Text, found.part + 1, s.moved(&x.Text)
	}
	if x.complete() {
		x.Cause = "" // it was given up because nobody could tell
	}
	s.mu.Lock()
	s.history.replace(&x)
	s.mu.Unlock()
	return x.Text, found.part + 1, s.record(x.ID, putSent([]*Sent{&x}))
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
