package modem

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// fullLadder is that of a modem for which everything can be done.
func fullLadder() ladder {
	l := ladder{boot: time.Minute}
	for r := rungDrain; r < rungCount; r++ {
		l.equipped[r] = true
	}
	return l
}

// began is some moment.
var began = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)

// climb fails the modem every step until n rungs were taken.
func climb(l *ladder, f failure, step time.Duration, n int) (taken []rung, now time.Time) {
	for now = began; len(taken) < n && now.Before(began.Add(48*time.Hour)); now = now.Add(step) {
		if r := l.fail(f, time.Time{}, now); r != rungNone {
			taken = append(taken, r)
		}
	}
	return taken, now
}

func TestRecoveryBeginsWithTheMildestMeansAndEndsWithTheHost(t *testing.T) {
	l := fullLadder()
	if !l.drains(began.Add(-time.Minute), began) {
		t.Error("the first silence is not answered by a drain")
	}
	if l.drains(began.Add(-time.Minute), began) {
		t.Error("the second silence of an incident is answered by a drain too")
	}
	got, _ := climb(&l, failedMidway, 10*time.Second, 7)
	want := []rung{rungReopen, rungReinit, rungRadio, rungReset, rungUSB, rungCommand, rungReboot}
	if !slices.Equal(got, want) {
		t.Errorf("climbed %v, want %v", got, want)
	}
}

func TestAModemThatAnswersNothingIsNotToldAnything(t *testing.T) {
	l := fullLadder()
	got, _ := climb(&l, failedDeaf, 10*time.Second, 4)
	if want := []rung{rungReopen, rungUSB, rungCommand, rungReboot}; !slices.Equal(got, want) {
		t.Errorf("climbed %v, want %v", got, want)
	}
}

func TestWhatThereIsNoMeansForIsSkipped(t *testing.T) {
	l := fullLadder()
	l.equipped[rungRadio], l.equipped[rungUSB] = false, false
	got, _ := climb(&l, failedMidway, 10*time.Second, 5)
	if want := []rung{rungReopen, rungReinit, rungReset, rungCommand, rungReboot}; !slices.Equal(got, want) {
		t.Errorf("climbed %v, want %v", got, want)
	}
}

func TestAModemThatIsUnpluggedIsWaitedForAndNotClimbedFor(t *testing.T) {
	l := fullLadder()
	if got, _ := climb(&l, failedElsewhere, time.Second, 1); len(got) > 0 {
		t.Errorf("climbed %v", got)
	}
}

func TestTheLadderStartsAtTheBottomAgainAfterSustainedHealth(t *testing.T) {
	for health, want := range map[time.Duration]rung{healthTime - time.Second: rungReset, healthTime: rungReopen} {
		l := fullLadder()
		_, now := climb(&l, failedMidway, 10*time.Second, 3)
		if got := l.fail(failedMidway, now, now.Add(health)); got != want {
			t.Errorf("after %v of health the rung is %q, want %q", health, got, want)
		}
	}
}

func TestARestartGetsItsTimeBeforeItCountsAsFailed(t *testing.T) {
	l := fullLadder()
	_, now := climb(&l, failedDeaf, time.Second, 2) // up to USB
	if got := l.fail(failedDeaf, time.Time{}, now.Add(l.boot-2*time.Second)); got != rungNone {
		t.Errorf("%q while the modem restarts", got)
	}
	if got := l.fail(failedDeaf, time.Time{}, now.Add(l.boot)); got != rungCommand {
		t.Errorf("%q after it should have restarted, want %q", got, rungCommand)
	}
}

func TestAfterFiveFailuresRecoveryGoesOnEveryFifteenMinutes(t *testing.T) {
	l := fullLadder()
	_, now := climb(&l, failedMidway, 10*time.Second, quickFailures)
	if !l.stuck() {
		t.Error("no person is called for")
	}
	last := now.Add(-10 * time.Second)
	var gaps []time.Duration
	for ; len(gaps) < 6; now = now.Add(10 * time.Second) {
		if l.fail(failedMidway, time.Time{}, now) != rungNone {
			gaps, last = append(gaps, now.Sub(last)), now
		}
	}
	for _, gap := range gaps {
		if gap < slowPace || gap > slowPace+20*time.Second {
			t.Errorf("%v between two rungs, want %v", gap, slowPace)
		}
	}
}

// step is one thing that happens to a ladder.
type step struct {
	after   time.Duration
	failure failure
	drain   bool
	healthy bool
}

var steps = rapid.Custom(func(t *rapid.T) step {
	return step{
		after:   time.Duration(rapid.IntRange(1, 3600).Draw(t, "seconds")) * time.Second,
		failure: failure(rapid.IntRange(0, 2).Draw(t, "failure")),
		drain:   rapid.Bool().Draw(t, "drain"),
		healthy: rapid.IntRange(0, 9).Draw(t, "healthy") == 0,
	}
})

func TestWhateverFailsTheLadderKeepsItsPace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := ladder{boot: time.Minute}
		for r := rungDrain; r < rungCount; r++ {
			l.equipped[r] = rapid.Bool().Draw(t, r.String())
		}
		equipped := l.equipped
		var taken [rungCount][]time.Time
		now, last, incident, reinits := began, time.Time{}, 0, 0
		for _, s := range rapid.SliceOfN(steps, 1, 300).Draw(t, "steps") {
			now = now.Add(s.after)
			answering := time.Time{}
			if s.healthy && s.after >= healthTime {
				answering, incident, reinits = now.Add(-s.after), 0, 0
			}
			r := rungNone
			if s.drain && s.failure == failedMidway {
				if l.drains(answering, now) {
					r = rungDrain
				}
			} else {
				r = l.fail(s.failure, answering, now)
			}
			if r == rungNone {
				continue
			}
			if incident >= quickFailures && r != rungDrain && now.Sub(last) < slowPace {
				t.Fatalf("%s %v after the one before, the %dth of its incident", r, now.Sub(last), incident+1)
			}
			incident++
			last = now
			taken[r] = append(taken[r], now)
			if r == rungReinit {
				reinits++
			}
			switch rule := rungs[r]; {
			case !equipped[r]:
				t.Fatalf("%s, which this modem does not have", r)
			case s.failure == failedElsewhere:
				t.Fatalf("%s for a modem that is waited for", r)
			case rule.told && s.failure == failedDeaf:
				t.Fatalf("%s for a modem that answers nothing", r)
			case reinits > 1:
				t.Fatalf("%d times the factory's settings in one incident", reinits)
			case rule.most > 0 && recent(taken[r], now, rule.per) > rule.most:
				t.Fatalf("%s %d times within %v, limit %d", r, recent(taken[r], now, rule.per), rule.per, rule.most)
			}
		}
	})
}

// recent counts the times less than per before now.
func recent(times []time.Time, now time.Time, per time.Duration) (n int) {
	for _, at := range times {
		if now.Sub(at) < per {
			n++
		}
	}
	return n
}
