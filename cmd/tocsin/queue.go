package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/api"
)

func newQueueCommand() *cobra.Command {
	var socket string
	var asJSON bool
	c := &cobra.Command{
		Use:   "queue",
		Short: "Ask the running agent what became of each text",
		Long: `Asks the running agent for its texts, the oldest first: those that wait, with
what for and when they are tried next; those that were sent, with what became of
them; and those that came. What was sent is listed for a week, up to 256 texts;
of what came the last 100.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			q, err := api.Queue(c.Context(), socket)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(q)
			}
			return q.WriteText(os.Stdout)
		},
	}
	addSocketFlags(c, &socket, &asJSON)
	return c
}
