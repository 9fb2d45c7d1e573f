package modemtest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/warthog618/sms"
)

// talk runs a conversation in virtual time.
func talk(t *testing.T, opts []Option, conversation func(m *Modem, h *host)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := New(opts...)
		h := dial(t, m)
		conversation(m, h)
		h.line.Close()
	})
}

// pduOf encodes a text of one part by another implementation.
func pduOf(t testing.TB, to, body string) (pdu string, length int) {
	t.Helper()
	parts, err := sms.Encode([]byte(body), sms.To(strings.TrimPrefix(to, "+")))
	if err != nil || len(parts) != 1 {
		t.Fatalf("%q makes %d parts: %v", body, len(parts), err)
	}
	octets, err := parts[0].MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("00%X", octets), len(octets)
}

// send types +CMGS and its PDU; the answer is the caller's to read.
func (h *host) send(to, body string) {
	h.t.Helper()
	pdu, length := pduOf(h.t, to, body)
	h.write(fmt.Sprintf("AT+CMGS=%d\r", length))
	h.until("> ")
	h.write(pdu + "\x1a")
}

const alice = "+447700900111"

func TestCommandsAreAnsweredToTheByte(t *testing.T) {
	for _, tt := range []struct{ typed, want string }{
		{"AT\r", "\r\nOK\r\n"},
		{"\x1b\rAT\r", "\r\nOK\r\n"},
		{"0001000C91\rAT\r", "\r\nOK\r\n"},
		{"ATX\bE0\r", "\r\nOK\r\n"},
		{"ATV0\r", "0\r"},
		{"ATV0+NOSUCH\r", "4\r"},
		{"ATQ1+CSQ\r", "\r\n+CSQ: 20,99\r\n"},
		{"AT+CSQ\r", "\r\n+CSQ: 20,99\r\n\r\nOK\r\n"},
		{"AT+CMEE=1;+CMEE?\r", "\r\n+CMEE: 1\r\n\r\nOK\r\n"},
		{"AT+CMEE=3\r", "\r\nERROR\r\n"},
		{"AT+CMEE=1;+CMEE=3\r", "\r\n+CME ERROR: 50\r\n"},
		{"AT+CMEE=2;+CMEE=3\r", "\r\n+CME ERROR: Incorrect parameters\r\n"},
		{"AT+CMGS=1000\r", "\r\nERROR\r\n"},
		{"AT+CMEE=1;+CMGS=1000\r", "\r\n+CMS ERROR: 304\r\n"},
		{"AT+CMEE=2;+CMGS=6\r", "\r\n+CMS ERROR: invalid PDU mode parameter\r\n"},
		{"AT+CSQ;+NOSUCH;+CSQ\r", "\r\n+CSQ: 20,99\r\n\r\nERROR\r\n"},
		{"AT+CREG?;+CGREG?;+CEREG?\r", "\r\n+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\n+CEREG: 0,1\r\n\r\nOK\r\n"},
		{"AT+CREG=2;+CREG?\r", "\r\n+CREG: 2,1,\"00C3\",\"0001A2B3\",7\r\n\r\nOK\r\n"},
		{"AT+CPIN?\r", "\r\n+CPIN: READY\r\n\r\nOK\r\n"},
		{"AT+CPMS=\"ME\",\"SM\";+CPMS?\r", "\r\n+CPMS: 0,20,0,20,0,20\r\n\r\n+CPMS: \"ME\",0,20,\"SM\",0,20,\"SM\",0,20\r\n\r\nOK\r\n"},
		{"AT+CNMI=2,1,0,2,0;+CNMI?\r", "\r\n+CNMI: 2,1,0,2,0\r\n\r\nOK\r\n"},
		{"AT+CNMI=9\r", "\r\nERROR\r\n"},
		{"AT+CMGL=4\r", "\r\nOK\r\n"},
		{"AT+CMEE=1;+CMGR=1\r", "\r\n+CMS ERROR: 321\r\n"},
		{"AT+CMEE=1;+CUSD=1,\"*100#\",15\r", "\r\n+CME ERROR: 30\r\n"},
		{"AT+CUSD=1\r", "\r\nOK\r\n"},
		{"AT+COPS=3,2;+COPS?\r", "\r\n+COPS: 0,2,\"00101\",7\r\n\r\nOK\r\n"},
		{"AT+CSCA?\r", "\r\n+CSCA: \"+447700900000\",145\r\n\r\nOK\r\n"},
		{"ATD123\r", "\r\nNO CARRIER\r\n"},
		{"ATD123;+CLCC\r", "\r\n+CLCC: 1,0,2,0,0,\"123\",129\r\n\r\nOK\r\n"},
		{"AT+CMEE=1;D123;\rATD456;\r", "\r\nOK\r\n\r\n+CME ERROR: 3\r\n"},
		{"ATI\r", "\r\nTocsin\r\nSimulated modem\r\nRevision: 1.0\r\n\r\nOK\r\n"},
		{"AT+CGMI;+CGMM;+CGMR;+CGSN\r", "\r\nTocsin\r\n\r\nSimulated modem\r\n\r\n1.0\r\n\r\n004999010640000\r\n\r\nOK\r\n"},
		{"AT+CLCK=\"SC\",2\r", "\r\n+CLCK: 0\r\n\r\nOK\r\n"},
		{"AT+CPINR\r", "\r\n+CPINR: SIM PIN,3,3\r\n+CPINR: SIM PUK,10,10\r\n\r\nOK\r\n"},
		{"AT+CSMS=1;+CSMS?\r", "\r\n+CSMS: 1,1,1\r\n\r\n+CSMS: 1,1,1,1\r\n\r\nOK\r\n"},
		{"AT+CSCS=\"IRA\";+CSCS?\r", "\r\n+CSCS: \"IRA\"\r\n\r\nOK\r\n"},
		{"AT+CSCS=\"UCS2\"\r", "\r\nERROR\r\n"},
		{"AT+CESQ\r", "\r\n+CESQ: 40,99,255,255,255,255\r\n\r\nOK\r\n"},
		{"AT+CGATT?;+COPS=2;+CGATT?\r", "\r\n+CGATT: 1\r\n\r\n+CGATT: 0\r\n\r\nOK\r\n"},
		{"AT+CFUN=4;+CREG?;+COPS?\r", "\r\n+CREG: 0,0\r\n\r\n+COPS: 0\r\n\r\nOK\r\n"},
		{"AT+CMGD=?\r", "\r\n+CMGD: (),(0-4)\r\n\r\nOK\r\n"},
		{"AT+CPMS=?\r", "\r\n+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")\r\n\r\nOK\r\n"},
		{"AT+CMEE=1;+CPMS=\"SR\"\r", "\r\n+CMS ERROR: 303\r\n"},
		{"AT+CMEE=1;+CNMA\r", "\r\n+CMS ERROR: 340\r\n"},
		{"AT+CMEE=1;+CPIN=1234\r", "\r\n+CME ERROR: 3\r\n"},
		{"AT+CMGF=1;&F+CMGF?\r", "\r\n+CMGF: 0\r\n\r\nOK\r\n"},
	} {
		talk(t, nil, func(_ *Modem, h *host) {
			h.ask("ATE0", "OK")
			h.write(tt.typed)
			synctest.Wait()
			if got := h.drain(); got != tt.want {
				t.Errorf("%q: got %q, want %q", tt.typed, got, tt.want)
			}
		})
	}
}

// drain returns all that has been said and not yet looked at.
func (h *host) drain() string {
	for {
		select {
		case text, open := <-h.seen:
			h.rest += text
			if open {
				continue
			}
		default:
		}
		got := h.rest
		h.rest = ""
		return got
	}
}

func TestCharactersEchoAsTheyAreTyped(t *testing.T) {
	talk(t, nil, func(_ *Modem, h *host) {
		h.write("AT+C")
		synctest.Wait()
		if got := h.drain(); got != "AT+C" {
			t.Errorf("echoed %q", got)
		}
		h.write("SQ\r")
		h.until("SQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
	})
}

func TestThePromptOutlivesTheHost(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.write("AT+CMGS=20\r")
		h.until("> ")
		h.line.Close()
		again := dial(h.t, m)
		again.write("AT\r")
		synctest.Wait()
		if got := again.drain(); strings.Contains(got, "OK") {
			t.Errorf("a command typed at an open prompt was answered: %q", got)
		}
		again.write("\x1b")
		again.until("\r\nOK\r\n")
		again.ask("AT", "OK")
		again.line.Close()
	})
}

func TestAPDUWithRubbishInItIsRefused(t *testing.T) {
	for _, rubbish := range []string{"\x00", "AT+CNMA\r", "\r\n", " ", strings.Repeat("00", 400)} {
		talk(t, nil, func(m *Modem, h *host) {
			h.ask("ATE0+CMEE=1", "OK")
			pdu, length := pduOf(t, alice, "hello")
			h.write(fmt.Sprintf("AT+CMGS=%d\r", length))
			h.until("> ")
			h.write(pdu[:10] + rubbish + pdu[10:] + "\x1a")
			h.until("\r\n+CMS ERROR: 304\r\n")
			if len(m.Accepted()) != 0 || len(m.Refused()) != 1 {
				t.Errorf("%q: accepted %v, refused %v", rubbish, m.Accepted(), m.Refused())
			}
		})
	}
}

func TestTheLineFeedBehindACommandIsNoneOfThePDU(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		pdu, length := pduOf(h.t, alice, "hello")
		h.write(fmt.Sprintf("ATE0\r\nAT+CMGS=%d\r\n", length))
		h.until("> ")
		h.write(pdu + "\x1a")
		h.until("+CMGS: 1\r\n")
	})
}

func TestTheAnswerComesToWhoeverHoldsTheLineByThen(t *testing.T) {
	talk(t, []Option{SendDelay(40 * time.Second)}, func(m *Modem, h *host) {
		h.send(alice, "smoke")
		h.line.Close()
		time.Sleep(5 * time.Second)
		again := dial(h.t, m)
		again.write("AT\r")
		if got := again.until("OK\r\n"); !strings.Contains(got, "+CMGS: 1") {
			t.Errorf("the late answer did not come first: %q", got)
		}
		again.line.Close()
	})
}

func TestAWrongPINIsCountedAcrossReboots(t *testing.T) {
	talk(t, []Option{PIN("1234", 3)}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1", "OK")
		h.ask("AT+CPIN?", "+CPIN: SIM PIN")
		h.ask("AT+CMGS=20", "+CMS ERROR: 311")
		h.ask("AT+CIMI", "+CME ERROR: 11")
		h.ask("AT+CPIN=9999", "+CME ERROR: 16")
		m.Unplug()
		m.Plug()
		time.Sleep(5 * time.Second)
		again := dial(h.t, m)
		again.ask("ATE0+CMEE=1", "OK")
		again.ask("AT+CPINR", "+CPINR: SIM PIN,2,3")
		again.ask(`AT+CPIN="9999"`, "+CME ERROR: 16")
		again.ask("AT+CPIN=9999", "+CME ERROR: 12")
		again.ask("AT+CPIN?", "+CPIN: SIM PUK")
		again.ask("AT+CPIN=1234", "+CME ERROR: 12")
		again.ask("AT+CMGS=20", "+CMS ERROR: 316")
		if got := m.PINTries(); got != 0 {
			t.Errorf("%d tries are left, want 0", got)
		}
		again.ask("AT+CPIN="+puk+",4321", "OK")
		again.ask("AT+CPIN?", "+CPIN: READY")
		again.line.Close()
	})
}

func TestTheRightPINOpensTheNetwork(t *testing.T) {
	talk(t, []Option{PIN("1234", 2)}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1;+CREG=1", "OK")
		h.ask("AT+CREG?", "+CREG: 1,0")
		h.ask(`AT+CPIN="1234"`, "OK")
		h.ask("AT+CMGS=20", "+CMS ERROR: 314")
		h.until("\r\n+CREG: 2\r\n")
		h.until("\r\n+CREG: 1\r\n")
		if got := m.PINTries(); got != 3 {
			t.Errorf("%d tries are left after the right PIN, want 3", got)
		}
		h.ask("AT+CFUN=0", "OK")
		h.ask("AT+CFUN=1", "OK")
		h.until("+CPIN: SIM PIN\r\n")
	})
}

func TestRegistrationIsAnnouncedAndDecides(t *testing.T) {
	talk(t, []Option{Registered(false)}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1;+CREG=1;+CEREG=2", "OK")
		h.send(alice, "nobody hears")
		h.until("+CMS ERROR: 331\r\n")
		m.SetRegistered(5)
		synctest.Wait()
		if got := h.drain(); !strings.Contains(got, "\r\n+CREG: 5\r\n") || !strings.Contains(got, "\r\n+CEREG: 5,\"") {
			t.Errorf("announced %q", got)
		}
		h.send(alice, "now")
		h.until("+CMGS: 1\r\n")
		m.SetRegistration(3, 1)
		h.until("+CREG: 3\r\n")
		h.send(alice, "not by this bearer")
		h.until("+CMS ERROR: 500\r\n")
	})
}

func TestAnUnsolicitedLineWaitsWhileSomebodyTypes(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CREG=1", "OK")
		h.write("AT+C")
		m.SetRegistered(2)
		synctest.Wait()
		if got := h.drain(); got != "" {
			t.Errorf("%q came while a command was typed", got)
		}
		h.write("SQ\r")
		h.until("OK\r\n\r\n+CREG: 2\r\n")
	})
}

func TestTheSameModemSpeaksTextMode(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CMGF=1", "OK")
		h.write("AT+CMGS=\"+447700900111\"\r")
		h.until("> ")
		h.write("two\rlines\x1a")
		h.until("+CMGS: 1\r\n\r\nOK\r\n")
		if got := m.Accepted()[0]; got.Body != "two\nlines" || got.To != alice {
			t.Errorf("accepted %+v", got)
		}
	})
}

func TestWithoutAServiceCentreNothingIsSent(t *testing.T) {
	talk(t, []Option{ServiceCentre("")}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1", "OK")
		h.send(alice, "smoke")
		h.until("+CMS ERROR: 330\r\n")
		h.ask(`AT+CSCA="+447700900000",145`, "OK")
		h.send(alice, "smoke")
		h.until("+CMGS: 1\r\n")
	})
}

func TestASIMCanBeTakenOutAndPutBack(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1;+CREG=1", "OK")
		m.InsertSIM(false)
		h.until("+CREG: 0\r\n")
		h.ask("AT+CPIN?", "+CME ERROR: 10")
		m.InsertSIM(true)
		h.ask("AT+CPIN?", "+CME ERROR: 14")
		h.until("+CPIN: READY\r\n")
		h.until("+CREG: 1\r\n")
	})
}

func TestAnUnpluggedModemIsGoneAndComesBackFresh(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CMGF=1", "OK")
		m.Unplug()
		synctest.Wait()
		if _, open := <-h.seen; open {
			t.Error("an unplugged line still reads")
		}
		if _, err := io.WriteString(h.line, "AT\r"); !errors.Is(err, syscall.EIO) {
			t.Errorf("writing gave %v, want EIO", err)
		}
		if _, err := m.Open(t.Context()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("opening gave %v, want that it does not exist", err)
		}
		if err := h.line.Close(); err != nil {
			t.Errorf("closing gave %v", err)
		}
		m.Plug()
		again := dial(h.t, m)
		again.write("AT\r")
		synctest.Wait()
		if got := again.drain(); got != "" {
			t.Errorf("a modem that boots said %q", got)
		}
		again.until("+CPIN: READY\r\n")
		again.ask("AT+CMGF?", "+CMGF: 0\r\n\r\nOK")
		again.line.Close()
	})
}

func TestOneLineAtATime(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		if _, err := m.Open(t.Context()); !errors.Is(err, syscall.EBUSY) {
			t.Errorf("opening a held port gave %v, want EBUSY", err)
		}
		h.line.Close()
		again := dial(h.t, m)
		again.line.Close()
	})
}

func TestTheFirmwareCanRestartWithTheLineOpen(t *testing.T) {
	talk(t, []Option{Profile("sim800")}, func(m *Modem, h *host) {
		h.ask("ATE0", "OK")
		h.ask("AT+CFUN=1,1", "OK")
		got := h.until("SMS Ready\r\n")
		for _, line := range []string{"RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready"} {
			if !strings.Contains(got, "\r\n"+line+"\r\n") {
				t.Errorf("no %q in the boot lines %q", line, got)
			}
		}
		h.write("AT\r")
		h.until("AT\r\r\nOK\r\n") // it echoes again
	})
}

func TestBootingTakesAsLongAsTheScriptSays(t *testing.T) {
	talk(t, []Option{Fault("boot 30s; sim busy 20s")}, func(m *Modem, h *host) {
		m.Reboot()
		time.Sleep(29 * time.Second)
		h.write("AT\r")
		synctest.Wait()
		if got := h.drain(); got != "" {
			t.Errorf("it said %q too soon", got)
		}
		time.Sleep(2 * time.Second)
		h.ask("ATE0+CMEE=1", "OK")
		h.ask("AT+CPIN?", "+CME ERROR: 14")
		time.Sleep(20 * time.Second)
		h.ask("AT+CPIN?", "+CPIN: READY\r\n\r\nOK")
	})
}

func TestAModemOnUSBDropsItsPortWhenItRestarts(t *testing.T) {
	talk(t, []Option{Profile("ec25")}, func(m *Modem, h *host) {
		h.ask("AT+CFUN=1,1", "OK")
		time.Sleep(time.Second)
		if _, open := <-h.seen; open {
			t.Error("the line outlived the restart")
		}
		time.Sleep(10 * time.Second)
		again := dial(h.t, m)
		again.until("+QIND: SMS DONE\r\n")
		again.line.Close()
	})
}

func TestEveryProfileSends(t *testing.T) {
	for _, name := range Profiles() {
		talk(t, []Option{Profile(name)}, func(m *Modem, h *host) {
			pdu, length := pduOf(t, alice, "hello")
			h.write(fmt.Sprintf("AT+CMGS=%d\r", length))
			h.until("\n>")
			h.write(pdu + "\x1a")
			h.until("+CMGS: 1\r")
			if got := m.Accepted(); len(got) != 1 || got[0].Body != "hello" {
				t.Errorf("%s: accepted %+v", name, got)
			}
		})
	}
}
