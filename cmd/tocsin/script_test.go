package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tocsin-edge/tocsin/agent/api"
)

var update = flag.Bool("update", false, "write what the program says into the scripts that compare it")

// The scripts are the specification of the command line: what a person types,
// what they read, and the exit code. In them
//
//	exits CODE COMMAND…   runs a command that ends with this exit code
//	until REGEXP COMMAND… runs a command again and again until it succeeds and its
//	                      standard output matches
//	terminate SOCKET      sends SIGTERM to the agent there, which ends within seconds
//	narrow FILE…          holds when no line is wider than 80 columns
//
// and the environment has PORT and ANOTHER_PORT, on which nobody listens.
func TestTheCommandLineDoesWhatItsScriptsSay(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               func(e *testscript.Env) error { return setUpScript(e, freePort(t), freePort(t)) },
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %s", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "until": until, "terminate": terminate, "narrow": narrowFiles,
		},
	})
}

// setUpScript puts the program on the script's path.
func setUpScript(e *testscript.Env, port, another int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bin := filepath.Join(e.WorkDir, ".bin")
	err = errors.Join(os.Mkdir(bin, 0o755), os.Symlink(self, filepath.Join(bin, "tocsin")))
	e.Setenv("PATH", bin+string(filepath.ListSeparator)+e.Getenv("PATH"))
	e.Setenv(asCommand, "1")
	e.Setenv("PORT", strconv.Itoa(port))
	e.Setenv("ANOTHER_PORT", strconv.Itoa(another))
	return err
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got, err := 0, ts.Exec(args[1], args[2:]...)
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP COMMAND…")
	}
	want, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	limit := time.After(untilMax)
	ask := time.NewTicker(50 * time.Millisecond)
	defer ask.Stop()
	for ts.Exec(args[1], args[2:]...) != nil || !want.MatchString(ts.ReadFile("stdout")) {
		select {
		case <-ask.C:
		case <-limit:
			ts.Fatalf("not within %v: %s", untilMax, args[0])
		}
	}
}

// terminateMax is how long an agent that has nothing on the wire may take to
// stop.
const terminateMax = 10 * time.Second

func terminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: terminate SOCKET")
	}
	s, err := api.Status(context.Background(), ts.MkAbs(args[0]))
	if err == nil {
		err = syscall.Kill(s.PID, syscall.SIGTERM)
	}
	if err != nil {
		ts.Fatalf("%v", err)
	}
	limit := time.After(terminateMax)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for syscall.Kill(s.PID, 0) == nil {
		select {
		case <-look.C:
		case <-limit:
			ts.Fatalf("process %d is still there after %v", s.PID, terminateMax)
		}
	}
}

func narrowFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! narrow")
	}
	for _, file := range args {
		for line := range strings.Lines(ts.ReadFile(file)) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > narrow {
				ts.Fatalf("%s: %d columns, want at most %d: %s", file, n, narrow, line)
			}
		}
	}
}
