package modem

import "time"

// A rung is one means of bringing back a modem that fails. They are ordered
// from the mildest up.
type rung uint8

const (
	rungNone    rung = iota // the line is opened again, as always
	rungDrain               // the open line is brought into step
	rungReopen              // the line is closed, and opened with ESC and AT
	rungReinit              // the factory's settings, and ours on top
	rungRadio               // the radio is switched off and on
	rungReset               // the modem restarts at its own command
	rungUSB                 // the modem is taken off the USB and put back
	rungCommand             // the command of the reset block
	rungReboot              // the host restarts
	rungCount
)

// ladder is the rungs as data.
var rungs = [rungCount]struct {
	name    string        // as [State.Recoveries] has it
	told    bool          // by a command to the modem, which has to answer AT for that
	once    bool          // in an incident
	most    int           // so often within the time of per; 0: no limit
	per     time.Duration // 0 where most is 0
	settles bool          // the modem restarts: until it had time to, it does not count as failing
}{
	rungDrain:   {name: "drain", most: 12, per: time.Hour},
	rungReopen:  {name: "reopen"},
	rungReinit:  {name: "reinit", told: true, once: true, most: 4, per: time.Hour},
	rungRadio:   {name: "radio", told: true, most: 4, per: time.Hour},
	rungReset:   {name: "reset", told: true, most: 3, per: time.Hour, settles: true},
	rungUSB:     {name: "usb", most: 3, per: time.Hour, settles: true},
	rungCommand: {name: "command", most: 2, per: time.Hour, settles: true},
	rungReboot:  {name: "reboot", most: 1, per: 24 * time.Hour, settles: true},
}

func (r rung) String() string { return rungs[r].name }

// The pace of recovery.
const (
	// healthTime is how long a modem has to answer for an incident to be over.
	healthTime = 10 * time.Minute
	// quickFailures is how many failures of one incident are answered at once.
	// After these a person is called for, and recovery goes on at slowPace.
	quickFailures = 5
	slowPace      = 15 * time.Minute
)

// A failure is how a modem failed, as far as it decides what helps.
type failure uint8

const (
	// failedElsewhere: it is unplugged, the port is not ours, or it was told to
	// restart. Nothing done to the modem helps; it is waited for.
	failedElsewhere failure = iota
	// failedDeaf: nothing answers AT, or the driver hangs.
	failedDeaf
	// failedMidway: it answered AT and then not all that it was asked, answered
	// out of step, restarted by itself, or says that it is at fault.
	failedMidway
)

// ladder decides which rung is taken when. It is told the time and does
// nothing by itself.
type ladder struct {
	equipped [rungCount]bool // the rungs that this modem and its configuration have
	boot     time.Duration   // how long the modem takes to restart

	last     rung                   // taken in this incident; rungNone: there is none
	lastAt   time.Time              // when
	failures int                    // of this incident that a rung was taken for
	reinited bool                   // in this incident
	settled  time.Time              // the last restart should be over by then
	taken    [rungCount][]time.Time // when, as far back as the limits look
}

// drains reports whether a line on which one command brought no answer is
// brought into step and kept. That is the first rung of an incident; answering
// is since when the modem has answered.
func (l *ladder) drains(answering, now time.Time) bool {
	l.heal(answering, now)
	if l.last != rungNone || !l.allows(rungDrain, failedMidway, now) {
		return false
	}
	l.take(rungDrain, now)
	return true
}

// fail takes note of a failure and returns the rung that answers it, rungNone
// when none does now. answering is since when the modem had answered, zero if
// it had not.
func (l *ladder) fail(f failure, answering, now time.Time) rung {
	l.heal(answering, now)
	if f == failedElsewhere || now.Before(l.settled) || l.stuck() && now.Sub(l.lastAt) < slowPace {
		return rungNone
	}
	// Above the last one, and from below when there is none above.
	for i := range rungCount {
		r := (l.last + 1 + i) % rungCount
		if r > rungDrain && l.allows(r, f, now) {
			l.take(r, now)
			return r
		}
	}
	return rungNone
}

// heal ends the incident when the modem has answered for long enough.
func (l *ladder) heal(answering, now time.Time) {
	if !answering.IsZero() && now.Sub(answering) >= healthTime {
		l.last, l.failures, l.reinited = rungNone, 0, false
	}
}

// stuck reports whether the incident wants a person.
func (l *ladder) stuck() bool { return l.failures >= quickFailures }

func (l *ladder) allows(r rung, f failure, now time.Time) bool {
	rule := rungs[r]
	if !l.equipped[r] || rule.told && f == failedDeaf || rule.once && l.reinited {
		return false
	}
	recent := 0
	for _, at := range l.taken[r] {
		if now.Sub(at) < rule.per {
			recent++
		}
	}
	return rule.most == 0 || recent < rule.most
}

func (l *ladder) take(r rung, now time.Time) {
	rule := rungs[r]
	l.last, l.lastAt = r, now
	l.failures++
	l.reinited = l.reinited || rule.once
	if rule.settles {
		l.settled = now.Add(l.boot)
	}
	if rule.most > 0 {
		at := append(l.taken[r], now)
		l.taken[r] = at[max(0, len(at)-rule.most):]
	}
}
