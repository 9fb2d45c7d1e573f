package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent"
	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/buffer"
)

const defaultSocket = "/run/tocsin/tocsin.sock"

type runFlags struct {
	data, socket        string
	logLevel, logFormat string
	vars                varsFlag
}

func newRunCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [DIR]",
		Short: "Run the agent with the configuration in DIR (default /etc/tocsin)",
		Args:  atMostOneDir,
		RunE: func(c *cobra.Command, args []string) error {
			return runAgent(c.Context(), configDir(args), f)
		},
	}
	c.Flags().StringVar(&f.data, "data", cmp.Or(os.Getenv("STATE_DIRECTORY"), "/var/lib/tocsin"), "directory of the store")
	c.Flags().StringVar(&f.socket, "socket", defaultSocket, "unix socket that tocsin status asks; empty for none")
	c.Flags().StringVar(&f.logLevel, "log-level", "info", "debug, info, warn or error")
	c.Flags().StringVar(&f.logFormat, "log-format", "text", "text or json")
	f.vars = addVarsFlag(c)
	return c
}

func runAgent(ctx context.Context, dir string, f runFlags) error {
	log, err := newLog(f)
	if err != nil {
		return err
	}
	cfg, sources, diags := config.Load(dir, config.Options{Vars: f.vars})
	if err := explain(os.Stderr, sources, diags); err != nil {
		return err
	}
	if n := errorCount(diags); n > 0 {
		fmt.Fprintf(os.Stderr, "%s: %s. Correct it and start again; tocsin check %s shows this list.\n", dir, count(n, "error"), dir)
		return errSaid
	}
	if err := makeData(f.data); err != nil {
		return err
	}
	footprint := machine()
	limitMemory(footprint, log)
	a, err := agent.New(agent.Options{
		Version: version, Config: cfg, Data: f.data, Socket: f.socket, Log: log,
		Boot: agent.KernelBoot(), Clock: agent.KernelClock(), Store: storeOptions(cfg, footprint),
	})
	if locked := (*buffer.LockedError)(nil); errors.As(err, &locked) {
		return fmt.Errorf("%w; stop that one, or give this one a --data and a --socket of its own", err)
	}
	if err != nil {
		return err
	}
	return attend(ctx, a, log.With("version", version, "config", dir, "data", f.data))
}

// attend runs the agent and says when it begins, is told to stop, and has.
func attend(ctx context.Context, a *agent.Agent, log *slog.Logger) error {
	log.Info("tocsin begins")
	heard := context.AfterFunc(ctx, func() {
		log.Info("tocsin stops; a text that is being sent may take a moment, a second signal ends that too", "at_most", agent.StopGrace)
	})
	defer heard()
	if err := a.Run(ctx); err != nil {
		return err
	}
	log.Info("tocsin has stopped")
	return nil
}

// makeData makes the store's directory, if need be and possible.
func makeData(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("--data %s: %s: %w; name a directory that this user may write to", dir, failed.Path, failed.Err)
	}
	return err
}

func newLog(f runFlags) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return nil, usageError{fmt.Errorf("--log-level %s: write debug, info, warn or error", f.logLevel)}
	}
	options := &slog.HandlerOptions{Level: level}
	switch f.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(os.Stderr, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(os.Stderr, options)), nil
	}
	return nil, usageError{errors.New("--log-format " + f.logFormat + ": write text or json")}
}
