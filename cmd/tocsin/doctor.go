package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent"
	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/modem"
)

// doctor finds modems and says of each what works and what does not.
type doctor struct {
	socket, send, transcript string
	asJSON                   bool
	vars                     varsFlag
}

// diagnosis is everything that was found.
type diagnosis struct {
	Agent  int                  `json:"agent,omitempty"` // the process that has the modems; 0 when no agent runs
	Modems []status.Examination `json:"modems"`
}

func newDoctorCommand() *cobra.Command {
	var d doctor
	c := &cobra.Command{
		Use:   "doctor [DIR]",
		Short: "Find modems and say what keeps them from texting",
		Long: `Looks at each modem as far as it gets: its port and who holds it, the SIM and
its PIN, registration, signal, service centre, stores. Each finding passes,
warns or fails, with what to do about it. The exit code is 0 when none fails.

When an agent runs, it has the modems, and is asked. Otherwise they are those of
the configuration in DIR, or without DIR whatever is plugged in. A PIN is never
entered: the agent does that, which remembers its attempts.

  tocsin doctor --send +353871234567 --transcript modem.txt

sends a real text and waits for its report, and writes down what was said on the
line, without PINs, texts and numbers.`,
		Args: atMostOneDir,
		RunE: func(c *cobra.Command, args []string) error {
			found, err := d.examine(c.Context(), args)
			if err != nil {
				return err
			}
			return d.tell(os.Stdout, found)
		},
	}
	addSocketFlags(c, &d.socket, &d.asJSON)
	d.vars = addVarsFlag(c)
	c.Flags().StringVar(&d.send, "send", "", "contact or number to send a text to")
	c.Flags().StringVar(&d.transcript, "transcript", "", "file for what is said on the line")
	return c
}

func (d doctor) examine(ctx context.Context, args []string) (diagnosis, error) {
	s, err := api.Status(ctx, d.socket)
	switch {
	case err == nil && d.transcript != "":
		return diagnosis{}, fmt.Errorf("the agent (process %d) has the modems; stop it for a transcript", s.PID)
	case err == nil:
		return d.ask(ctx, s)
	case !errors.Is(err, api.ErrNoAgent):
		return diagnosis{}, err
	}
	visits, done, err := d.visits(args)
	if err != nil {
		return diagnosis{}, err
	}
	defer done()
	found, err := examine(ctx, visits)
	return diagnosis{Modems: found}, err
}

// ask examines what a running agent knows, and has it send the text.
func (d doctor) ask(ctx context.Context, s status.Snapshot) (diagnosis, error) {
	found := diagnosis{Agent: s.PID}
	for _, m := range s.Modems {
		found.Modems = append(found.Modems, status.Examine(m))
	}
	if d.send == "" || len(found.Modems) == 0 {
		return found, nil
	}
	done, err := api.SendText(ctx, d.socket, api.Send{To: d.send, Body: trialBody, By: "tocsin doctor"})
	if err != nil {
		return found, err
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	fate, err := sendFlags{socket: d.socket, wait: waitReported}.ask(ctx, done.ID)
	if err != nil {
		return found, err
	}
	last := &found.Modems[len(found.Modems)-1]
	last.Findings = append(last.Findings, status.Trial(fate))
	return found, nil
}

// trialBody is what a text says that is only sent to see whether it arrives.
const trialBody = "Tocsin: a test text from your gateway"

// visits prepares a look at each modem. done closes the transcript.
func (d doctor) visits(args []string) (list []visit, done func() error, err error) {
	modems, to, err := d.modems(args)
	if err != nil {
		return nil, nil, err
	}
	done = func() error { return nil }
	var transcript *modem.Transcript
	if d.transcript != "" {
		file, err := os.OpenFile(d.transcript, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, nil, err
		}
		transcript, done = modem.NewTranscript(file), file.Close
	}
	for _, m := range modems {
		v := visit{reports: newReportInbox()}
		m.Transcript = transcript
		if to != "" && len(list) == 0 { // one text is enough
			v.text, m.Inbox = &trialText{to: to, body: trialBody}, v.reports
		}
		v.modem = agent.NewModem(m)
		list = append(list, v)
	}
	return list, done, nil
}

// modems are those of the configuration, or what is plugged in, and the number to
// send a text to, "" for none.
func (d doctor) modems(args []string) (modems []config.Modem, to modem.Number, err error) {
	cfg := &config.Config{}
	if len(args) > 0 {
		if cfg, err = loadWhole(args[0], d.vars); err != nil {
			return nil, "", err
		}
	} else if cfg.Modems, err = attachedModems(); err != nil {
		return nil, "", err
	}
	if d.send != "" {
		to, err = number(d.send, cfg)
	}
	return cfg.Modems, to, err
}

// number is that of a contact, or what is written.
func number(written string, cfg *config.Config) (modem.Number, error) {
	for _, c := range cfg.People.Contacts {
		if c.Name == written {
			return modem.Number(c.Phone), nil
		}
	}
	n, err := modem.ParseNumber(written)
	if err != nil {
		return "", fmt.Errorf("--send: no contact of that name, and %w", err)
	}
	return n, nil
}

// attachedModems are the modems on USB, or when none is known to be there a search
// for one, which says why it finds none.
func attachedModems() ([]config.Modem, error) {
	ports, err := modem.Attached()
	if err != nil {
		return nil, fmt.Errorf("what is plugged in cannot be found out: %w", err)
	}
	var modems []config.Modem
	for _, p := range ports {
		modems = append(modems, config.Modem{Options: modem.Options{Name: p.Path, Port: p.Path}})
	}
	if len(modems) == 0 {
		modems = append(modems, config.Modem{Options: modem.Options{Port: modem.PortAuto}})
	}
	return modems, nil
}

func (d doctor) tell(w io.Writer, found diagnosis) error {
	failed := false
	for _, e := range found.Modems {
		failed = failed || e.Failed()
	}
	if err := d.write(w, found); err != nil {
		return err
	}
	if failed {
		return errSaid
	}
	return nil
}

func (d doctor) write(w io.Writer, found diagnosis) error {
	if d.asJSON {
		return writeJSON(found)
	}
	if found.Agent != 0 {
		fmt.Fprintf(w, "The agent (process %d) has the modems; this is what it knows.\n", found.Agent)
	}
	for i, e := range found.Modems {
		if i > 0 || found.Agent != 0 {
			fmt.Fprintln(w)
		}
		if err := e.WriteText(w); err != nil {
			return err
		}
	}
	return nil
}
