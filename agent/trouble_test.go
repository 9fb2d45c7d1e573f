package agent_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// How much trouble TestTroubleLosesNoText makes. The figures in the README come
// from more of it.
var (
	troubleSeeds = flag.Int("seeds", 4, "simulated modems with faults of their own")
	troubleTexts = flag.Int("texts", 300, "texts through each of them")
)

// batchTexts are the texts of one run of the agent: fewer than the store remembers.
const batchTexts = 150

// trouble is what a modem and its network do, each drawn anew with the seed.
func trouble(seed int) string {
	return fmt.Sprintf(`seed %d
		probability 0.02 silent
		probability 0.01 lost
		probability 0.03 cms 38
		probability 0.03 cms 41
		probability 0.03 cms 42
		probability 0.02 cms 500
		probability 0.01 cms 331
		probability 0.01 cms 515
		probability 0.01 cms 332
		probability 0.01 cme 30
		probability 0.01 error
		probability 0.02 late 45s
		probability 0.01 late 190s
		probability 0.01 no ok
		probability 0.01 ok first 3s
		probability 0.01 garbage 40
		probability 0.005 reboot
		probability 0.005 unplug 20s
		probability 0.005 vanish 20s
		probability 0.005 no prompt
		probability 0.05 delay 20s
		report * delay 5s
		urc ^RSSI: 20 every 7s
		urc RING before prompt
		urc +CREG: 1 inside reply`, seed+1)
}

// written is a text whose body says whom it is for, of one to three parts.
func written(random *rand.Rand, n int) buffer.Text {
	to := fmt.Sprintf("+3538700000%02d", random.IntN(40))
	body := fmt.Sprintf("%s is told %d. %s", to, n, strings.Repeat("It is warm. ", random.IntN(30)))
	return buffer.Text{To: to, Body: strings.TrimSpace(body)}
}

func TestTroubleLosesNoText(t *testing.T) {
	profiles := modemtest.Profiles()
	for seed := range *troubleSeeds {
		profile := profiles[seed%len(profiles)]
		t.Run(fmt.Sprint(seed, " ", profile), func(t *testing.T) {
			inBubble(t, func(r *rig) { r.endure(seed) },
				modemtest.Profile(profile), modemtest.PIN("1234", 3), modemtest.Fault(trouble(seed)))
		})
	}
}

// endure sends texts in batches, each through an agent of its own that is stopped
// once in the middle, and accounts for every one.
func (r *rig) endure(seed int) {
	pin := filepath.Join(r.t.TempDir(), "pin")
	if err := os.WriteFile(pin, []byte("1234\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.configure(strings.Replace(house, `port = "/dev/ttyUSB2"`, fmt.Sprintf("port = \"/dev/ttyUSB2\"\n  pin_file = %q", pin), 1))
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	var account tally
	for n := 0; n < *troubleTexts; n += batchTexts {
		texts := make([]buffer.Text, min(batchTexts, *troubleTexts-n))
		for i := range texts {
			texts[i] = written(random, n+i)
		}
		r.holdTexts(texts...)
		seen := len(r.modem.Accepted())
		a := r.restart()
		time.Sleep(time.Duration(random.IntN(20)) * time.Minute)
		a.end()
		a = r.restart()
		r.waitUntilSent(a)
		a.end()
		account.add(r, texts, r.modem.Accepted()[seen:])
	}
	if got := r.modem.PINTries(); got != 3 {
		r.t.Errorf("%d PIN tries left, want all 3", got)
	}
	for _, why := range r.modem.Refused() {
		if strings.Contains(why, "does not belong") || strings.Contains(why, "malformed") {
			r.t.Errorf("parts were mixed: %s", why)
		}
	}
	if account.doubtful > *troubleTexts/10 {
		r.t.Errorf("%d of %d texts are in doubt, want one in ten at most", account.doubtful, *troubleTexts)
	}
	r.t.Logf("%d texts: %d repeated, %d in doubt; virtual time %v",
		*troubleTexts, account.repeated, account.doubtful, time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).Round(time.Minute))
}

func (r *rig) waitUntilSent(a *running) {
	r.t.Helper()
	for range 24 * 60 {
		if len(a.status().Waiting) == 0 {
			return
		}
		time.Sleep(time.Minute)
	}
	r.t.Errorf("texts still wait after a day: %+v, modem %+v", a.status().Waiting[0], a.status().Modems[0])
}

// tally counts what is not as it should be and may be so.
type tally struct {
	repeated int // arrived more than once, each time after its outcome was unknown
	doubtful int // given up because nobody knows whether they arrived
}

// add accounts for each text by what the network took and the store remembers.
func (c *tally) add(r *rig, texts []buffer.Text, accepted []modemtest.Text) {
	r.t.Helper()
	arrived := map[string]int{} // by recipient and body
	for _, got := range accepted {
		arrived[got.To+" "+strings.TrimSuffix(got.Body, " (repeat)")]++
	}
	remembered := map[string]buffer.Sent{}
	for _, s := range r.sent() {
		remembered[s.To+" "+s.Body] = s
	}
	for _, text := range texts {
		key := text.To + " " + text.Body
		if s, left := remembered[key]; left {
			c.judge(r, s, arrived[key])
		} else {
			r.t.Errorf("neither sent nor given up, and %d times there: %q", arrived[key], text.Body)
		}
		delete(arrived, key)
	}
	for key := range arrived {
		r.t.Errorf("nobody wrote %q", key)
	}
}

// judge compares how often a text arrived with what the store says of it.
func (c *tally) judge(r *rig, s buffer.Sent, arrived int) {
	r.t.Helper()
	doubts := 0
	for _, p := range s.Parts {
		doubts += p.Silent + p.Interrupted
	}
	switch {
	case arrived == 0 && s.Cause == "":
		r.t.Errorf("lost: %q, sent by all accounts", s.Body)
	case arrived == 0 && doubts == 0:
		r.t.Errorf("lost: %q: %s", s.Body, s.Cause)
	case arrived > 1+doubts:
		r.t.Errorf("%d times: %q, which was in doubt %d times", arrived, s.Body, doubts)
	case arrived > 1:
		c.repeated++
	}
	if s.Cause != "" {
		c.doubtful++
	}
}
