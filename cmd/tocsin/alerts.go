package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/api"
)

func newAlertsCommand() *cobra.Command {
	var socket string
	var asJSON bool
	c := &cobra.Command{
		Use:   "alerts",
		Short: "Ask the running agent how each of its alerts stands",
		Long: `Asks the running agent how each of its alerts stands, for each combination of
labels it has heard of, those that need attention first; and which alerts watch
nothing yet. tocsin why says more about one of them.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := api.Alerts(c.Context(), socket)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a)
			}
			return a.WriteText(os.Stdout)
		},
	}
	addSocketFlags(c, &socket, &asJSON)
	return c
}
