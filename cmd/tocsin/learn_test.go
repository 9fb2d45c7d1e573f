package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/learn"
	"github.com/tocsin-edge/tocsin/mqtt"
)

// aroundLearned is what a gateway has beside its sensors, with an alert that
// uses the one that is learned.
const aroundLearned = `
site {
  name     = "Cold store"
  timezone = "UTC"
}
mqtt "local" {
  url = "mqtt://localhost"
}
modem "stick" {
  port = "/dev/ttyUSB2"
}
contact "alice" {
  phone = "+353871234567"
}
alert "warm" {
  when    = sensor.room_temperature > 8
  for     = "10m"
  notify  = contact.alice
  message = "Room ${room}: ${sensor.room_temperature} C"
}
`

func TestWhatABrokerSaysForTenMinutesBecomesASensorThatLoads(t *testing.T) {
	// One processor: see inBubble of package mqtt.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, func(t *testing.T) {
		broker, err := mqtt.NewBroker(mqtt.BrokerOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var tasks errgroup.Group
		tasks.Go(func() error { return broker.Run(ctx) })
		tasks.Go(func() error { return talk(ctx, broker) })
		l := learn.New()
		o := mqtt.Options{Name: "learn", ClientID: "learn", Clean: true, Dial: broker.Dial, Filters: []mqtt.Filter{{Topic: "#"}}}
		if err := listen(t.Context(), l, o, 10*time.Minute, io.Discard); err != nil {
			t.Fatal(err)
		}
		stop()
		if err := tasks.Wait(); err != nil {
			t.Fatal(err)
		}
		checkLearned(t, string(l.Write().HCL))
	})
}

// talk publishes one retained message and then, every ten seconds, two others.
func talk(ctx context.Context, b *mqtt.Broker) error {
	err := b.Publish(ctx, "room/freezer/temperature", []byte("-18.5"), 1, true)
	for err == nil {
		for i, room := range []string{"cold", "ripening"} {
			if err = b.Publish(ctx, "room/"+room+"/temperature", fmt.Append(nil, 4+i), 1, false); err != nil {
				break
			}
		}
		if pause(ctx, 10*time.Second) != nil {
			return nil
		}
	}
	return err
}

func checkLearned(t *testing.T, got string) {
	t.Helper()
	const want = `
sensor "room_temperature" {
  topic         = "room/{room}/temperature"
  value         = number # -18.5 to 5
  unit          = "C"
  expect        = ["cold", "ripening"]
  offline_after = "1m"
}
`
	if !strings.HasSuffix(got, want) {
		t.Errorf("learned:\n%s\nwant it to end in:%s", got, want)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"gateway.hcl": aroundLearned, "learned.hcl": got} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, diags := config.Load(dir, config.Options{}); len(diags) > 0 {
		t.Errorf("it does not load without a word: %v", diags)
	}
}
