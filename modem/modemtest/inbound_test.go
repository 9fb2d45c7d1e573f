package modemtest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"
)

func TestAReceivedTextIsAnnouncedStoredReadAndDeleted(t *testing.T) {
	talk(t, []Option{Profile("ec25")}, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1;+CNMI=2,1,0,0,0", "OK")
		m.Text("+447700900222", "OK, coming {soon}")
		h.until("\r\n+CMTI: \"SM\",0\r\n")
		got := h.ask("AT+CMGR=0", "OK")
		if body := deliveredBody(t, strings.Fields(got)); body != "+447700900222: OK, coming {soon}" {
			t.Errorf("read %q from %q", body, got)
		}
		h.ask("AT+CMGL=0", "OK")
		if got := h.ask("AT+CMGL=4", "OK"); !strings.Contains(got, "+CMGL: 0,1,,") {
			t.Errorf("listed %q", got)
		}
		h.ask("AT+CMGD=0", "OK")
		h.ask("AT+CMGR=0", "+CMS ERROR: 321")
	})
}

// centreHex is the service centre's address before each message (24.011
// 8.2.5.1).
const centreHex = "07914477000900" + "00"

// deliveredBody reads the PDU in the words of a +CMGR answer by another
// implementation.
func deliveredBody(t *testing.T, answer []string) string {
	t.Helper()
	var octets []byte
	if _, err := fmt.Sscanf(answer[len(answer)-2], centreHex+"%X", &octets); err != nil {
		t.Fatalf("%q: %v", answer, err)
	}
	var p tpdu.TPDU
	if err := p.UnmarshalBinary(octets); err != nil {
		t.Fatalf("%X: %v", octets, err)
	}
	body, err := sms.Decode([]*tpdu.TPDU{&p})
	if err != nil {
		t.Fatal(err)
	}
	return p.OA.Number() + ": " + string(body)
}

func TestReceivedTextsAreReadByAnotherDecoder(t *testing.T) {
	for _, body := range []string{
		"hello", "€ {x}", "Ωμέγα ж", strings.Repeat("a", 161), strings.Repeat("€", 100), strings.Repeat("ж😀", 60),
	} {
		var parts []*tpdu.TPDU
		for _, d := range deliverTPDUs("+447700900222", body, time.Now()) {
			var p tpdu.TPDU
			if err := p.UnmarshalBinary(d.octets); err != nil {
				t.Fatalf("%X: %v", d.octets, err)
			}
			parts = append(parts, &p)
		}
		if got, err := sms.Decode(parts); string(got) != body || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, body)
		}
	}
}

func TestReceivedTextsAreListedInTextModeAndDeletedByTheirState(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CMGF=1", "OK")
		m.Text("+447700900222", "first")
		m.Text("Bank", "second")
		got := h.ask("AT+CMGR=1", "OK")
		if !strings.Contains(got, "+CMGR: \"REC UNREAD\",\"+447700900222\",,\"00/01/01,00:00:00+00\"\r\nfirst\r\n") {
			t.Errorf("read %q", got)
		}
		got = h.ask("AT+CMGL=\"REC UNREAD\"", "OK")
		if !strings.Contains(got, "+CMGL: 2,") || strings.Contains(got, "+CMGL: 1,") {
			t.Errorf("listed %q", got)
		}
		m.Text("+447700900222", "third")
		h.ask("AT+CMGD=1,1", "OK") // what is read
		got = h.ask("AT+CMGL=\"ALL\"", "OK")
		if !strings.Contains(got, "+CMGL: 3,\"REC UNREAD\"") || strings.Contains(got, "+CMGL: 2,") {
			t.Errorf("after deleting what was read it listed %q", got)
		}
		h.ask("AT+CMGD=1,4", "OK")
		if got = h.ask("AT+CMGL=\"ALL\"", "OK"); got != "\r\nOK\r\n" {
			t.Errorf("after deleting all it listed %q", got)
		}
	})
}

func TestASenderWithANameIsReadByAnotherDecoder(t *testing.T) {
	for _, d := range deliverTPDUs("TocsinAlarms", "hello", time.Now()) {
		var p tpdu.TPDU
		if err := p.UnmarshalBinary(d.octets); err != nil {
			t.Fatalf("%X: %v", d.octets, err)
		}
		if got, want := p.OA.Addr, "TocsinAlarm"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestATextHandedOverDirectlyIsNotStored(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CNMI=2,2", "OK")
		m.Text("+447700900222", "OK")
		got := h.until("+CMT: ,") + h.until("\r\n") + h.until("\r\n")
		if body := deliveredBody(t, append(strings.Fields(got), "OK")); body != "+447700900222: OK" {
			t.Errorf("read %q from %q", body, got)
		}
		if m.Stats().Received != 0 {
			t.Error("it was stored too")
		}
	})
}

func TestWhatDoesNotFitWaitsInTheNetworkUntilThereIsRoom(t *testing.T) {
	talk(t, []Option{Profile("huawei-stick"), Fault("slots 2")}, func(m *Modem, h *host) {
		h.ask("ATE0+CNMI=2,1", "OK")
		for _, body := range []string{"one", "two", "three", "four"} {
			m.Text("+447700900222", body)
		}
		h.until("+CMTI: \"SM\",0\r\n")
		h.until("+CMTI: \"SM\",1\r\n")
		h.until("^SMMEMFULL: \"SM\"\r\n")
		synctest.Wait()
		if got := h.drain(); got != "" {
			t.Errorf("it went on with %q", got)
		}
		h.ask("AT+CMGD=1", "OK")
		h.until("+CMTI: \"SM\",1\r\n")
		h.until("^SMMEMFULL: \"SM\"\r\n")
		got := h.ask("AT+CMGR=1", "OK")
		if body := deliveredBody(t, strings.Fields(got)); body != "+447700900222: three" {
			t.Errorf("read %q", body)
		}
	})
}

func TestAFullStoreIsToldInTheFamilysWay(t *testing.T) {
	for profile, want := range map[string]struct{ ask, line string }{
		"ec25":         {`AT+QINDCFG="smsfull",1`, `+QIND: "smsfull","SM"`},
		"ublox":        {"AT+CMER=1,0,0,2,1", "+CIEV: 8,1"},
		"huawei-stick": {"AT", `^SMMEMFULL: "SM"`},
	} {
		talk(t, []Option{Profile(profile), Fault("slots 1")}, func(m *Modem, h *host) {
			h.ask("ATE0", "OK")
			h.ask(want.ask, "OK")
			m.Text("+447700900222", "one")
			m.Text("+447700900222", "two")
			h.until("\r\n" + want.line + "\r\n")
		})
	}
}

func TestAFullStoreLosesWhatComesIfTheScriptSaysSo(t *testing.T) {
	talk(t, []Option{Fault("slots 1; full lost")}, func(m *Modem, h *host) {
		h.ask("ATE0+CNMI=2,1", "OK")
		m.Text("+447700900222", "kept")
		m.Text("+447700900222", "lost")
		h.until("+CMTI: \"SM\",1\r\n")
		h.ask("AT+CMGD=1", "OK")
		synctest.Wait()
		if got := h.drain(); got != "" || m.Stats().LostTexts != 1 {
			t.Errorf("it said %q; %d texts are lost, want 1", got, m.Stats().LostTexts)
		}
	})
}

func TestATextWaitsForAModemThatIsOutOfReach(t *testing.T) {
	for name, gone := range map[string]func(m *Modem) (back func()){
		"no registration": func(m *Modem) func() { m.SetRegistered(2); return func() { m.SetRegistered(1) } },
		"unplugged":       func(m *Modem) func() { m.Unplug(); return m.Plug },
		"no SIM":          func(m *Modem) func() { m.InsertSIM(false); return func() { m.InsertSIM(true) } },
	} {
		talk(t, nil, func(m *Modem, h *host) {
			back := gone(m)
			m.Text("+447700900222", "hello")
			time.Sleep(time.Hour)
			if got := m.Stats().Received; got != 0 {
				t.Errorf("%s: %d texts were stored", name, got)
			}
			back()
			time.Sleep(10 * time.Second)
			if got := m.Stats().Received; got != 1 {
				t.Errorf("%s: %d texts were stored afterwards, want 1", name, got)
			}
		})
	}
}

func TestPartsComeInTheOrderOfTheScript(t *testing.T) {
	body := strings.Repeat("a", 153) + strings.Repeat("b", 153) + "c"
	talk(t, []Option{Fault("at 5s parts 3,1,1 Bank " + body + "; at 6s pdu 0401FF")}, func(m *Modem, h *host) {
		h.ask("ATE0+CNMI=2,1", "OK")
		h.until("+CMTI: \"SM\",1\r\n\r\n+CMTI: \"SM\",2\r\n\r\n+CMTI: \"SM\",3\r\n")
		for index, want := range map[int]string{1: "c", 2: body[:153], 3: body[:153]} {
			got := h.ask(fmt.Sprintf("AT+CMGR=%d", index), "OK")
			if body := deliveredBody(t, strings.Fields(got)); body != "Bank: "+want {
				t.Errorf("%d: read %q, want %q", index, body, want)
			}
		}
		h.until("+CMTI: \"SM\",4\r\n")
		h.write("AT+CMGR=4\r")
		h.until("+CMGR: 0,,3\r\n" + centreHex + "0401FF\r\n\r\nOK\r\n")
	})
}

func TestEachMessageHandedOverInPhase2PlusWantsItsCNMA(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CMEE=1;+CSMS=1;+CNMI=2,2,0,1", "OK")
		m.Text("+447700900222", "one")
		m.Text("+447700900222", "two")
		h.until("+CMT: ,")
		h.until("\r\n")
		h.until("\r\n")
		synctest.Wait()
		if got := h.drain(); got != "" {
			t.Errorf("the second came before the first was acknowledged: %q", got)
		}
		h.ask("AT+CNMA", "OK")
		h.until("+CMT: ,")
		h.ask("AT+CNMA=1", "OK")
		h.ask("AT+CNMA", "+CMS ERROR: 340")
		h.ask("AT+CNMI?", "+CNMI: 2,2,0,1,0\r\n\r\nOK")
	})
}

func TestAMissingCNMASwitchesRoutingOff(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CSMS=1;+CNMI=2,2,0,1", "OK")
		m.Text("+447700900222", "one")
		h.until("+CMT: ,")
		time.Sleep(ackTime + time.Second)
		h.ask("AT+CNMI?", "+CNMI: 2,0,0,0,0\r\n\r\nOK")
		if got := m.Stats().Received; got != 1 {
			t.Errorf("%d texts are stored instead, want 1", got)
		}
		h.ask("AT+CNMI=2,2,0,1", "OK")
		m.Text("+447700900222", "two")
		h.until("+CMT: ,")
	})
}

func TestACNMAMayHaveAPDU(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CSMS=1;+CNMI=2,2", "OK")
		m.Text("+447700900222", "one")
		h.until("+CMT: ,")
		h.write("AT+CNMA=1,3\r")
		h.until("> ")
		h.write("000000\x1a")
		h.until("\r\nOK\r\n")
	})
}
