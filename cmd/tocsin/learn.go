package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/tocsin-edge/tocsin/agent/learn"
	"github.com/tocsin-edge/tocsin/agent/rehearsal/backtest"
	"github.com/tocsin-edge/tocsin/mqtt"
	"github.com/tocsin-edge/tocsin/rules/block"
)

type learnFlags struct {
	url, username, passwordFile string
	topics                      []string
	listen                      string
	out                         string
}

func newLearnCommand() *cobra.Command {
	var f learnFlags
	c := &cobra.Command{
		Use:   "learn [FILE]",
		Short: "Listen to a broker, and write the sensor blocks for what is said there",
		Long: `Listens to a broker for a while and writes a sensor block for each kind of topic
that it hears: what varies in the topic as a label, types, units, and how long a
sensor may be silent where its rhythm tells. What was seen of each value stands
behind it. Listen longer for sensors that report seldom; Ctrl-C ends it early
and writes what was heard by then. Nothing is published, and no message is taken
from anybody.

With FILE, a recording is read instead, of JSON lines such as those that
mosquitto_sub -t '#' -F %j writes; - is standard input.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{errors.New("learn reads one recording, or none to listen to a broker")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return runLearn(c, args, f) },
	}
	c.Flags().StringVar(&f.url, "url", "mqtt://localhost", "the broker: mqtt://, mqtts://, ws://, wss:// or unix://")
	c.Flags().StringVar(&f.username, "username", "", "who to say we are")
	c.Flags().StringVar(&f.passwordFile, "password-file", "", "file that holds the password")
	c.Flags().StringArrayVar(&f.topics, "topic", []string{"#"}, "filter of the topics to listen to; may be given several times")
	c.Flags().StringVar(&f.listen, "for", "10m", "how long to listen")
	c.Flags().StringVar(&f.out, "out", "", "file to write, which must not be there yet; standard output otherwise")
	return c
}

func runLearn(c *cobra.Command, args []string, f learnFlags) error {
	length, err := block.ParseDuration(f.listen)
	if err == nil && length < time.Second {
		err = errors.New("it is less than a second")
	}
	if err != nil {
		return usageError{fmt.Errorf("--for: %w", err)}
	}
	if err := notThere(f.out); err != nil {
		return err
	}
	l := learn.New()
	if len(args) > 0 {
		err = learnRecording(l, args[0])
	} else {
		err = f.learnBroker(c.Context(), l, length)
	}
	if err != nil {
		return err
	}
	return writeLearned(l, f.out)
}

// notThere refuses a file that exists before anybody has listened for it.
func notThere(path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("--out %s: the file is there already; name another, or remove it", path)
	}
	return nil
}

func writeLearned(l *learn.Learner, path string) error {
	if l.Messages() == 0 {
		return errors.New("nothing was heard; listen longer (--for), to other topics (--topic), or look whether the sensors publish to this broker")
	}
	learned := l.Write()
	if err := writeNew(path, learned.HCL); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s of %s on %s, written to %s.\n",
		count(learned.Sensors, "sensor"), count(l.Messages(), "message"), count(learned.Topics, "topic"), cmp.Or(path, "standard output"))
	return nil
}

// writeNew writes a file that is not there, or to standard output.
func writeNew(path string, content []byte) error {
	if path == "" {
		_, err := os.Stdout.Write(content)
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return notThere(path)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// learnRecording hears a file.
func learnRecording(l *learn.Learner, name string) error {
	files, done, err := openAll([]string{name})
	defer done()
	if err != nil {
		return err
	}
	played, err := backtest.ReadRecording(files[0], func(r backtest.Recorded) {
		l.Hear(learn.Message{Topic: r.Topic, Payload: r.Payload, Retained: r.Retained, At: r.At})
	})
	if err == nil && played.Bad > 0 {
		hint(fmt.Sprintf("%s: %s left out, the first at %s", played.Name, count(played.Bad, "row"), played.FirstBad))
	}
	return err
}

// learnBroker hears a broker until the time is over, or ctx is.
func (f learnFlags) learnBroker(ctx context.Context, l *learn.Learner, length time.Duration) error {
	o := mqtt.Options{
		Name: "learn", URL: f.url, ClientID: "tocsin-learn-" + strings.ToLower(rand.Text()[:8]), Clean: true,
		Username: f.username, PasswordFile: f.passwordFile,
	}
	for _, t := range f.topics {
		o.Filters = append(o.Filters, mqtt.Filter{Topic: t})
	}
	return listen(ctx, l, o, length, os.Stderr)
}

// listen is learnBroker for any options. Its errors are what the user may mend.
func listen(ctx context.Context, l *learn.Learner, o mqtt.Options, length time.Duration, say io.Writer) error {
	session, err := mqtt.New(o)
	if err != nil {
		return usageError{err}
	}
	ctx, stop := context.WithTimeout(ctx, length)
	defer stop()
	fmt.Fprintf(say, "Listening to %s for %s; Ctrl-C ends it early.\n", o.URL, block.FormatDuration(length))
	messages := make(chan *mqtt.Message)
	var tasks errgroup.Group
	tasks.Go(func() error { return session.Run(ctx, messages) })
	tasks.Go(func() error {
		defer stop()
		return hearAll(ctx, l, session, messages)
	})
	return tasks.Wait()
}

// lookEvery is how often the connection is looked at.
const lookEvery = 200 * time.Millisecond

// hearAll takes in messages until ctx is done. It fails when the broker cannot
// be reached at first, or lets us hear nothing.
func hearAll(ctx context.Context, l *learn.Learner, session *mqtt.Session, messages <-chan *mqtt.Message) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	connected := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-messages:
			l.Hear(learn.Message{Topic: m.Topic, Payload: m.Payload, Retained: m.Retained, At: time.Now()})
			m.Ack()
		case <-look.C:
			s := session.State()
			if s.Remedy != "" && (!connected || len(s.Refused) > 0) {
				return fmt.Errorf("%s; %s", s.Cause, s.Remedy)
			}
			connected = connected || s.Connected
		}
	}
}
