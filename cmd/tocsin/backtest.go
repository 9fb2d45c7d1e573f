package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/rehearsal/backtest"
)

type backtestFlags struct {
	time, zone, topic string
	maps              []string
	diff              string
	json, csv         bool
	vars              varsFlag
}

func newBacktestCommand() *cobra.Command {
	var f backtestFlags
	c := &cobra.Command{
		Use:   "backtest DIR FILE...",
		Short: "Play recorded history through the rules: whom they would have texted",
		Long: `Plays what sensors said in the past through the configuration in DIR, in virtual
time, and reports each firing and the texts of each person, nights included
(22:00 to 07:00 at the site). A FILE is CSV with a header, or JSON lines such as

  {"time": "2026-01-05T12:00:00Z", "topic": "home/freezer", "payload": "-18.5"}

and - is standard input. Several are merged by time. Rows that cannot be read or
that go back in time are left out and counted. Columns of CSV become messages:

  --map value=machine/temp              the cell is the payload
  --map temp=pump/7/state:celsius       it is a member of a JSON payload
  --map temp=pump/{id}/state:celsius    {id} is what the column id holds
  --topic pump/7/state                  the whole row is a JSON payload

Nothing is judged: the exit code is 0 whatever would have fired.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usageError{errors.New("backtest wants a directory and a file of history")}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return runBacktest(os.Stdout, args[0], args[1:], f)
		},
	}
	c.Flags().StringVar(&f.time, "time", "", "column of the time (default timestamp, time, datetime, ts, date or tst)")
	c.Flags().StringVar(&f.zone, "zone", "", "time zone of times without one (default that of the site)")
	c.Flags().StringArrayVar(&f.maps, "map", nil, "column=topic or column=topic:field; may be given several times")
	c.Flags().StringVar(&f.topic, "topic", "", "topic of whole CSV rows as JSON objects")
	c.Flags().StringVar(&f.diff, "diff", "", "another configuration: what going over to it would change")
	c.Flags().BoolVar(&f.json, "json", false, "for machines")
	c.Flags().BoolVar(&f.csv, "csv", false, "a line for each firing")
	f.vars = addVarsFlag(c)
	c.MarkFlagsMutuallyExclusive("json", "csv")
	return c
}

func runBacktest(out io.Writer, dir string, names []string, f backtestFlags) error {
	o, err := f.options(dir)
	if err != nil {
		return err
	}
	files, done, err := openAll(names)
	defer done()
	if err != nil {
		return err
	}
	r, err := backtest.Play(o, files)
	if err != nil {
		return err
	}
	switch {
	case f.json:
		return writeBacktestJSON(out, r)
	case f.csv:
		return writeBacktestCSV(out, r)
	}
	return writeBacktest(out, r, dir, f.diff)
}

func (f backtestFlags) options(dir string) (o backtest.Options, err error) {
	o.Time, o.Topic = f.time, f.topic
	for _, text := range f.maps {
		m, err := backtest.ParseMap(text)
		if err != nil {
			return o, usageError{fmt.Errorf("--map %s: %w", text, err)}
		}
		o.Maps = append(o.Maps, m)
	}
	if f.zone != "" {
		if o.Zone, err = time.LoadLocation(f.zone); err != nil {
			return o, usageError{fmt.Errorf("--zone %s: it is no time zone, such as Europe/Dublin or UTC", f.zone)}
		}
	}
	if o.Config, err = loadWhole(dir, f.vars); err != nil {
		return o, err
	}
	if f.diff != "" {
		o.Other, err = loadWhole(f.diff, f.vars)
	}
	return o, err
}

// openAll opens files; - is standard input. done closes what was opened.
func openAll(names []string) (files []backtest.File, done func(), err error) {
	var opened []*os.File
	done = func() {
		for _, f := range opened {
			_ = f.Close() // it was only read
		}
	}
	for _, name := range names {
		if name == "-" {
			files = append(files, backtest.File{Name: "standard input", Reader: os.Stdin})
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, done, err
		}
		opened = append(opened, f)
		files = append(files, backtest.File{Name: name, Reader: f})
	}
	return files, done, nil
}
