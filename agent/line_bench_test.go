package agent_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent"
	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
	"github.com/tocsin-edge/tocsin/mqtt"
)

// BenchmarkPublishToDecision is the whole line up to the decision: the embedded
// broker, a session with QoS 1, the rules with a hundred alerts, and the PUBACK.
func BenchmarkPublishToDecision(b *testing.B) {
	broker, err := mqtt.NewBroker(mqtt.BrokerOptions{})
	if err != nil {
		b.Fatal(err)
	}
	a := benchAgent(b, broker)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 2)
	go func() { ended <- broker.Run(ctx) }()
	go func() { ended <- a.Run(ctx) }()
	settled(b, a, func(readings uint64, problems int) bool { return problems == 0 })
	n, began := uint64(0), time.Now()
	for b.Loop() {
		if err := broker.Publish(ctx, "fleet/ex7/engine", []byte(`{"oil_kpa": 310, "rpm": 1450}`), 1, false); err != nil {
			b.Fatal(err)
		}
		n++
	}
	settled(b, a, func(readings uint64, problems int) bool { return readings == n })
	b.ReportMetric(float64(n)/time.Since(began).Seconds(), "messages/s")
	cancel()
	for range 2 {
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
}

func benchAgent(b *testing.B, broker *mqtt.Broker) *agent.Agent {
	b.Helper()
	text := strings.Builder{}
	text.WriteString(`
mqtt "m" {
  url = "mqtt://broker.invalid"
}
modem "m" {
  port = "/dev/null"
}
contact "alice" {
  phone = "+353871234567"
}
sensor "engine" {
  topic  = "fleet/{machine}/engine"
  fields = { oil_kpa = number, rpm = number }
}
`)
	for i := range 100 {
		fmt.Fprintf(&text, "alert \"a%d\" {\n  when = sensor.engine.rpm > 600 && sensor.engine.oil_kpa < %d\n  for = \"5s\"\n}\n", i, i)
	}
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bench.hcl"), []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	cfg, _, diags := config.Load(dir, config.Options{})
	if diags.HasErrors() {
		b.Fatal(diags)
	}
	cfg.Brokers[0].Dial = broker.Dial
	cfg.Modems[0].Open = modemtest.New().Open
	a, err := agent.New(agent.Options{Config: cfg, Data: b.TempDir(), Boot: agent.KernelBoot()})
	if err != nil {
		b.Fatal(err)
	}
	return a
}

// settled asks the agent until ok says so.
func settled(b *testing.B, a *agent.Agent, ok func(readings uint64, problems int) bool) {
	b.Helper()
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		s, err := a.Snapshot(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if ok(s.Rules.Readings, len(s.Problems)) {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("not settled: %+v", s.Rules)
		}
	}
}
