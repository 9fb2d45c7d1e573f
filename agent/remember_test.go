package agent_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-edge/tocsin/buffer"
)

// longest puts an alert of each shape into the innermost of modules, under the
// longest names that a configuration and a topic may have.
func (r *rig) longest() (topic string) {
	name, key := strings.Repeat("n", 64), strings.Repeat("k", 64)
	// The path of the instance has the 256 bytes that are allowed.
	inner := strings.Repeat("i", 256-len(fmt.Sprintf(`%s[%q].%s[%q].`, name, key, "m", key)))
	r.configure(rooms + fmt.Sprintf("module %q {\n source = \"./a\"\n for_each = [%q]\n}\n", name, key))
	r.write("a/a.hcl", fmt.Sprintf("module \"m\" {\n source = \"./b\"\n for_each = [%q]\n}\n", key))
	r.write("a/b/b.hcl", fmt.Sprintf("module %q {\n source = \"./c\"\n}\n", inner))
	r.write("a/b/c/c.hcl", fmt.Sprintf(`
contact "helper" {
  phone = "+353871234567"
}
sensor %[1]q {
  topic  = "{place}/{n}/x"
  fields = { %[1]s = number }
}
alert %[1]q {
  when    = sensor.%[1]s.%[1]s > 5
  for     = "10m"
  notify  = contact.helper
  message = "high"
  cleared = "fine"
}
alert "mean" {
  when    = avg_over(sensor.%[1]s.%[1]s, "25h") > 5
  notify  = contact.helper
  message = "high for long"
}
`, name))
	place := strings.Repeat("p", 200)
	n := strings.Repeat("1", 256-1-len(place))
	return place + "/" + n + "/x"
}

func (r *rig) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.config, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func TestTheLongestNamesAndLabelsAreRemembered(t *testing.T) {
	inBubble(t, func(r *rig) {
		topic := r.longest()
		high := fmt.Sprintf(`{%q: 9}`, strings.Repeat("n", 64))
		a := r.start()
		r.publish(topic, high)
		time.Sleep(8 * time.Minute)
		a.end()
		kept := map[string]bool{}
		r.store(func(s *buffer.Store) {
			for key := range s.Records("") {
				kind, _, _ := strings.Cut(key, "/")
				kept[kind] = true
			}
		})
		for _, kind := range []string{"series", "alert", "window"} {
			if !kept[kind] {
				t.Errorf("there is no record of kind %s: %v", kind, kept)
			}
		}
		a = r.start()
		time.Sleep(3 * time.Minute)
		a.end()
		time.Sleep(13 * time.Hour)
		a = r.start()
		r.publish(topic, strings.Replace(high, "9", "1", 1))
		time.Sleep(3 * time.Minute)
		a.end()
		// The mean is known at once only because the window is.
		r.wantTexts("567: Rosewood: high", "567: Rosewood: high for long", "567: Rosewood: fine")
	})
}

func TestWhatManySeriesLastSaidIsRememberedThoughItIsMoreThanOneCommitTakes(t *testing.T) {
	const series = 5_000 // of a kilobyte each; a commit takes 4 MiB
	inBubble(t, func(r *rig) {
		r.configure(rooms + `
sensor "note" {
  topic = "note/{n}"
  value = string
}
alert "note" {
  when    = sensor.note == "x"
  notify  = contact.alice
}
`)
		a := r.start()
		note := strings.Repeat("n", 1000)
		for i := range series {
			r.publish(fmt.Sprintf("note/%d", i), note)
		}
		synctest.Wait() // all of them have arrived
		a.end()
		r.store(func(s *buffer.Store) {
			kept := 0
			for range s.Records("series/") {
				kept++
			}
			if kept != series {
				t.Errorf("%d series are remembered, want %d", kept, series)
			}
		})
	})
}
