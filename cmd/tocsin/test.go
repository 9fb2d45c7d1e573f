package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/rehearsal/scenario"
)

type testFlags struct {
	run     string
	verbose bool
	json    bool
	vars    varsFlag
}

func newTestCommand() *cobra.Command {
	var f testFlags
	c := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Play the scenarios (*.test.hcl) of a configuration in virtual time",
		Long: `Plays every test of the *.test.hcl files in DIR (default /etc/tocsin): messages,
outages, reboots, and what is expected of them. The rules and whom they tell are
the agent's own; only time is not. The exit code is 0 when every expectation is
met and 1 when one is not.`,
		Args: atMostOneDir,
		RunE: func(_ *cobra.Command, args []string) error {
			return test(os.Stdout, os.Stderr, configDir(args), f)
		},
	}
	c.Flags().StringVar(&f.run, "run", "", "play only the tests whose names match this regular expression")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "show all that happens in each test")
	c.Flags().BoolVar(&f.json, "json", false, "for machines")
	f.vars = addVarsFlag(c)
	return c
}

func test(out, complaints io.Writer, dir string, f testFlags) error {
	chosen, err := regexp.Compile("(?i)" + f.run)
	if err != nil {
		return usageError{fmt.Errorf("--run: %w", err)}
	}
	cfg, err := loadWhole(dir, f.vars)
	if err != nil {
		return err
	}
	tests, sources, diags := scenario.Load(dir, cfg)
	if err := explain(complaints, sources, diags); err != nil {
		return err
	}
	if n := errorCount(diags); n > 0 {
		fmt.Fprintf(complaints, "%s: %s in the scenarios. Nothing was played.\n", dir, count(n, "error"))
		return errSaid
	}
	r := testReport{out: out, sources: sources, flags: f}
	for _, t := range tests {
		if chosen.MatchString(t.Name) {
			r.add(scenario.Play(cfg, t))
		}
	}
	return r.end(complaints, dir, len(tests))
}

// A testReport says what became of the tests as they are played.
type testReport struct {
	out     io.Writer
	sources config.Sources
	flags   testFlags
	played  testsJSON
	apart   bool // what comes next stands apart already
}

func (r *testReport) add(result scenario.Result) {
	if len(result.Failures) > 0 {
		r.played.Failed++
	} else {
		r.played.Passed++
	}
	if r.flags.json {
		r.played.Tests = append(r.played.Tests, newTestJSON(result, r.flags.verbose))
		return
	}
	r.say(result)
}

// end says how it went as a whole.
func (r *testReport) end(complaints io.Writer, dir string, tests int) error {
	n := r.played.Failed + r.played.Passed
	if r.flags.json {
		out := json.NewEncoder(r.out)
		out.SetIndent("", "  ")
		if err := out.Encode(r.played); err != nil {
			return err
		}
	}
	switch {
	case tests == 0:
		fmt.Fprintf(complaints, "%s holds no scenarios. Write one, in a file such as home.test.hcl.\n", dir)
		return errSaid
	case n == 0:
		fmt.Fprintf(complaints, "%s: no test matches --run %s.\n", dir, r.flags.run)
		return errSaid
	}
	if !r.flags.json {
		r.summary(dir)
	}
	if r.played.Failed > 0 {
		return errSaid
	}
	return nil
}

func (r *testReport) summary(dir string) {
	if !r.apart {
		fmt.Fprintln(r.out)
	}
	if r.played.Failed > 0 {
		fmt.Fprintf(r.out, "%s: %d of %s failed.\n", dir, r.played.Failed, count(r.played.Failed+r.played.Passed, "test"))
		return
	}
	fmt.Fprintf(r.out, "%s: %s, all as expected.\n", dir, count(r.played.Passed, "test"))
}

// sourceLine is the line on which a range begins, as it is written.
func sourceLine(sources config.Sources, rng hcl.Range) string {
	f := sources[rng.Filename]
	if f == nil {
		return ""
	}
	lines := bytes.Split(f.Bytes, []byte("\n"))
	if n := rng.Start.Line; n > 0 && n <= len(lines) {
		return strings.TrimSuffix(string(lines[n-1]), "\r")
	}
	return ""
}
