package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/api"
)

func newWhyCommand() *cobra.Command {
	var socket string
	var asJSON bool
	c := &cobra.Command{
		Use:   "why ALERT [LABEL…]",
		Short: "Ask the running agent why an alert fires, or does not",
		Long: `Asks the running agent how an alert stands, and why: its conditions part by
part, with what each says now, how long ago its sensor was heard, and why what
is unknown is unknown. LABEL picks instances: a value such as kitchen, or
room=kitchen. An instance may also be given as tocsin status writes it.

  tocsin why smoke kitchen
  tocsin why 'smoke{room="kitchen"}'`,
		Args: func(_ *cobra.Command, args []string) error {
			_, err := question(args)
			return err
		},
		RunE: func(c *cobra.Command, args []string) error {
			q, err := question(args)
			if err != nil {
				return err
			}
			w, err := api.Why(c.Context(), socket, q)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(w)
			}
			return w.WriteText(os.Stdout)
		},
	}
	addSocketFlags(c, &socket, &asJSON)
	return c
}

// addSocketFlags adds the flags of commands that ask the running agent.
func addSocketFlags(c *cobra.Command, socket *string, asJSON *bool) {
	c.Flags().StringVar(socket, "socket", defaultSocket, "unix socket of the agent")
	c.Flags().BoolVar(asJSON, "json", false, "as JSON, for machines")
}

func writeJSON(v any) error {
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false) // a comparison is to be read
	return out.Encode(v)
}

// question is what ALERT [LABEL…] asks.
func question(args []string) (q api.Question, err error) {
	if len(args) == 0 {
		return q, usageError{errors.New("name an alert, such as: tocsin why smoke")}
	}
	name, labels, instance := strings.Cut(args[0], "{")
	q.Alert = name
	if instance {
		if q.Labels, err = instanceLabels(labels); err != nil {
			return q, err
		}
	}
	for _, arg := range args[1:] {
		q.Labels = append(q.Labels, label(arg))
	}
	return q, nil
}

var labelGiven = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)=(.*)$`)

// label is NAME=VALUE, or a value alone.
func label(arg string) api.Label {
	if m := labelGiven.FindStringSubmatch(arg); m != nil {
		return api.Label{Name: m[1], Value: m[2]}
	}
	return api.Label{Value: arg}
}

var labelWritten = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)="([^"]*)"([,}])`)

// instanceLabels reads what stands behind the brace of an instance as it is
// written: room="kitchen",n="3"}.
func instanceLabels(text string) ([]api.Label, error) {
	var labels []api.Label
	for rest := text; ; {
		m := labelWritten.FindStringSubmatch(rest)
		if m == nil {
			break
		}
		labels = append(labels, api.Label{Name: m[1], Value: m[2]})
		rest = rest[len(m[0]):]
		if last := m[3] == "}"; last && rest == "" {
			return labels, nil
		} else if last {
			break
		}
	}
	return nil, usageError{fmt.Errorf(`{%s is no instance; write it as tocsin status does, in single quotes, such as 'smoke{room="kitchen"}'`, text)}
}
