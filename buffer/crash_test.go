package buffer

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

const seedEnv = "BUFFER_TEST_SEED"

// churn carries out random operations until it is killed, and writes a byte
// after each that the store has acknowledged.
func churn(dir string) {
	s, r, err := Open(dir, Options{})
	if err != nil || !r.empty() {
		fmt.Fprintln(os.Stderr, err, r)
		os.Exit(1)
	}
	seed, _ := strconv.ParseUint(os.Getenv(seedEnv), 10, 64)
	m := modelOf(s, seed)
	for {
		if err := m.step(s); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Stdout.Write([]byte{'.'})
	}
}

// hold opens the store, does something to a text and keeps it until its standard
// input ends.
func hold(dir string, do func(*Store, uint64) error) {
	s, _, err := Open(dir, Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	ids, err := s.Commit(Batch{Texts: []Text{{To: "+1", Body: "held"}}})
	if err == nil {
		err = do(s, ids[0])
	}
	fmt.Println(err)
	io.Copy(io.Discard, os.Stdin)
}

func TestAKillAtAnyInstantLosesNothingAcknowledged(t *testing.T) {
	canReexec(t)
	dir := t.TempDir()
	for range max(4, *opsFlag/2500) {
		killOnce(t, dir, rand.Uint64()>>20)
	}
}

func killOnce(t *testing.T, dir string, seed uint64) {
	t.Helper()
	s := open(t, dir)
	m := modelOf(s, seed)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	acknowledged := killAfter(t, dir, seed, time.Duration(rand.IntN(400))*time.Millisecond)
	for range acknowledged {
		m.step(nil)
	}
	s = open(t, dir)
	defer s.Close()
	next := m.clone()
	m.restart()
	d := m.diff(s)
	if d == "" {
		return
	}
	// The operation on its way may have made it to the disk. The model that
	// takes it as well shares no randomness with the first, which has ended.
	next.step(nil)
	next.restart()
	if next.diff(s) != "" {
		t.Fatalf("seed %d, killed after %d operations: neither those nor one more (-want +got):\n%.2000s", seed, acknowledged, d)
	}
}

// killAfter runs churn, kills it after d and returns how many operations it had
// acknowledged.
func killAfter(t *testing.T, dir string, seed uint64, d time.Duration) int {
	t.Helper()
	cmd := self(t, "churn", dir)
	cmd.Env = append(cmd.Env, seedEnv+"="+strconv.FormatUint(seed, 10))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	one := make([]byte, 1)
	n, _ := io.ReadFull(out, one)
	time.AfterFunc(d, func() { cmd.Process.Kill() })
	rest, _ := io.Copy(io.Discard, out)
	cmd.Wait()
	if stderr.Len() > 0 {
		t.Fatalf("child: %.500s", stderr.String())
	}
	return n + int(rest)
}

// submit has a part at the modem.
func submit(s *Store, id uint64) error { return s.Begin(id, 1, 2, "stick") }

// recall takes the text back.
func recall(s *Store, id uint64) error {
	if !s.Recall(id) || len(s.Texts()) > 0 {
		return errors.New("not recalled")
	}
	return nil
}

// holding starts a child that holds the store in dir, in that role.
func holding(t *testing.T, dir, role string) (kill func(), pid int) {
	t.Helper()
	canReexec(t)
	cmd := self(t, role, dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 64)
	n, err := out.Read(line)
	if got := string(line[:n]); err != nil || got != "<nil>\n" {
		t.Fatalf("child: %q, %v", got, err)
	}
	kill = func() {
		cmd.Process.Kill()
		cmd.Wait()
		in.Close()
	}
	t.Cleanup(kill)
	return kill, cmd.Process.Pid
}

func TestASecondAgentIsToldWhoHoldsTheDirectory(t *testing.T) {
	dir := t.TempDir()
	kill, pid := holding(t, dir, "hold")
	_, _, err := Open(dir, Options{})
	locked := new(LockedError)
	if !errors.As(err, &locked) || locked.PID != pid || !strings.Contains(err.Error(), strconv.Itoa(pid)) {
		t.Errorf("got %v, want a LockedError with process %d", err, pid)
	}
	kill()
	if _, _, err := Open(dir, Options{}); err != nil {
		t.Errorf("after the first was killed: %v", err)
	}
}

func TestAPartAtTheModemWhenTheAgentWasKilledWaitsAgainMarked(t *testing.T) {
	dir := t.TempDir()
	kill, _ := holding(t, dir, "hold")
	kill()
	for range 2 { // the mark is on disk, not only in memory
		s := open(t, dir)
		x, ok := s.Next(0)
		want := []Part{{State: Waiting, Modem: "stick", Interrupted: 1}, {State: Waiting}}
		if !ok || len(x.Parts) != 2 || x.Parts[0] != want[0] || x.Parts[1] != want[1] {
			t.Errorf("got %v %+v, want parts %+v", ok, x, want)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
