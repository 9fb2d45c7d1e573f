package agent_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent"
)

// quiet is a configuration that watches for silence.
const quiet = rooms + `
sensor "boiler" {
  topic         = "boiler"
  value         = number
  offline_after = "1h"
}
alert "boiler_lost" {
  when    = offline(sensor.boiler)
  notify  = contact.alice
  message = "Boiler silent for ${age(sensor.boiler)}"
}
alert "smoke" {
  when     = sensor.smoke.smoke
  severity = "critical"
  notify   = policy.family
  message  = "SMOKE ${room}"
  cleared  = "No smoke ${room}"
}
alert "freezer" {
  when = sensor.freezer > 0
  for  = "1m"
}
`

// powerCut ends the agent's machine for so long; its clock then begins in 1970,
// until a time server sets it when the function is called that is returned.
func (r *rig) powerCut(a *running, down time.Duration) (sync func()) {
	a.end()
	time.Sleep(down)
	began, synced := time.Now(), new(atomic.Bool)
	r.boot = agent.Boot{ID: r.boot.ID + "'", Uptime: func() time.Duration { return time.Since(began) }}
	r.clock = agent.Clock{Synced: synced.Load, Now: func() time.Time {
		if synced.Load() {
			return time.Now()
		}
		return time.Unix(10, 0).Add(time.Since(began))
	}}
	return func() { synced.Store(true) }
}

func TestSilenceCountsAPowerCutOnceATimeServerSaysHowLongItWas(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(quiet)
		r.clock = agent.Clock{Now: time.Now, Synced: func() bool { return true }}
		a := r.start()
		r.publish("boiler", "60")
		time.Sleep(10 * time.Minute)
		sync := r.powerCut(a, 40*time.Minute)
		a = r.start()
		time.Sleep(5 * time.Minute)
		r.wantTexts()
		sync()
		time.Sleep(4 * time.Minute)
		r.wantTexts()
		time.Sleep(2 * time.Minute)
		r.wantTexts("567: Rosewood: Boiler silent for 1 h")
		a.end()
	})
}

func TestTimeThatCannotBeMeasuredDeclaresNothingOffline(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(quiet)
		r.clock = agent.Clock{Now: time.Now, Synced: func() bool { return true }}
		a := r.start()
		r.publish("boiler", "60")
		time.Sleep(10 * time.Minute)
		r.powerCut(a, 48*time.Hour)
		a = r.start()
		defer a.end()
		time.Sleep(49 * time.Minute)
		r.wantTexts()
		time.Sleep(2 * time.Minute)
		r.wantTexts("567: Rosewood: Boiler silent for 1 h")
	})
}

func TestABrokerOutOfReachIsToldOnceAndItsSensorsHaveTheirTimeAfterIt(t *testing.T) {
	const lost, back = "567: Rosewood: Cannot reach the sensors: broker home has been out of reach for 50 min",
		"567: Rosewood: Sensors in reach again: broker home is back"
	inBubble(t, func(r *rig) {
		r.configure(strings.Replace(quiet, " for ${age(sensor.boiler)}", "", 1)) // when it is back depends on chance
		a := r.start()
		r.publish("boiler", "60")
		time.Sleep(10 * time.Minute)
		r.cutLine()
		time.Sleep(49 * time.Minute)
		r.wantTexts()
		time.Sleep(2 * time.Minute)
		r.wantTexts(lost)
		a.end()
		a = r.restart()
		time.Sleep(2 * time.Hour)
		r.wantTexts(lost)
		r.mendLine()
		time.Sleep(time.Minute)
		r.wantTexts(lost, back)
		time.Sleep(58 * time.Minute)
		r.wantTexts(lost, back)
		time.Sleep(2 * time.Minute)
		r.wantTexts(lost, back, "567: Rosewood: Boiler silent")
		a.end()
	})
}
