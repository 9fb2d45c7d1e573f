package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/agent/rehearsal"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// Failure is an expectation that was not met.
type Failure struct {
	At, Since time.Duration // the time it was about
	Range     hcl.Range     // where it is written
	Wanted    string        // a sentence
	Happened  string        // a sentence or two
	Texts     []rehearsal.Text
}

// judge looks at what was expected of the time since the last expectation.
func (p *player) judge(e *expectation) {
	p.judgeFiring(e.firing)
	for i, f := range flags {
		p.judgeFlag(f.name, f.of, e.flags[i])
	}
	p.judgeSeverity(e.worst)
	p.judgeTold(e.told)
	p.judgeCount(e.sms)
	p.judgeQuiet(e.quiet)
	p.judgePeople(e.smsTo, p.texts, "texted")
	p.judgeCalls(e.calls, e.callTo)
	p.judgeSwitches(e.on, true)
	p.judgeSwitches(e.off, false)
	for _, g := range e.text {
		p.judgeText(g)
	}
	p.since, p.texts = p.now, nil
}

func (p *player) fail(rng hcl.Range, wanted, happened string) {
	p.result.Failures = append(p.result.Failures, Failure{
		At: p.now, Since: p.since, Range: rng, Wanted: wanted, Happened: happened, Texts: p.texts,
	})
}

// judgeFiring compares the alerts that fire now, whatever their labels.
func (p *player) judgeFiring(want *names) {
	if want == nil {
		return
	}
	var fire, extra []string
	for _, i := range p.gateway.Open() {
		fire = append(fire, i.Alert)
		if !slices.Contains(want.all, i.Alert) {
			extra = append(extra, p.standing(i.Instance()))
		}
	}
	for _, alert := range want.all {
		if !slices.Contains(fire, alert) {
			p.fail(want.rng, spoken("alert", alert)+" should fire, and it does not.", p.whyNot(alert))
		}
	}
	if len(extra) > 0 {
		wanted := "Nothing should fire."
		if len(want.all) > 0 {
			wanted = "Nothing else should fire."
		}
		p.fail(want.rng, wanted, strings.Join(extra, " "))
	}
}

// standing says where an instance stands.
func (p *player) standing(instance string) string {
	t := p.moved[instance]
	since := block.FormatDuration(t.At)
	switch t.To {
	case rules.Firing:
		return fmt.Sprintf("%s has been firing since %s.", instance, since)
	case rules.Clearing:
		return fmt.Sprintf("%s has been clear since %s, for less than clear_for.", instance, since)
	case rules.Pending:
		return fmt.Sprintf("%s has been true since %s, for less than for.", instance, since)
	}
	return fmt.Sprintf("%s has been ok since %s.", instance, since)
}

// whyNot says what is known of an alert that does not fire.
func (p *player) whyNot(alert string) string {
	var all []string
	for instance := range p.moved {
		if instance == alert || strings.HasPrefix(instance, alert+"{") {
			all = append(all, p.standing(instance))
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		return "Its condition was never true." + p.unknown()
	}
	return strings.Join(all, " ")
}

// unknown says how many values could not be read, and why, as one more sentence.
func (p *player) unknown() string {
	var reasons []string
	for why, n := range p.gateway.Stats().Unknown {
		if n > 0 && rules.Reason(why) != rules.Known {
			reasons = append(reasons, fmt.Sprintf("%d %s", n, rules.Reason(why)))
		}
	}
	if reasons == nil {
		return ""
	}
	return fmt.Sprintf(" Of the values that sensors read, some are unknown: %s.", strings.Join(reasons, ", "))
}

func (p *player) judgeCount(want *number) {
	if want != nil && want.n != len(p.texts) {
		p.fail(want.rng, howMany(want.n)+" expected.", p.countTexts())
	}
}

func howMany(n int) string {
	switch n {
	case 0:
		return "No text was"
	case 1:
		return "1 text was"
	}
	return fmt.Sprintf("%d texts were", n)
}

func howManyRing(n int) string {
	switch n {
	case 0:
		return "No text that rings was"
	case 1:
		return "1 text that rings was"
	}
	return fmt.Sprintf("%d texts that ring were", n)
}

func (p *player) countTexts() string {
	since := ""
	if p.since > 0 {
		since = " since " + block.FormatDuration(p.since)
	}
	switch n := len(p.texts); n {
	case 0:
		return fmt.Sprintf("There was none%s.", since)
	case 1:
		return fmt.Sprintf("There was 1%s:", since)
	default:
		return fmt.Sprintf("There were %d%s:", n, since)
	}
}

func (p *player) judgeQuiet(want *flag) {
	switch {
	case want == nil || want.set == (len(p.texts) == 0):
	case want.set:
		p.fail(want.rng, "Nobody should be texted.", p.countTexts())
	default:
		p.fail(want.rng, "Somebody should be texted.", p.countTexts())
	}
}

// judgeCalls compares how often phones rang, and whose.
func (p *player) judgeCalls(want *number, whose *names) {
	calls := slices.DeleteFunc(slices.Clone(p.texts), func(t rehearsal.Text) bool { return !t.Call })
	if want != nil && want.n != len(calls) {
		p.fail(want.rng, howManyRing(want.n)+" expected.", p.countTexts())
	}
	p.judgePeople(whose, calls, "rung")
}

// judgePeople compares to whom texts went, however often: who was texted.
func (p *player) judgePeople(want *names, texts []rehearsal.Text, was string) {
	if want == nil {
		return
	}
	texted := map[string]bool{}
	var extra []string
	for _, t := range texts {
		if !texted[t.Contact] && !slices.Contains(want.all, t.Contact) {
			extra = append(extra, spoken("contact", t.Contact))
		}
		texted[t.Contact] = true
	}
	var missing []string
	for _, name := range want.all {
		if !texted[name] {
			missing = append(missing, spoken("contact", name))
		}
	}
	if len(missing) > 0 {
		p.fail(want.rng, strings.Join(missing, " and ")+" should be "+was+", and was not.", p.countTexts())
	}
	if len(extra) > 0 {
		p.fail(want.rng, strings.Join(extra, " and ")+" should not be "+was+", and was.", p.countTexts())
	}
}

// judgeSwitches looks how switches stand.
func (p *player) judgeSwitches(want *names, on bool) {
	if want == nil {
		return
	}
	for _, s := range p.gateway.Switches() {
		if slices.Contains(want.all, s.Name) && s.On != on {
			p.fail(want.rng, fmt.Sprintf("%s should be %s, and it is not.", spoken("switch", s.Name), onOff(on)), p.turned(s))
		}
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// turned says since when a switch has been as it is.
func (p *player) turned(s rules.SwitchState) string {
	if !s.Set {
		return "Nothing has set it: this is its default."
	}
	return fmt.Sprintf("It has been %s since %s.", onOff(s.On), block.FormatDuration(s.Since))
}

// judgeText looks for a text: the whole of it, with or without the site before it,
// or the message of an alert that it tells of.
func (p *player) judgeText(want glob) {
	for _, t := range p.texts {
		if want.matches(t.Body) || want.matches(strings.TrimPrefix(t.Body, p.site+": ")) || slices.ContainsFunc(t.Messages, want.matches) {
			return
		}
	}
	p.fail(want.rng, fmt.Sprintf("A text that reads %q was expected.", want.pattern), p.countTexts())
}
