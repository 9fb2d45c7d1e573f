package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// asCommand makes the test binary behave as the program, so that tests can run
// it as a process of its own and kill it.
const asCommand = "TOCSIN_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// tocsin is the program as a command.
func tocsin(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), asCommand+"=1")
	return c
}

// A gateway is a real one as far as a machine without hardware can have it: a
// mosquitto, a modem on a pseudo-terminal and the agent as a process.
type gateway struct {
	t       *testing.T
	dir     string
	port    int
	modem   *modemtest.Modem
	config  string
	broker  *exec.Cmd
	process *exec.Cmd
	log     lockedBuffer
}

// newGateway starts a broker and a modem; the agent is for the test to start.
func newGateway(t *testing.T, alerts string, o ...modemtest.Option) *gateway {
	t.Helper()
	g := &gateway{t: t, dir: t.TempDir(), port: freePort(t), modem: modemtest.New(o...)}
	if _, err := exec.LookPath("mosquitto"); err != nil {
		t.Skip("mosquitto is not installed")
	}
	g.write("mosquitto.conf", fmt.Sprintf(`
listener %d 127.0.0.1
allow_anonymous true
persistence true
persistence_location %s/
user %s
`, g.port, g.dir, userName(t)))
	g.config = filepath.Join(g.dir, "config")
	g.write("config/house.hcl", fmt.Sprintf(`
mqtt "mosquitto" {
  url       = "mqtt://127.0.0.1:%d"
  client_id = "tocsin-test"
}
modem "pty" {
  port = "%s"
}
contact "alice" {
  phone  = "+353871234567"
  budget = ["1000/1h"]
}
%s`, g.port, g.link(), alerts))
	g.startBroker()
	g.startModem()
	t.Cleanup(func() {
		g.kill()
		g.stopBroker()
		if t.Failed() {
			t.Logf("the agent's log:\n%s", g.log.String())
		}
	})
	return g
}

func (g *gateway) link() string   { return filepath.Join(g.dir, "modem") }
func (g *gateway) socket() string { return filepath.Join(g.dir, "socket") }
func (g *gateway) data() string   { return filepath.Join(g.dir, "data") }

func (g *gateway) write(name, text string) {
	g.t.Helper()
	path := filepath.Join(g.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		g.t.Fatal(err)
	}
}

func (g *gateway) startModem() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.modem.ServePTY(ctx, g.link()) }()
	g.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			g.t.Errorf("pseudo-terminal: %v", err)
		}
	})
	g.until("the modem's link is there", func() bool { _, err := os.Stat(g.link()); return err == nil })
}

func (g *gateway) startBroker() {
	g.t.Helper()
	g.broker = exec.Command("mosquitto", "-c", filepath.Join(g.dir, "mosquitto.conf"))
	if err := g.broker.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.until("the broker listens", func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", g.port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

func (g *gateway) stopBroker() {
	if g.broker != nil {
		_ = g.broker.Process.Signal(syscall.SIGTERM)
		_ = g.broker.Wait() // killed or not, it is gone
		g.broker = nil
	}
}

// start starts the agent.
func (g *gateway) start() {
	g.t.Helper()
	g.process = tocsin("run", g.config, "--data", g.data(), "--socket", g.socket(), "--log-level", "debug")
	g.process.Stderr = &g.log
	if err := g.process.Start(); err != nil {
		g.t.Fatal(err)
	}
}

// startWell starts the agent and returns when it has no problem.
func (g *gateway) startWell() {
	g.t.Helper()
	g.start()
	g.until("the agent is well", func() bool {
		s, err := g.status()
		return err == nil && len(s.Problems) == 0
	})
}

// kill is kill -9.
func (g *gateway) kill() {
	if g.process != nil {
		_ = g.process.Process.Kill()
		_ = g.process.Wait()
		g.process = nil
	}
}

func (g *gateway) status() (status.Snapshot, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return api.Status(ctx, g.socket())
}

// embedBroker replaces mosquitto by the broker in the agent.
func (g *gateway) embedBroker() {
	g.t.Helper()
	g.stopBroker()
	path := filepath.Join(g.config, "house.hcl")
	text, err := os.ReadFile(path)
	if err != nil {
		g.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "}\n")
	g.write("config/house.hcl", fmt.Sprintf("broker {\n  listen = \"127.0.0.1:%d\"\n  allow_anonymous = true\n}\n%s", g.port, rest))
}

// sensor publishes with QoS 1 until it is acknowledged, connecting anew when the
// broker goes away.
func (g *gateway) sensor(topic, payload string) <-chan error {
	acknowledged := make(chan error, 1)
	go func() {
		limit := time.Now().Add(untilMax)
		for {
			c := exec.Command("mosquitto_pub", "-p", fmt.Sprint(g.port), "-q", "1", "-t", topic, "-m", payload)
			out, err := c.CombinedOutput()
			if err == nil || time.Now().After(limit) {
				if err != nil {
					err = fmt.Errorf("mosquitto_pub: %w: %s", err, out)
				}
				acknowledged <- err
				return
			}
		}
	}()
	return acknowledged
}

// publish is mosquitto_pub with QoS 1: it returns when the broker has it.
func (g *gateway) publish(topic, payload string) {
	g.t.Helper()
	c := exec.Command("mosquitto_pub", "-p", fmt.Sprint(g.port), "-q", "1", "-t", topic, "-s")
	if payload == "" {
		c.Args[len(c.Args)-1] = "-n"
	}
	c.Stdin = strings.NewReader(payload)
	if out, err := c.CombinedOutput(); err != nil {
		g.t.Fatalf("mosquitto_pub: %v: %s", err, out)
	}
}

// waitTexts returns when the network has accepted n texts.
func (g *gateway) waitTexts(n int, within time.Duration) []modemtest.Text {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	texts, err := g.modem.WaitAccepted(ctx, n)
	if err != nil {
		g.t.Fatalf("%d texts within %v, want %d: %v", len(g.modem.Accepted()), within, n, err)
	}
	return texts
}

const untilMax = time.Minute

// until asks again and again: what happens in other processes sends no word.
func (g *gateway) until(what string, ok func() bool) {
	g.t.Helper()
	ask := time.NewTicker(20 * time.Millisecond)
	defer ask.Stop()
	limit := time.After(untilMax)
	for !ok() {
		select {
		case <-ask.C:
		case <-limit:
			g.t.Fatalf("not within %v: %s", untilMax, what)
		}
	}
}

// userName is who runs the tests: started by root, mosquitto would become
// somebody who cannot write to the test's directory.
func userName(t *testing.T) string {
	t.Helper()
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return u.Username
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
