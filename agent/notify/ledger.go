package notify

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

// The keys of the ledger.
const (
	storyPrefix   = "told/"
	personPrefix  = "person/"
	silencePrefix = "silence/"
	gatewayKey    = personPrefix + "gateway"
	recordVersion = 2
)

// Prefixes are those of the records that the ledger keeps.
var Prefixes = []string{storyPrefix, personPrefix, silencePrefix}

// Ledger knows what everybody was last told of each incident, and makes it agree
// with what is true. It is for one goroutine.
type Ledger struct {
	people   *People
	stories  map[string]*story  // by instance
	persons  map[string]*person // by phone
	order    []*person          // those of the configuration first
	silences []Silence          // that people made
	inForce  []Silence          // of the configuration
	gateway  gateway

	dirty   map[*story]bool // to be considered
	all     bool            // all of them are
	lost    []uint64        // open incidents whose record cannot be read
	said    []Text          // answers, and what else is no news of a story
	records []rules.Record  // to go with the next plan

	running bool          // it was asked for a plan
	began   time.Duration // when it first was
	ahead   time.Duration // how far the time of day is before the timeline's
	timed   bool          // the time of day is known
	outage  time.Duration // since when nothing can be sent
	down    bool          // nothing can be sent
	due     time.Duration // when Plan is to be asked next
	hashes  maphash.Seed
}

// gateway is what concerns everybody. It is on flash as it is here.
type gateway struct {
	Version int
	Texts   uint64 // the number of the last text
	volume
}

// NewLedger returns a ledger in which nobody was told of anything.
func NewLedger(people *People) *Ledger {
	l := &Ledger{
		people: people, stories: map[string]*story{}, persons: map[string]*person{}, dirty: map[*story]bool{},
		hashes: maphash.MakeSeed(),
	}
	for _, c := range people.Contacts {
		l.person(c.Phone, c.Name)
	}
	return l
}

// Restore takes up the records of an earlier run, those under each of Prefixes.
// Records that cannot be read are returned as errors; the rest is restored all the
// same. The end of an incident whose record cannot be read is told to whom its alert
// names then: most likely they are the ones who were told of it.
func (l *Ledger) Restore(records iter.Seq2[string, []byte]) []error {
	var errs []error
	for key, value := range records {
		if err := l.restore(key, value); err != nil {
			errs = append(errs, fmt.Errorf("record %q: %w", key, err))
		}
	}
	l.all = true
	return errs
}

func (l *Ledger) restore(key string, value []byte) error {
	switch {
	case key == gatewayKey:
		return decode(value, &l.gateway, &l.gateway.Version)
	case strings.HasPrefix(key, storyPrefix):
		return l.restoreStory(key, value)
	case strings.HasPrefix(key, personPrefix):
		p := l.person(strings.TrimPrefix(key, personPrefix), "")
		p.late = 0
		return decode(value, p, &p.Version)
	case strings.HasPrefix(key, silencePrefix):
		return l.restoreSilence(key, value)
	}
	return errors.New("the ledger keeps no such record")
}

// restoreStory takes up a story. Of one that cannot be read it is known all the
// same that there was one.
func (l *Ledger) restoreStory(key string, value []byte) error {
	id, err := strconv.ParseUint(strings.TrimPrefix(key, storyPrefix), 10, 64)
	if err != nil {
		return errors.New("its key names no incident")
	}
	s := &story{key: key}
	if err := decode(value, s, &s.Version); err != nil {
		l.lost = append(l.lost, id)
		return err
	}
	s.instance = s.Incident.Instance()
	s.kept = l.digest64(value)
	l.stories[s.instance] = s
	for _, r := range s.Readers {
		l.person(r.Phone, r.Name).late = 0
	}
	return nil
}

// decode reads a record of this program's version.
func decode(value []byte, into any, version *int) error {
	if err := json.Unmarshal(value, into); err != nil {
		return err
	}
	if *version != recordVersion {
		return fmt.Errorf("version %d, this program reads %d", *version, recordVersion)
	}
	return nil
}

func encode(record any) []byte {
	b, err := json.Marshal(record)
	if err != nil {
		panic("notify: a record that JSON cannot hold: " + err.Error())
	}
	return b
}

// Take notes what has become true.
func (l *Ledger) Take(transitions []rules.Transition) {
	for _, t := range transitions {
		if t.Incident.ID == 0 {
			continue // it was only pending
		}
		s := l.stories[t.Instance]
		if s == nil {
			if s = l.begin(t); s == nil {
				continue
			}
		}
		s.take(t)
		l.dirty[s] = true
	}
}

// begin begins a story, unless it is over before anything could be told.
func (l *Ledger) begin(t rules.Transition) *story {
	s := &story{instance: t.Instance}
	if i := slices.Index(l.lost, t.Incident.ID); i >= 0 {
		l.lost = slices.Delete(l.lost, i, i+1)
		s.key = storyKey(t.Incident.ID)
		l.assumeTold(s, t)
	} else if t.Resolves() {
		return nil
	}
	l.stories[t.Instance] = s
	return s
}

// assumeTold has everybody know of an incident whom its alert names: who was told
// of it is not known any more, most likely all of them were.
func (l *Ledger) assumeTold(s *story, t rules.Transition) {
	s.Incident = t.Incident
	for _, w := range l.listeners(s) {
		severity := t.Incident.Severity
		s.tell(w.Name, w.Phone, Told{Incident: t.Incident.ID, Severity: severity, Least: severity, At: t.At}, 0)
	}
}

// Abandoned notes which incidents are open. Of others that people were told of it
// is lost what became of them; that is told, as nobody would ever hear of their end.
func (l *Ledger) Abandoned(open []rules.Incident, now Moment) {
	known := map[uint64]bool{}
	for _, i := range open {
		known[i.ID] = true
	}
	for _, instance := range slices.Sorted(maps.Keys(l.stories)) {
		if s := l.stories[instance]; !s.Closed && !known[s.Incident.ID] {
			s.Closed, s.Lost, s.Ended, s.Ending = true, true, now.At, s.Incident.Message
			l.dirty[s] = true
		}
	}
	for _, id := range l.lost {
		if !known[id] { // not even what it was is known
			l.records = append(l.records, rules.Record{Key: storyKey(id)})
		}
	}
	l.lost = slices.DeleteFunc(l.lost, func(id uint64) bool { return !known[id] })
}

// Outage tells since when nothing can be sent, or that it can.
func (l *Ledger) Outage(since time.Duration, down bool) { l.outage, l.down = since, down }

// Unreached notes that a text will not arrive, or that nobody can tell: the next
// step of the routes is due at once, unless somebody has answered.
func (l *Ledger) Unreached(tells []Telling, now Moment) {
	for _, t := range tells {
		for _, s := range l.stories {
			if s.Closed || s.Incident.Acked != nil || !slices.ContainsFunc(s.Readers, func(r *reader) bool { return r.Text == t.Text && r.knows() }) {
				continue
			}
			s.Reached = max(s.Reached, l.reached(s, now.At)) + 1
			l.dirty[s] = true
		}
	}
}

// reached is how many steps of a story's route are due by the time.
func (l *Ledger) reached(s *story, now time.Duration) (steps int) {
	route := l.people.Routes[s.Incident.Alert]
	if route == nil {
		return 0
	}
	for _, step := range route.Steps {
		if s.Incident.Since+step.After <= now {
			steps++
		}
	}
	return steps
}

// Say sends somebody words that are no news of an incident, such as an answer, with
// the next plan. They wait for nothing; of the limits they count to those of the
// gateway, and not to what alarms may be sent to the person.
func (l *Ledger) Say(c *Contact, body string, urgency uint8, now Moment) {
	l.said = append(l.said, Text{Contact: c.Name, To: c.Phone, Body: l.people.Signed(body), Urgency: urgency, Created: now.At})
	l.gateway.add(now.At)
}

// OptOut has a phone told nothing any more, or again. Who opts in is told what they
// do not know by then.
func (l *Ledger) OptOut(phone string, out bool, _ Moment) {
	p := l.person(phone, "")
	p.OptedOut, p.changed, l.all = out, true, true
}

// OptedOut tells whether a phone is told nothing.
func (l *Ledger) OptedOut(phone string) bool { return l.person(phone, "").OptedOut }

// Told are the open incidents that somebody knows of, the one first that they were
// told of last.
func (l *Ledger) Told(phone string) []rules.Incident {
	type known struct {
		rules.Incident
		at time.Duration
	}
	var all []known
	for _, s := range l.stories {
		if t := s.told(phone); !s.Closed && t.knows() {
			all = append(all, known{s.Incident, t.At})
		}
	}
	slices.SortFunc(all, func(a, b known) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(urgency(a.Severity), urgency(b.Severity)), cmp.Compare(b.ID, a.ID))
	})
	var told []rules.Incident
	for _, k := range all {
		told = append(told, k.Incident)
	}
	return told
}

// Latest is the incident that somebody was told of last, of those that are open and
// that nobody has acknowledged.
func (l *Ledger) Latest(phone string) (id uint64, ok bool) {
	for _, i := range l.Told(phone) {
		if i.Acked == nil {
			return i.ID, true
		}
	}
	return 0, false
}

// Person is how somebody stands.
type Person struct {
	Contact  *Contact
	OptedOut bool
	Sent     []time.Duration // when texts were planned for them, as far back as budgets look
	Held     int             // news that is due and waits for their budget
}

// Persons tells of everybody whom the configuration knows.
func (l *Ledger) Persons(now Moment) []Person {
	var all []Person
	for _, p := range l.order {
		if !slices.Contains(l.people.Contacts, p.contact) {
			continue
		}
		held := 0
		for _, due := range p.pending {
			if due <= now.At {
				held++
			}
		}
		all = append(all, Person{p.contact, p.OptedOut, slices.Clone(p.Sent), held})
	}
	return all
}

func storyKey(id uint64) string { return storyPrefix + strconv.FormatUint(id, 10) }

// digest64 tells records apart.
func (l *Ledger) digest64(value []byte) uint64 { return maphash.Bytes(l.hashes, value) }
