package agent_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-edge/tocsin/agent"
	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
	"github.com/tocsin-edge/tocsin/mqtt"
	"github.com/tocsin-edge/tocsin/rules"
)

// house is a configuration with an alert of each shape.
const house = rooms + smokeAlert + freezerAlert

const rooms = `
site {
  name = "Rosewood"
}
mqtt "home" {
  url = "mqtt://broker.invalid"
}
modem "stick" {
  port = "/dev/ttyUSB2"
}
contact "alice" {
  phone = "+353871234567"
}
contact "bob" {
  phone = "+353867654321"
}
policy "family" {
  notify = [contact.alice, contact.bob]
}
sensor "smoke" {
  topic  = "zigbee2mqtt/smoke_{room}"
  fields = { smoke = bool }
}
sensor "freezer" {
  topic = "freezer/{n}"
  value = number
}
`

const smokeAlert = `
alert "smoke" {
  when     = sensor.smoke.smoke
  severity = "critical"
  notify   = policy.family
  message  = "SMOKE ${room}"
  cleared  = "No smoke ${room}"
}
`

const freezerAlert = `
alert "freezer_warm" {
  when       = sensor.freezer > -12
  for        = "20m"
  clear_when = sensor.freezer < -15
  notify     = contact.alice
  message    = "Freezer ${n}: ${sensor.freezer} C"
}
`

// A rig is everything around an agent: a broker, a modem with a network behind
// it, a disk and a kernel. It lives in a synctest bubble.
type rig struct {
	t      *testing.T
	broker *mqtt.Broker
	modem  *modemtest.Modem
	spare  *modemtest.Modem // another one, less preferred; nil: none
	config string
	data   string
	boot   agent.Boot
	clock  agent.Clock

	line struct { // to the broker
		sync.Mutex
		cut  bool
		open net.Conn
	}
}

// inBubble runs f around a rig whose broker runs, on one processor. With more,
// two threads may run timers of one bubble at once, and Go 1.26's race detector
// then ends the process (https://go.dev/issue/78156). What it finds does not
// depend on them.
func inBubble(t *testing.T, f func(*rig), o ...modemtest.Option) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, modem: modemtest.New(o...), config: t.TempDir(), data: t.TempDir()}
		began := time.Now()
		r.boot = agent.Boot{ID: "first boot", Uptime: func() time.Duration { return time.Since(began) }}
		r.configure(house)
		var err error
		if r.broker, err = mqtt.NewBroker(mqtt.BrokerOptions{AllowAnonymous: true}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- r.broker.Run(ctx) }()
		t.Cleanup(func() { // also when f gives up
			cancel()
			if err := <-stopped; err != nil {
				t.Error(err)
			}
		})
		f(r)
	})
}

func (r *rig) dial(ctx context.Context) (net.Conn, error) {
	r.line.Lock()
	defer r.line.Unlock()
	if r.line.cut {
		return nil, errors.New("no route to host")
	}
	conn, err := r.broker.Dial(ctx)
	r.line.open = conn
	return conn, err
}

// cutLine takes the broker out of the agent's reach, mendLine brings it back.
func (r *rig) cutLine() {
	r.line.Lock()
	defer r.line.Unlock()
	r.line.cut = true
	r.line.open.Close()
}

func (r *rig) mendLine() {
	r.line.Lock()
	defer r.line.Unlock()
	r.line.cut = false
}

func (r *rig) configure(text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.config, "house.hcl"), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// A running agent, and how to end it.
type running struct {
	*agent.Agent
	r     *rig
	stop  context.CancelFunc
	ended chan error
}

// restart runs an agent and returns when it would listen if all is well.
func (r *rig) restart() *running {
	r.t.Helper()
	cfg, _, diags := config.Load(r.config, config.Options{})
	if diags.HasErrors() {
		r.t.Fatal(diags)
	}
	cfg.People.Manners[rules.Critical] = notify.Manner{} // repeats have tests of their own
	cfg.Modems[0].Open = r.modem.Open
	if r.spare != nil {
		cfg.Modems = append(cfg.Modems, config.Modem{Options: modem.Options{Name: "spare", Open: r.spare.Open}, Prefer: 2})
	}
	cfg.Brokers[0].Dial = r.dial
	a, err := agent.New(agent.Options{Config: cfg, Data: r.data, Boot: r.boot, Clock: r.clock})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(r.t.Context())
	run := &running{Agent: a, r: r, stop: stop, ended: make(chan error, 1)}
	go func() { run.ended <- a.Run(ctx) }()
	time.Sleep(10 * time.Second) // of the bubble's time: the modem and the session are up
	return run
}

// start runs an agent and returns when it listens.
func (r *rig) start() *running {
	r.t.Helper()
	run := r.restart()
	for _, p := range run.status().Problems {
		if p.Code != status.ModemNotReady && p.Code != status.TextGivenUp {
			r.t.Fatalf("a problem at the start: %+v", p)
		}
	}
	return run
}

// end stops the agent and waits for it.
func (run *running) end() {
	run.r.t.Helper()
	run.stop()
	if err := <-run.ended; err != nil {
		run.r.t.Error(err)
	}
}

func (run *running) status() status.Snapshot {
	run.r.t.Helper()
	s, err := run.Snapshot(run.r.t.Context())
	if err != nil {
		run.r.t.Fatal(err)
	}
	return s
}

// store opens the agent's store while no agent runs.
func (r *rig) store(use func(*buffer.Store)) {
	r.t.Helper()
	s, _, err := buffer.Open(r.data, buffer.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	use(s)
	if err := s.Close(); err != nil {
		r.t.Error(err)
	}
}

func (r *rig) publish(topic, payload string) {
	r.t.Helper()
	if err := r.broker.Publish(r.t.Context(), topic, []byte(payload), 1, false); err != nil {
		r.t.Fatal(err)
	}
}

// A hint is what to answer an alarm with.
var hint = regexp.MustCompile(`\. Reply OK( or \d+| ALL or a number)?`)

// wantTexts compares all texts so far, each as "last digits: body" without the hint
// what to answer.
func (r *rig) wantTexts(want ...string) {
	r.t.Helper()
	r.wantTextsOf(r.modem, want...)
}

func (r *rig) wantTextsOf(m *modemtest.Modem, want ...string) {
	r.t.Helper()
	synctest.Wait()
	var got []string
	for _, t := range m.Accepted() {
		got = append(got, t.To[len(t.To)-3:]+": "+hint.ReplaceAllString(t.Body, ""))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		r.t.Fatalf("texts:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const (
	smoke   = "zigbee2mqtt/smoke_kitchen"
	burning = `{"smoke": true}`
	clear   = `{"smoke": false}`

	aliceAlarm, bobAlarm = "567: Rosewood: SMOKE kitchen", "321: Rosewood: SMOKE kitchen"
	aliceClear, bobClear = "567: Rosewood: No smoke kitchen", "321: Rosewood: No smoke kitchen"
)

func TestSmokeIsTextedWithinASecondAndSoIsItsEnd(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		r.publish(smoke, clear)
		r.wantTexts()
		r.publish(smoke, burning)
		time.Sleep(time.Second)
		r.wantTexts(aliceAlarm, bobAlarm)
		r.publish(smoke, burning) // said again
		time.Sleep(time.Hour)
		r.wantTexts(aliceAlarm, bobAlarm)
		r.publish(smoke, clear)
		time.Sleep(time.Second)
		r.wantTexts(aliceAlarm, bobAlarm, aliceClear, bobClear)
	})
}

func TestForEndsWithoutAnotherMessageAndThroughARestart(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.publish("freezer/3", "-9")
		time.Sleep(12 * time.Minute)
		a.end()
		time.Sleep(time.Minute)
		a = r.start()
		defer a.end()
		time.Sleep(6 * time.Minute)
		r.wantTexts()
		time.Sleep(time.Minute)
		r.wantTexts("567: Rosewood: Freezer 3: -9 C")
	})
}

func TestARestartTextsNobodyAndTheAllClearComesAfterIt(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.publish(smoke, burning)
		time.Sleep(5 * time.Second)
		a.end()
		a = r.start()
		r.publish(smoke, burning)
		time.Sleep(time.Minute)
		r.wantTexts(aliceAlarm, bobAlarm)
		a.end()
		r.boot.ID = "second boot"
		a = r.start()
		defer a.end()
		time.Sleep(time.Hour)
		r.publish(smoke, clear)
		time.Sleep(time.Second)
		r.wantTexts(aliceAlarm, bobAlarm, aliceClear, bobClear)
	})
}

func TestWhoeverGotTheAlarmGetsTheAllClearWhateverThePolicyHasBecome(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.publish(smoke, burning)
		time.Sleep(time.Minute)
		a.end()
		r.configure(strings.Replace(house, "[contact.alice, contact.bob]", "[contact.alice]", 1))
		a = r.start()
		defer a.end()
		r.publish(smoke, clear)
		time.Sleep(time.Minute)
		r.wantTexts(aliceAlarm, bobAlarm, aliceClear, bobClear)
	})
}

func TestARemovedAlertIsClosedToWhoeverWasTold(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.publish(smoke, burning)
		time.Sleep(time.Minute)
		a.end()
		r.configure(rooms + freezerAlert)
		a = r.start()
		defer a.end()
		time.Sleep(time.Minute)
		r.wantTexts(aliceAlarm, bobAlarm,
			"567: Rosewood: No longer watched: SMOKE kitchen", "321: Rosewood: No longer watched: SMOKE kitchen")
	})
}

func TestTextsWaitForTheNetworkAndSpendNoAttempt(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		r.modem.SetRegistered(2)
		time.Sleep(10 * time.Second)
		r.publish(smoke, burning)
		time.Sleep(12 * time.Hour)
		r.wantTexts()
		s := a.status()
		if len(s.Waiting) != 2 || s.Waiting[0].Attempts != 0 {
			t.Errorf("waiting: %+v, want two texts that were never tried", s.Waiting)
		}
		if len(s.Problems) != 1 || s.Problems[0].Code != status.ModemNotReady {
			t.Errorf("problems: %+v, want that the modem has no service", s.Problems)
		}
		r.modem.SetRegistered(1)
		time.Sleep(30 * time.Second)
		r.wantTexts(aliceAlarm+" (sent late)", bobAlarm+" (sent late)")
	})
}

func TestAnUnpluggedModemIsFoundAgain(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		r.modem.Unplug()
		r.publish(smoke, burning)
		time.Sleep(time.Minute)
		r.wantTexts()
		r.modem.Plug()
		time.Sleep(time.Minute)
		r.wantTexts(aliceAlarm, bobAlarm)
	})
}

func TestAnAnswerThatNeverComesCostsOneMarkedRepeat(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(10 * time.Minute)
		r.wantTexts(aliceAlarm, bobAlarm+" (sent late)", aliceAlarm+" (repeat)")
		if got := a.status().Waiting; len(got) != 0 {
			t.Errorf("still waiting: %+v", got)
		}
	}, modemtest.Fault("send 1 silent; report 1 never"))
}

func TestOneRefusedNumberDelaysNobodyElse(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(2 * time.Second)
		r.wantTexts(bobAlarm)
		time.Sleep(2 * time.Minute)
		r.wantTexts(bobAlarm, aliceAlarm)
	}, modemtest.Fault("send 1 cms 38"))
}

func TestAGatewayThatItsOwnTextingBringsDownDoesNotTextForEver(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.store(func(s *buffer.Store) {
			if _, err := s.Commit(buffer.Batch{Texts: []buffer.Text{{To: "+353871234567", Body: "SMOKE"}}}); err != nil {
				t.Fatal(err)
			}
		})
		for range 7 { // down in the middle of the same part
			r.store(func(s *buffer.Store) {
				text, ok := s.Next(0)
				if !ok {
					t.Fatal("no text")
				}
				if err := s.Begin(text.ID, 1, 1, "stick"); err != nil {
					t.Fatal(err)
				}
			})
		}
		a := r.start()
		defer a.end()
		r.wantTexts()
		got := a.status()
		if got.Store.Texts != 0 || got.Store.Dropped != 1 {
			t.Errorf("%d texts wait, %d dropped; want it dropped", got.Store.Texts, got.Store.Dropped)
		}
		if len(got.Problems) != 1 || got.Problems[0].Code != status.TextGivenUp {
			t.Errorf("problems: %+v, want that it is given up", got.Problems)
		}
	})
}

func TestAnAlarmWhoseRecordIsLostIsTakenBack(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.publish(smoke, burning)
		time.Sleep(time.Minute)
		a.end()
		r.store(func(s *buffer.Store) {
			lost := buffer.Batch{}
			for key := range s.Records("alert/") {
				lost.Records = append(lost.Records, buffer.Record{Key: key})
			}
			if _, err := s.Commit(lost); err != nil || len(lost.Records) != 1 {
				t.Fatal(len(lost.Records), err)
			}
		})
		a = r.start()
		defer a.end()
		time.Sleep(time.Minute)
		r.wantTexts(aliceAlarm, bobAlarm,
			"567: Rosewood: No longer known: SMOKE kitchen", "321: Rosewood: No longer known: SMOKE kitchen")
	})
}

func TestAfterARebootNoTextWaitsOutTimeThatWasNotMeasured(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.publish(smoke, burning)
		time.Sleep(5 * time.Hour) // refused again and again, with nothing else to write down
		a.end()
		r.boot.ID = "second boot"
		r.modem = modemtest.New()
		a = r.start()
		defer a.end()
		time.Sleep(time.Second)
		r.wantTexts(aliceAlarm+" (sent late)", bobAlarm+" (sent late)")
	}, modemtest.Fault("send * cms 38"))
}

func TestStopLetsTheMessageOnTheWireSettle(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.publish(smoke, burning)
		time.Sleep(5 * time.Second)
		began := time.Now()
		a.end()
		if took := time.Since(began); took > agent.StopGrace {
			t.Errorf("stopping took %v, at most %v is allowed", took, agent.StopGrace)
		}
		r.wantTexts(aliceAlarm)
		a = r.start()
		defer a.end()
		time.Sleep(time.Minute)
		r.wantTexts(aliceAlarm, bobAlarm)
	}, modemtest.SendDelay(20*time.Second))
}

func TestStopWaitsForASilentModemNoLongerThanItsGrace(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.publish(smoke, burning)
		time.Sleep(5 * time.Second)
		began := time.Now()
		a.end()
		if took := time.Since(began); took < agent.StopGrace || took > agent.StopGrace+5*time.Second {
			t.Errorf("stopping took %v, want the grace of %v", took, agent.StopGrace)
		}
	}, modemtest.Fault("send 1 silent"))
}

func TestNothingIsWrittenWhenNothingChanges(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		r.publish("freezer/1", "-18")
		time.Sleep(2 * time.Minute) // past the save of its value
		before := a.status().Store.Commits
		time.Sleep(time.Hour)
		if got := a.status().Store.Commits; got != before {
			t.Errorf("%d commits in an idle hour, want none", got-before)
		}
		for range 600 {
			r.publish("freezer/1", "-18.5")
			time.Sleep(time.Second)
		}
		if got := a.status().Store.Commits - before; got > 11 {
			t.Errorf("%d commits for ten minutes of readings that changed nothing, want at most one a minute", got)
		}
	})
}

func TestBadPayloadsTextNobodyAndAreCounted(t *testing.T) {
	bad := map[string]string{
		"an empty payload":  "",
		"null":              `{"smoke": null}`,
		"NaN":               `{"smoke": NaN}`,
		"invalid UTF-8":     "{\"smoke\": \"\xff\xfe\"}",
		"a huge exponent":   `{"smoke": 1e10000000}`,
		"deep nesting":      strings.Repeat("[", 100_000),
		"another shape":     `[true]`,
		"a lone surrogate":  `{"smoke": "\ud800"}`,
		"nothing like JSON": "burning!",
	}
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		for name, payload := range bad {
			before := a.status()
			r.publish(smoke, payload)
			r.publish("freezer/1", payload)
			time.Sleep(time.Second)
			after := a.status()
			if got := total(after.Rules.Unknown) - total(before.Rules.Unknown); got != 2 {
				t.Errorf("%s: %d values counted as unknown, want 2", name, got)
			}
		}
		r.wantTexts()
	})
}

func total(counts map[string]uint64) (n uint64) {
	for _, c := range counts {
		n += c
	}
	return n
}
