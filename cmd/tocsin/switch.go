package main

import (
	"fmt"
	"io"
	"os"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
)

func newSwitchCommand() *cobra.Command {
	var socket, by string
	var asJSON bool
	c := &cobra.Command{
		Use:   "switch [NAME [on|off]]",
		Short: "Turn a switch of the running agent on or off",
		Long: `Turns a switch of the running agent on or off, such as away in the evening.
Without on or off it tells how the switch stands, without a name how all do.

  tocsin switch away on`,
		Args: func(_ *cobra.Command, args []string) error {
			_, err := turn(args)
			return err
		},
		RunE: func(c *cobra.Command, args []string) error {
			t, err := turn(args)
			switch {
			case err != nil:
				return err
			case t.On == nil:
				return showSwitches(c, socket, t.Switch, asJSON)
			}
			t.By = by
			done, err := api.SetSwitch(c.Context(), socket, t)
			if err != nil {
				return err
			}
			return sayDone(done, done.Unsaved, asJSON, func(w io.Writer) error {
				return status.WriteSwitches(w, []status.Switch{done.Switch})
			})
		},
	}
	addSocketFlags(c, &socket, &asJSON)
	addByFlag(c, &by)
	return c
}

// addByFlag adds the flag that says who gives an order.
func addByFlag(c *cobra.Command, by *string) {
	c.Flags().StringVar(by, "by", "", "who does it, for the log (default: your user name)")
	c.PreRun = func(*cobra.Command, []string) {
		if *by == "" {
			*by = whoami()
		}
	}
}

// whoami is the user at the terminal, also behind sudo.
func whoami() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return fmt.Sprintf("user %d", os.Getuid())
}

// turn is what [NAME [on|off]] orders; On is nil when it only asks.
func turn(args []string) (t api.Turn, err error) {
	if len(args) > 2 {
		return t, usageError{fmt.Errorf("write one switch, then on or off; %q is too much", args[2])}
	}
	if len(args) > 0 {
		t.Switch = args[0]
	}
	if len(args) == 2 {
		on := args[1] == "on"
		if !on && args[1] != "off" {
			return t, usageError{fmt.Errorf("%s is neither on nor off", args[1])}
		}
		t.On = &on
	}
	return t, nil
}

// showSwitches tells how the switch of that name stands, or all.
func showSwitches(c *cobra.Command, socket, name string, asJSON bool) error {
	all, err := api.Switches(c.Context(), socket)
	if err != nil {
		return err
	}
	if name != "" {
		if all, err = only(all, name); err != nil {
			return err
		}
	}
	if asJSON {
		return writeJSON(all)
	}
	return status.WriteSwitches(os.Stdout, all)
}

func only(all []status.Switch, name string) ([]status.Switch, error) {
	for _, s := range all {
		if s.Name == name {
			return []status.Switch{s}, nil
		}
	}
	return nil, fmt.Errorf("there is no switch %q; tocsin switch lists those there are", name)
}
