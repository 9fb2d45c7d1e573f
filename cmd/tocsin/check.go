package main

import (
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/config"
)

func newCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [DIR]",
		Short: "Show every mistake in the configuration, and each alert as a sentence",
		Long: `Reads the configuration in DIR (default /etc/tocsin) as the agent would. Shows
every mistake with its place and what to write instead; when there is none, says
each alert as a sentence. The exit code is 0 when the agent would start, with or
without warnings, and 1 when it would not.`,
		Args: atMostOneDir,
		RunE: func(c *cobra.Command, args []string) error {
			return check(os.Stdout, os.Stderr, configDir(args))
		},
	}
}

func check(out, complaints io.Writer, dir string) error {
	cfg, sources, diags := config.Load(dir)
	if err := explain(complaints, sources, diags); err != nil {
		return err
	}
	if n := errorCount(diags); n > 0 {
		fmt.Fprintf(complaints, "%s: %s. The agent does not start with this configuration.\n", dir, count(n, "error"))
		return errSaid
	}
	for _, s := range cfg.Sentences {
		fmt.Fprintln(out, s)
	}
	verdict := "good"
	if len(diags) > 0 {
		verdict = "usable, with " + count(len(diags), "warning")
	}
	fmt.Fprintf(out, "%s is %s: %s, %s, %s.\n", dir, verdict,
		count(len(cfg.Rules.Sensors), "sensor"), count(len(cfg.Rules.Alerts), "alert"), count(len(cfg.Contacts), "contact"))
	return nil
}

func errorCount(diags hcl.Diagnostics) (n int) {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			n++
		}
	}
	return n
}
