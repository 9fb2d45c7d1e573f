package rules

import (
	"container/heap"
	"time"
)

// timers holds the instances that wait for one, the earliest first.
type timers []*instance

// set lets in wait until due, or for nothing when due is never.
func (t *timers) set(in *instance, due time.Duration) {
	in.due = due
	switch {
	case due == never && in.place >= 0:
		heap.Remove(t, in.place)
	case due == never:
	case in.place >= 0:
		heap.Fix(t, in.place)
	default:
		heap.Push(t, in)
	}
}

// next is when the earliest timer is due; never when none runs.
func (t timers) next() time.Duration {
	if len(t) == 0 {
		return never
	}
	return t[0].due
}

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].due < t[j].due }

func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].place, t[j].place = i, j
}

// Push is heap.Interface's; use set.
func (t *timers) Push(x any) {
	in := x.(*instance)
	in.place = len(*t)
	*t = append(*t, in)
}

// Pop is heap.Interface's; use set.
func (t *timers) Pop() any {
	last := len(*t) - 1
	in := (*t)[last]
	(*t)[last] = nil
	*t = (*t)[:last]
	in.place = -1
	return in
}
