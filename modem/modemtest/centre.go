package modemtest

import (
	"slices"
	"time"
)

// Bounds of what the service centre remembers.
const (
	submitsMax = 4096 // for TP-RD
	groupsMax  = 1024 // texts of which parts arrived
)

// Text is one text as its recipient reads it.
type Text struct {
	From       string // the number of the SIM its last part came from
	To         string // with a plus when its type was international
	ToType     byte   // type-of-number of TP-DA (23.040 9.1.2.5): 0 unknown, 1 international, 2 national
	Class      int    // message class (23.038 4), negative when there is none
	Body       string
	At         time.Time // when the network took the last part
	Parts      int
	References []uint8 // the +CMGS reference of each part, in order of the parts
	Encoding   string  // "gsm7" or "ucs2"
	// Copies is how often the network has taken this very text, or the part
	// of it that was repeated most: alike in everything but TP-MR and TP-RD.
	// 1 is as it should be.
	Copies int
	// RejectDuplicates tells that every part had TP-RD set.
	RejectDuplicates bool
	ReportRequested  bool          // a part had TP-SRR set
	Validity         time.Duration // relative TP-VP; 0 when there is none
}

// centre is the service centre and, behind it, the recipients' telephones.
type centre struct {
	submits []held
	groups  []*group
	texts   []delivery // one for each time a text became whole
}

type delivery struct {
	text    Text
	group   *group
	through *Modem // its last part
}

// holdTime is how long the centre holds a part, and so refuses another under the
// same reference.
const holdTime = 10 * time.Minute

// held is a part that the centre has taken.
type held struct {
	duplicateKey
	at time.Time
}

// duplicateKey is what TP-RD compares (23.040 9.2.3.25).
type duplicateKey struct {
	from      string
	reference byte
	to        string
}

// group is the parts of one text as they arrived.
type group struct {
	key   groupKey
	first submit
	parts []part
	whole int // how often every part has arrived
}

type groupKey struct {
	from, to  string
	wide      bool
	reference uint16
	content   string // of a text of one part: the whole of it
}

type part struct {
	submit submit
	told   byte // the reference told by +CMGS
	times  int
}

// Accepted returns the whole texts whose last part the network took through
// this modem, in the order in which they became whole; at most the last 10 000
// of its network. A text that became whole twice is there twice.
func (m *Modem) Accepted() []Text {
	return m.network.accepted(func(d delivery) bool { return d.through == m })
}

// Pending returns how many texts of the SIM in this modem the network has only
// parts of.
func (m *Modem) Pending() int { return m.network.pending(m.SIM().Number) }

// accept takes a part from a SIM's number, or says why not. told is the TP-MR
// it goes out with. The text comes back when it is whole.
func (c *centre) accept(through *Modem, from string, s submit, told byte, now time.Time) (*Text, *refusal) {
	key := duplicateKey{from: from, reference: told, to: s.to}
	isHeld := func(h held) bool { return h.duplicateKey == key && now.Sub(h.at) < holdTime }
	if s.rejectDuplicates && slices.ContainsFunc(c.submits, isHeld) {
		return nil, refuse(cmsDuplicate, "TP-RD is set and the centre holds reference %d to the same number", told)
	}
	g, r := c.groupOf(from, s)
	if r != nil {
		return nil, r
	}
	c.submits = append(c.submits, held{key, now})
	if len(c.submits) > submitsMax {
		c.submits = c.submits[1:]
	}
	if !g.add(s, told) {
		return nil, nil
	}
	return c.deliver(through, g, now), nil
}

// groupOf finds the text a part belongs to. A part that contradicts the others
// of its text, by its place, their number or its content, is refused: a
// telephone would make one text of two.
func (c *centre) groupOf(from string, s submit) (*group, *refusal) {
	key := groupKey{from: from, to: s.to, wide: s.concat.wide, reference: s.concat.reference}
	if s.concat.count == 0 {
		key.content = s.content
	}
	for i, g := range slices.Backward(c.groups) {
		if g.key != key {
			continue
		}
		if g.fits(s) {
			return g, nil
		}
		if g.whole == 0 {
			return nil, malformed("part %d of %d, reference %d, does not belong to the parts before it",
				s.concat.seq, s.concat.count, s.concat.reference)
		}
		c.groups = slices.Delete(c.groups, i, i+1) // the reference is used again for a new text
		break
	}
	g := &group{key: key, first: s, parts: make([]part, max(1, int(s.concat.count)))}
	c.groups = append(c.groups, g)
	if len(c.groups) > groupsMax {
		c.groups = c.groups[1:]
	}
	return g, nil
}

func (g *group) fits(s submit) bool {
	if len(g.parts) != max(1, int(s.concat.count)) || g.first.encoding != s.encoding {
		return false
	}
	have := g.parts[g.place(s)]
	return have.times == 0 || have.submit.content == s.content
}

func (g *group) place(s submit) int { return max(1, int(s.concat.seq)) - 1 }

// add counts the part in, and tells whether the text is now whole once more.
func (g *group) add(s submit, told byte) bool {
	p := &g.parts[g.place(s)]
	p.submit, p.told = s, told
	p.times++
	least := p.times
	for _, p := range g.parts {
		least = min(least, p.times)
	}
	whole := least > g.whole
	g.whole = least
	return whole
}

// copies is how often the part of g that was repeated most was taken, from
// whichever number. A telephone joins only parts from one, and shows them again.
func (c *centre) copies(g *group) int {
	most := 0
	for i, p := range g.parts {
		times := 0
		for _, other := range c.groups {
			key := other.key
			key.from = g.key.from
			if key == g.key && len(other.parts) == len(g.parts) && other.parts[i].submit.content == p.submit.content {
				times += other.parts[i].times
			}
		}
		most = max(most, times, p.times)
	}
	return most
}

func (c *centre) deliver(through *Modem, g *group, now time.Time) *Text {
	text := Text{
		From: g.key.from, To: g.first.to, ToType: g.first.toType, Class: g.first.class,
		At: now, Parts: len(g.parts), Encoding: g.first.encoding,
		Copies: c.copies(g), RejectDuplicates: true, Validity: g.first.validity,
	}
	for _, p := range g.parts {
		text.Body += p.submit.body
		text.References = append(text.References, p.told)
		text.RejectDuplicates = text.RejectDuplicates && p.submit.rejectDuplicates
		text.ReportRequested = text.ReportRequested || p.submit.wantsReport
	}
	c.texts = append(c.texts, delivery{text, g, through})
	if len(c.texts) > acceptedMax {
		c.texts = c.texts[1:]
	}
	return &text
}
