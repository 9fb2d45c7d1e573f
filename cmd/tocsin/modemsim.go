package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// modemsim is the simulated modem on a pseudo-terminal, and the person who
// reads the texts it sends.
type modemsim struct {
	link, log, fault, profile, pin string
	pinTries                       int
	wire                           bool

	mu  sync.Mutex // guards out and the log
	out io.Writer
}

func newModemsimCommand() *cobra.Command {
	var s modemsim
	cmd := &cobra.Command{
		Use:   "modemsim --link PATH",
		Short: "Simulate a modem on a pseudo-terminal",
		Long: `Simulate a modem on a pseudo-terminal, with a SIM and a strict network behind it.

Each text the network accepts is printed as its recipient would read it, and
with --log also appended to a file, one JSON object to a line.

` + modemsimTyped + `

--fault takes a script, or the name of a file that holds one, such as

  at 60s unplug 30s
  send 3 cms 38
  probability 0.1 cms 500
  urc ^RSSI: 20 every 1s`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.out = cmd.OutOrStdout()
			return s.run(cmd.Context(), cmd.InOrStdin(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.link, "link", "", "symbolic link to the pseudo-terminal")
	f.StringVar(&s.log, "log", "", "append accepted texts to this file as JSON lines")
	f.StringVar(&s.fault, "fault", "", "fault script, or the name of its file")
	f.StringVar(&s.profile, "profile", "generic", "family of modem: "+strings.Join(modemtest.Profiles(), ", "))
	f.StringVar(&s.pin, "pin", "", "lock the SIM with this PIN")
	f.IntVar(&s.pinTries, "pin-tries", 3, "attempts at the PIN that are left, 0 to 3")
	f.BoolVar(&s.wire, "verbose", false, "say each command, and why a PDU is refused")
	cmd.MarkFlagRequired("link")
	return cmd
}

const modemsimTyped = `While it runs, type
  unplug                        plug                 reboot
  registration STAT             0 none, 1 home, 2 searching, 3 denied, 5 roaming
  signal RSSI                   0 to 31, 99 unknown
  text FROM BODY                a text arrives
  sim out                       sim in
  help`

func (s *modemsim) run(ctx context.Context, in io.Reader, complaints io.Writer) error {
	script, err := faultScript(s.fault)
	if err != nil {
		return err
	}
	record, err := openRecord(s.log)
	if err != nil {
		return err
	}
	defer record.Close()
	opts := []modemtest.Option{
		modemtest.Profile(s.profile), modemtest.Fault(script),
		modemtest.OnText(func(t modemtest.Text) { s.show(t, record) }),
	}
	if s.pin != "" {
		opts = append(opts, modemtest.PIN(s.pin, s.pinTries))
	}
	if s.wire {
		level := &slog.HandlerOptions{Level: slog.LevelDebug}
		opts = append(opts, modemtest.Log(slog.New(slog.NewTextHandler(complaints, level))))
	}
	m, err := modemtest.Build(opts...)
	if err != nil {
		return err
	}
	s.say("A %s modem answers on %s. Type help for what can be done to it.\n", s.profile, s.link)
	go s.listen(in, m) // ends with standard input, or with the process
	return m.ServePTY(ctx, s.link)
}

// faultScript returns the script that --fault gives or names.
func faultScript(flag string) (string, error) {
	text, err := os.ReadFile(flag)
	switch {
	case err == nil:
		return string(text), nil
	case errors.Is(err, fs.ErrNotExist) || strings.ContainsAny(flag, " ;\n"):
		return flag, nil
	}
	return "", err
}

// openRecord opens the file for accepted texts; without a name it is one that
// forgets.
func openRecord(name string) (*os.File, error) {
	if name == "" {
		name = os.DevNull
	}
	return os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
}

func (s *modemsim) say(format string, a ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, format, a...)
}

// acceptedText is a line of --log.
type acceptedText struct {
	At         time.Time `json:"at"`
	To         string    `json:"to"`
	Body       string    `json:"body"`
	Parts      int       `json:"parts"`
	Copies     int       `json:"copies"`
	Encoding   string    `json:"encoding"`
	References []int     `json:"references"`
}

// show prints a text as a person reads it and appends it to the record.
func (s *modemsim) show(t modemtest.Text, record io.Writer) {
	note := ""
	if t.Parts > 1 {
		note = fmt.Sprintf(" (%d parts)", t.Parts)
	}
	if t.Copies > 1 {
		note += fmt.Sprintf(" (copy %d)", t.Copies)
	}
	body := strings.ReplaceAll(t.Body, "\n", "\n  ")
	s.say("%s  to %s%s\n  %s\n", t.At.Format(time.TimeOnly), t.To, note, body)

	entry := acceptedText{At: t.At, To: t.To, Body: t.Body, Parts: t.Parts, Copies: t.Copies, Encoding: t.Encoding}
	for _, r := range t.References {
		entry.References = append(entry.References, int(r))
	}
	line, err := json.Marshal(entry)
	if err == nil {
		_, err = record.Write(append(line, '\n'))
	}
	if err != nil {
		s.say("the text is not in the log: %v\n", err)
	}
}

// listen carries out what is typed until there is no more.
func (s *modemsim) listen(in io.Reader, m *modemtest.Modem) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := s.obey(strings.TrimSpace(lines.Text()), m); err != nil {
			s.say("%v\n", err)
		}
	}
}

func (s *modemsim) obey(typed string, m *modemtest.Modem) error {
	verb, rest, _ := strings.Cut(typed, " ")
	rest = strings.TrimSpace(rest)
	switch verb {
	case "":
	case "unplug":
		m.Unplug()
	case "plug":
		m.Plug()
	case "reboot":
		m.Reboot()
	case "registration":
		return numbered(rest, 0, 11, m.SetRegistered)
	case "signal":
		return numbered(rest, 0, 199, m.SetSignal)
	case "sim":
		if rest != "in" && rest != "out" {
			return fmt.Errorf("sim %q; write sim in or sim out", rest)
		}
		m.InsertSIM(rest == "in")
	case "text":
		from, body, _ := strings.Cut(rest, " ")
		if from == "" || body == "" {
			return errors.New("text wants a sender and a body: text +447700900123 OK")
		}
		m.Text(from, body)
	case "help":
		s.say("%s\n", modemsimTyped)
	default:
		return fmt.Errorf("%q is nothing that can be typed here; help tells what is", verb)
	}
	return nil
}

func numbered(text string, least, most int, do func(int)) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return fmt.Errorf("%q is not a number from %d to %d", text, least, most)
	}
	do(n)
	return nil
}
