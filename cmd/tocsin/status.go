package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
)

func newStatusCommand() *cobra.Command {
	var socket string
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Ask the running agent how it is",
		Long: `Asks the running agent how it is: first what is wrong and what to do about it,
then what fires, which texts wait, and how its parts are. The exit code is 0
when it answers, whatever it says.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := api.Status(c.Context(), socket)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s)
			}
			return status.WriteText(os.Stdout, s)
		},
	}
	addSocketFlags(c, &socket, &asJSON)
	return c
}
