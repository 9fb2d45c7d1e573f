package modemtest

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneServiceOfCGSMSCarriesTextsAndTheOthersDoNot(t *testing.T) {
	talk(t, []Option{Fault("texts need cgsms 1,3 cms 38")}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1", "OK")
		h.ask("AT+CGSMS=0", "OK")
		h.send(alice, "smoke")
		h.until("+CMS ERROR: 38\r\n")
		h.ask("AT+CGSMS=3", "OK")
		h.send(alice, "smoke")
		h.until("+CMGS: 1\r\n")
	})
}

func TestIMSDecidesFromTheNextStartOn(t *testing.T) {
	talk(t, []Option{Profile("ec25"), Fault("texts need ims on")}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1", "OK")
		h.send(alice, "smoke")
		h.until("+CMS ERROR: 500\r\n")
		h.ask(`AT+QCFG="ims",1`, "OK")
		h.ask(`AT+QCFG="ims"`, `+QCFG: "ims",1,0`+"\r\n\r\nOK")
		h.send(alice, "smoke")
		h.until("+CMS ERROR: 500\r\n")
		h.ask("AT+CFUN=1,1", "OK")
		time.Sleep(time.Minute)
		again := dial(h.t, m)
		again.ask("ATE0", "OK")
		again.ask(`AT+QCFG="ims"`, `+QCFG: "ims",1,1`+"\r\n\r\nOK")
		again.send(alice, "smoke")
		again.until("+CMGS: 1\r\n")
		again.line.Close()
	})
}

func TestTextsMayNeedAnAccessTechnology(t *testing.T) {
	for profile, choose := range map[string]string{
		"ec25":    `AT+QCFG="nwscanmode",1`,
		"sim7600": "AT+CNMP=13",
		"generic": "AT+COPS=0,,,0",
	} {
		talk(t, []Option{Profile(profile), Fault("texts need access 0,2")}, func(m *Modem, h *host) {
			h.ask("ATE0+CMEE=1;+CREG=2", "OK")
			h.send(alice, "smoke")
			h.until("+CMS ERROR: 500\r\n")
			h.ask(choose, "OK")
			h.until("+CREG: 1,\"00C3\",\"0001A2B3\",0\r\n")
			h.send(alice, "smoke")
			h.until("+CMGS: 1\r\n")
		})
	}
}

func TestAModemStuckOnGSMLeavesItWhenItSelectsAnew(t *testing.T) {
	for _, remedy := range [][]string{{"AT+COPS=2", "AT+COPS=0"}, {"AT+CFUN=4", "AT+CFUN=1"}, {"AT+CFUN=0", "AT+CFUN=1"}} {
		talk(t, []Option{Fault("at 5s stuck 0")}, func(m *Modem, h *host) {
			h.ask("ATE0+CREG=2", "OK")
			h.until("+CREG: 1,\"00C3\",\"0001A2B3\",0\r\n")
			time.Sleep(time.Hour)
			h.ask("AT+COPS=0", "OK") // it has a network, so it looks for none
			h.ask("AT+COPS?", "+COPS: 0,0,\"Simulated\",0\r\n\r\nOK")
			for _, command := range remedy {
				h.ask(command, "OK")
			}
			h.until("+CREG: 1,\"00C3\",\"0001A2B3\",7\r\n")
		})
	}
}

func TestEachDomainHasItsRegistration(t *testing.T) {
	talk(t, []Option{Fault("at 5s registration 3 0 1 for 10s; at 20s registration 8; at 30s access 2 for 5s")}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1", "OK")
		time.Sleep(6 * time.Second)
		h.ask("AT+CREG?;+CGREG?;+CEREG?", "+CREG: 0,3\r\n\r\n+CGREG: 0,0\r\n\r\n+CEREG: 0,1\r\n\r\nOK")
		h.send(alice, "no circuit, no text")
		h.until("+CMS ERROR: 500\r\n")
		time.Sleep(10 * time.Second)
		h.ask("AT+CREG?", "+CREG: 0,1\r\n\r\nOK")
		time.Sleep(5 * time.Second)
		h.send(alice, "emergency calls only")
		h.until("+CMS ERROR: 331\r\n")
		h.ask("AT+COPS?", "+COPS: 0\r\n\r\nOK")
		time.Sleep(10 * time.Second)
		m.SetRegistered(1)
		h.ask("AT+COPS?", "+COPS: 0,0,\"Simulated\",2\r\n\r\nOK")
		time.Sleep(5 * time.Second)
		h.ask("AT+COPS?", "+COPS: 0,0,\"Simulated\",7\r\n\r\nOK")
	})
}

func TestTheOperatorBarsAndChargesTheSIM(t *testing.T) {
	talk(t, []Option{Fault("credit 1; at 10s barred 50 for 10s; at 30s credit 2")}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1", "OK")
		want := func(at time.Duration, end string) {
			t.Helper()
			h.send(alice, fmt.Sprint(at))
			h.until(end)
		}
		want(0, "+CMGS: 1\r\n")
		want(0, "+CMS ERROR: 21\r\n")
		h.ask(`AT+CUSD=1,"*100#",15`, "OK")
		h.until("+CUSD: 0,\"Balance: 0 texts\",15\r\n")
		time.Sleep(10 * time.Second)
		want(12, "+CMS ERROR: 50\r\n")
		time.Sleep(20 * time.Second)
		want(32, "+CMGS: ")
		m.Bar(8)
		want(32, "+CMS ERROR: 8\r\n")
		if got := len(m.Accepted()); got != 2 {
			t.Errorf("the network has %d texts, want 2", got)
		}
	})
}

func TestACodeIsAnsweredAsTheScriptSays(t *testing.T) {
	talk(t, []Option{Fault("ussd *101# You have {credit} left; credit 7")}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1", "OK")
		h.ask(`AT+CUSD=1,"*101#",15`, "OK")
		h.until("+CUSD: 0,\"You have 7 left\",15\r\n")
		h.ask(`AT+CUSD=1,"*102#",15`, "+CME ERROR: 30")
	})
}

func TestTheServiceCentreRefusesWhatTheScriptSays(t *testing.T) {
	for _, tt := range []struct{ script, pdu, want string }{
		{"refuse validity", "0011000C914477000910110000AA05E8329BFD06", "+CMS ERROR: 198"},
		{"refuse class", "0001000C914477000910110010" + "05E8329BFD06", "+CMS ERROR: 145"},
		{"refuse ucs2", "0001000C914477000910110008" + "02006F", "+CMS ERROR: 144"},
		{"refuse validity; refuse class; refuse ucs2", "0001000C914477000910110000" + "05E8329BFD06", "+CMGS: 1"},
	} {
		talk(t, []Option{Fault(tt.script)}, func(m *Modem, h *host) {
			h.ask("ATE0+CMEE=1", "OK")
			h.write(fmt.Sprintf("AT+CMGS=%d\r", len(tt.pdu)/2-1))
			h.until("> ")
			h.write(tt.pdu + "\x1a")
			h.until(tt.want + "\r\n")
		})
	}
}

func TestNumbersOfEachTypeAndClassesAreRecorded(t *testing.T) {
	for _, tt := range []struct {
		pdu    string
		to     string
		toType byte
		class  int
	}{
		{"0001000C91447700091011" + "0000" + "05E8329BFD06", alice, 1, -1},
		{"00010005810521F3" + "0010" + "05E8329BFD06", "50123", 0, 0},
		{"0001000BA10777090011F1" + "00F1" + "05E8329BFD06", "70779000111", 2, 1},
	} {
		talk(t, nil, func(m *Modem, h *host) {
			h.write(fmt.Sprintf("ATE0+CMEE=1;+CMGS=%d\r", len(tt.pdu)/2-1))
			h.until("> ")
			h.write(tt.pdu + "\x1a")
			h.until("OK\r\n")
			if got := m.Accepted()[0]; got.To != tt.to || got.ToType != tt.toType || got.Class != tt.class {
				t.Errorf("accepted %+v, want %+v", got, tt)
			}
		})
	}
}

func TestTheClockIsTheNetworksOnceTheModemMayTakeIt(t *testing.T) {
	talk(t, []Option{Fault("network zone 8")}, func(m *Modem, h *host) {
		h.ask("ATE0", "OK")
		h.ask("AT+CCLK?", "+CCLK: \"80/01/06,02:00:00+08\"\r\n\r\nOK")
		h.ask("AT+CTZU=1", "OK")
		h.ask("AT+CCLK?", "+CCLK: \"00/01/01,02:00:00+08\"\r\n\r\nOK")
		h.ask(`AT+CCLK="26/03/01,07:05:09+08"`, "OK")
		time.Sleep(time.Minute)
		h.ask("AT+CCLK?", "+CCLK: \"26/03/01,07:06:09+08\"\r\n\r\nOK")
		h.ask("AT+CTZR=1", "OK")
		h.ask("AT+COPS=2", "OK")
		h.ask("AT+COPS=0", "OK")
		h.until("+CTZV: +08\r\n")
		h.ask("AT+CCLK?", "+CCLK: \"00/01/01,02:01:02+08\"\r\n\r\nOK")
	})
	talk(t, []Option{Fault("network timeless")}, func(m *Modem, h *host) {
		h.ask("ATE0+CTZU=1", "OK")
		h.ask("AT+CCLK?", "+CCLK: \"80/01/06,00:00:00+00\"\r\n\r\nOK")
	})
}

func TestAModemThatOnlyHandsOverDirectlyIsMadeByItsLists(t *testing.T) {
	talk(t, []Option{Fault("indications (0-2),(0,2),(0),(0),(1)")}, func(m *Modem, h *host) {
		h.ask("ATE0", "OK")
		h.ask("AT+CNMI=?", "+CNMI: (0-2),(0,2),(0),(0),(1)\r\n\r\nOK")
		h.ask("AT+CNMI=2,1,0,0,1", "ERROR")
		h.ask("AT+CNMI=2,2,0,0,1", "OK")
		m.Text("+447700900222", "hello")
		h.until("+CMT: ,")
		synctest.Wait()
	})
}
