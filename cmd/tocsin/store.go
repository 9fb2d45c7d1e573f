package main

import (
	"cmp"
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/buffer"
)

// storeOptions makes the store try a database in a child process first: a
// damaged one can kill the process that opens it. So many texts wait in it as the
// configuration says, or else as suits the machine.
func storeOptions(cfg *config.Config, f footprint) buffer.Options {
	o := buffer.Options{TextsMax: cmp.Or(cfg.TextsMax, f.texts)}
	if self, err := os.Executable(); err == nil {
		o.Probe = buffer.Child(self, probeCommand)
	}
	return o
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
