package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules/block"
)

func newSilenceCommand() *cobra.Command {
	var socket, length, end string
	var asJSON bool
	var order api.Silence
	c := &cobra.Command{
		Use:   "silence [ALERT|NUMBER|INSTANCE]",
		Short: "Have the running agent tell nobody of an alert for a while",
		Long: `Has the running agent tell nobody of an alert for a while: by the number of one
that fires, by its name, or by that of an instance, as tocsin status shows them.
Every silence ends: after four hours when nothing else is said, after seven days
at most, or when the alert is clear. Whoever was told of an alert still hears
that it is over. Without an alert it lists the silences there are.

  tocsin silence smoke --for 2h
  tocsin silence 12 --until-clear
  tocsin silence --end 3`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				order.What = args[0]
			}
			switch {
			case end != "":
				return endSilences(c, socket, end, order.By, asJSON)
			case order.What == "" && !order.All:
				return showSilences(c, socket, asJSON)
			}
			return beginSilence(c, socket, order, asJSON)
		},
	}
	c.Args = func(_ *cobra.Command, args []string) (err error) {
		if length != "" {
			if order.For, err = block.ParseDuration(length); err != nil || order.For <= 0 {
				return usageError{fmt.Errorf("--for %q is not how long a silence can last; write it as 90m or 2h", length)}
			}
		}
		if err := checkSilence(args, end, order); err != nil {
			return usageError{err}
		}
		return nil
	}
	addSocketFlags(c, &socket, &asJSON)
	addByFlag(c, &order.By)
	c.Flags().StringVar(&length, "for", "", "how long it lasts, up to 7d (default 4h)")
	c.Flags().BoolVar(&order.UntilClear, "until-clear", false, "it lasts until the alert is clear")
	c.Flags().BoolVar(&order.All, "all", false, "every alert")
	c.Flags().StringVar(&end, "end", "", "end the silence of this number, or all")
	return c
}

// checkSilence says what of an order does not go together.
func checkSilence(args []string, end string, order api.Silence) error {
	said := order.For > 0 || order.UntilClear
	switch {
	case len(args) > 1:
		return fmt.Errorf("name one alert; %q is too much", args[1])
	case len(args) == 1 && order.All:
		return errors.New("--all is every alert; name one, or write --all")
	case end != "" && (len(args) == 1 || order.All || said):
		return errors.New("--end ends silences; write nothing else with it")
	case order.For > 0 && order.UntilClear:
		return errors.New("a silence lasts --for some time, or --until-clear; write one of them")
	case said && len(args) == 0 && !order.All:
		return errors.New("say which alert is to be silent, or write --all")
	}
	return nil
}

func beginSilence(c *cobra.Command, socket string, order api.Silence, asJSON bool) error {
	done, err := api.SilenceAlerts(c.Context(), socket, order)
	if err != nil {
		return err
	}
	return sayDone(done, done.Unsaved, asJSON, func(w io.Writer) error {
		return status.WriteSilences(w, []status.Silence{done.Silence})
	})
}

func showSilences(c *cobra.Command, socket string, asJSON bool) error {
	all, err := api.Silences(c.Context(), socket)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(all)
	}
	return status.WriteSilences(os.Stdout, all)
}

// endSilences ends the silence of that number, or all.
func endSilences(c *cobra.Command, socket, which, by string, asJSON bool) error {
	order := api.Unsilence{All: which == "all", By: by}
	if !order.All {
		id, err := strconv.Atoi(which)
		if err != nil || id < 1 {
			return usageError{fmt.Errorf("--end %s: write the number of a silence, or all", which)}
		}
		order.ID = id
	}
	done, err := api.EndSilences(c.Context(), socket, order)
	if err != nil {
		return err
	}
	return sayDone(done, done.Unsaved, asJSON, done.WriteText)
}
