package agent

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

const (
	// fragmentsMax bounds the parts that wait for others, of all texts together.
	// No text of more parts is ever whole.
	fragmentsMax = 64
	// fragmentAge is how long parts wait for each other.
	fragmentAge = 24 * time.Hour
	// missingPart stands where a part never came.
	missingPart = "[...]"
)

// A fragment is one part of a longer text (3GPP 23.040 clause 9.2.3.24.1). This
// is also its form on flash.
type fragment struct {
	Digest    string        `json:"-"` // of the PDU; the rest of its key
	Modem     string        `json:"modem"`
	From      string        `json:"from"`
	Name      bool          `json:"name,omitempty"`
	Body      string        `json:"body"`
	Sent      time.Time     `json:"sent,omitzero"`
	Reference uint16        `json:"reference"`
	Index     int           `json:"index"` // 1 to Count
	Count     int           `json:"count"`
	At        time.Duration `json:"at"` // when it came
}

// with reports whether f and o are parts of one text.
func (f fragment) with(o fragment) bool {
	return f.Modem == o.Modem && f.From == o.From && f.Reference == o.Reference && f.Count == o.Count
}

// An assembly holds the parts of texts that are not whole yet, in the order they
// came.
type assembly []fragment

// add takes in a part and returns what waits after it, and the texts that wait no
// longer: those that are whole, and those that never will be. A part that is there
// already changes nothing; another one in its place begins a new text under the
// same reference, and what there was of the old one is all there will be.
func (a assembly) add(f fragment) (rest assembly, done []received) {
	rest, done = a.outdated(f.At)
	i := slices.IndexFunc(rest, func(o fragment) bool { return o.with(f) && o.Index == f.Index })
	if i >= 0 && rest[i].Body == f.Body {
		return rest, done
	}
	if i >= 0 {
		rest, done = rest.take(f, done)
	}
	rest = append(rest, f)
	if rest.parts(f) == f.Count {
		rest, done = rest.take(f, done)
	}
	for len(rest) > fragmentsMax {
		rest, done = rest.take(rest[0], done)
	}
	return rest, done
}

// outdated takes out what has waited for too long at now.
func (a assembly) outdated(now time.Duration) (rest assembly, done []received) {
	rest = slices.Clone(a)
	for len(rest) > 0 && rest[0].At+fragmentAge < now {
		rest, done = rest.take(rest[0], done)
	}
	return rest, done
}

func (a assembly) parts(of fragment) (n int) {
	for _, f := range a {
		if f.with(of) {
			n++
		}
	}
	return n
}

// take makes a text of the parts there are of it.
func (a assembly) take(of fragment, done []received) (rest assembly, _ []received) {
	var parts []fragment
	for _, f := range a {
		if f.with(of) {
			parts = append(parts, f)
		} else {
			rest = append(rest, f)
		}
	}
	return rest, append(done, join(parts))
}

// join makes one text of its parts, with a mark where some are missing.
func join(parts []fragment) received {
	at := slices.MaxFunc(parts, func(a, b fragment) int { return cmp.Compare(a.At, b.At) }).At
	slices.SortFunc(parts, func(a, b fragment) int { return cmp.Compare(a.Index, b.Index) })
	first := parts[0]
	r := received{
		Modem: first.Modem, From: first.From, Name: first.Name, Sent: first.Sent, At: at,
		Parts: len(parts), Count: first.Count,
	}
	var body strings.Builder
	next := 1
	for _, f := range parts {
		if f.Index > next {
			body.WriteString(missingPart)
		}
		body.WriteString(f.Body)
		next = f.Index + 1
		r.Digests = append(r.Digests, f.Digest)
	}
	if next <= first.Count {
		body.WriteString(missingPart)
	}
	r.Body = body.String()
	return r
}
