package notify

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

// A story is what there is to tell of one instance of an alert: its latest
// incident, and what each person knows of it. It lasts until everybody who knows
// that it fires was told that it does not, and a while longer, to recognise one
// that comes and goes. This is also its form on flash.
type story struct {
	Version  int
	Incident rules.Incident // the latest of the instance
	Closed   bool           // it is over
	Lost     bool           `json:",omitempty"` // what became of it is not known
	Ended    time.Duration  `json:",omitempty"` // when
	Ending   string         `json:",omitempty"` // what to tell of its end
	Released time.Duration  `json:",omitempty"` // when other alerts last ceased to keep it back
	Reached  int            `json:",omitempty"` // so many steps of the route are due, whatever the time
	Readers  []*reader      `json:",omitempty"`
	Flapping *flapping      `json:",omitempty"` // nil: it does not come and go
	// Starts is when its last incidents began, at most flapTimes of them.
	Starts []time.Duration `json:",omitempty"`

	instance string
	key      string        // of its record on disk; "" when there is none
	kept     uint64        // digest of that record
	next     time.Duration // when it is to be considered again
}

// A reader is a person as they were reached, and what they know.
type reader struct {
	Name, Phone string
	Told
	// Text is the ledger's number of the last text that they know something by, and
	// Was what they knew before: it may be taken back.
	Text uint64
	Was  Told
}

// take notes what has become true of the instance.
func (s *story) take(t rules.Transition) {
	if t.Incident.ID != s.Incident.ID {
		s.open(t)
	}
	s.Incident = t.Incident
	s.Incident.Message = cmp.Or(t.Incident.Message, t.Message)
	s.Incident.Shadow = t.Incident.Shadow || t.Shadow
	if t.Resolves() {
		s.Closed, s.Ended, s.Ending = true, t.At, cmp.Or(t.Message, t.Incident.Message)
		s.Incident.SuppressedBy = nil
	}
	if t.Released && len(t.Incident.SuppressedBy) == 0 {
		s.Released = t.At
	}
	if a := t.Incident.Acked; t.Acked && a != nil {
		s.noteAcker(a)
	}
}

// open begins with another incident of the instance.
func (s *story) open(t rules.Transition) {
	s.Closed, s.Lost, s.Ended, s.Ending, s.Reached, s.Released = false, false, 0, "", 0, 0
	s.Starts = append(s.Starts, t.Incident.Since)
	s.Starts = s.Starts[max(len(s.Starts)-flapTimes, 0):]
	s.noteFlap(t.Incident.Since)
}

// noteAcker has whoever acknowledged the incident know that they did.
func (s *story) noteAcker(a *rules.Ack) {
	for _, r := range s.Readers {
		if strings.EqualFold(r.Name, a.By) {
			r.Acked = knownAs(a)
		}
	}
}

// told is what is known on a phone.
func (s *story) told(phone string) Told {
	if r := s.reader(phone); r != nil {
		return r.Told
	}
	return Told{}
}

func (s *story) reader(phone string) *reader {
	i := slices.IndexFunc(s.Readers, func(r *reader) bool { return r.Phone == phone })
	if i < 0 {
		return nil
	}
	return s.Readers[i]
}

// tell has a person know something by the text of that number, 0 for none.
func (s *story) tell(name, phone string, t Told, text uint64) {
	r := s.reader(phone)
	if r == nil {
		r = &reader{Name: name, Phone: phone}
		s.Readers = append(s.Readers, r)
	}
	if text != 0 {
		r.Text, r.Was = text, r.Told
	}
	r.Told = t
}

// takeBack has a person know what they knew before the text of that number, and
// owes them what was in it.
func (r *reader) takeBack(s *story) {
	t, taken := r.Was, r.Told
	if !t.knows() && taken.knows() && !(t.Owed > 0 && t.Incident == taken.Incident) {
		if t.Owed++; t.Owed == 1 {
			t.Since = taken.At
			if taken.Incident == s.Incident.ID {
				t.Since = s.Incident.Since
			}
		}
		t.Incident = taken.Incident
	}
	r.Told, r.Text, r.Was = t, 0, Told{}
}

// finished tells whether there is nothing more to tell or to remember of it.
func (s *story) finished(now time.Duration) bool {
	return s.Closed && s.toldToAll() && s.Flapping == nil && now >= s.Ended+flapQuiet
}

// toldToAll tells whether nobody is to hear of the story any more.
func (s *story) toldToAll() bool {
	return !slices.ContainsFunc(s.Readers, func(r *reader) bool { return r.knows() || r.Owed > 0 })
}

// byIncident orders stories as their latest incidents began.
func byIncident(a, b *story) int { return cmp.Compare(a.Incident.ID, b.Incident.ID) }

// suppressed tells whether its alarms are kept back by other alerts.
func (s *story) suppressed() bool { return len(s.Incident.SuppressedBy) > 0 }

func (s *story) critical() bool { return s.Incident.Severity == rules.Critical }
