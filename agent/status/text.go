package status

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/modem"
)

// WriteText writes the snapshot for a person at a terminal: what is wrong first.
func WriteText(w io.Writer, s Snapshot) error {
	var b strings.Builder
	s.head(&b)
	for _, p := range s.Problems {
		fmt.Fprintf(&b, "\nPROBLEM  %s\n         %s\n", p.Cause, p.Remedy)
	}
	for _, i := range s.Firing {
		fmt.Fprintf(&b, "\nFIRING   %s (%s) for %s\n         %s\n", i.Instance, i.Severity, rounded(i.For), i.Message)
	}
	for _, t := range s.Waiting {
		fmt.Fprintf(&b, "\nWAITING  text %d to %s (%s), %s old: %s\n", t.ID, t.Contact, t.To, rounded(t.Age), t.Subject)
		if t.Cause != "" {
			fmt.Fprintf(&b, "         %s\n", t.Cause)
		}
	}
	s.parts(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (s Snapshot) head(b *strings.Builder) {
	verdict := "all is well"
	if n := len(s.Problems); n == 1 {
		verdict = "1 problem"
	} else if n > 1 {
		verdict = fmt.Sprintf("%d problems", n)
	}
	if s.Site != "" {
		fmt.Fprintf(b, "%s: ", s.Site)
	}
	fmt.Fprintf(b, "%s. tocsin %s, process %d, up %s.\n", verdict, s.Version, s.PID, rounded(time.Since(s.Since)))
}

func (s Snapshot) parts(b *strings.Builder) {
	b.WriteByte('\n')
	for _, broker := range s.Brokers {
		state := "not connected"
		if broker.Connected {
			state = "connected"
		}
		fmt.Fprintf(b, "broker   %s: %s, %d messages, %d too large\n", broker.Name, state, broker.Received, broker.Oversize)
	}
	fmt.Fprintf(b, "rules    %d readings of %d series, %d on no sensor's topic\n", s.Rules.Readings, s.Rules.Series, s.Rules.Unmatched)
	if len(s.Rules.Unknown) > 0 {
		fmt.Fprintf(b, "         values that could not be used: %s\n", tally(s.Rules.Unknown))
	}
	fmt.Fprintf(b, "store    %d texts wait, %s on disk\n", s.Store.Texts, size(s.Store.Bytes))
	fmt.Fprintf(b, "modem    %s\n", modemWords(s.Modem))
	fmt.Fprintf(b, "texts    %d accepted by the network since the start\n", s.Sent)
}

// modemWords says in a line what the modem is and does.
func modemWords(m modem.State) string {
	words := []string{m.Phase}
	for _, w := range []string{strings.TrimSpace(m.Maker + " " + m.Model), m.Port, m.Operator} {
		if w != "" {
			words = append(words, w)
		}
	}
	if m.SignalDBm != 0 {
		words = append(words, fmt.Sprintf("%d dBm", m.SignalDBm))
	}
	return strings.Join(words, ", ")
}

// tally lists counts by name: 3 null, 1 out_of_range.
func tally(counts map[string]uint64) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%d %s", counts[name], name))
	}
	return strings.Join(out, ", ")
}

func size(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}

func rounded(d time.Duration) time.Duration {
	if d < time.Minute {
		return d.Round(time.Second)
	}
	return d.Round(time.Minute)
}
