// Package scenario reads *.test.hcl files and plays what they tell on a gateway
// in virtual time.
//
// A test is a list of moments. At each, things happen in the order they are
// written; what is expected is looked at once everything at that moment has
// settled, timers included, and is about the time since the expectation before
// it.
package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

const (
	// atMax bounds how far into a test a moment can be.
	atMax = 10 * 366 * 24 * time.Hour
	// messagesMax bounds what one test publishes; playing as much takes seconds.
	messagesMax = 10_000_000
)

// The bounds of when a test can begin.
var (
	startMin = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	startMax = time.Date(2100, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// Test is one `test` block.
type Test struct {
	Name     string
	Range    hcl.Range // of the block's header
	start    time.Time // the true time when it begins
	moments  []moment
	messages int // and silences, that are published
}

// A moment is one `at` block.
type moment struct {
	at     time.Duration
	steps  []step
	expect *expectation // nil for none
}

// A step is one thing that happens.
type step struct {
	what string // in the words of a timeline
	do   func(p *player, at time.Duration)
}

// Load reads the tests of dir, which is that of the configuration c. They are fit
// to be played only when there are no errors.
func Load(dir string, c *config.Config) ([]*Test, config.Sources, hcl.Diagnostics) {
	l := &loader{config: c, router: rules.NewRouter(c.Rules.Sensors)}
	sources, diags := config.Scenarios(dir, l.read)
	return l.tests, sources, diags
}

type loader struct {
	config *config.Config
	router *rules.Router
	tests  []*Test

	messages int // of the test that is being read
}

// read reads one test block.
func (l *loader) read(b *hclsyntax.Block) hcl.Diagnostics {
	r := block.Open(b, nil)
	t := &Test{Name: strings.TrimSpace(r.Label()), Range: r.Header()}
	l.messages = 0
	l.checkName(r, t, len(b.Labels))
	t.start = l.start(r)
	for _, at := range r.Named("at") {
		t.moments = append(t.moments, l.moment(at, t.moments))
	}
	expects := func(m moment) bool { return m.expect != nil }
	if !slices.ContainsFunc(t.moments, expects) {
		r.Add(block.Mistake(r.Header(), "Nothing expected", `A test that expects nothing proves nothing. Write at "1m" { expect { sms = 1 } }.`))
	}
	if t.messages = l.messages; t.messages > messagesMax {
		r.Add(block.Mistake(r.Header(), "Test too long", fmt.Sprintf("This test publishes more than %d messages. Divide it.", messagesMax)))
	}
	l.tests = append(l.tests, t)
	return r.Close()
}

func (l *loader) checkName(r *block.Reader, t *Test, labels int) {
	if labels != 1 || t.Name == "" {
		r.Add(block.Mistake(r.Header(), "Invalid name", `A test has one name, which says what it proves. Write test "an open freezer texts once" { … }.`))
		return
	}
	for _, other := range l.tests {
		if other.Name == t.Name {
			r.Add(block.Mistake(r.Header(), "Duplicate name", fmt.Sprintf(
				"test %q already exists, on %s line %d. Give one of them another name.", t.Name, other.Range.Filename, other.Range.Start.Line)))
		}
	}
}

// noon is the true time when a test begins that does not say.
var noon = time.Date(2026, time.January, 5, 12, 0, 0, 0, time.UTC)

// start reads when the test begins: a time with its zone, or that of the site's
// clocks.
func (l *loader) start(r *block.Reader) time.Time {
	text, ok := r.Text("start")
	if !ok {
		return noon
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04"} {
		t, err := time.ParseInLocation(layout, text, l.config.Site.Zone)
		if err == nil && !t.Before(startMin) && t.Before(startMax) {
			return t
		}
	}
	r.Add(block.Mistake(r.Range("start"), "Invalid time", fmt.Sprintf(
		`%q is not a time from 2000 to 2099. Write date and time at the site, such as "2026-01-05 22:30", or with a zone, such as "2026-01-05T22:30:00Z".`, text)))
	return noon
}

// moment reads one at block.
func (l *loader) moment(r *block.Reader, before []moment) moment {
	m := moment{at: l.time(r, before), steps: l.steps(r)}
	if e := r.Block("expect"); e != nil {
		m.expect = l.expectation(e)
	}
	return m
}

// time reads when a moment is, which is after those before it. Of what is wrong
// with it, one thing is said.
func (l *loader) time(r *block.Reader, before []moment) time.Duration {
	var last time.Duration
	if len(before) > 0 {
		last = before[len(before)-1].at
	}
	at, err := block.ParseDuration(r.Label())
	switch {
	case r.Label() == "":
		return last // said by who found no label
	case err != nil:
		r.Add(block.Mistake(r.Header(), "Invalid time", "A moment is the time since the test began, and "+err.Error()+"."))
		return last
	case at > atMax:
		r.Add(block.Mistake(r.Header(), "Invalid time", fmt.Sprintf("%s is more than ten years into the test. Write an earlier moment.", r.Label())))
		return last
	case len(before) > 0 && at < last:
		r.Add(block.Mistake(r.Header(), "Moments out of order", fmt.Sprintf(
			"This moment comes before at %q, which is written above it. Put them in the order in which they happen.", block.FormatDuration(last))))
	case len(before) > 0 && at == last:
		r.Add(block.Mistake(r.Header(), "Duplicate moment", fmt.Sprintf(
			"There is an at %q already, just above. Put what happens at one moment into one block.", block.FormatDuration(last))))
	}
	return max(at, last)
}
