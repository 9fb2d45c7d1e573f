// Command tocsin is an alerting agent for embedded Linux gateways: it listens
// to MQTT sensor topics, evaluates alert rules and texts people through the
// cellular modem that is plugged in.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
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
	c, err := root.ExecuteContextC(ctx)
	var misused usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return 1
	case errors.As(err, &misused):
		complain(err)
		hint(strings.TrimSuffix(c.CommandPath(), " help") + " --help shows what can be said")
		return 2
	}
	complain(err)
	return 1
}

func newRootCommand() *cobra.Command {
	cobra.EnableCommandSorting = false // they stand in the order in which people need them
	root := &cobra.Command{
		Use:   "tocsin",
		Short: "Texts people when sensors say so",
		Long: `Tocsin listens to MQTT sensor topics, evaluates alert rules written in HCL and
texts people through the cellular modem that is plugged into this gateway.

Try it without any hardware:  tocsin demo`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version,
		Args:          noSuchCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },

		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if err := c.ValidateRequiredFlags(); err != nil {
				return usageError{err}
			}
			return nil
		},
		SuggestionsMinimumDistance: 2,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.SetUsageFunc(usage)
	root.SetHelpCommand(newHelpCommand())
	root.SetVersionTemplate(versionLine())
	root.AddCommand(
		newDemoCommand(), newCheckCommand(), newTestCommand(), newBacktestCommand(), newFmtCommand(), newLearnCommand(), newWhoCommand(),
		newRunCommand(), newStatusCommand(), newAlertsCommand(), newWhyCommand(), newQueueCommand(), newAckCommand(), newSwitchCommand(), newSilenceCommand(), newSendCommand(),
		newDoctorCommand(), newModemsimCommand(), newVersionCommand(), newStoreProbeCommand(),
	)
	return root
}

// noSuchCommand accepts nothing: what is left over is a command that is not.
func noSuchCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	remedy := ""
	if near := c.SuggestionsFor(args[0]); len(near) > 0 && near[0] != args[0] {
		remedy = "; did you mean " + near[0] + "?"
	}
	return usageError{fmt.Errorf("there is no command %s%s", strings.Join(args, " "), remedy)}
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
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments, and %q is one", c.Name(), args[0])}
	}
	return nil
}
