// Package backtest plays what sensors said in the past through a configuration,
// in virtual time, and counts whom it would have texted.
//
// History comes as CSV, of which columns are turned into messages, or as JSON
// lines of time, topic and payload. It is read as a stream: however long it is,
// a line at a time is in memory. Rows that cannot be used are counted and told
// with their cause; they end nothing.
package backtest

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/rehearsal"
)

// Options is how to play.
type Options struct {
	Config *config.Config
	Other  *config.Config // played beside it for comparison; nil for none

	Time  string         // the column or member that holds the time; "" for the usual names
	Zone  *time.Location // of times without a zone; nil for that of the site
	Maps  []Map          // of CSV columns
	Topic string         // of whole CSV rows; "" for none
}

// File is one history.
type File struct {
	Name string
	io.Reader
}

// Played is one file as it was played.
type Played struct {
	Name       string
	Rows       int // that hold data
	Readings   int // messages made of them
	Bad        int // rows that cannot be understood
	OutOfOrder int // rows that go back in time; like bad ones they are left out

	// FirstBad and FirstOutOfOrder tell the first of each, with its line.
	FirstBad, FirstOutOfOrder string
}

// Report is what came of it.
type Report struct {
	Files     []Played
	From, To  time.Time // of the first reading and of the last
	Readings  int
	Unmatched int // of them, on topics that no sensor reads
	Unknown   map[string]int
	Outcome   *Outcome
	Other     *Outcome // nil when there was nothing to compare with
}

// Play plays the files, merged by time. It fails when a file cannot be read or
// played at all.
func Play(o Options, files []File) (*Report, error) {
	if o.Zone == nil {
		o.Zone = o.Config.Site.Zone
	}
	sources, err := open(o, files)
	if err != nil {
		return nil, err
	}
	p := &player{configs: []*config.Config{o.Config}, report: &Report{Unknown: map[string]int{}}}
	if o.Other != nil {
		p.configs = append(p.configs, o.Other)
	}
	if err := p.merge(sources); err != nil {
		return nil, err
	}
	return p.end(o, sources)
}

// A stage is one configuration in play.
type stage struct {
	gateway *rehearsal.Gateway
	tally   *tally
}

// newStage is one whose clock is right from its beginning, at origin.
func newStage(c *config.Config, origin int64) stage {
	t := newTally(c)
	t.origin = origin
	return stage{tally: t, gateway: rehearsal.New(rehearsal.Options{
		Rules:  c.Rules,
		People: c.People,
		Start:  time.Unix(0, origin).In(c.Site.Zone),
		Moved:  t.moved,
		Sent:   t.sent,
	})}
}

// A player plays readings on every stage. Nanoseconds are since 1970.
type player struct {
	configs []*config.Config
	stages  []stage // of each, once it began
	report  *Report
	began   bool
	origin  int64 // of the first reading, in nanoseconds
	now     int64
}

// merge plays the sources' rows in the order of their times; of equal times
// those of the file named first come first.
func (p *player) merge(sources []*source) error {
	var live []*source
	for _, s := range sources {
		if s.advance() {
			live = append(live, s)
		}
	}
	for len(live) > 0 {
		first, limit := earliest(live)
		s := live[first]
		more := true
		for more && s.at <= limit {
			p.play(s)
			more = s.advance()
		}
		if !more {
			live = append(live[:first], live[first+1:]...)
		}
	}
	for _, s := range sources {
		if s.err != nil {
			return fmt.Errorf("%s: %w", s.played.Name, s.err)
		}
	}
	return nil
}

// earliest finds the source whose row comes first, and up to when it may go on
// before another has its turn.
func earliest(live []*source) (first int, limit int64) {
	for i, s := range live {
		if s.at < live[first].at {
			first = i
		}
	}
	limit = maxTime
	for i, s := range live {
		switch {
		case i < first: // it comes first at the same time
			limit = min(limit, s.at-1)
		case i > first:
			limit = min(limit, s.at)
		}
	}
	return first, limit
}

// play plays one row, unless it goes back in time.
func (p *player) play(s *source) {
	if !p.began {
		p.begin(s.at)
	}
	if s.at < p.now {
		s.backward(p.now)
		return
	}
	p.now = s.at
	at := time.Duration(s.at - p.origin)
	for i := range s.messages {
		m := &s.messages[i]
		for _, stage := range p.stages {
			stage.gateway.Publish(at, *m)
		}
	}
	s.played.Readings += len(s.messages)
}

func (p *player) begin(at int64) {
	p.began, p.origin, p.now = true, at, at
	for _, c := range p.configs {
		p.stages = append(p.stages, newStage(c, at))
	}
}

// errNothing is wrapped with what the reason may be.
var errNothing = errors.New("there is not one reading in it")

// end lets everything happen that is due by the last reading, and adds up.
func (p *player) end(o Options, sources []*source) (*Report, error) {
	r := p.report
	for _, s := range sources {
		r.Files = append(r.Files, s.played)
		r.Readings += s.played.Readings
		if s.played.Readings == 0 && s.played.FirstBad != "" {
			return nil, fmt.Errorf("%s: %w; %s", s.played.Name, errNothing, s.played.FirstBad)
		}
	}
	if !p.began || r.Readings == 0 {
		return nil, fmt.Errorf("%s: %w", r.Files[0].Name, errNothing)
	}
	r.From, r.To = time.Unix(0, p.origin).In(o.Config.Site.Zone), time.Unix(0, p.now).In(o.Config.Site.Zone)
	for _, stage := range p.stages {
		stage.gateway.Pass(time.Duration(p.now - p.origin))
	}
	stats := p.stages[0].gateway.Stats()
	r.Unmatched = int(stats.Unmatched)
	for why, n := range unknowns(stats) {
		r.Unknown[why] = n
	}
	r.Outcome = p.stages[0].tally.outcome(r.To)
	if o.Other != nil {
		r.Other = p.stages[1].tally.outcome(r.To)
	}
	return r, nil
}
