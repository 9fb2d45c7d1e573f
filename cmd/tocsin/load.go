package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/config"
)

// A varsFlag is --var name=value, as often as it is given.
type varsFlag map[string]string

func addVarsFlag(c *cobra.Command) varsFlag {
	v := varsFlag{}
	c.Flags().Var(v, "var", "value of a variable; may be given several times")
	return v
}

// String is pflag.Value's: there is no default.
func (v varsFlag) String() string { return "" }

// Type is pflag.Value's.
func (v varsFlag) Type() string { return "name=value" }

// Set is pflag.Value's.
func (v varsFlag) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return errors.New("write name=value")
	}
	v[name] = value
	return nil
}

// loadWhole reads a configuration to rehearse with. Its mistakes are said, its
// warnings are left to check.
func loadWhole(dir string, vars varsFlag) (*config.Config, error) {
	cfg, sources, diags := config.Load(dir, config.Options{Vars: vars})
	n := errorCount(diags)
	if n == 0 {
		return cfg, nil
	}
	if err := explain(os.Stderr, sources, errorsOf(diags)); err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s: %s. Correct the configuration first.\n", dir, count(n, "error"))
	return nil, errSaid
}

func errorsOf(diags hcl.Diagnostics) hcl.Diagnostics {
	var out hcl.Diagnostics
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			out = append(out, d)
		}
	}
	return out
}
