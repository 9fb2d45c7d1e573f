package learn

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/rules"
)

var update = flag.Bool("update", false, "write what is proposed into the files that compare it")

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// Each file of testdata holds messages, a line each: when, the topic, R if it was
// retained, and behind | the payload, in which {now} is the time of the message
// and {n} counts. x20@30s before the topic repeats the message so often and at
// that distance.
func TestWhatIsProposedForEachPublisher(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { compare(t, name) })
	}
}

func compare(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	l := New()
	for line := range strings.Lines(string(a.Files[0].Data)) {
		hearLine(t, l, line)
	}
	got := l.Write().HCL
	checkLoads(t, got)
	if *update {
		a.Files[1].Data = got
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(a.Files[1].Data), string(got)); diff != "" {
		t.Errorf("proposed (-want +got):\n%s", diff)
	}
}

// hearLine hears a line: 10s x20@30s home/freezer | -18.5
func hearLine(t *testing.T, l *Learner, line string) {
	t.Helper()
	head, payload, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "| ")
	if !ok {
		t.Fatalf("line %q has no payload", line)
	}
	when, topic, _ := strings.Cut(head, " ")
	first, err := time.ParseDuration(when)
	if err != nil {
		t.Fatal(err)
	}
	times, every := 1, "0s"
	if rest, ok := strings.CutPrefix(topic, "x"); ok {
		var repeat string
		repeat, topic, _ = strings.Cut(rest, " ")
		if _, err := fmt.Sscanf(strings.Replace(repeat, "@", " ", 1), "%d %s", &times, &every); err != nil {
			t.Fatal(err)
		}
	}
	distance, err := time.ParseDuration(every)
	if err != nil {
		t.Fatal(err)
	}
	topic, retained := strings.CutSuffix(strings.TrimSpace(topic), " R")
	for i := range times {
		at := noon.Add(first + time.Duration(i)*distance)
		said := strings.ReplaceAll(payload, "{now}", at.Format(time.RFC3339))
		said = strings.ReplaceAll(said, "{n}", fmt.Sprint(i))
		l.Hear(Message{Topic: strings.TrimSpace(topic), Payload: []byte(said), Retained: retained, At: at})
	}
}

// checkLoads checks that a proposal is canonical and loads without error or
// warning.
func checkLoads(t *testing.T, src []byte) {
	t.Helper()
	formatted, _, diags := config.Format(src, "learned.hcl")
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, src)
	}
	if string(formatted) != string(src) {
		t.Errorf("not in canonical form:\n%s", src)
	}
	parsed, parseDiags := hclsyntax.ParseConfig(src, "learned.hcl", hcl.InitialPos)
	if parseDiags.HasErrors() {
		t.Fatalf("%v\n%s", parseDiags, src)
	}
	if _, diags := rules.Load(parsed.Body.(*hclsyntax.Body).Blocks, nil, time.UTC); len(diags) > 0 {
		t.Errorf("%v\n%s", diags, src)
	}
}

func TestTheSameMessagesInAnyOrderOfTopicsGiveTheSameText(t *testing.T) {
	messages := []string{
		"0s a/kitchen/temperature | 20", "0s a/bath/temperature | 21", "0s b/1/door | ON", `0s c/x | {"p":1,"q":"w"}`, `0s c/y | {"p":2,"q":"v"}`,
	}
	hear := func(order ...int) string {
		l := New()
		for _, i := range order {
			hearLine(t, l, messages[i])
		}
		return string(l.Write().HCL)
	}
	if diff := cmp.Diff(hear(0, 1, 2, 3, 4), hear(4, 2, 3, 1, 0)); diff != "" {
		t.Error(diff)
	}
}

func TestMemoryHasBoundsAndReachingThemIsSaid(t *testing.T) {
	l := New()
	for i := range unitsMax + 100 {
		l.Hear(Message{Topic: fmt.Sprintf("a/%d/temperature", i), Payload: []byte("1"), At: noon})
	}
	if len(l.units) != unitsMax {
		t.Errorf("%d units, want %d", len(l.units), unitsMax)
	}
	if got := string(l.Write().HCL); !strings.Contains(got, "100 messages on") {
		t.Errorf("what was left out is not said:\n%s", got)
	}
}

func TestMessagesOfManyKindsOnOneTopicAreBounded(t *testing.T) {
	l := New()
	for i := range 10 * kindsMax {
		l.Hear(Message{Topic: "events", Payload: fmt.Appendf(nil, `{"type":"k%d","f%d":1}`, i, i), At: noon})
	}
	if len(l.units) > kindsMax+1 {
		t.Errorf("%d units, want at most %d", len(l.units), kindsMax+1)
	}
	checkLoads(t, l.Write().HCL)
}

func TestFieldsOfAWidePayloadAreBounded(t *testing.T) {
	var wide strings.Builder
	wide.WriteString(`{"a":1`)
	for i := range 1000 {
		fmt.Fprintf(&wide, `,"b%d":%d`, i, i)
	}
	wide.WriteString("}")
	l := New()
	for i := range unitsMax {
		l.Hear(Message{Topic: fmt.Sprintf("wide/%d", i), Payload: []byte(wide.String()), At: noon})
	}
	if l.fields > fieldsAllMax {
		t.Errorf("%d fields, want at most %d", l.fields, fieldsAllMax)
	}
	checkLoads(t, l.Write().HCL)
}

func TestLongNamesAndLongLabelsStillLoad(t *testing.T) {
	l := New()
	long := strings.Repeat("oil_pressure_", 20)
	for i := range 10 {
		at := noon.Add(time.Duration(i) * time.Minute)
		for _, topic := range []string{long + "1", long + "2", "x/" + long} {
			l.Hear(Message{Topic: topic + "/temperature", Payload: []byte("1"), At: at})
			l.Hear(Message{Topic: topic + "/" + long, Payload: fmt.Appendf(nil, `{"%s1":1,"%s2":"x","a":{"%s1":1}}`, long[:150], long[:150], long[:20]), At: at})
		}
	}
	checkLoads(t, l.Write().HCL)
}

// FuzzWhateverIsHeardTheProposalLoads hears lines of topic, blank and payload.
func FuzzWhateverIsHeardTheProposalLoads(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		var lines []string
		for line := range strings.Lines(string(a.Files[0].Data)) {
			head, payload, _ := strings.Cut(strings.TrimSpace(line), "| ")
			words := strings.Fields(head)
			lines = append(lines, words[len(words)-1]+" "+payload)
		}
		f.Add([]byte(strings.Join(lines, "\n")))
	}
	f.Add([]byte("a/{b}/c 1\na/${x}/c 2\na/%{if}/c \"${y}\"\n\"/\\/u {\"${a}\":{\"b.c\":1,\"d'e\":[1,2]}}"))
	f.Add([]byte("spBv1.0/g/DBIRTH/n/d \x12\x0b\x0a\x01a\x10\x01\x20\x09\x65\x00\x00\x80\x3f\ns [{\"bn\":\"a[\",\"n\":\"b]\",\"u\":\"C\\u0000el\",\"v\":1}]"))
	f.Add([]byte("e\u0301/1 {\"e\u0301\":1,\"type\":\"e\u0301\"}\ne\u0301/2 {\"x\":1e400,\"Id\":\"a1b2c3\"}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := New()
		at := noon
		for line := range strings.SplitSeq(string(data), "\n") {
			topic, payload, _ := strings.Cut(line, " ")
			at = at.Add(time.Second)
			l.Hear(Message{Topic: topic, Payload: []byte(payload), At: at, Retained: len(payload)%7 == 0})
		}
		if l.Messages() > 0 {
			checkLoads(t, l.Write().HCL)
		}
	})
}
