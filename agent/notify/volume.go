package notify

import (
	"slices"
	"time"
)

// volumeSlot is how exactly the texts of the whole gateway are counted.
const volumeSlot = 5 * time.Minute

// A volume is how many texts the gateway has planned, by when. It looks back a
// day.
type volume struct {
	Slots []slot

	changed bool // since it was written
}

type slot struct {
	Of    int64 // the time over volumeSlot
	Texts int
}

func slotOf(at time.Duration) int64 { return int64(at / volumeSlot) }

func (v *volume) add(now time.Duration) {
	v.changed = true
	v.Slots = slices.DeleteFunc(v.Slots, func(s slot) bool { return s.Of <= slotOf(now-24*time.Hour)-1 })
	if n := len(v.Slots); n > 0 && v.Slots[n-1].Of == slotOf(now) {
		v.Slots[n-1].Texts++
		return
	}
	v.Slots = append(v.Slots, slot{slotOf(now), 1})
}

// takeBack forgets a text that was planned then.
func (v *volume) takeBack(planned time.Duration) {
	i := slices.IndexFunc(v.Slots, func(s slot) bool { return s.Of == slotOf(planned) })
	if i < 0 {
		return
	}
	v.changed = true
	if v.Slots[i].Texts--; v.Slots[i].Texts == 0 {
		v.Slots = slices.Delete(v.Slots, i, i+1)
	}
}

// next is when one more text keeps the limits, of which that share may be used.
func (v *volume) next(limits Limits, share float64, now time.Duration) time.Duration {
	return max(v.within(limits.TextsPerHour, time.Hour, share, now), v.within(limits.TextsPerDay, 24*time.Hour, share, now))
}

func (v *volume) within(texts int, per time.Duration, share float64, now time.Duration) time.Duration {
	if texts == 0 {
		return now
	}
	room := max(int(float64(texts)*share), 1)
	for i := len(v.Slots) - 1; i >= 0; i-- {
		s := v.Slots[i]
		free := time.Duration(s.Of+1)*volumeSlot + per
		if free <= now {
			break
		}
		if room -= s.Texts; room <= 0 {
			return free
		}
	}
	return now
}
