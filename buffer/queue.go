package buffer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// queueHeadroom is the share of the queue's bound by which the most urgent
// texts may exceed it: one in ten.
const queueHeadroom = 10

// textMeanBytes times the bound on texts is the bound on their memory together.
const textMeanBytes = 1 << 10

// A queue holds the texts that wait, for each recipient in the order in which
// they are to go out: by urgency, then in the order they came.
type queue struct {
	max      int
	bytes    int
	first    uint64 // the lowest ID, unless that has gone
	byID     map[uint64]*Text
	byTo     map[string][]*Text
	recalled map[uint64]*Text // taken back; not in the others, but still on disk
}

func newQueue(max int) queue {
	return queue{max: max, byID: make(map[uint64]*Text), byTo: make(map[string][]*Text), recalled: make(map[uint64]*Text)}
}

func (q *queue) len() int { return len(q.byID) }

func inOrder(a, b *Text) int {
	return cmp.Or(cmp.Compare(a.Urgency, b.Urgency), cmp.Compare(a.ID, b.ID))
}

// add puts a text in, in the place of an older state of it.
func (q *queue) add(t *Text) {
	q.remove(t.ID)
	q.byID[t.ID] = t
	q.bytes += t.size()
	line := q.byTo[t.To]
	at, _ := slices.BinarySearchFunc(line, t, inOrder)
	q.byTo[t.To] = slices.Insert(line, at, t)
}

func (q *queue) remove(id uint64) {
	t := q.byID[id]
	if t == nil {
		return
	}
	delete(q.byID, id)
	q.bytes -= t.size()
	line := q.byTo[t.To]
	at, _ := slices.BinarySearchFunc(line, t, inOrder)
	if line = slices.Delete(line, at, at+1); len(line) == 0 {
		delete(q.byTo, t.To)
		return
	}
	q.byTo[t.To] = line
}

// recall takes a text back, and reports whether that can be done.
func (q *queue) recall(id uint64) bool {
	t := q.byID[id]
	if t == nil || !t.untouched() {
		return false
	}
	q.remove(id)
	q.recalled[id] = t
	return true
}

// release ends a recall.
func (q *queue) release(id uint64) {
	if t := q.recalled[id]; t != nil {
		delete(q.recalled, id)
		q.add(t)
	}
}

// lowest is the lowest ID on disk, false when there is none.
func (q *queue) lowest() (id uint64, any bool) {
	if q.byID[q.first] == nil && q.recalled[q.first] == nil {
		q.first = 0
		for _, texts := range []map[uint64]*Text{q.byID, q.recalled} {
			for id := range texts {
				if q.first == 0 || id < q.first {
					q.first = id
				}
			}
		}
	}
	return q.first, q.len()+len(q.recalled) > 0
}

// onDisk returns what is on disk as a text that waits, in the order they came.
func (q *queue) onDisk() []*Text {
	texts := slices.AppendSeq(q.all(), maps.Values(q.recalled))
	slices.SortFunc(texts, func(a, b *Text) int { return cmp.Compare(a.ID, b.ID) })
	return texts
}

// room reports whether texts fit. Only the most urgent may use the headroom.
func (q *queue) room(texts []Text) error {
	urgent, bytes := 0, q.bytes
	for i := range texts {
		bytes += texts[i].size()
		if texts[i].Urgency == 0 {
			urgent++
		}
	}
	limit := q.max
	if urgent == len(texts) {
		limit += max(q.max/queueHeadroom, 1)
	}
	if n := q.len() + len(texts); n > limit || bytes > limit*textMeanBytes {
		return fmt.Errorf("%w: %d texts of %d KiB, at most %d of %d KiB", ErrQueueFull,
			n, bytes>>10, limit, limit*textMeanBytes>>10)
	}
	return nil
}

// head is the first text in a recipient's line that has not expired.
func head(line []*Text, now time.Duration) *Text {
	for _, t := range line {
		if !t.expired(now) {
			return t
		}
	}
	return nil
}

// next is the most urgent of the heads that are due, to none of the numbers in
// but. A head that is deferred or at the modem holds back the rest of its own
// line, which is never more urgent.
func (q *queue) next(now time.Duration, but []string) *Text {
	var best *Text
	for to, line := range q.byTo {
		t := head(line, now)
		if t == nil || slices.Contains(but, to) || t.NotBefore > now || t.inFlight() {
			continue
		}
		if best == nil || inOrder(t, best) < 0 {
			best = t
		}
	}
	return best
}

// nextDue is the earliest instant at which next may yield something or a text
// expires, false when neither will happen by itself.
func (q *queue) nextDue(now time.Duration) (due time.Duration, ok bool) {
	consider := func(at time.Duration) {
		at = max(at, now)
		if !ok || at < due {
			due, ok = at, true
		}
	}
	for _, line := range q.byTo {
		if t := head(line, now); t != nil && !t.inFlight() {
			consider(t.NotBefore)
		}
		for _, t := range line {
			if t.Expires != 0 && !t.inFlight() {
				consider(t.Expires)
			}
		}
	}
	return due, ok
}

func (q *queue) expired(now time.Duration) []*Text {
	var gone []*Text
	for _, t := range q.byID {
		if t.expired(now) {
			gone = append(gone, t)
		}
	}
	slices.SortFunc(gone, inOrder)
	return gone
}

// all returns the texts in the order they came.
func (q *queue) all() []*Text {
	return slices.SortedFunc(maps.Values(q.byID), func(a, b *Text) int { return cmp.Compare(a.ID, b.ID) })
}
