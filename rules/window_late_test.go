package rules

import (
	"testing"
	"time"
)

// TestABacklogFromBeforeTheWindowFitsIntoIt: nobody looks at the windows in
// between, as when only a message tells what they say.
func TestABacklogFromBeforeTheWindowFitsIntoIt(t *testing.T) {
	const length, now = time.Minute, 24 * time.Hour
	for _, kind := range windowKinds[:previousWindow] {
		w := kind.make(length)
		w.add(now-30*time.Second, Value{Num: 5})
		w.add(now, Value{Num: 4})
		for i := range 3 * cellsMax { // falling for max, rising for min
			w.add(time.Duration(i)*time.Minute, Value{Num: float64(1000 - i)})
			w.add(time.Duration(i)*time.Minute+1, Value{Num: float64(i - 1000)})
		}
		saved := packer{}
		w.save(&saved)
		again := kind.make(length)
		u := unpacker{rest: saved.bytes, latest: now}
		if again.load(&u); u.end() != nil {
			t.Errorf("%s: %v", kind.name, u.end())
		}
	}
	m := &levels{span: span{length: length}}
	m.add(now-30*time.Second, Value{Num: 6})
	m.add(now, Value{Num: 4})
	for i := range 3 * cellsMax {
		m.add(time.Duration(i)*time.Minute, Value{Num: float64(i)})
	}
	if got, why := m.average(now); got != (383*30+6*30)/60. || why != Known {
		t.Errorf("the mean is %v (%v), want %v", got, why, (383*30+6*30)/60.)
	}
}

func TestALateSampleIsNotTheNewestAfterASilence(t *testing.T) {
	r := &trend{span: span{length: time.Minute}}
	r.add(time.Hour, Value{Num: 10})
	if got, why := r.forecast(2*time.Hour, time.Minute); got != 10 || why != Known {
		t.Fatalf("before: %v (%v)", got, why)
	}
	r.add(time.Minute, Value{Num: 99})
	if got, why := r.forecast(2*time.Hour, time.Minute); got != 10 || why != Known {
		t.Errorf("got %v (%v), want the newest value, 10", got, why)
	}
}
