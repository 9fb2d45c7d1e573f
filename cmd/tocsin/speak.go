package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
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

// explain prints diagnostics under their source lines.
func explain(w io.Writer, sources config.Sources, diags hcl.Diagnostics) error {
	columns, colour := narrow, false
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		colour = os.Getenv("NO_COLOR") == ""
		if c, _, err := term.GetSize(int(f.Fd())); err == nil && c > 0 {
			columns = min(c, wide)
		}
	}
	return hcl.NewDiagnosticTextWriter(w, sources, uint(columns), colour).WriteDiagnostics(diags)
}

// count says "1 error", "3 errors".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
