package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tocsin-edge/tocsin/agent/config"
)

// errSaid is returned by a command that has already said what is wrong.
var errSaid = errors.New("already said")

// A usageError is a command line that cannot be understood.
type usageError struct{ error }

func complain(err error) { fmt.Fprintf(os.Stderr, "tocsin: %v\n", err) }

func hint(text string) { fmt.Fprintf(os.Stderr, "tocsin: %s\n", text) }

const (
	narrow = 80 // columns, where the terminal does not tell
	wide   = 100
)

// usage says how a command is called.
func usage(c *cobra.Command) error {
	w := c.OutOrStderr()
	if !c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "Usage:\n  %s\n", c.UseLine())
	} else {
		fmt.Fprintf(w, "Usage:\n  %s COMMAND\n\nCommands:\n", c.CommandPath())
		for _, sub := range c.Commands() {
			if !sub.Hidden {
				fmt.Fprintf(w, "  %-*s %s\n", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
		fmt.Fprintf(w, "\n%s COMMAND --help says more about one of them.\n", c.CommandPath())
	}
	_, err := fmt.Fprintf(w, "\nFlags:\n%s", c.LocalFlags().FlagUsagesWrapped(narrow))
	return err
}

func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Say more about a command",
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noSuchCommand(c.Root(), args)
			}
			about.InitDefaultHelpFlag()
			about.InitDefaultVersionFlag()
			return about.Help()
		},
	}
}

// explain prints diagnostics under their source lines, where there are any.
func explain(w io.Writer, sources config.Sources, diags hcl.Diagnostics) error {
	columns, colour := narrow, false
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		colour = os.Getenv("NO_COLOR") == ""
		if c, _, err := term.GetSize(int(f.Fd())); err == nil && c > 0 {
			columns = min(c, wide)
		}
	}
	p := hcl.NewDiagnosticTextWriter(w, sources, uint(columns), colour)
	for _, d := range diags {
		if d.Subject != nil && sources[d.Subject.Filename] == nil {
			whole := *d
			whole.Subject = nil // the detail names the file, and no line of it can be shown
			d = &whole
		}
		if err := p.WriteDiagnostic(d); err != nil {
			return err
		}
	}
	return nil
}

// count says "1 error", "3 errors".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// sayDone tells what the agent has done, and whether it could write that down.
func sayDone(done any, unsaved string, asJSON bool, asText func(io.Writer) error) error {
	if unsaved != "" {
		hint("it is done, but a power cut now would undo it: " + unsaved)
	}
	if asJSON {
		return writeJSON(done)
	}
	return asText(os.Stdout)
}
