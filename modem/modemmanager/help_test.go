package modemmanager

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/modem/modemmanager/mmtest"
)

const (
	imei  = "004999010640000"
	alice = modem.Number("+353871234567")
)

// bench is a fake ModemManager and a Modem that runs against it.
type bench struct {
	*mmtest.ModemManager
	t     *testing.T
	m     *Modem
	inbox *inbox
	stop  func() // ends Run and waits for it
}

// start runs a Modem with o against a new ModemManager, which plug fits out first.
func start(t *testing.T, o Options, plug func(*mmtest.ModemManager)) *bench {
	t.Helper()
	address := mmtest.Bus(t)
	b := &bench{ModemManager: mmtest.New(t, address), t: t, inbox: &inbox{}}
	plug(b.ModemManager)
	o.Address, o.Inbox = address, b.inbox
	o.Name = "main"
	b.m = New(o)
	b.m.limits = limits{reconnect: 20 * time.Millisecond, look: 5 * time.Millisecond, poll: 200 * time.Millisecond, retry: 50 * time.Millisecond, send: 500 * time.Millisecond,
		ring: 100 * time.Millisecond}
	b.run()
	return b
}

func (b *bench) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.m.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("Run returned %v", err)
		}
	})
	b.t.Cleanup(func() { b.stop() })
}

func one(mm *mmtest.ModemManager) { mm.Add(imei) }

// withModem is start with one modem, once it is ready.
func withModem(t *testing.T, o Options) (*bench, *mmtest.Modem) {
	t.Helper()
	var fake *mmtest.Modem
	b := start(t, o, func(mm *mmtest.ModemManager) { fake = mm.Add(imei) })
	b.await(modem.PhaseReady, "")
	return b, fake
}

func (b *bench) await(phase, cause string) modem.State {
	b.t.Helper()
	var st modem.State
	defer func() {
		if b.t.Failed() {
			b.t.Logf("the modem is %+v", st)
		}
	}()
	b.Eventually(fmt.Sprintf("phase %q, cause %q", phase, cause), func() bool {
		st = b.m.State()
		return st.Phase == phase && st.Cause == cause
	})
	return st
}

func (b *bench) send(text string, o modem.SplitOptions) (modem.Receipt, *modem.SendError) {
	b.t.Helper()
	parts, err := modem.Split(alice, text, 7, o)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.sendPart(parts[0])
}

func (b *bench) sendPart(p modem.Part) (modem.Receipt, *modem.SendError) {
	b.t.Helper()
	receipt, err := b.m.Send(b.t.Context(), p)
	if err == nil {
		return receipt, nil
	}
	var failed *modem.SendError
	if !errors.As(err, &failed) {
		b.t.Fatalf("Send returned %v, which is no *modem.SendError", err)
	}
	return receipt, failed
}

// inbox remembers what it is given, and refuses while refuse is set.
type inbox struct {
	mu      sync.Mutex
	refuse  error
	texts   []modem.Inbound
	refused []modem.Inbound
	reports []modem.Report
	offered int
}

func (i *inbox) Text(t modem.Inbound) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.offered++
	if i.refuse != nil {
		i.refused = append(i.refused, t)
		return i.refuse
	}
	i.texts = append(i.texts, t)
	return nil
}

func (i *inbox) Report(r modem.Report) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.offered++
	if i.refuse == nil {
		i.reports = append(i.reports, r)
	}
	return i.refuse
}

func (i *inbox) Late(modem.Late) error { return nil }

func (i *inbox) set(refuse error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.refuse = refuse
}

func (i *inbox) has() (texts []modem.Inbound, reports []modem.Report, offered int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.texts), slices.Clone(i.reports), i.offered
}

// ledger is a PIN ledger in memory.
type ledger struct {
	mu      sync.Mutex
	records map[string]string
}

func (l *ledger) Tried(key string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.records[key], nil
}

func (l *ledger) Record(key, state string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.records == nil {
		l.records = map[string]string{}
	}
	l.records[key] = state
	return nil
}

func withPIN(pin string, l *ledger) Options {
	return Options{Options: modem.Options{PIN: func() (string, error) { return pin, nil }, PINs: l}}
}
