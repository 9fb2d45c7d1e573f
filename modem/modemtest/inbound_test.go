package modemtest

import (
	"fmt"
	"strings"
	"testing"
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

// deliveredBody reads the PDU in the words of a +CMGR answer by another
// implementation.
func deliveredBody(t *testing.T, answer []string) string {
	t.Helper()
	var octets []byte
	if _, err := fmt.Sscanf(answer[len(answer)-2], "00%X", &octets); err != nil {
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

func TestAFullStoreLosesWhatComes(t *testing.T) {
	talk(t, []Option{Profile("evil")}, func(m *Modem, h *host) {
		for range 7 {
			m.Text("+447700900222", "again")
		}
		h.write("AT+CPMS?\r")
		h.until("\"SM\",5,5")
	})
}
