package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/api"
)

func newAckCommand() *cobra.Command {
	var socket string
	var asJSON bool
	var order api.Ack
	c := &cobra.Command{
		Use:   "ack [NUMBER|ID|ALERT]",
		Short: "Tell the running agent that somebody sees to an alert",
		Long: `Tells the running agent that somebody sees to an alert that fires: by its number
or by its name, both as tocsin status shows them. Without any it is the only one
that fires. An alert with latch = true ends once it was acknowledged and its
condition is clear.

  tocsin ack 12
  tocsin ack 'smoke{room="kitchen"}'`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return usageError{fmt.Errorf("name one alert, or write --all; %q is too much", args[1])}
			case len(args) == 1 && order.All:
				return usageError{errors.New("--all is every alert; name one, or write --all")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				order.What = args[0]
			}
			done, err := api.AckIncidents(c.Context(), socket, order)
			if err != nil {
				return err
			}
			return sayDone(done, done.Unsaved, asJSON, done.WriteText)
		},
	}
	addSocketFlags(c, &socket, &asJSON)
	addByFlag(c, &order.By)
	c.Flags().BoolVar(&order.All, "all", false, "every alert that fires")
	return c
}
