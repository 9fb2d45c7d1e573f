// Package notify decides what each person should hear.
//
// It is pure: transitions, people, what was told and the time go in, texts and
// the new ledger come out. It keeps no clock and touches no disk.
package notify

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

// A Moment is now, on both clocks.
type Moment struct {
	At   time.Duration // on the gateway's own timeline
	Wall time.Time     // in the site's zone; zero while nobody knows the time of day
}

// Text is one message to one person.
type Text struct {
	Contact string // who it is for, as the configuration names them
	To      string // E.164
	Body    string
	Urgency uint8  // 0 is the most urgent
	Subject string // what it is about: an instance
	Created time.Duration
	Call    bool // the phone is to ring as well
	Flash   bool // the phone shows it at once and does not keep it

	// Tells is what its reader knows by it. While nothing of the text was sent the
	// ledger may take it back, and tell what is true by then in its place. A text
	// that tells of no incident is never taken back.
	Tells []Telling
	// Messages are the alerts' own of the incidents that it tells of.
	Messages []string
}

// A Telling is what a text tells of one incident.
type Telling struct {
	Incident uint64
	Was      *Told `json:",omitempty"` // what its reader knew before; nil: nothing
}

// Told is what a person was last told of an incident.
type Told struct {
	Severity rules.Severity
	At       time.Duration
}

// TextLife is how long a text is worth sending.
const TextLife = 72 * time.Hour

// A Queue is the texts that wait for the network.
type Queue interface {
	// Waiting lists the texts to a number that tell of incidents and that the
	// network has not accepted yet.
	Waiting(to string) []Queued
	// Recall takes back a text of which nothing was sent, and is false when
	// something was. It is sent no more, unless what the plan that it was taken back
	// for decides is not kept.
	Recall(id uint64) bool
}

// Queued is a text that waits.
type Queued struct {
	ID      uint64
	Created time.Duration
	Tells   []Telling
}

// Plan is what people are to hear: texts, which of those that wait they are in
// place of, and the ledger's records that must be on disk with them.
type Plan struct {
	Texts    []Text
	Recalled []uint64
	Records  []rules.Record
	// Lapsed are incidents whose acknowledgement has lapsed, for the rules to hear.
	Lapsed []uint64
}

// Ledger knows who was told of each open incident. The all-clear goes to them,
// whatever the configuration has become in between.
type Ledger struct {
	people *People
	news   []rules.Transition    // not planned for yet
	told   map[uint64]toldRecord // of whom nobody is known when the record cannot be read
	interim
}

// A recipient is a person as they were reached, with the last severity and the
// least urgent one they were told; empty in records from before there were levels.
type recipient struct {
	Name, Phone string
	Severity    rules.Severity `json:",omitempty"`
	Least       rules.Severity `json:",omitempty"`
}

// toldRecord is a ledger entry on disk.
type toldRecord struct {
	Version  int
	Told     []recipient
	Incident rules.Incident
}

// The keys of the ledger.
const (
	ToldPrefix    = "told/"
	recordVersion = 1
)

// NewLedger returns a ledger in which nobody was told of anything.
func NewLedger(p *People) *Ledger {
	return &Ledger{people: p, told: map[uint64]toldRecord{}}
}

// Restore takes up the records of an earlier run. Those that cannot be read
// are returned as errors; the rest is restored all the same. The end of an
// incident whose record cannot be read is told to whom its alert names then:
// most likely they are the ones who were told of it.
func (l *Ledger) Restore(records iter.Seq2[string, []byte]) []error {
	var errs []error
	for key, value := range records {
		id, err := strconv.ParseUint(strings.TrimPrefix(key, ToldPrefix), 10, 64)
		if err == nil {
			l.told[id], err = decode(value)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("record %q: %w", key, err))
		}
	}
	return errs
}

func decode(value []byte) (toldRecord, error) {
	var r toldRecord
	if err := json.Unmarshal(value, &r); err != nil {
		return toldRecord{}, err
	}
	if r.Version != recordVersion {
		return toldRecord{}, fmt.Errorf("version %d, this program reads %d", r.Version, recordVersion)
	}
	for i := range r.Told {
		p := &r.Told[i]
		p.Severity, p.Least = cmp.Or(p.Severity, r.Incident.Severity), cmp.Or(p.Least, r.Incident.Severity)
	}
	return r, nil
}

// Abandoned is the plan for incidents that people were told of and that are not
// among open, those the rules know of: what was known of them is lost, so nobody
// would ever hear of their end.
func (l *Ledger) Abandoned(open []rules.Incident, now time.Duration) Plan {
	var p Plan
	for _, id := range slices.Sorted(maps.Keys(l.told)) {
		if slices.ContainsFunc(open, func(i rules.Incident) bool { return i.ID == id }) {
			continue
		}
		i := l.told[id].Incident
		i.ID = id
		l.allClear(&p, rules.Transition{
			At: now, From: rules.Firing, To: rules.OK, Instance: i.Instance(), Incident: i,
			Message: "No longer known: " + i.Message,
		})
	}
	return p
}

// Take notes what has become true.
func (l *Ledger) Take(transitions []rules.Transition) { l.news = append(l.news, transitions...) }

// Plan says who should now hear what.
func (l *Ledger) Plan(now Moment, q Queue) Plan {
	var p Plan
	for _, t := range l.news {
		switch {
		case t.To == rules.Firing && !t.Acked, t.Released:
			l.alarm(&p, t)
		case t.Resolves():
			l.allClear(&p, t)
		}
	}
	l.news = nil
	p.Texts = append(p.Texts, l.said...)
	l.said = nil
	return p
}

// NextTick is when Plan is next to be asked although nothing has happened, and
// false when that is never.
func (l *Ledger) NextTick() (time.Duration, bool) { return 0, false }

// alarm tells everybody whom the alert names: of a rise in any case, otherwise
// who was not told yet, or not of anything as urgent.
func (l *Ledger) alarm(p *Plan, t rules.Transition) {
	if t.Incident.Shadow || len(t.Incident.SuppressedBy) > 0 {
		return
	}
	r := l.told[t.Incident.ID]
	if r.Version == 0 && l.knows(t.Incident.ID) && !t.Rises() {
		return // who was told is not known: most likely all of them were
	}
	var told []Addressee
	for _, person := range l.people.of(t.Incident.Alert) {
		if r.tell(person, t.Incident.Severity) || t.Rises() {
			told = append(told, person)
		}
	}
	if len(told) == 0 {
		return
	}
	r.Version, r.Incident = recordVersion, t.Incident
	l.told[t.Incident.ID] = r
	p.Records = append(p.Records, rules.Record{Key: toldKey(t.Incident.ID), Value: encode(r)})
	for _, person := range told {
		text := l.text(t, person.Name, person.Phone, t.Incident.Severity)
		text.Call = person.Call && t.Incident.Severity == rules.Critical
		text.Flash = person.Flash
		p.Texts = append(p.Texts, text)
	}
}

// tell notes that a person is told of that severity, and is false when their phone
// was told of as much before.
func (r *toldRecord) tell(person Addressee, severity rules.Severity) bool {
	i := slices.IndexFunc(r.Told, func(p recipient) bool { return p.Phone == person.Phone })
	if i < 0 {
		r.Told = append(r.Told, recipient{Name: person.Name, Phone: person.Phone, Severity: severity, Least: severity})
		return true
	}
	p := &r.Told[i]
	if !severity.Above(p.Severity) {
		return false
	}
	p.Severity = severity
	return true
}

// knows tells whether somebody was told of the incident, as far as is known.
func (l *Ledger) knows(id uint64) bool {
	_, ok := l.told[id]
	return ok
}

// allClear tells whoever got the alarm, and forgets the incident. It is as urgent
// as the least urgent text of it: an all-clear never overtakes its alarm.
func (l *Ledger) allClear(p *Plan, t rules.Transition) {
	if !l.knows(t.Incident.ID) {
		return
	}
	r := l.told[t.Incident.ID]
	if r.Version == 0 { // the record cannot be read
		for _, person := range l.people.of(t.Incident.Alert) {
			r.tell(person, t.Incident.Severity)
		}
	}
	delete(l.told, t.Incident.ID)
	p.Records = append(p.Records, rules.Record{Key: toldKey(t.Incident.ID)})
	for _, person := range r.Told {
		p.Texts = append(p.Texts, l.text(t, person.Name, person.Phone, person.Least))
	}
}

// text is what a person reads of a transition.
func (l *Ledger) text(t rules.Transition, contact, phone string, severity rules.Severity) Text {
	return Text{
		Contact: contact, To: phone, Body: l.people.body(cmp.Or(t.Message, t.Incident.Message)),
		Urgency: urgency(severity), Subject: t.Instance, Created: t.At,
		Messages: []string{cmp.Or(t.Message, t.Incident.Message)},
	}
}

// of lists whom an alert tells now, each phone once.
func (p *People) of(alert string) []Addressee {
	route := p.Routes[alert]
	if route == nil {
		return nil
	}
	var all []Addressee
	for _, a := range route.Everybody() {
		i := slices.IndexFunc(all, func(b Addressee) bool { return b.Phone == a.Phone })
		if i < 0 {
			all = append(all, a)
			continue
		}
		all[i].Call, all[i].Flash = all[i].Call || a.Call, all[i].Flash || a.Flash
	}
	return all
}

// body puts the site before what happened: a person may look after several.
func (p *People) body(message string) string {
	if p.Site == "" {
		return message
	}
	return p.Site + ": " + message
}

// urgency is how a text of that severity ranks among others: 0 goes first.
func urgency(s rules.Severity) uint8 {
	return uint8(slices.Index([]rules.Severity{rules.Critical, rules.Warning, rules.Info}, s))
}

func toldKey(id uint64) string { return ToldPrefix + strconv.FormatUint(id, 10) }

func encode(r toldRecord) []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic("notify: a record that JSON cannot hold: " + err.Error())
	}
	return b
}
