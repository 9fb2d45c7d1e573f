package main

import (
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/rules/block"
)

type checkFlags struct {
	json bool
	vars varsFlag
}

func newCheckCommand() *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Show every mistake in the configuration, and each alert as a sentence",
		Long: `Reads the configuration in DIR (default /etc/tocsin) as the agent would. Shows
every mistake with its place and what to write instead; when there is none, says
each alert as a sentence, and how many texts its alarm takes at its longest: a
text has 160 characters, or 70 when one of them is not in the GSM alphabet. Then
it says how many texts there are in the worst case for each contact: in a day,
and for one incident that nobody answers, which is its alarm and all repeats,
once for each level, and the end. The exit code is 0 when the agent would start,
with or without warnings, and 1 when it would not.`,
		Args: atMostOneDir,
		RunE: func(_ *cobra.Command, args []string) error {
			return check(os.Stdout, os.Stderr, configDir(args), f)
		},
	}
	c.Flags().BoolVar(&f.json, "json", false, "for machines: one JSON object on standard output, also when there are mistakes")
	f.vars = addVarsFlag(c)
	return c
}

func check(out, complaints io.Writer, dir string, f checkFlags) error {
	cfg, sources, diags := config.Load(dir, config.Options{Vars: f.vars})
	errors := errorCount(diags)
	if f.json {
		return checkJSON(out, cfg, diags)
	}
	if err := explain(complaints, sources, diags); err != nil {
		return err
	}
	if errors > 0 {
		fmt.Fprintf(complaints, "%s: %s. The agent does not start with this configuration.\n", dir, count(errors, "error"))
		return errSaid
	}
	for i, s := range cfg.Sentences {
		fmt.Fprintln(out, s)
		fmt.Fprintln(out, "  "+onTheAir(cfg.Messages[i]))
		for _, w := range cfg.Windows[i] {
			fmt.Fprintln(out, "  "+remembered(w))
		}
	}
	for _, m := range cfg.Memory {
		fmt.Fprintln(out, memoryOf(m))
	}
	writeBurdens(out, cfg)
	verdict := "good"
	if len(diags) > 0 {
		verdict = "usable, with " + count(len(diags), "warning")
	}
	fmt.Fprintf(out, "%s is %s: %s, %s, %s.\n", dir, verdict,
		count(len(cfg.Rules.Sensors), "sensor"), count(len(cfg.Rules.Alerts), "alert"), count(len(cfg.People.Contacts), "contact"))
	return nil
}

// onTheAir says what an alarm takes: 1 text, at most 61 characters.
func onTheAir(m config.Message) string {
	text := fmt.Sprintf("%s, at most %s", count(m.Parts, "text"), count(m.Characters, "character"))
	if m.Because != "" {
		text += fmt.Sprintf(", 70 to a text instead of 160 because of %s", m.Because)
	}
	if m.Cut {
		text += ", too many, so that the end is cut off"
	}
	if m.Sent != "" {
		text += fmt.Sprintf("; sent as %q", m.Sent)
	}
	return text
}

// remembered says a window: remembers engine coolant c for 5m, 1.3 KiB for each
// series.
func remembered(w config.Window) string {
	if w.Length == 0 {
		return fmt.Sprintf("remembers the previous %s, %s for each series", w.Of, size(w.Bytes))
	}
	return fmt.Sprintf("remembers %s for %s, %s for each series", w.Of, block.FormatDuration(w.Length), size(w.Bytes))
}

// memoryOf says what all windows of a sensor take.
func memoryOf(m config.Memory) string {
	text := fmt.Sprintf("Windows on %s take %s for each series", m.Sensor, size(m.Bytes))
	if m.Expected > 1 {
		text += fmt.Sprintf(", %s for the %d that are expected", size(m.Bytes*m.Expected), m.Expected)
	}
	return text + "."
}

// size says a number of bytes: 512 B, 1.5 KiB, 12 MiB.
func size(bytes int) string {
	switch {
	case bytes < 1<<10:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1<<20:
		return fmt.Sprintf("%.3g KiB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%.3g MiB", float64(bytes)/(1<<20))
}

func errorCount(diags hcl.Diagnostics) (n int) {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			n++
		}
	}
	return n
}
