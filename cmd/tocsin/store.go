package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/buffer"
)

// storeOptions makes the store try a database in a child process first: a
// damaged one can kill the process that opens it.
func storeOptions() buffer.Options {
	self, err := os.Executable()
	if err != nil {
		return buffer.Options{} // the store opens its database untried
	}
	return buffer.Options{Probe: buffer.Child(self, probeCommand)}
}

const probeCommand = "store-probe"

func newStoreProbeCommand() *cobra.Command {
	return &cobra.Command{
		Use:    probeCommand + " DIR",
		Short:  "Open a store's database and read all of it",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE:   func(_ *cobra.Command, args []string) error { return buffer.ProbeOpen(args[0]) },
	}
}
