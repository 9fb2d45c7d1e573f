package rules

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

var updateReadings = flag.Bool("update-readings", false, "write examples/publishers/readings.txt anew")

// examples/publishers/readings.txt holds, for each file of sensors there, what
// its publisher says, a message a minute: the topic, |, and the payload, which
// after hex: is in hexadecimal. Under a message stand the values that it gave
// each sensor, and what alerts did since the message before.
func TestThePublishersOfTheExamplesAreUnderstood(t *testing.T) {
	const dir = "../examples/publishers"
	file := filepath.Join(dir, "readings.txt")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	var p *publisher
	var played []string
	for line := range strings.Lines(string(want)) {
		line = strings.TrimSuffix(line, "\n")
		switch name, isFile := strings.CutPrefix(line, "== "); {
		case line == "" || strings.HasPrefix(line, " "):
		case isFile:
			p.end(&got)
			played = append(played, name)
			p = newPublisher(t, filepath.Join(dir, name))
			fmt.Fprintf(&got, "== %s\n", name)
		default:
			fmt.Fprintln(&got, line)
			p.say(&got, line)
		}
	}
	p.end(&got)
	checkAllPlayed(t, dir, played)
	if *updateReadings {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// checkAllPlayed complains about a file of sensors without readings.
func checkAllPlayed(t *testing.T, dir string, played []string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.hcl"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if name != "gateway.hcl" && name != "people.hcl" && !slices.Contains(played, name) {
			t.Errorf("%s has no readings", name)
		}
	}
}

// publisher is one file's sensors and alerts, and the time of its life.
type publisher struct {
	t      *testing.T
	engine *Engine
	now    time.Duration
	fired  map[string]bool // by alert
}

func newPublisher(t *testing.T, file string) *publisher {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, diags := hclsyntax.ParseConfig(src, file, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	zone, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Skip("no time zones on this machine:", err)
	}
	set, diags := Load(f.Body.(*hclsyntax.Body).Blocks, nil, zone)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return &publisher{t: t, engine: NewEngine(set), fired: map[string]bool{}}
}

// say plays one message and writes down what came of it.
func (p *publisher) say(w *bytes.Buffer, line string) {
	topic, payload, ok := strings.Cut(line, " | ")
	if !ok {
		p.t.Fatalf("%s: no topic and payload", line)
	}
	message := []byte(payload)
	if digits, binary := strings.CutPrefix(payload, "hex:"); binary {
		var err error
		if message, err = hex.DecodeString(digits); err != nil {
			p.t.Fatal(err)
		}
	}
	p.now += time.Minute
	p.tell(w, p.engine.Observe(Reading{Topic: topic, Payload: message, At: p.now}), topic, message)
}

func (p *publisher) tell(w *bytes.Buffer, d Decision, topic string, message []byte) {
	p.engine.router.Route(topic, func(i int, labels []string) {
		s := &p.engine.sensors[i]
		series := s.series[string(appendKey(nil, labels))]
		if series == nil {
			return
		}
		fmt.Fprintf(w, "    %s:%s%s\n", instanceName(s.Name, named(s.Sensor, labels)), valuesText(s.Sensor, series.values), stampText(s.Sensor, topic, message))
	})
	p.transitions(w, d)
}

func (p *publisher) transitions(w *bytes.Buffer, d Decision) {
	for _, t := range d.Transitions {
		if t.Opens() || t.Resolves() {
			fmt.Fprintf(w, "    %v %s: %s\n", t.To, t.Instance, t.Message)
			p.fired[t.Incident.Alert] = true
		}
	}
}

func named(s *Sensor, labels []string) []Label {
	var out []Label
	for i, name := range s.Pattern.Labels() {
		out = append(out, Label{name, labels[i]})
	}
	return out
}

func valuesText(s *Sensor, values []Value) (out string) {
	for i, v := range values {
		name := s.Fields[i].Name
		if name != "" {
			name += "="
		}
		out += " " + name + written(s.Fields[i].Kind, v)
	}
	return out
}

// stampText is the time that a message says of itself.
func stampText(s *Sensor, topic string, message []byte) string {
	stamp, ok := s.NewDecoder().Decode(topic, message, make([]Value, len(s.Fields)))
	switch {
	case !ok:
		return " (not a reading)"
	case stamp.Time.IsZero():
		return ""
	}
	return " at " + stamp.Time.UTC().Format(time.RFC3339)
}

// end lets two hours pass and complains about alerts that never fired.
func (p *publisher) end(w *bytes.Buffer) {
	if p == nil {
		return
	}
	p.transitions(w, p.engine.Tick(p.now+2*time.Hour))
	fmt.Fprintln(w)
	for _, a := range p.engine.alerts {
		if a.Name != BrokerUnreachable && !p.fired[a.Name] {
			p.t.Errorf("alert %q never fired", a.Name)
		}
	}
}
