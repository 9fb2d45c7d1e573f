package notify

import (
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

// A kind is what there is to tell a person of a story.
type kind uint8

const (
	nothing  kind = iota
	alarm         // it fires
	rise          // it became more urgent
	again         // it fires again, and they were not told that it had ended
	repeated      // it still fires, and nobody has answered
	lapsed        // nobody is on it any more
	taken         // somebody is on it
	ended         // it is over
	missed        // it fired and is over, and they heard of neither
	flaps         // it comes and goes
	flapsStill
	flapsOver
)

// alarms tells whether news of the kind is that something fires, which silences
// and other alerts keep back.
func (k kind) alarms() bool {
	switch k {
	case taken, ended, missed, flapsOver:
		return false
	}
	return true
}

// RepeatMax is how often somebody is told again that the same incident fires.
const RepeatMax = 10

// restartPause is how long repeats and further steps that fell due while the
// gateway was away wait, for sensors to say that they are over.
const restartPause = 30 * time.Second

// releasePause is how long an alarm waits after the alert that kept it back is over,
// unless it is critical: its sensors are given the time to say that they are well
// again, too.
const releasePause = time.Minute

// A listener is somebody whom a story concerns: the alert's route names them, or
// they know something of it.
type listener struct {
	Addressee
	named  bool // the route does
	step   int  // the first of its steps that does
	after  time.Duration
	repeat []time.Duration
}

// due is when it is the listener's turn to hear that the story's alert fires.
func (l listener) due(s *story) time.Duration {
	if l.step < s.Reached {
		return s.Incident.Since
	}
	return s.Incident.Since + l.after
}

// listeners are those whom a story concerns, each phone once.
func (l *Ledger) listeners(s *story) []listener {
	var all []listener
	if route := l.people.Routes[s.Incident.Alert]; route != nil {
		for i, step := range route.Steps {
			for _, a := range step.Notify {
				all = addListener(all, listener{Addressee: a, named: true, step: i, after: step.After, repeat: step.Repeat})
			}
		}
	}
	for _, r := range s.Readers {
		all = addListener(all, listener{Addressee: Addressee{Contact: l.person(r.Phone, r.Name).contact}})
	}
	return all
}

// addListener adds one, or the further ways in which somebody is told who is there
// already in the same step.
func addListener(all []listener, more listener) []listener {
	i := slices.IndexFunc(all, func(o listener) bool { return o.Phone == more.Phone })
	switch {
	case i < 0:
		return append(all, more)
	case all[i].step == more.step:
		all[i].Call, all[i].Flash = all[i].Call || more.Call, all[i].Flash || more.Flash
	}
	return all
}

// consider is what a listener is to hear next of a story, and when.
func (l *Ledger) consider(s *story, w listener, now Moment) (kind, time.Duration) {
	if l.person(w.Phone, w.Name).OptedOut {
		return nothing, never
	}
	k, due := l.next(s, w, now.At)
	if k == nothing {
		return nothing, never
	}
	return k, l.hold(s, w, k, due, now)
}

// next is what a listener is to hear next of a story, were there no reason to
// wait.
func (l *Ledger) next(s *story, w listener, now time.Duration) (kind, time.Duration) {
	t := s.told(w.Phone)
	switch {
	case s.Flapping != nil:
		return s.considerFlapping(w, now)
	case s.Closed && t.knows():
		return ended, s.Ended
	case s.Closed && t.Owed > 0:
		return missed, s.Ended
	case s.Closed:
		return nothing, never
	case !t.knows():
		return l.first(s, w, t)
	case s.Incident.Acked != nil || !w.named:
		return s.answered(w, t)
	case s.Incident.Severity.Above(t.Severity) || s.Incident.Rose > t.At:
		return rise, max(s.Incident.Since, s.Incident.Rose)
	case t.Incident != s.Incident.ID:
		return again, s.Incident.Since
	}
	return l.unanswered(s, w, t)
}

// first is when somebody hears of an incident that they know nothing of.
func (l *Ledger) first(s *story, w listener, t Told) (kind, time.Duration) {
	switch {
	case !w.named || s.Incident.Acked != nil:
		return nothing, never
	case t.Owed > 0:
		return alarm, w.due(s)
	case w.after > 0:
		return alarm, l.afterRestart(w.due(s))
	}
	return alarm, w.due(s) + l.people.Routes[s.Incident.Alert].FirstWait(s.Incident.Severity, l.manner(s))
}

// answered is what somebody hears who knows that it fires once somebody is on it.
func (s *story) answered(w listener, t Told) (kind, time.Duration) {
	acked := s.Incident.Acked
	if acked == nil || knownAs(acked) == t.Acked || strings.EqualFold(acked.By, w.Name) {
		return nothing, never
	}
	return taken, acked.At
}

// unanswered is what somebody hears who knows that it fires while nobody is on it.
func (l *Ledger) unanswered(s *story, w listener, t Told) (kind, time.Duration) {
	if t.Acked != 0 {
		return lapsed, 0
	}
	pauses := l.people.Routes[s.Incident.Alert].Pauses(w.repeat, l.manner(s))
	if len(pauses) == 0 || t.Repeats >= RepeatMax {
		return nothing, never
	}
	return repeated, l.afterRestart(t.At + pauses[min(t.Repeats, len(pauses)-1)])
}

// afterRestart is when something is told that was due before the ledger began: not
// before sensors had the time to say that it is over.
func (l *Ledger) afterRestart(due time.Duration) time.Duration {
	if due < l.began {
		return l.began + restartPause
	}
	return due
}

func (l *Ledger) manner(s *story) Manner { return l.people.Manners[s.Incident.Severity] }

// hold is when something that is due may be told: not while it is silenced or kept
// back by other alerts, and unless it is critical neither in somebody's quiet hours
// nor apart from the digest.
func (l *Ledger) hold(s *story, w listener, k kind, due time.Duration, now Moment) time.Duration {
	if k.alarms() {
		if s.Incident.Shadow || s.suppressed() {
			return never
		}
		if until, silenced := l.silenced(s.Incident, now); silenced {
			due = max(due, until)
		}
		due = max(due, s.released())
	}
	manner := l.manner(s)
	if s.critical() || due == never {
		return due
	}
	if manner.Digest {
		return l.digest(s, max(due, s.moved()), now)
	}
	if manner.Quiet && !now.Wall.IsZero() {
		if until, quiet := held(w.Quiet, now.wall(max(due, now.At))); quiet {
			return now.at(until)
		}
	}
	return due
}

// released is when its alarms may be told again, after other alerts kept them back.
func (s *story) released() time.Duration {
	if s.Released == 0 || s.critical() {
		return 0
	}
	return s.Released + releasePause
}

// digest is when the first digest after due is told. While nobody knows the time
// of day there is one every 24 hours.
func (l *Ledger) digest(s *story, due time.Duration, now Moment) time.Duration {
	at := DefaultDigest
	if route := l.people.Routes[s.Incident.Alert]; route != nil {
		at = route.Digest
	}
	if now.Wall.IsZero() {
		const day = 24 * time.Hour
		return (due/day + 1) * day
	}
	return now.at(at.Next(now.wall(due)))
}

// owe has those hear of an incident whose news waits for the digest, be it over by
// then.
func (l *Ledger) owe(s *story, listeners []listener, now Moment) {
	if s.Closed || !l.manner(s).Digest || s.Incident.Shadow || s.suppressed() {
		return
	}
	if _, silenced := l.silenced(s.Incident, now); silenced {
		return
	}
	for _, w := range listeners {
		t := s.told(w.Phone)
		if !w.named || t.knows() || t.Incident == s.Incident.ID || w.due(s) > now.At {
			continue
		}
		if t.Owed++; t.Owed == 1 {
			t.Since = s.Incident.Since
		}
		t.Incident = s.Incident.ID
		s.tell(w.Name, w.Phone, t, 0)
	}
}

// after is what somebody knows once they have read news of that kind.
func (s *story) after(t Told, k kind, now time.Duration) Told {
	switch severity := s.Incident.Severity; k {
	case ended, missed, flapsOver:
		return Told{}
	case taken:
		t.Acked, t.Incident = knownAs(s.Incident.Acked), s.Incident.ID
		if severity.Above(t.Severity) {
			t.Severity = severity
		}
		return t
	case repeated:
		t.At, t.Repeats = now, t.Repeats+1
		return t
	default:
		least := severity
		if t.Least != "" && least.Above(t.Least) {
			least = t.Least
		}
		t = Told{Incident: s.Incident.ID, Severity: severity, Least: least, At: now}
		if s.Flapping != nil {
			t.Flaps = s.Flapping.Count
		}
		return t
	}
}

// knownAs tells an acknowledgement from others, and from none.
func knownAs(a *rules.Ack) time.Duration { return max(a.At, 1) }

// urgency is that of news: of an alarm its severity's, of an end that of the least
// urgent text that it must not overtake.
func (s *story) urgency(t Told, k kind) uint8 {
	severity := s.Incident.Severity
	if !k.alarms() && t.Least != "" {
		severity = t.Least
	}
	return urgency(severity)
}
