package modemmanager

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/modem/modemmanager/mmtest"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// The real ModemManager, on a private bus, with the simulated modem on a socket that
// its test interface takes in place of a serial port: what the fake is measured by.

// polkit allows everything.
type polkit struct{}

type subject struct {
	Kind    string
	Details map[string]dbus.Variant
}

type authorization struct {
	Allowed, Challenge bool
	Details            map[string]string
}

func (polkit) CheckAuthorization(subject, string, map[string]string, uint32, string) (authorization, *dbus.Error) {
	return authorization{Allowed: true, Details: map[string]string{}}, nil
}

// withRealModemManager is a bench with ModemManager itself and the simulator sim.
func withRealModemManager(t *testing.T, o Options, sim ...modemtest.Option) (*bench, *modemtest.Modem) {
	t.Helper()
	program, err := exec.LookPath("/usr/sbin/ModemManager")
	if err != nil {
		t.Skip("no ModemManager on this machine")
	}
	if testing.Short() {
		t.Skip("ModemManager takes seconds to start")
	}
	t.Parallel()
	address := mmtest.Bus(t)
	b := &bench{t: t, inbox: &inbox{}}
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.Export(polkit{}, "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority")
	if _, err := conn.RequestName("org.freedesktop.PolicyKit1", 0); err != nil {
		t.Fatal(err)
	}
	simulated, err := modemtest.Build(sim...)
	if err != nil {
		t.Fatal(err)
	}
	port := serve(t, simulated)
	cmd := exec.Command(program, "--test-enable", "--test-no-udev", "--test-no-qrtr", "--test-no-suspend-resume", "--log-level=DEBUG")
	cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+address)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("ModemManager said:\n%s", log.String())
		}
	})
	b.within(30*time.Second, "a ModemManager that takes the port", func() bool {
		return conn.Object(service, root).Call(service+".Test.SetProfile", dbus.FlagNoAutoStart, "tocsin", "generic", []string{port}).Err == nil
	})
	o.Address, o.Inbox, o.Name = address, b.inbox, "main"
	b.m = New(o)
	b.m.limits.look, b.m.limits.retry = 50*time.Millisecond, time.Second
	b.run()
	return b, simulated
}

// serve offers the simulated modem on an abstract socket, whose name it returns as
// ModemManager wants it.
func serve(t *testing.T, m *modemtest.Modem) string {
	t.Helper()
	name := "abstract:" + strings.ReplaceAll(t.Name(), "/", "-")
	ports, err := net.Listen("unix", "@"+name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ports.Close() })
	go func() {
		for {
			host, err := ports.Accept()
			if err != nil {
				return
			}
			// One at a time: the modem has one port, which ModemManager opens anew
			// now and then.
			line, err := m.Open(context.Background())
			if err != nil {
				return
			}
			var copies sync.WaitGroup
			copies.Go(func() { io.Copy(line, withoutLF{host}); line.Close() })
			copies.Go(func() { io.Copy(host, line); host.Close() })
			copies.Wait()
		}
	}()
	return name
}

// withoutLF drops line feeds: ModemManager ends its commands in CR LF, and the LF
// comes when the modem is at the prompt for the PDU already. Modems pass over it.
type withoutLF struct{ r io.Reader }

func (w withoutLF) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	return copy(p, bytes.ReplaceAll(p[:n], []byte("\n"), nil)), err
}

func (b *bench) within(limit time.Duration, what string, met func() bool) {
	b.t.Helper()
	for end := time.Now().Add(limit); !met(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("%s: not within %v; the modem is %+v", what, limit, b.m.State())
		}
	}
}

func (b *bench) ready() {
	b.t.Helper()
	b.within(60*time.Second, "ready", func() bool { return b.m != nil && b.m.State().Phase == modem.PhaseReady })
}

func TestRealModemManagerSendsAndReceivesForUs(t *testing.T) {
	b, sim := withRealModemManager(t, Options{Device: imei}, modemtest.Fault("send 2 cms 38; send 3 cms 331; send 4 error"))
	b.ready()
	if st := b.m.State(); st.Operator != "Simulated" || st.Technology != modem.TechnologyLTE || st.Registration != 1 {
		t.Errorf("the modem is %+v", st)
	}
	parts, err := modem.Split(alice, "Дым на кухне", 7, modem.SplitOptions{Report: true, Validity: 2 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	receipt, failure := b.sendPart(parts[0])
	if failure != nil {
		t.Fatal(failure)
	}
	texts, err := sim.WaitAccepted(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := texts[0]; got.To != string(alice) || got.Body != "Дым на кухне" || !got.ReportRequested || got.Validity != 2*time.Hour {
		t.Errorf("the network accepted %+v", got)
	}
	b.within(20*time.Second, "a report", func() bool { _, reports, _ := b.inbox.has(); return len(reports) == 1 })
	if _, reports, _ := b.inbox.has(); reports[0].Reference != receipt.Reference || reports[0].Status != 0 || reports[0].To != string(alice) || reports[0].Discharged.IsZero() {
		t.Errorf("reported: %+v, of reference %d", reports[0], receipt.Reference)
	}
	for _, c := range []struct {
		code int
		o    modem.Outcome
	}{{38, modem.Refused}, {331, modem.Refused}, {500, modem.Refused}} {
		b.ready()
		if _, err := b.send("warm", modem.SplitOptions{}); err == nil || err.Code != c.code || err.Outcome != c.o {
			t.Errorf("Send returned %v, want %v with code %d", err, c.o, c.code)
		}
	}
	sim.Text(string(alice), "OK 17")
	b.within(20*time.Second, "the text", func() bool { texts, _, _ := b.inbox.has(); return len(texts) == 1 })
	if texts, _, _ := b.inbox.has(); texts[0].Body != "OK 17" || texts[0].From != string(alice) || texts[0].Sent.IsZero() {
		t.Errorf("received %+v", texts[0])
	}
}

func TestRealModemManagerUnlocksTheSIMForUs(t *testing.T) {
	o := withPIN("1234", &ledger{})
	b, _ := withRealModemManager(t, o, modemtest.PIN("1234", 3))
	b.ready()
}

func TestRealModemManagerTellsUsThatThePINIsWrong(t *testing.T) {
	o := withPIN("1111", &ledger{})
	b, sim := withRealModemManager(t, o, modemtest.PIN("1234", 3))
	b.within(60*time.Second, "locked", func() bool { return b.m.State().Phase == modem.PhaseLocked })
	if got := b.m.State().Cause; got != "the SIM refused the configured PIN; it is not entered again" {
		t.Errorf("cause %q", got)
	}
	entered := 0
	for _, command := range sim.Commands() {
		if strings.HasPrefix(command, "AT+CPIN=") {
			entered++
		}
	}
	if entered != 1 {
		t.Errorf("the PIN was entered %d times, want once", entered)
	}
}

func TestAPartThatTheRealModemManagerWaitsForIsUnknown(t *testing.T) {
	b, _ := withRealModemManager(t, Options{}, modemtest.Fault("send 1 silent"))
	b.m.limits.send = 2 * time.Second
	b.ready()
	if _, err := b.send("warm", modem.SplitOptions{}); err == nil || err.Outcome != modem.Unknown {
		t.Errorf("Send returned %v, want an unknown outcome", err)
	}
}
