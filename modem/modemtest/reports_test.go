package modemtest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/warthog618/sms/encoding/tpdu"
)

// sendReported types +CMGS and a PDU that asks for a report, up to its OK.
func (h *host) sendReported(to, body string) {
	h.t.Helper()
	pdu, length := pduOf(h.t, to, body)
	h.write(fmt.Sprintf("AT+CMGS=%d\r", length))
	h.until("> ")
	const first = "0021" // no service centre; SMS-SUBMIT with TP-SRR
	h.write(first + pdu[len(first):] + "\x1a")
	h.until("+CMGS: ")
	h.until("OK\r\n")
}

// reportIn reads the last PDU in text by another implementation.
func reportIn(t *testing.T, text string) tpdu.TPDU {
	t.Helper()
	lines := strings.Fields(text)
	var octets []byte
	for _, line := range lines {
		if strings.HasPrefix(line, centreHex) {
			fmt.Sscanf(line, centreHex+"%X", &octets)
		}
	}
	var p tpdu.TPDU
	if err := p.UnmarshalBinary(octets); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if p.SmsType() != tpdu.SmsStatusReport {
		t.Fatalf("%q is %v", text, p.SmsType())
	}
	return p
}

func TestAReportIsHandedOverDirectlyInTwoLines(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CNMI=2,1,0,1", "OK")
		start := time.Now()
		h.sendReported(alice, "smoke")
		got := h.until("\r\n+CDS: ") + h.until("\r\n") + h.until("\r\n")
		if took := time.Since(start); took != reportDelay {
			t.Errorf("it came after %v, want %v", took, reportDelay)
		}
		p := reportIn(t, got)
		if p.MR != 1 || p.ST != 0 || p.RA.Number() != alice || !p.SCTS.Time.Equal(start) || !p.DT.Time.Equal(start.Add(reportDelay)) {
			t.Errorf("the report is %+v", p)
		}
		if length := (len(strings.Fields(got)[2]) - len(centreHex)) / 2; !strings.Contains(got, fmt.Sprintf("+CDS: %d\r\n", length)) {
			t.Errorf("%q, but the TPDU has %d octets", got, length)
		}
	})
}

func TestAReportIsOnlyMadeForWhoAskedAndToldAsCNMISays(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CNMI=2,1,0,1", "OK")
		h.send(alice, "no report wanted")
		h.until("OK\r\n")
		h.ask("AT+CNMI=2,1,0,0", "OK")
		h.sendReported(alice, "nobody listens")
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := h.drain(); got != "" {
			t.Errorf("it said %q", got)
		}
		if got := m.Stats(); got.Reported != 1 || got.Received != 0 {
			t.Errorf("%d reports made and %d stored, want 1 and 0", got.Reported, got.Received)
		}
	})
}

func TestAStoredReportIsWhereTheFamilyKeepsIt(t *testing.T) {
	for profile, want := range map[string]struct{ announced, store string }{
		"generic": {"+CDSI: \"SM\",1", "SM"},
		"ec25":    {"+CDSI: \"SM\",0", "SR"},
	} {
		talk(t, []Option{Profile(profile)}, func(m *Modem, h *host) {
			h.ask("ATE0+CNMI=2,1,0,2", "OK")
			h.sendReported(alice, "smoke")
			index := h.until(want.announced + "\r\n")
			index = index[strings.LastIndex(index, ",")+1 : len(index)-2]
			h.ask("AT+CPMS=\""+want.store+"\"", "OK")
			if p := reportIn(t, h.ask("AT+CMGR="+index, "OK")); p.RA.Number() != alice {
				t.Errorf("%s: the report is %+v", profile, p)
			}
			h.ask("AT+CMGD="+index, "OK")
		})
	}
}

func TestAReportIsAsTheScriptSays(t *testing.T) {
	const ds1, ds2 = "AT+CNMI=2,1,0,1", "AT+CNMI=2,1,0,2"
	for _, tt := range []struct {
		script, routing string
		want            int // reports told of
		last            byte
		after           time.Duration
		recipient       string
	}{
		{"report * delay 30s", ds1, 1, 0, 30 * time.Second, alice},
		{"report 1 status 0x46", ds1, 1, 0x46, reportDelay, alice},
		{"report 1 status 0x30; report 1 again 30s 0x00", ds1, 2, 0, reportDelay + 30*time.Second, alice},
		{"report 2 never", ds1, 1, 0, reportDelay, alice},
		{"report 1 to 07700900111", ds1, 1, 0, reportDelay, "07700900111"},
		{"report * never", ds1, 0, 0, 0, ""},
		{"report * lost", ds1, 0, 0, 0, ""},
		{"report * lost ds 2", ds1, 1, 0, reportDelay, alice},
		{"report * lost ds 2", ds2, 0, 0, 0, ""},
		{"at 5s report " + alice + " 77 0x60", ds1, 2, 0x60, 5 * time.Second, alice},
	} {
		t.Run(tt.script, func(t *testing.T) {
			talk(t, []Option{Fault(tt.script)}, func(m *Modem, h *host) {
				start := time.Now()
				h.ask("ATE0", "OK")
				h.ask(tt.routing, "OK")
				h.sendReported(alice, "smoke")
				var last tpdu.TPDU
				var at time.Duration
				for range tt.want {
					last = reportIn(t, h.until("+CDS: ")+h.until("\r\n")+h.until("\r\n"))
					at = time.Since(start)
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				if got := h.drain(); got != "" {
					t.Errorf("it went on with %q", got)
				}
				if tt.want > 0 && (last.ST != tt.last || last.RA.Number() != tt.recipient || at != tt.after) {
					t.Errorf("status 0x%02x of %s after %v, want 0x%02x of %s after %v", last.ST, last.RA.Number(), at, tt.last, tt.recipient, tt.after)
				}
			})
		})
	}
}

func TestAReportCanBeInAnotherStoreThanItSays(t *testing.T) {
	talk(t, []Option{Fault("report * store ME; report * announced SR")}, func(m *Modem, h *host) {
		h.ask("ATE0+CNMI=2,1,0,2", "OK")
		h.sendReported(alice, "smoke")
		h.until("+CDSI: \"SR\",1\r\n")
		h.ask("AT+CPMS=\"ME\"", "OK")
		reportIn(t, h.ask("AT+CMGR=1", "OK"))
	})
}

func TestAReportOutlivesTheModemsPower(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.sendReported(alice, "smoke")
		m.Unplug()
		time.Sleep(time.Hour)
		m.Plug()
		time.Sleep(1500 * time.Millisecond)
		again := dial(h.t, m)
		again.ask("ATE0+CNMI=2,1,0,1", "OK")
		reportIn(t, again.until("+CDS: ")+again.until("\r\n")+again.until("\r\n"))
		again.line.Close()
	})
}

func TestAReportReadsInTextMode(t *testing.T) {
	talk(t, nil, func(m *Modem, h *host) {
		h.ask("ATE0+CNMI=2,1,0,1", "OK")
		h.sendReported(alice, "smoke")
		h.ask("AT+CMGF=1", "OK")
		h.until("\r\n+CDS: 6,1,\"" + alice + "\",145,\"00/01/01,00:00:00+00\",\"00/01/01,00:00:02+00\",0\r\n")
	})
}

func TestAReportMayComeBeforeTheAnswer(t *testing.T) {
	talk(t, []Option{Fault("send 1 late 45s")}, func(m *Modem, h *host) {
		h.ask("ATE0+CNMI=2,1,0,1", "OK")
		pdu, length := pduOf(h.t, alice, "smoke")
		h.write(fmt.Sprintf("AT+CMGS=%d\r", length))
		h.until("> ")
		h.write("0021" + pdu[4:] + "\x1a")
		h.until("+CDS: ")
		h.until("+CMGS: 1\r\n")
	})
}
