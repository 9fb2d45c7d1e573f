package scenario

import (
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/rehearsal"
	"github.com/tocsin-edge/tocsin/rules"
)

// Result is what became of a test.
type Result struct {
	Test     *Test
	Took     time.Duration // of virtual time
	Failures []Failure
	Timeline []Event
}

// Event is something that happened. Exactly one of its members besides At is set.
type Event struct {
	At         time.Duration
	Step       string            // what the test did
	Transition *rules.Transition // its time is that of the test
	Text       *rehearsal.Text   // that the network has taken
	Failed     *rehearsal.Text   // that it has refused, or that had waited for too long
	Recalled   *rehearsal.Text   // that was taken back while it waited
	Reply      *rehearsal.Reply
}

// Play plays a test on a gateway with the configuration c.
func Play(c *config.Config, t *Test) Result {
	p := &player{site: c.Site.Name, contacts: c.People.Contacts, start: t.start, moved: map[string]rules.Transition{}}
	p.gateway = rehearsal.New(rehearsal.Options{
		Rules:      c.Rules,
		People:     c.People,
		Heartbeats: c.Heartbeats,
		Brokers:    brokerNames(c),
		Start:      t.start.In(c.Site.Zone),
		Moved:      p.transition,
		Sent:       p.text,
		Failed:     func(t rehearsal.Text) { p.happened(Event{At: t.Sent, Failed: &t}) },
		Recalled:   func(t rehearsal.Text) { p.happened(Event{At: t.Sent, Recalled: &t}) },
		Heard:      func(r rehearsal.Reply) { p.happened(Event{At: r.At, Reply: &r}) },
	})
	p.result.Test = t
	for _, m := range t.moments {
		p.moment(m)
	}
	p.until(never)
	p.gateway.Pass(p.now)
	return p.result
}

func brokerNames(c *config.Config) []string {
	var all []string
	for _, b := range c.Brokers {
		all = append(all, b.Name)
	}
	return all
}

// never is a time that does not come.
const never = time.Duration(1<<63 - 1)

// A player plays one test.
type player struct {
	gateway  *rehearsal.Gateway
	site     string
	contacts []*notify.Contact
	start    time.Time // the true time when the test began
	streams  []stream
	now      time.Duration
	result   Result
	moved    map[string]rules.Transition // the last one of each instance
	since    time.Duration               // the last expectation was looked at
	texts    []rehearsal.Text            // since then
}

// A stream is a publication that is under way.
type stream struct {
	*publication
	next time.Duration // when it goes on
	run  int
	done int // of the run
}

// moment plays one moment.
func (p *player) moment(m moment) {
	p.until(m.at)
	for _, s := range m.steps {
		if s.what != "" {
			p.note(m.at, s.what)
		}
		s.do(p, m.at)
		p.until(m.at) // the first message of what was begun
	}
	p.gateway.Pass(m.at)
	if m.expect != nil {
		p.judge(m.expect)
	}
}

// until publishes what is due by at, in order, and of what is due together the
// publication that began first.
func (p *player) until(at time.Duration) {
	for {
		first := -1
		for i := range p.streams {
			if s := p.streams[i]; s.next <= at && (first < 0 || s.next < p.streams[first].next) {
				first = i
			}
		}
		if first < 0 {
			break
		}
		p.publish(first)
	}
	if at != never {
		p.at(at)
	}
}

// publish publishes the next message of a stream.
func (p *player) publish(i int) {
	s := &p.streams[i]
	p.at(s.next)
	if r := s.runs[s.run]; !r.silent {
		m := s.message
		m.Payload = r.payload.at(p.start.Add(s.next))
		p.gateway.Publish(s.next, m)
	}
	s.next += s.every
	if s.done++; s.done == s.runs[s.run].count {
		s.run, s.done = s.run+1, 0
	}
	if s.run == len(s.runs) {
		p.streams = slices.Delete(p.streams, i, i+1)
	}
}

// at notes how far the test has come.
func (p *player) at(at time.Duration) {
	p.now = max(p.now, at)
	p.result.Took = p.now
}

// begin begins a publication.
func (p *player) begin(b *publication, at time.Duration) {
	if len(b.runs) > 0 {
		p.streams = append(p.streams, stream{publication: b, next: at})
	}
}

func (p *player) note(at time.Duration, what string) { p.happened(Event{At: at, Step: what}) }

func (p *player) transition(t rules.Transition) {
	if t.From != t.To {
		p.moved[t.Instance] = t
	}
	p.happened(Event{At: t.At, Transition: &t})
}

func (p *player) text(t rehearsal.Text) {
	p.texts = append(p.texts, t)
	p.happened(Event{At: t.Sent, Text: &t})
}

func (p *player) happened(e Event) { p.result.Timeline = append(p.result.Timeline, e) }
