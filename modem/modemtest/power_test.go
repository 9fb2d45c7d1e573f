package modemtest

import (
	"errors"
	"io"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"
)

func TestThePowerLineClearsAHang(t *testing.T) {
	for _, profile := range []string{"generic", "ec25"} {
		talk(t, []Option{Profile(profile), Fault("at 5s hang; at 10s power 3s")}, func(m *Modem, h *host) {
			time.Sleep(11 * time.Second)
			_, err := m.Open(t.Context())
			if profile == "ec25" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("without power the port of a modem on USB gave %v", err)
			}
			if profile == "generic" {
				if _, err := io.WriteString(h.line, "AT\r"); err != nil {
					t.Errorf("the line of a UART ended: %v", err)
				}
			}
			time.Sleep(time.Minute)
			h.line.Close()
			again := dial(h.t, m)
			again.ask("ATE0", "OK")
			again.ask("AT+CPIN?", "+CPIN: READY\r\n\r\nOK")
			again.line.Close()
		})
	}
}

func TestAModemSwitchedOffNeedsItsPowerLine(t *testing.T) {
	talk(t, []Option{Profile("sim800")}, func(m *Modem, h *host) {
		h.ask("AT+CPOWD=1", "OK")
		h.until("\r\nNORMAL POWER DOWN\r\n")
		time.Sleep(time.Hour)
		m.Reboot()
		h.write("AT\r")
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := h.drain(); got != "" {
			t.Errorf("it said %q", got)
		}
		m.PowerOff()
		m.PowerOn()
		h.until("SMS Ready\r\n")
	})
}

func TestAModemPluggedInWithoutPowerStaysDark(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		m.Unplug()
		m.PowerOff()
		m.Plug()
		again := dial(h.t, m)
		again.write("AT\r")
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := again.drain(); got != "" {
			t.Errorf("it said %q", got)
		}
		m.PowerOn()
		again.until("+CPIN: READY\r\n")
		again.line.Close()
	})
}

func TestAStickComesBackAsStorageForAWhile(t *testing.T) {
	talk(t, []Option{Profile("huawei-stick"), Fault("mode switch 40s")}, func(m *Modem, h *host) {
		h.ask("AT^RESET", "OK")
		time.Sleep(30 * time.Second)
		if _, err := m.Open(t.Context()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the port of a stick that is storage gave %v", err)
		}
		time.Sleep(30 * time.Second)
		again := dial(h.t, m)
		again.ask("ATE0", "OK")
		again.line.Close()
	})
}

func TestEachFamilyRestartsByItsOwnCommand(t *testing.T) {
	for profile, command := range map[string]string{
		"sim7600": "AT+CRESET", "a7670": "AT+CRESET", "huawei-stick": "AT^RESET", "ublox": "AT+CFUN=16", "generic": "AT+CFUN=1,1",
	} {
		talk(t, []Option{Profile(profile)}, func(m *Modem, h *host) {
			h.ask("ATE0", "OK")
			h.ask("AT+CMGF=1", "OK")
			h.ask(command, "OK")
			time.Sleep(time.Minute)
			h.line.Close()
			again := dial(h.t, m)
			again.ask("AT+CMGF?", "+CMGF: 0\r\n\r\nOK")
			again.line.Close()
		})
	}
}

func TestAModemMayFallMuteWithItsRadioOff(t *testing.T) {
	talk(t, []Option{Fault("radio mutes")}, func(m *Modem, h *host) {
		h.ask("AT+CFUN=4", "OK")
		h.write("AT+CFUN=1\r")
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := h.drain(); got != "" {
			t.Errorf("it said %q", got)
		}
		if err := m.Do("power 1s"); err != nil {
			t.Error(err)
		}
		h.until("+CPIN: READY\r\n")
	})
}

func TestTheTriesAreToldInTheFamilysWay(t *testing.T) {
	for _, tt := range []struct{ profile, command, want string }{
		{"generic", "AT+CPINR", "+CPINR: SIM PIN,2,3"},
		{"sim800", "AT+SPIC", "+SPIC: 2,10,3,10"},
		{"sim7600", "AT+SPIC", "+SPIC: 2,10,0,10"},
		{"a7670", "AT+SPIC", "+SPIC: 2,10,0,10"},
		{"ec25", "AT+QPINC?", "+QPINC: \"SC\",2,10\r\n+QPINC: \"P2\",3,10"},
		{"bg96", "AT+QPINC=\"SC\"", "+QPINC: \"SC\",2,10"},
		{"ublox", "AT+UPINCNT", "+UPINCNT: 2,3,10,10"},
		{"huawei-stick", "AT^CPIN?", "^CPIN: SIM PIN,2,10,2,10,3"},
		{"evil", "AT^SPIC", "^SPIC: 2"},
	} {
		talk(t, []Option{Profile(tt.profile), PIN("1234", 2)}, func(m *Modem, h *host) {
			h.write(tt.command + "\r")
			h.until(tt.want + "\r")
		})
	}
	talk(t, []Option{PIN("1234", 2), Fault("command #PCT answer #PCT: {left}")}, func(m *Modem, h *host) {
		h.write("AT#PCT\r")
		h.until("#PCT: 2\r\n")
		h.ask("AT+CPIN=1234", "OK")
		h.ask("AT+CPIN?", "+CPIN: READY\r\n\r\nOK")
	})
}

func TestASwappedSIMIsAnotherAndHasNoPIN(t *testing.T) {
	talk(t, []Option{PIN("1234", 1), Fault("at 5s sim swap")}, func(m *Modem, h *host) {
		h.ask("ATE0", "OK")
		before := m.SIM()
		h.until("+CPIN: READY\r\n")
		time.Sleep(10 * time.Second)
		after := m.SIM()
		h.ask("AT+CIMI;+CCID", after.IMSI+"\r\n\r\n+CCID: "+after.ICCID+"\r\n\r\nOK")
		if before.ICCID == after.ICCID || before.IMSI == after.IMSI {
			t.Errorf("%+v was swapped for %+v", before, after)
		}
	})
}
