package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
)

// What --wait may wait for.
const (
	waitAccepted = "accepted"
	waitReported = "reported"
)

const (
	sendWithin = 5 * time.Minute        // by default
	askAgain   = 500 * time.Millisecond // while waiting
)

type sendFlags struct {
	socket, wait string
	asJSON       bool
	within       time.Duration
}

func newSendCommand() *cobra.Command {
	var f sendFlags
	var order api.Send
	c := &cobra.Command{
		Use:   "send CONTACT|NUMBER TEXT…",
		Short: "Have the running agent send a text, to try it out",
		Long: `Has the running agent send a text: to a contact of its configuration, or to a
number with its plus and country code. It goes through the queue as any other.
With --wait=accepted the command ends once the network has it, with
--wait=reported once a delivery report says what became of it; the exit code is
then 0 only when all went well.

  tocsin send alice 'Hello from the gateway' --wait=reported`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) < 2:
				return usageError{errors.New("name a contact or a number, and then what to send, such as: tocsin send alice 'Hello'")}
			case f.wait != "" && f.wait != waitAccepted && f.wait != waitReported:
				return usageError{fmt.Errorf("--wait=%s: write accepted or reported", f.wait)}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			order.To, order.Body = args[0], strings.Join(args[1:], " ")
			done, err := api.SendText(c.Context(), f.socket, order)
			switch {
			case err != nil:
				return err
			case f.wait != "":
				return f.await(c.Context(), done.ID)
			case f.asJSON:
				return writeJSON(done)
			}
			return done.WriteText(os.Stdout)
		},
	}
	addSocketFlags(c, &f.socket, &f.asJSON)
	addByFlag(c, &order.By)
	c.Flags().StringVar(&f.wait, "wait", "", "wait until the text is accepted, or reported")
	c.Flags().DurationVar(&f.within, "within", sendWithin, "how long to wait at most")
	return c
}

// await waits for the fate of a text and tells it.
func (f sendFlags) await(ctx context.Context, id uint64) error {
	ctx, cancel := context.WithTimeout(ctx, f.within)
	defer cancel()
	fate, err := f.ask(ctx, id)
	if err != nil {
		return err
	}
	if f.asJSON {
		err = writeJSON(fate)
	} else {
		err = fate.WriteText(os.Stdout)
	}
	switch {
	case err != nil:
		return err
	case fate.Sent == nil:
		return fmt.Errorf("text %d was not accepted within %s; it goes on waiting", id, f.within)
	case fate.Sent.Lost():
		return errSaid
	case f.wait == waitReported && fate.Sent.Fate == status.FateAccepted:
		return fmt.Errorf("no report about text %d came within %s", id, f.within)
	}
	return nil
}

// ask asks for the fate of a text until it is what was waited for, or ctx is
// done.
func (f sendFlags) ask(ctx context.Context, id uint64) (status.TextFate, error) {
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for {
		fate, err := api.Text(context.WithoutCancel(ctx), f.socket, id)
		if err != nil || fate.Sent != nil && (f.wait == waitAccepted || fate.Sent.Fate != status.FateAccepted) {
			return fate, err
		}
		select {
		case <-ctx.Done():
			return fate, nil
		case <-tick.C:
		}
	}
}
