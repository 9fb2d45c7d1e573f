package rules

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// testdata/sensor_mistakes.txt holds the arguments of sensors, each sensor on a
// line with its arguments parted by |, and under it what we say of them: the
// summary, the part it is said of, and the detail. A sensor that names no topic
// has topic = "a/{b}".
func TestMistakesInSensorsSayWhatToWriteInstead(t *testing.T) {
	const file = "testdata/sensor_mistakes.txt"
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for line := range strings.Lines(string(want)) {
		arguments := strings.TrimSuffix(line, "\n")
		if arguments == "" || strings.HasPrefix(arguments, " ") {
			continue
		}
		src := "sensor \"x\" {\n" + strings.ReplaceAll(arguments, " | ", "\n") + "\n"
		if !strings.Contains(arguments, "topic = ") {
			src += "topic = \"a/{b}\"\n"
		}
		_, diags := loadSensor(sensorBlock(t, src+"}"), nil, nil)
		if !diags.HasErrors() {
			t.Errorf("%s: no mistake", arguments)
		}
		fmt.Fprintln(&got, arguments)
		writeMistakes(&got, src, diags)
	}
	if *updateMistakes {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func FuzzNoArgumentsCrashTheSensorsLoader(f *testing.F) {
	mistakes, err := os.ReadFile("testdata/sensor_mistakes.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(mistakes)) {
		if arguments := strings.TrimSuffix(line, "\n"); arguments != "" && !strings.HasPrefix(line, " ") {
			f.Add(strings.ReplaceAll(arguments, " | ", "\n"))
		}
	}
	f.Add(pressSensor)
	payloads := [][]byte{[]byte(`{"a":[{"b":1},"x"]}`), []byte("5"), []byte("\xa1\x61a\x01"), []byte(`[{"n":"a","v":1}]`), []byte(pressBirth)}
	f.Fuzz(func(t *testing.T, arguments string) {
		file, diags := hclsyntax.ParseConfig([]byte("sensor \"x\" {\n"+arguments+"\n}\n"), "home.hcl", hcl.InitialPos)
		if diags.HasErrors() || exponent.MatchString(arguments) {
			return
		}
		for _, b := range file.Body.(*hclsyntax.Body).Blocks {
			s, diags := loadSensor(b, nil, nil)
			for _, d := range diags {
				if d.Subject == nil || d.Summary == "" || d.Detail == "" {
					t.Errorf("diagnostic without range, summary or detail: %v", d)
				}
			}
			if diags.HasErrors() {
				continue
			}
			d, values := s.NewDecoder(), make([]Value, len(s.Fields))
			for _, payload := range payloads {
				d.Decode("spBv1.0/plant/DBIRTH/edge/press", payload, values)
			}
		}
	})
}

// exponent finds numbers whose size is looked at before a block is read.
var exponent = regexp.MustCompile(`[0-9][eE][+-]?[0-9]{3}`)
