package rehearsal

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
)

const house = `
sensor "smoke" {
  topic  = "smoke/{room}"
  fields = { smoke = bool }
}
sensor "freezer" {
  topic = "freezer"
  value = number
}
sensor "hatch" {
  topic = "hatch"
  value = bool
  qos   = 0
}
alert "smoke" {
  when     = sensor.smoke.smoke
  severity = "critical"
  message  = "SMOKE ${room}"
}
alert "warm" {
  when       = sensor.freezer > -12
  for        = "20m"
  clear_when = sensor.freezer < -15
  message    = "Freezer ${sensor.freezer}"
}
alert "hatch" {
  when    = sensor.hatch
  message = "Hatch open"
}
`

// A diary is what a gateway did, a line each.
type diary struct {
	*Gateway
	t     testing.TB
	lines []string
}

func newDiary(t testing.TB, source string) *diary {
	t.Helper()
	f, diags := hclsyntax.ParseConfig([]byte(source), "rules.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	set, diags := rules.Load(f.Body.(*hclsyntax.Body).Blocks, nil, nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	routes := map[string]*notify.Route{}
	for _, a := range set.Alerts {
		routes[a.Name] = notify.Immediately(notify.Addressee{Contact: &notify.Contact{Name: "alice", Phone: "+353871234567"}})
	}
	d := &diary{t: t}
	d.Gateway = New(Options{
		Rules: set, People: &notify.People{Routes: routes, Manners: notify.DefaultManners()}, Start: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC),
		Moved:    func(t rules.Transition) { d.note("%v %s %s", t.At, t.Instance, t.To) },
		Sent:     func(t Text) { d.note("%v text %s", t.Sent, t.Body) },
		Failed:   func(t Text) { d.note("%v failed %s", t.Sent, t.Body) },
		Recalled: func(t Text) { d.note("%v recalled %s", t.Sent, t.Body) },
		Heard:    func(r Reply) { d.note("%v heard %s from %s", r.At, r.Body, r.From) },
	})
	return d
}

// A hint is what to answer an alarm with.
var hint = regexp.MustCompile(`\. Reply OK( or \d+| ALL or a number)?`)

func (d *diary) note(format string, args ...any) {
	d.lines = append(d.lines, hint.ReplaceAllString(fmt.Sprintf(format, args...), ""))
}

// say publishes at QoS 1.
func (d *diary) say(at time.Duration, topic, payload string) {
	d.Publish(at, Message{Topic: topic, Payload: []byte(payload), QoS: 1})
}

func (d *diary) want(lines ...string) {
	d.t.Helper()
	if diff := cmp.Diff(lines, d.lines); diff != "" {
		d.t.Errorf("what happened (-want +got):\n%s", diff)
	}
}

func TestTimersFireAtTheirOwnTime(t *testing.T) {
	d := newDiary(t, house)
	d.say(0, "freezer", "-5")
	d.Pass(time.Hour)
	d.want("0s warm pending", "20m0s warm firing", "20m0s text Freezer -5")
}

func TestAMessageAtTheVeryMomentATimerIsDueComesFirst(t *testing.T) {
	d := newDiary(t, house)
	d.say(0, "freezer", "-5")
	d.say(20*time.Minute, "freezer", "-20")
	d.Pass(time.Hour)
	d.want("0s warm pending", "20m0s warm ok")
}

func TestWhatIsPublishedWhileTheBrokerIsAwayArrivesInOrderWhenItIsBack(t *testing.T) {
	d := newDiary(t, house)
	d.LoseBroker(time.Minute, 5*time.Minute)
	d.say(2*time.Minute, "smoke/attic", `{"smoke": true}`)
	d.say(3*time.Minute, "smoke/attic", `{"smoke": false}`)
	d.Pass(5 * time.Minute)
	d.want()
	d.Pass(10 * time.Minute)
	d.want("6m0s smoke{room=\"attic\"} firing", "6m0s text SMOKE attic",
		"6m0s smoke{room=\"attic\"} ok", "6m0s text Over after 0 s: SMOKE attic")
}

func TestAMessageAtQoS0IsLostWithTheBroker(t *testing.T) {
	for _, m := range []Message{
		{Topic: "smoke/attic", Payload: []byte(`{"smoke": true}`), QoS: 0}, // published at 0
		{Topic: "hatch", Payload: []byte("open"), QoS: 2},                  // subscribed at 0
		{Topic: "nobody/asked", Payload: []byte("1"), QoS: 2},
	} {
		d := newDiary(t, house)
		d.LoseBroker(0, time.Minute)
		d.Publish(time.Second, m)
		d.Pass(time.Hour)
		d.want()
	}
}

func TestARetainedMessageIsSaidAgainAfterAnOutageAndNotAfterItWasDeleted(t *testing.T) {
	d := newDiary(t, house)
	open := Message{Topic: "hatch", Payload: []byte("open"), Retain: true}
	d.LoseBroker(0, time.Minute)
	d.Publish(time.Second, open) // lost at QoS 0, and yet kept
	d.Pass(2 * time.Minute)
	d.want("1m0s hatch firing", "1m0s text Hatch open (seen at reconnect)")

	d.say(3*time.Minute, "hatch", "closed")
	d.Publish(4*time.Minute, Message{Topic: "hatch", Retain: true})
	d.lines = nil
	d.LoseBroker(5*time.Minute, time.Minute)
	d.Pass(time.Hour)
	d.want()
}

func TestTextsWaitForServiceAndTheMostUrgentGoesFirst(t *testing.T) {
	d := newDiary(t, house)
	d.LoseService(0, time.Hour)
	d.say(0, "freezer", "-5")
	d.say(30*time.Minute, "smoke/attic", `{"smoke": true}`)
	d.Pass(61 * time.Minute)
	d.want("0s warm pending", "20m0s warm firing", "22m0s recalled Freezer -5",
		"30m0s smoke{room=\"attic\"} firing", "32m0s recalled SMOKE attic",
		"1h0m0s text SMOKE attic (sent late: no signal since 12:00)", "1h0m0s text Freezer -5 (sent late: no signal since 12:00)")
}

func TestATextThatWaitedTooLongIsNotSentAndItsNewsIsToldAnew(t *testing.T) {
	d := newDiary(t, house)
	d.LoseService(0, notify.TextLife+2*time.Minute)
	d.say(0, "smoke/attic", `{"smoke": true}`)
	d.say(time.Second, "smoke/hall", `{"smoke": true}`)
	d.Pass(notify.TextLife + 3*time.Minute)
	d.want("0s smoke{room=\"attic\"} firing", "1s smoke{room=\"hall\"} firing", "1s recalled SMOKE attic",
		"2m0s recalled SMOKE attic (1); SMOKE hall (2)",
		"72h2m0s failed SMOKE attic (1); SMOKE hall (2) (sent late: no signal since 12:00)",
		"72h2m0s text Still, 3 d: SMOKE attic (1); Still, 3 d: SMOKE hall (2)")
}

func TestATextToAPhoneThatIsLostIsRefusedAndNotSent(t *testing.T) {
	d := newDiary(t, house)
	d.LosePerson(0, "+353871234567", time.Minute)
	d.say(time.Second, "hatch", "open")
	d.Pass(time.Minute)
	d.want("1s hatch firing", "1s failed Hatch open")
	d.lines = nil
	d.say(time.Minute, "hatch", "closed")
	d.Pass(time.Hour)
	if !slices.ContainsFunc(d.lines, func(l string) bool { return strings.Contains(l, " text ") }) {
		t.Errorf("nothing is sent once texts are taken again: %v", d.lines)
	}
}

func TestRepliesWaitForServiceAndForTheGatewayInOrder(t *testing.T) {
	d := newDiary(t, house)
	d.LoseService(0, 10*time.Minute)
	d.Reply(time.Minute, "+447700900123", "one")
	d.Reboot(5*time.Minute, 10*time.Minute, time.Time{})
	d.Reply(6*time.Minute, "+447700900124", "two")
	d.Pass(time.Hour)
	d.want("15m0s heard one from +447700900123", "15m0s heard two from +447700900124")
}

func TestARebootTellsNobodyAnythingAndForgetsNobody(t *testing.T) {
	d := newDiary(t, house)
	d.say(0, "smoke/attic", `{"smoke": true}`)
	d.Reboot(time.Minute, time.Minute, time.Date(1970, 1, 1, 0, 0, 10, 0, time.UTC))
	d.say(90*time.Second, "smoke/attic", `{"smoke": true}`) // kept by the broker
	d.say(3*time.Minute, "smoke/attic", `{"smoke": false}`)
	d.Pass(time.Hour)
	d.want("0s smoke{room=\"attic\"} firing", "0s text SMOKE attic",
		"3m0s smoke{room=\"attic\"} ok", "3m0s text Over after 2 min: SMOKE attic") // of them one is down and does not count
}

func TestTimeWhileTheGatewayIsDownDoesNotCount(t *testing.T) {
	d := newDiary(t, house)
	d.say(0, "freezer", "-5")
	d.Reboot(10*time.Minute, time.Hour, time.Time{})
	d.say(71*time.Minute, "freezer", "-5")
	d.Pass(3 * time.Hour)
	d.want("0s warm pending", "1h20m0s warm firing", "1h20m0s text Freezer -5")
}

func TestPendingWaitsForAReadingAfterAReboot(t *testing.T) {
	d := newDiary(t, house)
	d.say(0, "freezer", "-5")
	d.Reboot(10*time.Minute, time.Minute, time.Time{})
	d.Pass(3 * time.Hour)
	d.want("0s warm pending")
}

func TestARebootDuringAnOutageHearsTheBrokerWhenItIsBack(t *testing.T) {
	d := newDiary(t, house)
	d.LoseBroker(0, 10*time.Minute)
	d.LoseService(0, 20*time.Minute)
	d.say(time.Minute, "smoke/attic", `{"smoke": true}`)
	d.Reboot(2*time.Minute, time.Minute, time.Time{})
	d.Reboot(150*time.Second, time.Minute, time.Time{}) // again while it is down
	d.Pass(21 * time.Minute)
	d.want("10m0s smoke{room=\"attic\"} firing", "12m0s recalled SMOKE attic",
		"20m0s text SMOKE attic (sent late: no signal since 12:01)")
}

func TestAWallStepMovesNoDuration(t *testing.T) {
	d := newDiary(t, house)
	d.say(0, "freezer", "-5")
	d.StepClock(5*time.Minute, -56*365*24*time.Hour)
	d.StepClock(6*time.Minute, 100*365*24*time.Hour)
	d.Pass(time.Hour)
	d.want("0s warm pending", "20m0s warm firing", "20m0s text Freezer -5")
}

func TestTheClockShowsWhatItWasSetTo(t *testing.T) {
	d := newDiary(t, house)
	said := func(want string, wantTrusted bool) {
		t.Helper()
		shows, trusted := d.Clock()
		if got := shows.Format(time.DateTime); got != want || trusted != wantTrusted {
			t.Errorf("the clock shows %s, trusted %v; want %s, %v", got, trusted, want, wantTrusted)
		}
	}
	d.StepClock(time.Minute, time.Hour)
	said("2026-01-01 13:01:00", true)
	d.Reboot(2*time.Minute, time.Minute, time.Time{})
	d.Pass(4 * time.Minute)
	said("2026-01-01 13:04:00", true)
	d.Reboot(5*time.Minute, time.Minute, time.Date(1970, 1, 1, 0, 0, 10, 0, time.UTC))
	d.Pass(7 * time.Minute)
	said("1970-01-01 00:01:10", false)
}

func TestAnEarlierTimeCountsAsNow(t *testing.T) {
	d := newDiary(t, house)
	d.Pass(time.Hour)
	d.say(time.Minute, "smoke/attic", `{"smoke": true}`)
	d.want("1h0m0s smoke{room=\"attic\"} firing", "1h0m0s text SMOKE attic")
}

func TestTheSameRehearsalEndsTheSame(t *testing.T) {
	run := func() []string {
		d := newDiary(t, house)
		for i := range 300 {
			at := time.Duration(i) * time.Minute
			d.say(at, fmt.Sprintf("smoke/%d", i%17), fmt.Sprintf(`{"smoke": %v}`, i%5 == 0))
			d.Publish(at, Message{Topic: fmt.Sprintf("smoke/%d", i%11), Payload: []byte(`{"smoke": true}`), Retain: true})
			if i%50 == 25 {
				d.LoseBroker(at, 7*time.Minute)
				d.Reboot(at+time.Minute, 2*time.Minute, time.Time{})
			}
		}
		return d.lines
	}
	first, second := run(), run()
	if len(first) < 100 || !slices.Equal(first, second) {
		t.Errorf("two runs differ, or did nothing:\n%s", cmp.Diff(strings.Join(first, "\n"), strings.Join(second, "\n")))
	}
}

func TestSilenceCountsAReboot(t *testing.T) {
	const silent = `
sensor "freezer" {
  topic = "freezer"
  value = number
}
alert "silent" {
  when    = age(sensor.freezer) > "30m"
  message = "Freezer silent"
}
`
	tests := []struct {
		name  string
		shows time.Time
		want  []string
	}{
		{"whose length the clock tells", time.Time{}, []string{"30m0s silent firing", "30m0s text Freezer silent"}},
		{"but not one of unknown length", time.Date(1970, 1, 1, 0, 0, 10, 0, time.UTC), []string{"50m0s silent firing", "50m0s text Freezer silent"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDiary(t, silent)
			d.say(0, "freezer", "-18")
			d.Reboot(5*time.Minute, 20*time.Minute, test.shows)
			d.Pass(2 * time.Hour)
			d.want(test.want...)
		})
	}
}

func BenchmarkAYearInWhichNothingHappens(b *testing.B) {
	for b.Loop() {
		d := newDiary(b, house)
		d.say(0, "freezer", "-18")
		d.Pass(365 * 24 * time.Hour)
		d.want()
	}
}
