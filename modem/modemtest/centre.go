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
	To         string
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
	ReportRequested  bool // a part had TP-SRR set
	Validity         time.Duration
}

// centre is the service centre and, behind it, the recipients' telephones.
type centre struct {
	submits []duplicateKey
	groups  []*group
	texts   []delivery // one for each time a text became whole
}

type delivery struct {
	text  Text
	group *group
}

// duplicateKey is what TP-RD compares (23.040 9.2.3.25).
type duplicateKey struct {
	reference byte
	to        string
}

// group is the parts of one text as they arrived.
type group struct {
	key    groupKey
	first  submit
	parts  []part
	whole  int // how often every part has arrived
	copies int
}

type groupKey struct {
	to        string
	wide      bool
	reference uint16
	content   string // of a text of one part: the whole of it
}

type part struct {
	submit submit
	told   byte // the reference told by +CMGS
	times  int
}

// Accepted returns the whole texts the network took, in the order in which
// they became whole; at most the last 10 000. A text that became whole twice
// is there twice.
func (m *Modem) Accepted() []Text {
	m.mu.Lock()
	defer m.mu.Unlock()
	texts := make([]Text, len(m.centre.texts))
	for i, d := range m.centre.texts {
		texts[i] = d.text
		texts[i].Copies = d.group.copies
		texts[i].References = slices.Clone(d.text.References)
	}
	return texts
}

// Pending returns how many texts the network has only parts of.
func (m *Modem) Pending() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, g := range m.centre.groups {
		if g.whole == 0 {
			n++
		}
	}
	return n
}

// accept takes a part into the network, or says why not. told is the TP-MR
// it goes out with. The text comes back when it is whole.
func (c *centre) accept(s submit, told byte, now time.Time) (*Text, *refusal) {
	key := duplicateKey{reference: told, to: s.to}
	if s.rejectDuplicates && slices.Contains(c.submits, key) {
		return nil, refuse(cmsDuplicate, "TP-RD is set and the centre holds reference %d to the same number", told)
	}
	g, r := c.groupOf(s)
	if r != nil {
		return nil, r
	}
	c.submits = append(c.submits, key)
	if len(c.submits) > submitsMax {
		c.submits = c.submits[1:]
	}
	if !g.add(s, told) {
		return nil, nil
	}
	return c.deliver(g, now), nil
}

// groupOf finds the text a part belongs to. A part that contradicts the others
// of its text, by its place, their number or its content, is refused: a
// telephone would make one text of two.
func (c *centre) groupOf(s submit) (*group, *refusal) {
	key := groupKey{to: s.to, wide: s.concat.wide, reference: s.concat.reference}
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
	g.copies = max(g.copies, p.times)
	least := p.times
	for _, p := range g.parts {
		least = min(least, p.times)
	}
	whole := least > g.whole
	g.whole = least
	return whole
}

func (c *centre) deliver(g *group, now time.Time) *Text {
	text := Text{
		To: g.first.to, At: now, Parts: len(g.parts), Encoding: g.first.encoding,
		Copies: g.copies, RejectDuplicates: true, Validity: g.first.validity,
	}
	for _, p := range g.parts {
		text.Body += p.submit.body
		text.References = append(text.References, p.told)
		text.RejectDuplicates = text.RejectDuplicates && p.submit.rejectDuplicates
		text.ReportRequested = text.ReportRequested || p.submit.wantsReport
	}
	c.texts = append(c.texts, delivery{text, g})
	if len(c.texts) > acceptedMax {
		c.texts = c.texts[1:]
	}
	return &text
}
