package buffer

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

var (
	opsFlag    = flag.Int("ops", 5_000, "operations of the random model check")
	reexecFlag = flag.String("reexec", "", "command that runs this test binary, such as qemu-arm-static; none: nothing can")
)

// childEnv makes the test binary play another process.
const childEnv = "BUFFER_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "probe":
		if err := ProbeOpen(os.Args[len(os.Args)-1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "churn":
		churn(os.Args[len(os.Args)-1])
	case "hold":
		hold(os.Args[len(os.Args)-1], submit)
	case "recall":
		hold(os.Args[len(os.Args)-1], recall)
	}
}

// self is the command that plays role on dir in another process.
func self(t testing.TB, role, dir string) *exec.Cmd {
	t.Helper()
	argv := append(strings.Fields(*reexecFlag), os.Args[0], dir)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), childEnv+"="+role)
	return cmd
}

// canReexec skips where this binary cannot be started from itself: for another
// architecture that needs -reexec.
func canReexec(t testing.TB) {
	t.Helper()
	if *reexecFlag == "none" {
		t.Skip("told that this test binary cannot be started again")
	}
	cmd := self(t, "none", "")
	if err := cmd.Run(); err != nil {
		t.Skipf("cannot start this test binary again (%v); for another architecture use -reexec", err)
	}
}

// probeSelf is the probe as the agent has it.
func probeSelf(t testing.TB) func(context.Context, string) error {
	t.Helper()
	canReexec(t)
	argv := append(strings.Fields(*reexecFlag), os.Args[0])
	probe := Child(append([]string{"/usr/bin/env", childEnv + "=probe"}, argv...)...)
	return probe
}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, r, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !r.empty() {
		t.Fatalf("recovery: %v", r)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func reopen(t testing.TB, s *Store) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, s.dir)
}

func commit(t testing.TB, s *Store, b Batch) []uint64 {
	t.Helper()
	ids, err := s.Commit(b)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func text(to, body string) Text {
	return Text{To: to, Contact: "alice", Body: body, Subject: "alert/door", Created: time.Second, Urgency: 1}
}

func records(s *Store, prefix string) map[string]string {
	found := make(map[string]string)
	for key, value := range s.Records(prefix) {
		found[key] = string(value)
	}
	return found
}

func bodies(s *Store) (all []string) {
	for _, t := range s.Texts() {
		all = append(all, t.Body)
	}
	return all
}

func receipt(mr uint8) Receipt { return Receipt{Modem: "stick", Reference: mr, At: time.Minute} }
