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
	"golang.org/x/sync/errgroup"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// modemsim is simulated modems on pseudo-terminals, and the people who read the
// texts and hear the calls they make.
type modemsim struct {
	links                    []string
	log, fault, profile, pin string
	pinTries                 int
	wire                     bool

	modems []*modemtest.Modem // in the order of links

	mu  sync.Mutex // guards out and the log
	out io.Writer
}

func newModemsimCommand() *cobra.Command {
	var s modemsim
	cmd := &cobra.Command{
		Use:   "modemsim --link PATH",
		Short: "Simulate a modem on a pseudo-terminal",
		Long: `Simulate a modem on a pseudo-terminal, with a SIM and a strict network behind
it. A second --link is a second modem on the same network, with its own SIM.

Calls are printed, and each text the network accepts as its recipient would read
it; with --log texts are also appended to a file, one JSON object to a line.

` + modemsimTyped + `

--fault takes a script, or the name of a file that holds one, such as

  at 60s unplug 30s
  send 3 cms 38
  probability 0.1 cms 500
  report * delay 30s
  texts need cgsms 1
  urc ^RSSI: 20 every 1s

All of its language is in the documentation of the package
` + modemtestPath + `.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.out = cmd.OutOrStdout()
			return s.run(cmd.Context(), cmd.InOrStdin(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&s.links, "link", nil, "symbolic `link` to the pseudo-terminal")
	f.StringVar(&s.log, "log", "", "append accepted texts to this file as JSON lines")
	f.StringVar(&s.fault, "fault", "", "fault script, or the name of its file")
	f.StringVar(&s.profile, "profile", "generic", "family of modem: "+strings.Join(modemtest.Profiles(), ", "))
	f.StringVar(&s.pin, "pin", "", "lock the SIM with this PIN")
	f.IntVar(&s.pinTries, "pin-tries", 3, "attempts at the PIN that are left, 0 to 3")
	f.BoolVar(&s.wire, "verbose", false, "say each command, and why a PDU is refused")
	cmd.MarkFlagRequired("link")
	return cmd
}

const modemtestPath = "github.com/tocsin-edge/tocsin/modem/modemtest"

// modemsimLinksMax is how many modems one simulation has.
const modemsimLinksMax = 8

const modemsimTyped = `While it runs, type (with several modems, after the number of the one meant)
  unplug [30s]                  plug                 reboot
  power [5s]                    power off            power on
  registration STAT             0 none, 1 home, 2 searching, 3 denied, 5 roaming
  registration CS PS EPS        one for each domain
  access ACT                    0 GSM, 2 UMTS, 7 LTE; stuck ACT to stay there
  signal RSSI                   0 to 31, 99 unknown
  text FROM BODY                a text arrives
  parts 2,1 FROM BODY           of a long text these parts, in this order
  pdu HEX                       octets arrive that need not make sense
  report TO REFERENCE STATUS    a status report: 0 delivered, 0x46 expired
  call answer                   call end
  barred CODE                   each text earns +CMS ERROR CODE; 0 ends it
  credit PARTS                  so many more are paid for; *100# tells how many
  sim out                       sim in               sim swap
  hang                          stall                garbage OCTETS
  help                          Ctrl-C ends it`

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
	if err := s.build(script, record, complaints); err != nil {
		return err
	}
	for i, link := range s.links {
		s.say("A modem (%s) answers on %s; its number is %s.\n", s.profile, link, s.modems[i].SIM().Number)
	}
	s.say("Type help for what can be done to it.\n")
	go s.listen(in) // ends with standard input, or with the process
	serving, ctx := errgroup.WithContext(ctx)
	for i, link := range s.links {
		serving.Go(func() error { return s.modems[i].ServePTY(ctx, link) })
	}
	return serving.Wait()
}

// build makes the modems, on one network.
func (s *modemsim) build(script string, record, complaints io.Writer) error {
	if len(s.links) > modemsimLinksMax {
		return fmt.Errorf("%d links; at most %d modems are simulated at once", len(s.links), modemsimLinksMax)
	}
	opts := []modemtest.Option{
		modemtest.Profile(s.profile), modemtest.Fault(script), modemtest.On(modemtest.NewNetwork()),
		modemtest.OnText(func(t modemtest.Text) { s.show(t, record) }),
		modemtest.OnCall(s.showCall),
	}
	if s.pin != "" {
		opts = append(opts, modemtest.PIN(s.pin, s.pinTries))
	}
	if s.wire {
		level := &slog.HandlerOptions{Level: slog.LevelDebug}
		opts = append(opts, modemtest.Log(slog.New(slog.NewTextHandler(complaints, level))))
	}
	for range s.links {
		m, err := modemtest.Build(opts...)
		if err != nil {
			return err
		}
		s.modems = append(s.modems, m)
	}
	return nil
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
	From       string    `json:"from"`
	To         string    `json:"to"`
	Body       string    `json:"body"`
	Parts      int       `json:"parts"`
	Copies     int       `json:"copies"`
	Encoding   string    `json:"encoding"`
	References []int     `json:"references"`
	Report     bool      `json:"report"` // a status report was asked for
}

// show prints a text as a person reads it and appends it to the record.
func (s *modemsim) show(t modemtest.Text, record io.Writer) {
	note := ""
	if len(s.modems) > 1 {
		note = " from " + t.From
	}
	if t.Parts > 1 {
		note += fmt.Sprintf(" (%d parts)", t.Parts)
	}
	if t.Copies > 1 {
		note += fmt.Sprintf(" (copy %d)", t.Copies)
	}
	body := strings.ReplaceAll(t.Body, "\n", "\n  ")
	s.say("%s  to %s%s\n  %s\n", t.At.Format(time.TimeOnly), t.To, note, body)

	entry := acceptedText{
		At: t.At, From: t.From, To: t.To, Body: t.Body, Parts: t.Parts, Copies: t.Copies, Encoding: t.Encoding,
		Report: t.ReportRequested,
	}
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

// showCall prints what a call came to, first that it was dialled.
func (s *modemsim) showCall(c modemtest.Call) {
	what := "dials " + c.To
	switch {
	case c.End != "" && c.Answered:
		what = fmt.Sprintf("talked to %s for %v: %s", c.To, c.Duration.Round(time.Second), c.End)
	case c.End != "":
		what = fmt.Sprintf("rang %s for %v: %s", c.To, c.Ringing.Round(time.Second), c.End)
	}
	s.say("%s  %s\n", time.Now().Format(time.TimeOnly), what)
}

// listen carries out what is typed until there is no more.
func (s *modemsim) listen(in io.Reader) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := s.obey(strings.TrimSpace(lines.Text())); err != nil {
			s.say("%v; help tells what can be typed\n", err)
		}
	}
}

// obey carries out one line for the modem it names by number, or the first.
func (s *modemsim) obey(typed string) error {
	switch typed {
	case "":
		return nil
	case "help":
		s.say("%s\n", modemsimTyped)
		return nil
	}
	m := s.modems[0]
	first, rest, _ := strings.Cut(typed, " ")
	if n, err := strconv.Atoi(first); err == nil {
		if n < 1 || n > len(s.modems) {
			return fmt.Errorf("there is no modem %d, but %d of them", n, len(s.modems))
		}
		m, typed = s.modems[n-1], rest
	}
	return m.Do(typed)
}
