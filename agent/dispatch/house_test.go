package dispatch

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/rules"
)

// rosewood is a house with smoke detectors that are critical, a leak that may
// become so, a freezer that is not, and a switch.
const rosewood = `
sensor "smoke" {
  topic = "smoke/{room}"
  value = bool
}
sensor "water" {
  topic = "water/{room}"
  value = number
}
sensor "freezer" {
  topic  = "freezer/{n}"
  fields = { celsius = number }
}
switch "away" {
  sms = ["AWAY", "HOME"]
}
switch "guests" {}
alert "smoke" {
  when     = sensor.smoke
  severity = "critical"
  message  = "SMOKE ${room}"
}
alert "leak" {
  level "warning" { when = sensor.water > 1 }
  level "critical" { when = sensor.water > 5 }
  message = "Water ${room}"
}
alert "freezer" {
  when    = sensor.freezer.celsius > -12
  message = "Freezer ${n} is at ${sensor.freezer.celsius} C"
}
alert "trial" {
  when    = sensor.freezer.celsius > 10
  shadow  = true
  message = "Trial ${n}"
}
`

// A house is a Dispatcher with what is around it.
type house struct {
	t       testing.TB
	options Options
	d       *Dispatcher
	now     notify.Moment
	records map[string][]byte
	texts   []notify.Text // that went out
	beats   []Beat
	codes   int // given
	carried int // of the texts, to where they go
}

func rulesOf(t testing.TB, source string) *rules.Set {
	t.Helper()
	f, diags := hclsyntax.ParseConfig([]byte(source), "rules.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	set, diags := rules.Load(f.Body.(*hclsyntax.Body).Blocks, nil, time.UTC)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return set
}

// people of the house: alice may do everything, bob acknowledge and ask, the
// neighbour nothing. The freezer tells bob, and alice only after an hour.
func people() *notify.People {
	alice := &notify.Contact{Name: "alice", Phone: "+353871234567", Allow: notify.MayAll}
	bob := &notify.Contact{Name: "bob", Phone: "+353867654321", Allow: notify.MayAck | notify.MayAsk}
	neighbour := &notify.Contact{Name: "neighbour", Phone: "+353850000001"}
	both := notify.Immediately(notify.Addressee{Contact: alice}, notify.Addressee{Contact: bob})
	late := notify.Immediately(notify.Addressee{Contact: bob})
	late.Steps = append(late.Steps, notify.Step{After: time.Hour, Notify: []notify.Addressee{{Contact: alice}}})
	manners := notify.DefaultManners()
	manners[rules.Critical] = notify.Manner{Reserve: 0.3} // repeats are not what these tests are about
	return &notify.People{
		Site: "Rosewood", Language: "en", Contacts: []*notify.Contact{alice, bob, neighbour},
		Routes:  map[string]*notify.Route{"smoke": both, "leak": both, "freezer": late, "trial": both},
		Manners: manners,
	}
}

// nothingWaits is the queue of a network that takes every text at once.
type nothingWaits struct{}

func (nothingWaits) Waiting(string) []notify.Queued { return nil }
func (nothingWaits) Recall(uint64) bool             { return false }

func newHouse(t testing.TB, change ...func(*Options)) *house {
	t.Helper()
	h := &house{t: t, records: map[string][]byte{}, now: notify.Moment{
		At: time.Hour, Wall: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC),
	}}
	h.options = Options{Rules: rulesOf(t, rosewood), People: people(), Queue: nothingWaits{}, Code: h.code}
	for _, f := range change {
		f(&h.options)
	}
	h.restart(rules.Restart{At: h.now.At})
	return h
}

// code is a different one each time: 1001, 1002 and so on.
func (h *house) code() string {
	h.codes++
	return fmt.Sprint(1000 + h.codes)
}

// restart starts the Dispatcher anew from what is on disk.
func (h *house) restart(r rules.Restart) {
	h.t.Helper()
	h.d = New(h.options)
	records := func(prefix string) iter.Seq2[string, []byte] {
		return func(yield func(string, []byte) bool) {
			for _, key := range slices.Sorted(maps.Keys(h.records)) {
				if strings.HasPrefix(key, prefix) && !yield(key, h.records[key]) {
					return
				}
			}
		}
	}
	if errs := h.d.Restore(records, r, h.now); len(errs) > 0 {
		h.t.Fatal(errs)
	}
	h.conclude()
}

// conclude writes down and sends what follows from what happened.
func (h *house) conclude() Outcome {
	out := h.d.Conclude(h.now)
	for _, r := range out.Records {
		if r.Value == nil {
			delete(h.records, r.Key)
		} else {
			h.records[r.Key] = r.Value
		}
	}
	h.texts = append(h.texts, out.Texts...)
	h.beats = append(h.beats, out.Beats...)
	return out
}

// pass lets time pass, with everything that is due in it.
func (h *house) pass(d time.Duration) {
	end := h.now.At + d
	for {
		due, ok := h.d.NextTick(h.now)
		if !ok || due > end {
			break
		}
		h.advance(max(due-h.now.At, 0))
		h.d.Tick(h.now.At)
		h.conclude()
	}
	h.advance(end - h.now.At)
}

func (h *house) advance(d time.Duration) {
	h.now.At += d
	if !h.now.Wall.IsZero() {
		h.now.Wall = h.now.Wall.Add(d)
	}
}

func (h *house) publish(topic, payload string) {
	h.d.Observe(rules.Reading{Topic: topic, Payload: []byte(payload), At: h.now.At, Wall: h.now.Wall})
	h.conclude()
}

// contact is the one of that name.
func (h *house) contact(name string) *notify.Contact {
	all := h.options.People.Contacts
	return all[slices.IndexFunc(all, func(c *notify.Contact) bool { return c.Name == name })]
}

// says has a contact text something, and returns what was done and what all were
// texted because of it, as lines such as: alice: Rosewood: away is on.
func (h *house) says(name, body string) (did string, texts []string) {
	return h.from(h.contact(name).Phone, body)
}

func (h *house) from(number, body string) (did string, texts []string) {
	h.t.Helper()
	before := len(h.texts)
	did = h.d.Hear(Inbound{From: number, Body: body}, h.now)
	h.conclude()
	for _, text := range h.texts[before:] {
		texts = append(texts, text.Contact+": "+text.Body)
	}
	return did, texts
}

// answers counts the texts that tell of no incident.
func (h *house) answers() (n int) {
	for _, text := range h.texts {
		if len(text.Tells) == 0 {
			n++
		}
	}
	return n
}

// wants has a contact text something and complains unless this was done and these
// texts followed.
func (h *house) wants(name, body, did string, texts ...string) {
	h.t.Helper()
	gotDid, got := h.says(name, body)
	if gotDid != did {
		h.t.Errorf("%s says %q: did %q, want %q", name, body, gotDid, did)
	}
	if !slices.Equal(got, texts) {
		h.t.Errorf("%s says %q: got texts\n  %s\nwant\n  %s", name, body, strings.Join(got, "\n  "), strings.Join(texts, "\n  "))
	}
	for _, text := range got {
		if n, encoding := modem.Segments(text[strings.Index(text, ": ")+2:]); n > 1 || encoding != modem.EncodingGSM {
			h.t.Errorf("%d segments in %s: %s", n, encoding, text)
		}
	}
}

func voiceIn(language string) voice { return voice{Language: phrase.In(language)} }
