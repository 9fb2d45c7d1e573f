package modemtest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// answerTo sends one text and returns what is said from Ctrl-Z on in the
// next d.
func (h *host) answerTo(d time.Duration) string {
	h.t.Helper()
	h.send(alice, "smoke")
	time.Sleep(d)
	synctest.Wait()
	return h.drain()
}

func TestAnAttemptEndsAsTheScriptSays(t *testing.T) {
	for _, tt := range []struct {
		script   string
		after    time.Duration
		want     string
		accepted int
	}{
		{"", 0, "\r\n+CMGS: 1\r\n\r\nOK\r\n", 1},
		{"send 1 cms 38", 0, "\r\n+CMS ERROR: 38\r\n", 0},
		{"send 1 cme 30", 0, "\r\n+CME ERROR: 30\r\n", 0},
		{"send 1 error", 0, "\r\nERROR\r\n", 0},
		{"send 1 cms 500 sent", 0, "\r\n+CMS ERROR: 500\r\n", 1},
		{"send 2 cms 38", 0, "\r\n+CMGS: 1\r\n\r\nOK\r\n", 1},
		{"send 2- cms 38", 0, "\r\n+CMGS: 1\r\n\r\nOK\r\n", 1},
		{"send 1-2 cms 38", 0, "\r\n+CMS ERROR: 38\r\n", 0},
		{"send * cms 38; send 1 cms 41", 0, "\r\n+CMS ERROR: 41\r\n", 0},
		{"probability 1 cms 21", 0, "\r\n+CMS ERROR: 21\r\n", 0},
		{"send * delay 9s", 8 * time.Second, "", 0},
		{"send * delay 9s", 10 * time.Second, "\r\n+CMGS: 1\r\n\r\nOK\r\n", 1},
		{"send 1 late 45s", 44 * time.Second, "", 1},
		{"send 1 late 45s", 46 * time.Second, "\r\n+CMGS: 1\r\n\r\nOK\r\n", 1},
		{"send 1 late 45s; send 1 cms 332", 46 * time.Second, "\r\n+CMS ERROR: 332\r\n", 0},
		{"send 1 silent", time.Hour, "", 1},
		{"send 1 lost", time.Hour, "", 0},
		{"send 1 no ok", time.Hour, "\r\n+CMGS: 1\r\n", 1},
		{"send 1 no receipt", time.Hour, "\r\nOK\r\n", 1},
		{"send 1 ok first 5s", 4 * time.Second, "\r\nOK\r\n", 1},
		{"send 1 ok first 5s", 6 * time.Second, "\r\nOK\r\n\r\n+CMGS: 1\r\n", 1},
		{"send 1 hang", time.Hour, "", 1},
		{"crlf crcrlf", 0, "\r\r\n+CMGS: 1\r\r\n\r\r\nOK\r\r\n", 1},
		{"urc RING before receipt", 0, "\r\nRING\r\n\r\n+CMGS: 1\r\n\r\nOK\r\n", 1},
		{"urc RING before ok", 0, "\r\n+CMGS: 1\r\n\r\nRING\r\n\r\nOK\r\n", 1},
		{"at 5s unplug", time.Minute, "\r\n+CMGS: 1\r\n\r\nOK\r\n", 1},
	} {
		t.Run(tt.script, func(t *testing.T) {
			talk(t, []Option{Fault(tt.script)}, func(m *Modem, h *host) {
				h.write("ATE0+CMEE=1\r")
				synctest.Wait()
				h.drain()
				if got := h.answerTo(tt.after); got != tt.want {
					t.Errorf("said %q, want %q", got, tt.want)
				}
				if got := len(m.Accepted()); got != tt.accepted {
					t.Errorf("the network has %d texts, want %d", got, tt.accepted)
				}
			})
		})
	}
}

func (h *host) promptWithin(d time.Duration) string {
	h.write("AT+CMGS=20\r")
	time.Sleep(d)
	synctest.Wait()
	return h.drain()
}

func TestThePromptIsAsTheScriptSays(t *testing.T) {
	for _, tt := range []struct {
		script string
		after  time.Duration
		want   string
	}{
		{"", 0, "\r\n> "},
		{"prompt nospace", 0, "\r\n>\r\n"},
		{"no prompt", time.Hour, ""},
		{"send 1 no prompt", time.Hour, ""},
		{"prompt late 5s", 4 * time.Second, ""},
		{"prompt late 5s", 5 * time.Second, "\r\n> "},
		{`urc +CMTI: "SM",1 before prompt`, 0, "\r\n+CMTI: \"SM\",1\r\n\r\n> "},
		{"urc RING after prompt", 0, "\r\n> \r\nRING\r\n"},
	} {
		t.Run(tt.script, func(t *testing.T) {
			talk(t, []Option{Fault(tt.script)}, func(m *Modem, h *host) {
				h.ask("ATE0", "OK")
				if got := h.promptWithin(tt.after); got != tt.want {
					t.Errorf("said %q, want %q", got, tt.want)
				}
				h.write("\x1b")
				h.until("\r\nOK\r\n")
			})
		})
	}
}

func TestASilentModemAnswersTheNextCommand(t *testing.T) {
	talk(t, []Option{Fault("send 1 silent")}, func(m *Modem, h *host) {
		h.ask("ATE0", "OK")
		h.answerTo(time.Minute)
		h.ask("AT", "OK")
	})
}

func TestAHungModemNeedsItsPowerCut(t *testing.T) {
	talk(t, []Option{Fault("at 10s hang")}, func(m *Modem, h *host) {
		time.Sleep(11 * time.Second)
		for range 2 * typedMaxBytes / len("AT\r") {
			h.write("AT\r") // it still takes what is typed
		}
		h.line.Close()
		again := dial(h.t, m)
		again.write("AT\r")
		time.Sleep(time.Hour)
		if got := again.drain(); got != "" {
			t.Errorf("it said %q", got)
		}
		m.Unplug()
		m.Plug()
		time.Sleep(5 * time.Second)
		revived := dial(h.t, m)
		revived.ask("AT", "OK")
		revived.line.Close()
	})
}

func TestAStalledModemNeverLetsAWriteReturn(t *testing.T) {
	for _, script := range []string{"at 10s stall", "send 1 stall"} {
		talk(t, []Option{Fault(script)}, func(m *Modem, h *host) {
			if script == "send 1 stall" {
				h.promptWithin(0)
			}
			time.Sleep(11 * time.Second)
			written := make(chan error)
			go func() {
				_, err := io.WriteString(h.line, strings.Repeat("0", 2*midwayBytes))
				if err == nil {
					_, err = io.WriteString(h.line, "more")
				}
				written <- err
			}()
			select {
			case err := <-written:
				t.Errorf("%s: the write returned: %v", script, err)
			case <-time.After(24 * time.Hour):
			}
			h.line.Close()
			if err := <-written; !errors.Is(err, os.ErrClosed) {
				t.Errorf("%s: closing the line gave the writer %v", script, err)
			}
		})
	}
}

func TestThePortVanishesInTheMiddleOfAPDUAndComesBack(t *testing.T) {
	talk(t, []Option{Fault("send 1 vanish 30s")}, func(m *Modem, h *host) {
		h.promptWithin(0)
		io.WriteString(h.line, classic)
		if _, err := io.WriteString(h.line, "\x1a"); !errors.Is(err, syscall.EIO) {
			t.Errorf("the rest of the PDU was written: %v", err)
		}
		time.Sleep(29 * time.Second)
		if _, err := m.Open(t.Context()); err == nil {
			t.Error("the port is back too soon")
		}
		time.Sleep(10 * time.Second)
		again := dial(h.t, m)
		again.send(alice, "smoke")
		again.until("+CMGS: 1\r\n")
		if got := len(m.Accepted()); got != 1 {
			t.Errorf("the network has %d texts, want 1", got)
		}
		again.line.Close()
	})
}

func TestAModemCanRestartOrGoAfterTheNetworkTookTheText(t *testing.T) {
	for _, script := range []string{"send 1 reboot", "send 1 unplug 5s"} {
		talk(t, []Option{Fault(script)}, func(m *Modem, h *host) {
			h.send(alice, "smoke")
			time.Sleep(15 * time.Second)
			if got := h.drain(); strings.Contains(got, "+CMGS:") {
				t.Errorf("%s: it said %q", script, got)
			}
			h.line.Close()
			again := dial(h.t, m)
			again.ask("AT", "OK")
			again.line.Close()
			if got := len(m.Accepted()); got != 1 {
				t.Errorf("%s: the network has %d texts, want 1", script, got)
			}
		})
	}
}

func TestChatterComesWhateverElseIsSaid(t *testing.T) {
	talk(t, []Option{Fault("urc ^RSSI: 20 every 10ms; send 1 delay 1s")}, func(m *Modem, h *host) {
		h.ask("ATE0", "OK")
		got := h.answerTo(1100 * time.Millisecond)
		if n := strings.Count(got, "^RSSI: 20"); n < 100 {
			t.Errorf("it came %d times in 1.1 s, want 100 or more", n)
		}
		if !strings.Contains(got, "+CMGS: 1") {
			t.Errorf("no receipt in %q", got)
		}
	})
}

func TestAnEchoCanBeStuckOrComeBack(t *testing.T) {
	talk(t, []Option{Fault("echo on")}, func(_ *Modem, h *host) {
		h.ask("ATE0", "OK")
		h.write("AT\r")
		h.until("AT\r\r\nOK\r\n")
	})
	talk(t, []Option{Fault("at 5s echo on")}, func(_ *Modem, h *host) {
		h.ask("ATE0", "OK")
		time.Sleep(6 * time.Second)
		h.write("AT\r")
		h.until("AT\r\r\nOK\r\n")
	})
}

func TestCommandsAnswerAsTheScriptSays(t *testing.T) {
	talk(t, []Option{Fault(`
		# the SIM of a cold morning
		command +CPIN? cme 14 times 2
		command +CNMI unsupported
		command +CSQ delay 3s
		command +COPS? answer +COPS: 0
		command +CGSN silent`)}, func(_ *Modem, h *host) {
		h.ask("ATE0+CMEE=1", "OK")
		for _, want := range []string{"+CME ERROR: 14", "+CME ERROR: 14", "OK"} {
			h.ask("AT+CPIN?", want)
		}
		h.ask("AT+CNMI=2,1", "COMMAND NOT SUPPORT")
		h.ask("AT+CNMI=?", "COMMAND NOT SUPPORT")
		start := time.Now()
		h.ask("AT+CSQ;+COPS?", "+CSQ: 20,99\r\n\r\n+COPS: 0\r\n\r\nOK")
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("+CSQ took %v, want 3s", took)
		}
		h.write("AT+CGSN\r")
		h.ask("AT", "OK")
	})
}

func TestRegistrationIsLostAndFound(t *testing.T) {
	talk(t, []Option{Fault("at 5s registration 2 for 60s")}, func(m *Modem, h *host) {
		h.ask("ATE0+CREG=1;+CMEE=1", "OK")
		h.until("+CREG: 2\r\n")
		h.send(alice, "lost")
		h.until("+CMS ERROR: 331\r\n")
		start := time.Now()
		for time.Since(start) < 55*time.Second {
			time.Sleep(time.Second)
		}
		h.until("+CREG: 1\r\n")
		h.send(alice, "found")
		h.until("+CMGS: 1\r\n")
	})
}

func TestASlowWireTakesItsTime(t *testing.T) {
	talk(t, []Option{Fault("baud 300")}, func(m *Modem, h *host) {
		start := time.Now()
		h.ask("ATE0", "OK")
		// ATE0<CR> in, and its echo meanwhile; then <CR><LF>OK<CR><LF> out.
		if took, want := time.Since(start).Round(time.Millisecond), 367*time.Millisecond; took != want {
			t.Errorf("took %v, want %v", took, want)
		}
		h.send(alice, "smoke")
		h.until("+CMGS: 1\r\n\r\nOK\r\n")
	})
}

func TestGarbageIsNeverTheEndOfALine(t *testing.T) {
	talk(t, []Option{Fault("send 1 garbage 500; at 60s garbage 10")}, func(m *Modem, h *host) {
		h.ask("ATE0", "OK")
		got := h.answerTo(0)
		if len(got) < 500 || !strings.HasSuffix(got, "\r\n+CMGS: 1\r\n\r\nOK\r\n") || strings.ContainsAny(got[:500], "\r\n>") {
			t.Errorf("said %q", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := h.drain(); len(got) != 10 {
			t.Errorf("said %q, want 10 octets", got)
		}
	})
}

func TestTheSameSeedIsTheSameLuck(t *testing.T) {
	luck := func(seed int) (drawn string) {
		s, err := parseScripts(fmt.Sprintf("seed %d; probability 0.5 cms 500", seed))
		if err != nil {
			t.Fatal(err)
		}
		f := newFaults(s, 0)
		for n := range 64 {
			drawn += fmt.Sprint(f.plan(n+1).verdict.code / 500)
		}
		return drawn
	}
	if first, again := luck(7), luck(7); first != again || first == luck(8) {
		t.Errorf("seed 7 drew %s and %s, seed 8 %s", first, again, luck(8))
	}
	if failures := strings.Count(luck(7), "1"); failures < 16 || failures > 48 {
		t.Errorf("%d of 64 failed, want about half", failures)
	}
}

func TestSIMAndTextsComeByScript(t *testing.T) {
	talk(t, []Option{Fault("at 5s sim out; at 10s sim in; at 20s text +447700900222 OK thanks; at 21s signal 3")}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1;+CNMI=2,1", "OK")
		time.Sleep(6 * time.Second)
		h.ask("AT+CPIN?", "+CME ERROR: 10")
		h.ask("AT+CMGS=20", "+CMS ERROR: 310")
		h.until("+CPIN: READY\r\n")
		h.until("+CMTI: \"SM\",1\r\n")
		time.Sleep(2 * time.Second)
		h.ask("AT+CSQ", "+CSQ: 3,99\r\n\r\nOK")
	})
}

func TestOnTextMayCallTheModemAndKeepsItsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		var m *Modem
		m = New(OnText(func(text Text) {
			told = append(told, text.Body)
			m.SetSignal(len(m.Accepted()))
		}))
		h := dial(t, m)
		for _, body := range []string{"one", "two", "three"} {
			h.send(alice, body)
			h.until("OK\r\n")
		}
		texts, err := m.WaitAccepted(t.Context(), 3)
		if err != nil || len(texts) != 3 || strings.Join(told, " ") != "one two three" {
			t.Errorf("accepted %d texts, %v; told %q", len(texts), err, told)
		}
		h.line.Close()
	})
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New()
		ctx, cancel := contextFor(t, time.Minute)
		defer cancel()
		if _, err := m.WaitAccepted(ctx, 1); err == nil {
			t.Error("waiting for a text nobody sent ended well")
		}
	})
}

func TestAHostThatDoesNotReadLosesWhatIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Fault("urc " + strings.Repeat("x", 1000) + " every 1s"))
		line, err := m.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Second)
		if got := m.Stats().LostBytes; got < 30_000 {
			t.Errorf("%d octets are lost of 100 kB said to nobody", got)
		}
		line.Close()
	})
}
