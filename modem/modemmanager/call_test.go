package modemmanager

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem"
)

func TestATelephoneRingsForAWhileAndNothingIsLeftOfTheCall(t *testing.T) {
	b, fake := withModem(t, Options{})
	began := time.Now()
	if err := b.m.Call(t.Context(), alice); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < b.m.limits.ring {
		t.Errorf("it rang for %v, want %v", took, b.m.limits.ring)
	}
	if got := fake.Calls(); !slices.Equal(got, []string{string(alice)}) {
		t.Errorf("rung: %q, want %q", got, alice)
	}
	if got := fake.OpenCalls(); got != 0 {
		t.Errorf("%d calls are left, want none", got)
	}
	b.await(modem.PhaseReady, "")
}

func TestATelephoneThatIsAnsweredOrDeclinedRingsNoLonger(t *testing.T) {
	for _, answers := range []bool{true, false} {
		b, fake := withModem(t, Options{})
		b.m.limits.ring = time.Hour
		fake.OnRing(func(string) bool { return answers })
		if err := b.m.Call(t.Context(), alice); err != nil {
			t.Errorf("answered %v: %v", answers, err)
		}
		if got := fake.OpenCalls(); got != 0 {
			t.Errorf("answered %v: %d calls are left, want none", answers, got)
		}
	}
}

func TestACallEndsWithItsCaller(t *testing.T) {
	b, fake := withModem(t, Options{})
	b.m.limits.ring = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := b.m.Call(ctx, alice); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Call returned %v, want that the time is up", err)
	}
	b.Eventually("nothing left", func() bool { return fake.OpenCalls() == 0 })
}

func TestAModemWithoutVoiceSaysSo(t *testing.T) {
	b, fake := withModem(t, Options{Options: modem.Options{NoVoice: true}})
	if err := b.m.Call(t.Context(), alice); !errors.Is(err, modem.ErrNoVoice) || len(fake.Calls()) != 0 {
		t.Errorf("Call returned %v after %d calls, want %v and none", err, len(fake.Calls()), modem.ErrNoVoice)
	}
}
