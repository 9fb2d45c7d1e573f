package modem

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// run runs a modem on sim for the rest of the test.
func run(t *testing.T, sim *modemtest.Modem, change ...func(*Options)) *Modem {
	t.Helper()
	o := Options{Name: "sim", Port: "/dev/simulated-modem", Open: sim.Open, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, c := range change {
		c(&o)
	}
	m := New(o)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := m.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	return m
}

func mustBeReady(t *testing.T, m *Modem, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	if err := m.Ready(ctx); err != nil {
		t.Fatalf("not ready within %v: %+v", within, m.State())
	}
}

func TestATextGoesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := modemtest.New()
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		for _, p := range mustSplit(t, "freezer 3 is warm", SplitOptions{}) {
			r, err := m.Send(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(r)
		}
		t.Logf("%+v", sim.Accepted())
		t.Logf("%+v", m.State())
	})
}
