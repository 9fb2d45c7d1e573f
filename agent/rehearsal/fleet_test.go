package rehearsal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const fleet = `
sensor "fault" {
  topic = "fleet/{machine}/fault"
  value = bool
}
alert "fault" {
  when    = sensor.fault
  message = "${machine}: fault"
}
`

// For how long the fleet has no service, and what is a handful of texts.
const (
	outage  = 2 * time.Hour
	handful = 5
)

// flap has every machine come and go every few minutes while there is no service.
// In the end one of five has a fault.
func flap(d *diary, machines int) {
	d.LoseService(0, outage)
	dice := rand.New(rand.NewPCG(5, 500))
	next := make([]time.Duration, machines)
	faulty := make([]bool, machines)
	for at := time.Duration(0); at < outage-time.Minute; at += 10 * time.Second {
		for m := range machines {
			if next[m] > at {
				continue
			}
			next[m] = at + time.Minute + time.Duration(dice.IntN(240))*time.Second
			faulty[m] = !faulty[m]
			d.say(at, fmt.Sprintf("fleet/m%03d/fault", m), fmt.Sprint(faulty[m]))
		}
	}
	for m := range machines {
		d.say(outage-time.Minute, fmt.Sprintf("fleet/m%03d/fault", m), fmt.Sprint(m%5 == 0))
	}
}

// foreman is who is told of the fleet in the tests of this package.
const foreman = "+353871234567"

// texts are what was sent, without what the rules did meanwhile.
func (d *diary) texts() []string {
	return slices.DeleteFunc(slices.Clone(d.lines), func(l string) bool {
		var at, what string
		fmt.Sscan(l, &at, &what)
		return what != "text"
	})
}

func TestTwoHoursWithoutServiceInAFleetOfFlappingMachinesEndInAHandfulOfTexts(t *testing.T) {
	machines := 500
	if testing.Short() {
		machines = 100
	}
	d := newDiary(t, fleet)
	flap(d, machines)
	if got := d.texts(); len(got) > 0 {
		t.Fatalf("sent without service: %s", got[0])
	}
	d.Pass(outage + 30*time.Minute)
	if got := d.texts(); len(got) == 0 || len(got) > handful {
		t.Errorf("%d texts, want a handful, 1 to %d:\n%s", len(got), handful, strings.Join(got, "\n"))
	}
	// What the foreman was told is what is true.
	var open, told []string
	for _, i := range d.Open() {
		open = append(open, i.Instance())
	}
	for _, i := range d.Told(foreman) {
		told = append(told, i.Instance())
	}
	slices.Sort(open)
	slices.Sort(told)
	if diff := cmp.Diff(open, told); diff != "" || len(open) != machines/5 {
		t.Errorf("%d are open, and of those the foreman was told (-open +told):\n%s", len(open), diff)
	}
	d.lines = nil
	d.Pass(outage + 24*time.Hour)
	if got := d.texts(); len(got) > handful {
		t.Errorf("%d texts of the day in which nothing happened, want at most %d:\n%s", len(got), handful, strings.Join(got, "\n"))
	}
}

func BenchmarkTwoHoursOfAFleetOfFlappingMachines(b *testing.B) {
	for b.Loop() {
		d := newDiary(b, fleet)
		flap(d, 500)
		d.Pass(outage + time.Hour)
	}
}
