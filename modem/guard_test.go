package modem

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tape is a line that says what it is given and keeps what it is told.
type tape struct {
	said    io.Reader
	told    bytes.Buffer
	onWrite func(string) (int, error) // nil takes everything
}

func (l *tape) Read(p []byte) (int, error) { return l.said.Read(p) }
func (l *tape) Close() error               { return nil }
func (l *tape) Write(p []byte) (int, error) {
	l.told.Write(p)
	if l.onWrite != nil {
		return l.onWrite(string(p))
	}
	return len(p), nil
}

// passed is what a guard makes of the words of a modem.
type passed struct {
	Answers []string // to the engine
	News    []string // to hear
}

// listen lets a guard that has been told setup read said, and returns what it
// passed on.
func listen(t testing.TB, said io.Reader, setup func(*guard)) passed {
	var p passed
	var hung atomic.Int32
	g := newGuard(&tape{said: said}, &hung, func(line string) { p.News = append(p.News, line) })
	setup(g)
	all, err := io.ReadAll(g)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(all)) {
		p.Answers = append(p.Answers, strings.TrimSuffix(line, "\n"))
	}
	return p
}

func asking(commands ...string) func(*guard) {
	return func(g *guard) {
		for _, c := range commands {
			g.Write([]byte("AT" + c + "\r\n"))
		}
	}
}

func sendingPDU(g *guard) {
	g.begin()
	g.Write([]byte("AT+CMGS=20\r"))
}

func submittingPDU(g *guard) {
	sendingPDU(g)
	g.Write([]byte("0001" + ctrlZ))
}

func TestTheEngineHearsOnlyTheAnswerToItsCommand(t *testing.T) {
	for name, c := range map[string]struct {
		setup func(*guard)
		said  string
		want  passed
	}{
		"plain":             {asking("+CSQ"), "\r\n+CSQ: 20,99\r\n\r\nOK\r\n", passed{[]string{"+CSQ: 20,99", "OK"}, nil}},
		"CR CR LF":          {asking("+CSQ"), "\r\r\n+CSQ: 20,99\r\r\n\r\r\nOK\r\r\n", passed{[]string{"+CSQ: 20,99", "OK"}, nil}},
		"no line end last":  {asking("+CSQ"), "+CSQ: 20,99\r\nOK", passed{[]string{"+CSQ: 20,99"}, nil}},
		"echo":              {asking("+CSQ"), "AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n", passed{[]string{"+CSQ: 20,99", "OK"}, nil}},
		"news within":       {asking("+CSQ"), "\r\n+CMTI: \"SM\",1\r\n\r\n+CSQ: 20,99\r\n^RSSI:9\r\nOK\r\n", passed{[]string{"+CSQ: 20,99", "OK"}, []string{`+CMTI: "SM",1`, "^RSSI:9"}}},
		"news before":       {asking(), "RING\r\n+CREG: 1\r\n", passed{nil, []string{"RING", "+CREG: 1"}}},
		"news after":        {asking("+CSQ"), "OK\r\n+CREG: 1\r\nBoot\r\n", passed{[]string{"OK"}, []string{"+CREG: 1", "Boot"}}},
		"news without name": {asking("+CGMI"), "RDY\r\nQuectel\r\nOK\r\n", passed{[]string{"Quectel", "OK"}, []string{"RDY"}}},
		"finals nobody asked": {asking("+CSQ"), "OK\r\nOK\r\nERROR\r\n+CMS ERROR: 38\r\n",
			passed{[]string{"OK"}, []string{"OK", "ERROR", "+CMS ERROR: 38"}}},
		"vendor's final":    {asking("+CGMI"), "COMMAND NOT SUPPORT\r\n", passed{[]string{"ERROR"}, nil}},
		"other vendor's":    {asking("+CGMI"), "TOO MANY PARAMETERS\r\n", passed{[]string{"ERROR"}, nil}},
		"CMS without blank": {asking("+CGMI"), "+CMS ERROR:500\r\n", passed{[]string{"+CMS ERROR: 500"}, nil}},
		"noise":             {asking("+CSQ"), "\x00\x01\r\n+CSQ\x00: 20,99\x7f\r\nOK\r\n", passed{[]string{"+CSQ: 20,99", "OK"}, nil}},
		"a line of 1 MB":    {asking("+CSQ"), strings.Repeat("x", 1<<20) + "\r\n+CSQ: 20,99\r\nOK\r\n", passed{[]string{"+CSQ: 20,99", "OK"}, nil}},
		"a stale prompt":    {asking("+CSQ"), "> \r\n> \r\n+CSQ: 20,99\r\nOK\r\n", passed{[]string{"+CSQ: 20,99", "OK"}, nil}},
		"the prompt":        {sendingPDU, "AT+CMGS=20\r\r\n> ", passed{[]string{">"}, nil}},
		"without blank":     {sendingPDU, "\r\n>\r\n", passed{[]string{">"}, nil}},
		"twice":             {sendingPDU, "\r\n> \r\n> \r\n>\r\nOK\r\n", passed{[]string{">", "OK"}, nil}},
		"an old receipt":    {sendingPDU, "\r\n+CMGS: 7\r\n> ", passed{[]string{">"}, []string{"+CMGS: 7"}}},
		"its receipt late":  {submittingPDU, "OK\r\n\r\n+CMGS: 7\r\n", passed{[]string{"OK"}, nil}},
		"refused":           {sendingPDU, "\r\n+CMS ERROR: 302\r\n> ", passed{[]string{"+CMS ERROR: 302"}, nil}},
		"a > within a line": {sendingPDU, "x> \r\n", passed{[]string{"x>"}, nil}},
		"a text handed over": {asking("+CMGL=4"), "+CMGL: 1,1,,9\r\n+CMT: ,3\r\n00040C\r\n0006D6\r\nOK\r\n",
			passed{[]string{"+CMGL: 1,1,,9", "0006D6", "OK"}, []string{"+CMT: ,3\n00040C"}}},
		"news before its PDU": {asking("+CSQ"), "+CDS: 3\r\nRING\r\n0006D6\r\n+CSQ: 20,99\r\nOK\r\n",
			passed{[]string{"+CSQ: 20,99", "OK"}, []string{"RING", "+CDS: 3\n0006D6"}}},
		"its PDU lost": {asking("+CMGR=1"), "+CDS: 3\r\n+CMGR: 1,,3\r\n00040C\r\nOK\r\n",
			passed{[]string{"+CMGR: 1,,3", "00040C", "OK"}, nil}},
		"a report at the prompt": {sendingPDU, "\r\n+CDS: 3\r\n0006D6\r\n> ", passed{[]string{">"}, []string{"+CDS: 3\n0006D6"}}},
		"a broadcast":            {asking("+CGSN"), "+CBM: 3\r\n0006D6\r\n123\r\nOK\r\n", passed{[]string{"123", "OK"}, []string{"+CBM: 3\n0006D6"}}},
		"answer of one's own": {asking("+CREG?"), "+CREG: 2\r\n+CREG: 2,1\r\nOK\r\n+CREG: 5\r\n",
			passed{[]string{"+CREG: 2", "+CREG: 2,1", "OK"}, []string{"+CREG: 5"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, listen(t, strings.NewReader(c.said), c.setup)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestTheEchoOfAPDUIsNotAnAnswer(t *testing.T) {
	p := listen(t, strings.NewReader("00AABB\x1a\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n"), func(g *guard) {
		sendingPDU(g)
		g.ex.prompted = true
		if _, err := g.Write([]byte("00aabb\x1a")); err != nil {
			t.Fatal(err)
		}
	})
	if diff := cmp.Diff(passed{Answers: []string{"+CMGS: 7", "OK"}}, p); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCtrlZLeavesOnceAndNeverAfterWithdrawal(t *testing.T) {
	var hung atomic.Int32
	line := &tape{said: strings.NewReader("")}
	g := newGuard(line, &hung, func(string) {})

	ex := g.begin()
	g.Write([]byte("AT+CMGS=20\r"))
	if !g.withdraw(ex) {
		t.Error("a part that waits for its prompt cannot be withdrawn")
	}
	if _, err := g.Write([]byte("00aabb\x1a")); !errors.Is(err, errWithdrawn) {
		t.Errorf("a withdrawn part is submitted: %v", err)
	}
	g.finish()
	if _, err := g.Write([]byte("00aabb\x1a")); !errors.Is(err, errWithdrawn) {
		t.Errorf("a part is submitted that was not announced: %v", err)
	}

	ex = g.begin()
	if _, err := g.Write([]byte("00aabb\x1a")); err != nil {
		t.Fatal(err)
	}
	if !isClosed(ex.submitted) || g.withdraw(ex) {
		t.Error("a part whose Ctrl-Z has left can be withdrawn")
	}
	if got, want := line.told.String(), "AT+CMGS=20\r00aabb\x1a"; got != want {
		t.Errorf("the line was told %q, want %q", got, want)
	}
}

func TestACtrlZThatTheLineRefusedHasNotLeft(t *testing.T) {
	var hung atomic.Int32
	line := &tape{said: strings.NewReader("")}
	line.onWrite = func(s string) (int, error) {
		if s == ctrlZ {
			return 0, io.ErrClosedPipe
		}
		return len(s), nil
	}
	g := newGuard(line, &hung, func(string) {})
	ex := g.begin()
	if _, err := g.Write([]byte("00aabb\x1a")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v, want the line's", err)
	}
	if !g.withdraw(ex) {
		t.Error("Ctrl-Z counts as having left, though the line did not take it")
	}
}

func TestACtrlZThatHangsMayHaveLeft(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var hung atomic.Int32
		release := make(chan struct{})
		line := &tape{said: strings.NewReader("")}
		line.onWrite = func(s string) (int, error) {
			if s == ctrlZ {
				<-release
			}
			return len(s), nil
		}
		g := newGuard(line, &hung, func(string) {})
		ex := g.begin()
		start := time.Now()
		if _, err := g.Write([]byte("00aabb\x1a")); !errors.Is(err, errStalled) {
			t.Errorf("error %v, want errStalled", err)
		}
		if took := time.Since(start); took > writeTimeout+closeTimeout {
			t.Errorf("the write was given up after %v", took)
		}
		if g.withdraw(ex) {
			t.Error("a part is reported as not sent whose Ctrl-Z may leave yet")
		}
		if n := hung.Load(); n != 1 {
			t.Errorf("%d calls count as hanging, want 1", n)
		}
		if n, err := g.transmit("AT\r"); n != 0 || !errors.Is(err, errStalled) {
			t.Errorf("a stalled line takes %d bytes more, %v", n, err)
		}
		close(release)
		synctest.Wait()
		if n := hung.Load(); n != 0 {
			t.Errorf("%d calls count as hanging after all returned", n)
		}
	})
}

// drip gives nothing many times, and then a byte.
type drip struct {
	r     io.Reader
	empty int
}

func (d *drip) Read(p []byte) (int, error) {
	if d.empty++; d.empty%300 != 0 {
		return 0, nil
	}
	return d.r.Read(p[:1])
}

func TestReadsThatReturnNothingDoNotEndTheLine(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		got := listen(t, &drip{r: strings.NewReader("OK\r\n")}, asking(""))
		if diff := cmp.Diff(passed{Answers: []string{"OK"}}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func FuzzTheGuardPassesOnlyWhatTheEngineCanBear(f *testing.F) {
	f.Add([]byte("AT+CMGS=20\r\r\n> \r\n+CMGS: 7\r\n\r\nOK\r\n"), uint8(0))
	f.Add([]byte("\r\r\n>>\r\nERROR\r\n+CMS ERROR:5\r\n+C"), uint8(1))
	f.Add([]byte("+CREG: 1\r\nTOO MANY PARAMETERS\rOK\n\nOK\n"), uint8(2))
	f.Fuzz(func(t *testing.T, said []byte, how uint8) {
		setup := [...]func(*guard){sendingPDU, asking("+CREG?"), asking(), func(g *guard) {
			sendingPDU(g)
			g.ex.prompted = true
			g.Write([]byte("00aabb\x1a"))
		}}[how%4]
		got := listen(t, bytes.NewReader(said), setup)
		if diff := cmp.Diff(got, listen(t, &dribble{bytes.NewReader(said)}, setup)); diff != "" {
			t.Fatalf("it matters how the bytes come in: %s", diff)
		}
		prompts, finals := 0, 0
		for _, line := range got.Answers {
			if line == "" || len(line) > lineMaxBytes || strings.ContainsAny(line, "\r\x00\x1a\x1b") {
				t.Fatalf("the engine gets line %q", line)
			}
			if line == ">" {
				prompts++
			}
			if _, final := finalResult(line, ""); final {
				finals++
			}
		}
		if prompts > 1 || prompts == 1 && how%4 != 0 {
			t.Fatalf("%d prompts pass", prompts)
		}
		if finals > 1 || finals == 1 && how%4 == 2 {
			t.Fatalf("%d final results pass", finals)
		}
	})
}

// dribble gives one byte at a time.
type dribble struct{ r io.Reader }

func (d *dribble) Read(p []byte) (int, error) { return d.r.Read(p[:min(len(p), 1)]) }
