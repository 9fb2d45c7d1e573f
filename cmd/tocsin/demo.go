package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/tocsin-edge/tocsin/agent"
	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/examples"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
	"github.com/tocsin-edge/tocsin/mqtt"
	"github.com/tocsin-edge/tocsin/rules"
)

const (
	demoListen = "127.0.0.1:1883" // with --keep, where mosquitto_pub looks by default
	// demoSendDelay is about what a modem takes for one text.
	demoSendDelay = 700 * time.Millisecond
)

func newDemoCommand() *cobra.Command {
	var keep bool
	var listen string
	c := &cobra.Command{
		Use:   "demo [DIR]",
		Short: "Watch an alarm become a text, without any hardware",
		Long: `Runs the real agent with an embedded broker and a simulated modem, and plays an
evening in a home: ordinary readings, smoke, the all-clear, and water on the
floor while the network is down. With DIR, that configuration is run instead and
the readings are yours.`,
		Args: atMostOneDir,
		RunE: func(c *cobra.Command, args []string) error {
			d := &demo{out: os.Stdout, keep: keep || len(args) > 0, listen: listen}
			if len(args) > 0 {
				return d.run(c.Context(), args[0], nil)
			}
			return d.home(c.Context())
		},
	}
	c.Flags().BoolVar(&keep, "keep", false, "go on afterwards, for readings of your own with mosquitto_pub")
	c.Flags().StringVar(&listen, "listen", demoListen, "where the embedded broker listens with --keep")
	return c
}

// A demo runs the agent between a simulated house and simulated phones, and
// tells what happens as it does.
type demo struct {
	out    io.Writer
	keep   bool
	listen string

	broker *mqtt.Broker
	modem  *modemtest.Modem

	names map[string]string // of people, by number

	mu    sync.Mutex // of out, texts and moved
	texts int
	moved chan struct{} // closed and replaced with each text
}

// home plays the evening in the home example.
func (d *demo) home(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "tocsin-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, examples.FS); err != nil {
		return err
	}
	return d.run(ctx, dir+"/home", evening)
}

// run runs the configuration in dir with the play, and goes on after it when
// it is to be kept.
func (d *demo) run(ctx context.Context, dir string, play []scene) error {
	cfg, sources, diags := config.Load(dir, config.Options{})
	if errorCount(diags) > 0 {
		if err := explain(os.Stderr, sources, diags); err != nil {
			return err
		}
		return errSaid
	}
	if err := d.simulate(cfg); err != nil {
		return err
	}
	data, err := os.MkdirTemp("", "tocsin-demo-store-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	a, err := agent.New(agent.Options{
		Version: version, Config: cfg, Data: data, Boot: agent.KernelBoot(), Clock: agent.KernelClock(),
		Log: slog.New(slog.DiscardHandler), Changed: d.alert,
	})
	if err != nil {
		return err
	}
	return d.perform(ctx, a, cfg, play)
}

// simulate puts the embedded broker and the simulated modem in place of what
// the configuration names.
func (d *demo) simulate(cfg *config.Config) (err error) {
	d.moved = make(chan struct{})
	d.modem = modemtest.New(modemtest.SendDelay(demoSendDelay), modemtest.OnText(d.text))
	cfg.Modems[0].Open = d.modem.Open
	o := mqtt.BrokerOptions{AllowAnonymous: true}
	if d.keep {
		o.Listen = d.listen
	}
	if d.broker, err = mqtt.NewBroker(o); err != nil {
		return err
	}
	d.names = map[string]string{}
	for _, c := range cfg.People.Contacts {
		d.names[c.Phone] = c.Name
	}
	cfg.Broker = nil // ours is run by the demo, which also publishes on it
	for i := range cfg.Brokers {
		cfg.Brokers[i].Dial = d.broker.Dial
	}
	return nil
}

// perform runs broker and agent, and the play beside them.
func (d *demo) perform(ctx context.Context, a *agent.Agent, cfg *config.Config, play []scene) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	tasks, tasksCtx := errgroup.WithContext(ctx)
	tasks.Go(func() error { return d.broker.Run(tasksCtx) })
	tasks.Go(func() error { return a.Run(tasksCtx) })
	tasks.Go(func() error {
		defer end()
		if err := errors.Join(listening(tasksCtx, a), d.play(tasksCtx, play)); err != nil {
			return err
		}
		if d.keep {
			d.invite(cfg)
			<-tasksCtx.Done()
		}
		return nil
	})
	err := tasks.Wait()
	if errors.Is(err, context.Canceled) {
		return nil // stopped by hand
	}
	return err
}

// listening returns when the agent hears what is published and can text.
func listening(ctx context.Context, a *agent.Agent) error {
	for {
		s, err := a.Snapshot(ctx)
		if err != nil || len(s.Problems) == 0 {
			return err
		}
		if err := pause(ctx, beat/10); err != nil {
			return err
		}
	}
}

func (d *demo) play(ctx context.Context, play []scene) error {
	for _, s := range play {
		if s.title != "" {
			d.say("\n%s\n\n", s.title)
		}
		if err := s.act(ctx, d); err != nil {
			return err
		}
		if err := pause(ctx, s.pause); err != nil {
			return err
		}
	}
	return nil
}

// invite says how to send readings of one's own.
func (d *demo) invite(cfg *config.Config) {
	d.say("\nThe simulated gateway goes on; Ctrl-C ends it. Its broker listens on %s. Try, in another terminal:\n\n", d.listen)
	for _, s := range cfg.Rules.Sensors {
		d.say("  mosquitto_pub -q 1 -t '%s' -m '…'\n", s.Pattern)
	}
	d.say("\n")
}

func (d *demo) say(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(d.out, format, args...)
}

// line says one thing that happened: when, where, what.
func (d *demo) line(who, what string) {
	d.say("%s  %-7s  %s\n", time.Now().Format(time.TimeOnly), who, what)
}

// alert says that an alert changed.
func (d *demo) alert(t rules.Transition) {
	what := fmt.Sprintf("%s: %s", t.Instance, moved(t))
	switch {
	case t.Opens():
		what = fmt.Sprintf("%s: ALARM", t.Instance)
	case t.Resolves():
		what = fmt.Sprintf("%s: over", t.Instance)
	}
	d.line("alert", what)
}

// text says that a phone received a text.
func (d *demo) text(t modemtest.Text) {
	d.line("text", fmt.Sprintf("to %s (%s): %q", d.names[t.To], t.To, t.Body))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.texts++
	close(d.moved)
	d.moved = make(chan struct{})
}

// awaitTexts returns when the phones have n texts in all.
func (d *demo) awaitTexts(ctx context.Context, n int) error {
	for {
		d.mu.Lock()
		texts, moved := d.texts, d.moved
		d.mu.Unlock()
		if texts >= n {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("the phones have %d texts, %d were to come: %w", texts, n, context.Cause(ctx))
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
