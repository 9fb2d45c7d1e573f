package buffer

import (
	stdcmp "cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A model is what a store must hold: maps in memory, and a source of random
// operations that are carried out on both.
type model struct {
	rng     *rand.Rand
	records map[string]string
	texts   map[uint64]Text
	history history
	last    uint64
	now     time.Duration
}

// modelOf starts from what is in s.
func modelOf(s *Store, seed uint64) *model {
	m := &model{
		rng:     rand.New(rand.NewPCG(seed, 1)),
		records: records(s, ""),
		texts:   make(map[uint64]Text),
		last:    s.sequence,
		now:     time.Duration(seed) * time.Second,
	}
	for _, x := range s.Texts() {
		m.texts[x.ID] = x
	}
	for _, x := range s.Sent() {
		m.history.add(&x)
	}
	return m
}

func (m *model) clone() *model {
	c := *m
	c.records, c.texts = maps.Clone(m.records), maps.Clone(m.texts)
	for id, x := range c.texts {
		c.texts[id] = x.clone()
	}
	c.history.texts = nil
	for _, x := range m.history.texts {
		x := x.clone()
		c.history.add(&x)
	}
	return &c
}

// restart is what a crash does to a model.
func (m *model) restart() {
	for _, x := range m.texts {
		x = x.clone()
		x.interrupt()
		m.put(x)
	}
}

// put takes a text's new state, which may be that the network has all of it.
func (m *model) put(x Text) {
	if x.complete() {
		m.leave(x, x.lastAccepted(), "")
		return
	}
	m.texts[x.ID] = x
}

func (m *model) leave(x Text, at time.Duration, cause string) {
	delete(m.texts, x.ID)
	m.history.add(&Sent{x, at, cause})
}

const modelTextsMax = 300

// step carries out one random operation on the model and, unless it is nil, on
// the store.
func (m *model) step(s *Store) error {
	m.now += time.Duration(m.rng.IntN(1000)) * time.Millisecond
	ids := slices.Sorted(maps.Keys(m.texts))
	if len(ids) == 0 || m.rng.IntN(100) < 45 {
		return m.commit(s, len(ids) < modelTextsMax)
	}
	id := ids[m.rng.IntN(len(ids))]
	if m.rng.IntN(300) == 0 {
		return m.expire(s)
	}
	if m.rng.IntN(8) == 0 {
		return m.report(s)
	}
	return m.move(s, id)
}

func (m *model) commit(s *Store, texts bool) error {
	var b Batch
	n := m.rng.IntN(8)
	if m.rng.IntN(400) == 0 {
		n = 700 // more than fit into a transaction
	}
	for range n {
		key := kinds[2+m.rng.IntN(len(kinds)-2)].prefix + fmt.Sprint(m.rng.IntN(800))
		if m.rng.IntN(4) == 0 {
			b.Records = append(b.Records, Record{Key: key})
			delete(m.records, key)
			continue
		}
		value := strings.Repeat(fmt.Sprint(m.rng.IntN(10)), m.rng.IntN(400))
		if m.rng.IntN(500) == 0 {
			value = strings.Repeat("L", 40_000)
		}
		b.Records = append(b.Records, Record{key, []byte(value)})
		m.records[key] = value
	}
	for range m.rng.IntN(3) {
		if !texts {
			break
		}
		x := Text{
			To: fmt.Sprint("+", m.rng.IntN(5)), Body: strings.Repeat("b", m.rng.IntN(200)),
			Urgency: uint8(m.rng.IntN(3)), Created: m.now, Reference: uint16(m.rng.Uint32()),
		}
		if m.rng.IntN(2) == 0 {
			x.Tells = []byte("tells " + x.Body)
		}
		if m.rng.IntN(5) == 0 {
			x.Expires = m.now + time.Duration(m.rng.IntN(3600))*time.Second
		}
		b.Texts = append(b.Texts, x)
		m.last++
		x.ID = m.last
		m.texts[x.ID] = x
	}
	recall := m.recall(&b)
	m.unreached(&b)
	if s == nil {
		return nil
	}
	if err := recall(s); err != nil {
		return err
	}
	_, err := s.Commit(b)
	return err
}

// recall takes a text back now and then of which nothing can be on its way: with
// the batch for good, or to be released again.
func (m *model) recall(b *Batch) func(*Store) error {
	old := m.last - uint64(len(b.Texts))
	ids := slices.Sorted(maps.Keys(m.texts))
	ids = slices.DeleteFunc(ids, func(id uint64) bool { x := m.texts[id]; return id > old || !x.untouched() })
	if len(ids) == 0 || m.rng.IntN(10) > 0 {
		return func(*Store) error { return nil }
	}
	id, release := ids[m.rng.IntN(len(ids))], m.rng.IntN(3) == 0
	if !release {
		delete(m.texts, id)
		b.Recalled = []uint64{id}
	}
	return func(s *Store) error {
		if !s.Recall(id) || s.Recall(id) {
			return fmt.Errorf("text %d: not recalled once", id)
		}
		if err := s.Begin(id, 1, 1, "stick"); !errors.Is(err, ErrNoText) {
			return fmt.Errorf("text %d, recalled, is begun: %v", id, err)
		}
		if release {
			s.Release(id)
		}
		return nil
	}
}

// unreached notes now and then that a text has not reached its reader.
func (m *model) unreached(b *Batch) {
	old := m.last - uint64(len(b.Texts))
	if m.rng.IntN(10) > 0 || old == 0 {
		return
	}
	id := 1 + m.rng.Uint64N(old)
	b.Unreached = []uint64{id}
	if x, waits := m.texts[id]; waits {
		x.Unreached = true
		m.texts[id] = x
	}
	if i := m.history.index(id); i >= 0 {
		x := m.history.texts[i].clone()
		x.Unreached = true
		m.history.replace(&x)
	}
}

// move takes a text one step on its way.
func (m *model) move(s *Store, id uint64) error {
	x := m.texts[id]
	x = x.clone()
	if len(x.Parts) == 0 {
		x.Parts = make([]Part, 1+m.rng.IntN(3))
	}
	i := slices.IndexFunc(x.Parts, func(p Part) bool { return p.State != Accepted })
	p, what := &x.Parts[i], m.rng.IntN(10)
	var call func(*Store) error
	switch {
	case what == 0:
		now := m.now
		m.leave(m.texts[id], now, "chance")
		call = func(s *Store) error { return s.Drop(id, now, "chance") }
	case p.State == Waiting && p.unanswered() && what == 1:
		r := Receipt{p.Modem, uint8(m.rng.Uint32()), m.now}
		p.State, p.Reference, p.At = Accepted, r.Reference, r.At
		m.put(x)
		call = func(s *Store) error { return s.SettleLate(id, i+1, r) }
	case p.State == Waiting && p.Silent > 0 && what == 2:
		now := m.now
		p.Silent--
		x.NotBefore, x.LastError = min(x.NotBefore, now), "refused late"
		m.texts[id] = x
		call = func(s *Store) error { return s.Refute(id, i+1, now, "refused late") }
	case p.State == Waiting:
		p.State, p.Modem = Submitted, fmt.Sprint("stick", m.rng.IntN(2))
		m.texts[id] = x
		modem := p.Modem
		call = func(s *Store) error { return s.Begin(id, i+1, len(x.Parts), modem) }
	case what < 7:
		r := Receipt{p.Modem, uint8(m.rng.Uint32()), m.now}
		if p.Report != nil && p.Report.Reference != r.Reference && !p.unanswered() {
			p.Report = nil
		}
		p.State, p.Reference, p.At = Accepted, r.Reference, r.At
		x.Refusals = 0
		m.put(x)
		call = func(s *Store) error { return s.Settle(id, i+1, r) }
	default:
		d := Deferral{
			Why: Outcome(m.rng.IntN(3)), Until: m.now + time.Minute, Cause: "no carrier",
			Code: m.rng.IntN(2), Free: m.rng.IntN(2) == 0, Alter: uint8(m.rng.IntN(2)), Rang: m.rng.IntN(9) == 0,
		}
		p.State, x.NotBefore, x.LastError = Waiting, d.Until, d.Cause
		x.Alter, x.Rang = x.Alter|d.Alter, x.Rang || d.Rang
		switch {
		case d.Why == Silent:
			p.Silent++
			x.Code, x.Refusals = 0, 0
		case d.Why == Refused && d.Code == x.Code:
			x.Refusals++
		case d.Why == Refused:
			x.Code, x.Refusals = d.Code, 1
		}
		if d.Why != NotSent && !d.Free {
			x.Attempts++
		}
		p.resolve()
		m.put(x)
		call = func(s *Store) error { return s.Defer(id, i+1, d) }
	}
	if s == nil {
		return nil
	}
	return call(s)
}

// report has a report come about some part, or about none.
func (m *model) report(s *Store) error {
	var all []place
	for _, x := range m.texts {
		all = append(all, placesOf(&Sent{Text: x}, true)...)
	}
	for _, x := range m.history.texts {
		all = append(all, placesOf(x, false)...)
	}
	slices.SortFunc(all, func(a, b place) int {
		return stdcmp.Or(stdcmp.Compare(a.sent.ID, b.sent.ID), stdcmp.Compare(a.part, b.part))
	})
	if len(all) == 0 {
		return nil
	}
	about := all[m.rng.IntN(len(all))]
	r := Report{
		Fate: Fate(m.rng.IntN(4)), Status: uint8(m.rng.Uint32()), Modem: about.ledger().Modem, Reference: about.ledger().Reference,
		At: m.now, Discharged: time.Unix(int64(m.rng.IntN(1e9)), 0).UTC(),
	}
	isFor := func(to string) bool { return to == about.sent.To }
	all = slices.DeleteFunc(all, func(p place) bool { return !isFor(p.sent.To) })
	lastAcceptedFirst(all)
	found, ok := match(r, all)
	if ok {
		m.reported(r, found)
	}
	if s == nil {
		return nil
	}
	if _, err := s.Report(r, isFor); err != nil || !ok {
		if errors.Is(err, ErrNoText) != !ok {
			return fmt.Errorf("report %+v: %v", r, err)
		}
	}
	return nil
}

func (m *model) reported(r Report, about place) {
	x := about.sent.clone()
	x.Parts[about.part].Report = &r
	x.Parts[about.part].resolve()
	if about.waits {
		m.put(x.Text)
		return
	}
	if x.complete() {
		x.Cause = ""
	}
	m.history.replace(&x)
}

func (m *model) expire(s *Store) error {
	now := m.now
	var gone []Text
	for _, x := range m.texts {
		if x.expired(now) {
			gone = append(gone, x)
		}
	}
	slices.SortFunc(gone, func(a, b Text) int { return inOrder(&a, &b) })
	for _, x := range gone {
		m.leave(x, now, x.whyTooLate())
	}
	if s == nil {
		return nil
	}
	_, err := s.Expire(now)
	return err
}

// diff is empty when s holds exactly what m says.
func (m *model) diff(s *Store) string {
	found := make(map[uint64]Text)
	for _, x := range s.Texts() {
		found[x.ID] = x
	}
	sent := []Sent{}
	for _, x := range m.history.texts {
		sent = append(sent, *x)
	}
	return cmp.Diff(m.texts, found) + cmp.Diff(m.records, records(s, "")) + cmp.Diff(sent, s.Sent())
}

func TestAStoreIsAMapThatSurvives(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := open(t, t.TempDir())
	m := modelOf(s, seed)
	for i := range *opsFlag {
		if err := m.step(s); err != nil {
			t.Fatalf("operation %d: %v", i, err)
		}
		if i%2000 == 1999 {
			if d := m.diff(s); d != "" {
				t.Fatalf("after operation %d (-want +got):\n%.2000s", i, d)
			}
		}
		if i%1000 == 777 {
			s = reopen(t, s)
			m.restart()
			if d := m.diff(s); d != "" {
				t.Fatalf("opened anew after operation %d (-want +got):\n%.2000s", i, d)
			}
		}
	}
	t.Logf("%d texts, %d sent, %d records, %d KiB on disk", len(m.texts), len(m.history.texts), len(m.records), occupied(s.database())>>10)
	if used := occupied(s.database()); used > 12<<20 {
		t.Errorf("database of %d KiB, want at most 12 MiB", used>>10)
	}
}
