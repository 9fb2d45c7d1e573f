// Command tocsin is an alerting agent for embedded Linux gateways: it listens
// to MQTT sensor topics, evaluates alert rules and texts people through the
// cellular modem that is plugged in.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // gateways often carry no time zones of their own

	"github.com/spf13/cobra"
)

// version is set when a release is built.
var version = "development"

func main() {
	os.Exit(run(os.Args[1:]))
}

// run is the whole program, with its exit code: 0 all is well, 1 something is
// wrong that was said, 2 the command line cannot be understood.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	root := newRootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return 1
	case errors.As(err, &usage):
		complain(err)
		hint("tocsin help shows what can be said")
		return 2
	}
	complain(err)
	return 1
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "tocsin",
		Short: "Texts people when sensors say so",
		Long: `Tocsin listens to MQTT sensor topics, evaluates alert rules written in HCL and
texts people through the cellular modem that is plugged into this gateway.

Try it without any hardware:  tocsin demo`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{errors.New("there is no command " + args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		newDemoCommand(), newRunCommand(), newCheckCommand(), newStatusCommand(),
		newModemsimCommand(), newVersionCommand(), newStoreProbeCommand(),
	)
	return root
}

// configDir is the directory a command reads, the gateway's own by default.
func configDir(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return "/etc/tocsin"
}

// atMostOneDir accepts [DIR].
func atMostOneDir(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{errors.New("name one directory, not several: its *.hcl files are read together")}
	}
	return nil
}

// noArgs accepts nothing.
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{errors.New(args[0] + " is not expected here")}
	}
	return nil
}
