package agent_test

import (
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
	began, synced := time.Now(), false
	r.boot = agent.Boot{ID: r.boot.ID + "'", Uptime: func() time.Duration { return time.Since(began) }}
	r.clock = agent.Clock{Synced: func() bool { return synced }, Now: func() time.Time {
		if synced {
			return time.Now()
		}
		return time.Unix(10, 0).Add(time.Since(began))
	}}
	return func() { synced = true }
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
