package dispatch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/command"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// mute keeps incidents from being told: those of the numbers, or else those that
// the contact was told of, or everything.
func (v *conversation) mute(cmd command.Command) (did string) {
	if cmd.For > notify.SilenceMax {
		longest := phrase.Duration(notify.SilenceMax)
		return "nothing: longer than " + longest + v.decline(v.Say("mute_longest", "longest", longest))
	}
	if cmd.All && !cmd.UntilClear {
		return v.silence(cmd, []notify.Silence{{}}, []string{v.Say("mute_everything")}, "everything")
	}
	meant, missing := v.mutable(cmd)
	switch {
	case len(missing) > 0:
		return v.isOver(missing[0])
	case len(meant) == 0:
		return "nothing: nothing to mute" + v.decline(v.Say("mute_nothing"))
	}
	if len(meant) > muteEachMax {
		silence, what := silenceOfAll(meant, cmd.UntilClear)
		return v.silence(cmd, []notify.Silence{silence}, what, strings.Join(what, ", "))
	}
	var silences []notify.Silence
	for _, i := range meant {
		silences = append(silences, silenceOf(i, cmd.UntilClear))
	}
	return v.silence(cmd, silences, items(meant), Names(meant))
}

// muteEachMax incidents are kept quiet one by one. Of more, their alerts are: a
// silence each would use up all that there may be.
const muteEachMax = 12

// silenceOfAll keeps the alerts of incidents quiet, and names them.
func silenceOfAll(all []rules.Incident, untilClear bool) (s notify.Silence, names []string) {
	for _, i := range all {
		if !slices.Contains(s.Match.Alerts, i.Alert) {
			s.Match.Alerts = append(s.Match.Alerts, i.Alert)
			names = append(names, block.Spoken(i.Alert))
		}
	}
	s.UntilClear = untilClear
	return s, names
}

// silence begins silences and says until when they last.
func (v *conversation) silence(cmd command.Command, all []notify.Silence, what []string, journal string) (did string) {
	var until time.Duration
	for _, s := range all {
		s.By = v.with.Name
		if !cmd.UntilClear {
			s.Until = v.now.At + cmp.Or(cmd.For, notify.SilenceDefault)
		}
		begun, err := v.d.Silence(s, v.now)
		if err != nil {
			return fmt.Sprintf("nothing: %s is not muted: %v", journal, err) + v.decline(v.Say("mute_full"))
		}
		until = begun.Until
	}
	end, known := clock(until, v.now)
	lasts := phrase.Duration(until - v.now.At)
	switch {
	case cmd.UntilClear:
		v.answer(v.list("muted_clear", what))
		return "muted until it is clear: " + journal
	case known:
		v.answer(v.list("muted_until", what, "until", end))
	default:
		v.answer(v.list("muted_for", what, "for", lasts))
	}
	return fmt.Sprintf("muted for %s: %s", lasts, journal)
}

// mutable are the open incidents that a MUTE is about. It takes what the contact
// can know of, as an acknowledgement does.
func (v *conversation) mutable(cmd command.Command) (meant []rules.Incident, missing []int) {
	switch {
	case len(cmd.Numbers) > 0:
		return numbered(v.known(), cmd.Numbers)
	case cmd.All:
		return v.known(), nil
	}
	return v.told(), nil
}

// silenceOf keeps an incident quiet: itself until it is clear, otherwise its
// instance, lest one that comes and goes is told anew each time.
func silenceOf(i rules.Incident, untilClear bool) notify.Silence {
	if untilClear {
		return notify.Silence{Incident: i.ID, UntilClear: true}
	}
	return notify.Silence{Match: notify.MatchInstance(i.Alert, i.Labels)}
}

// unmute ends the silences that people made: those that keep the incidents of the
// numbers quiet, or else all.
func (v *conversation) unmute(cmd command.Command) (did string) {
	meant, missing := numbered(v.known(), cmd.Numbers)
	if len(missing) > 0 {
		return v.isOver(missing[0])
	}
	ended := v.d.Unsilence(func(s notify.Silence) bool {
		return s.Window == "" && (len(meant) == 0 || slices.ContainsFunc(meant, func(i rules.Incident) bool { return s.About(i) }))
	}, v.now)
	if ended == 0 {
		return "nothing: nothing was muted" + v.decline(v.Say("unmuted_nothing"))
	}
	v.answer(v.Say("unmuted"))
	return fmt.Sprintf("ended silences: %d", ended)
}
