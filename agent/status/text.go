package status

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/modem"
)

// listedMax bounds each list of alerts and texts: a person who asks how it is
// has not asked for ten thousand lines.
const listedMax = 20

// WriteText writes the snapshot for a person at a terminal: what is wrong
// first, in lines of 80 columns where words allow.
func WriteText(w io.Writer, s Snapshot) error {
	var p page
	s.head(&p)
	for _, problem := range s.Problems {
		p.section("PROBLEM", problem.Cause)
		p.more(problem.Remedy)
	}
	for _, i := range s.Firing[:min(len(s.Firing), listedMax)] {
		p.section("FIRING", i.title())
		p.more(i.Message)
		p.more(i.flags())
	}
	p.omitted(len(s.Firing), "alerts fire")
	for _, t := range s.Waiting[:min(len(s.Waiting), listedMax)] {
		p.section("WAITING", t.words())
		p.more(t.next())
	}
	p.omitted(len(s.Waiting), "texts wait")
	s.parts(&p)
	_, err := io.WriteString(w, p.String())
	return err
}

func (s Snapshot) head(p *page) {
	verdict := "all is well"
	if n := len(s.Problems); n > 0 {
		verdict = count(n, "problem")
	}
	if s.Site != "" {
		verdict = s.Site + ": " + verdict
	}
	p.line("", fmt.Sprintf("%s. tocsin %s, process %d, up %s.", verdict, s.Version, s.PID, lasting(s.Up)))
}

func (s Snapshot) parts(p *page) {
	p.WriteByte('\n')
	for _, b := range s.Brokers {
		p.line("mqtt", list(b.Name+": "+b.words(), count(b.Received, "message"), some(b.Oversize, "too large")))
	}
	if e := s.Embedded; e != nil && e.Listening {
		p.line("broker", list("listens", count(e.Connections, "client"),
			some(e.Rejected, "turned away"), some(e.Dropped, "of its messages dropped")))
	}
	p.line("rules", list(count(s.Rules.Readings, "reading")+" from "+count(s.Rules.Series, "source"),
		some(s.Rules.Unmatched, "messages for no sensor")))
	p.more(tally("values that could not be used: ", s.Rules.Unknown))
	p.switches(s.Switches)
	p.silences(s.Silences)
	p.people(s.People)
	p.line("store", list(count(s.Store.Texts, "text")+" waiting", size(s.Store.Bytes)+" on disk"))
	for _, m := range s.Modems {
		p.line("modem", s.modemWords(m))
		p.more(list(signalWords(m), proof(m, s.Since.Add(s.Up))))
		p.more(tally("recoveries: ", m.Recoveries))
		for _, c := range m.Cautions {
			p.more(c.Cause + ": " + c.Remedy)
		}
	}
	p.line("texts", list(fmt.Sprintf("%d accepted by the network since the start", s.Sent),
		some(s.Store.Expired, "grew too old"), some(s.Store.Dropped, "given up")))
	p.more(list(some(s.Store.Delivered, "delivery reports"), some(s.Store.Undelivered, "reports of failure"),
		some(uint64(len(s.Received)), "texts received lately")))
}

func (b Broker) words() string {
	if b.Connected {
		return "connected"
	}
	return "not connected"
}

// modemWords says in a line what the modem is and does, and which of several
// it is.
func (s Snapshot) modemWords(m modem.State) string {
	name, signal := "", ""
	if len(s.Modems) > 1 {
		name = m.Name + ": "
	}
	if m.SignalDBm != 0 {
		signal = fmt.Sprintf("%d dBm", m.SignalDBm)
	}
	return name + list(m.Phase, strings.TrimSpace(m.Maker+" "+m.Model), m.Port, m.Operator, m.Technology, signal)
}

func signalWords(m modem.State) string {
	if m.Signal == "" {
		return ""
	}
	return m.Signal + " signal"
}

// proof says what speaks for the modem being able to send: only an accepted
// text does.
func proof(m modem.State, now time.Time) string {
	last := "no text accepted yet"
	if !m.LastAccepted.IsZero() {
		last = "last text accepted"
		if ago := now.Sub(m.LastAccepted); ago >= 0 { // else a clock was set
			last += " " + lasting(ago) + " ago"
		}
	}
	switch {
	case m.CanSend == modem.CanSendUnproven && m.LastAccepted.IsZero():
		return last + ", so it is not proven that this modem can send"
	case m.CanSend == modem.CanSendUnproven:
		return last + "; several since were not, so it is doubtful that this modem can send"
	}
	return last
}

// list joins what there is to say.
func list(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ", ")
}

type number interface{ ~int | ~uint64 }

// count says 1 reading, 2 readings.
func count[N number](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// some is for what is not worth mentioning when there is none of it.
func some(n uint64, what string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", n, what)
}

// tally lists counts by name, the most frequent first: 3 null, 1 out_of_range.
func tally(title string, counts map[string]uint64) string {
	if len(counts) == 0 {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", counts[name], name)
	}
	return title + strings.Join(names, ", ")
}

func size(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}

// lasting says a duration in its two largest units: 42s, 12m, 3h5m, 2d4h.
func lasting(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < day:
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour)
}
