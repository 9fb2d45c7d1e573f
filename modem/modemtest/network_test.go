package modemtest

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pair runs a conversation with two modems on one network and one hub.
func pair(t *testing.T, conversation func(t *testing.T, n *Network, h *Hub, a, b *Modem)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n, hub := NewNetwork(), new(Hub)
		conversation(t, n, hub, New(On(n), OnHub(hub)), New(Profile("ec25"), On(n), OnHub(hub)))
	})
}

func TestModemsOfOneNetworkDifferInWhatNamesThem(t *testing.T) {
	pair(t, func(t *testing.T, n *Network, _ *Hub, a, b *Modem) {
		x, y := a.SIM(), b.SIM()
		if x.Number == y.Number || x.IMSI == y.IMSI || x.ICCID == y.ICCID || a.IMEI() == b.IMEI() {
			t.Errorf("%+v with IMEI %s and %+v with IMEI %s", x, a.IMEI(), y, b.IMEI())
		}
		h := dial(t, b)
		h.ask("ATE0", "OK")
		h.ask("AT+CGSN;+CIMI;+CCID;+CNUM;+QCCID",
			b.IMEI()+"\r\n\r\n"+y.IMSI+"\r\n\r\n+CCID: "+y.ICCID+"\r\n\r\n+CNUM: ,\""+y.Number+"\",145\r\n\r\n+QCCID: "+y.ICCID+"\r\n\r\nOK")
		h.line.Close()
	})
}

func TestOneServiceCentreCountsCopiesAcrossModems(t *testing.T) {
	pair(t, func(t *testing.T, n *Network, _ *Hub, a, b *Modem) {
		for _, m := range []*Modem{a, b} {
			h := dial(t, m)
			h.send(alice, "smoke")
			h.until("OK\r\n")
			h.line.Close()
		}
		texts, err := n.WaitAccepted(t.Context(), 2)
		if err != nil || len(texts) != 2 || texts[0].Copies != 2 || texts[0].From != a.SIM().Number || texts[1].From != b.SIM().Number {
			t.Errorf("the network has %+v, %v", texts, err)
		}
		if len(a.Accepted()) != 1 || len(b.Accepted()) != 1 {
			t.Errorf("a has %d texts and b %d, want 1 each", len(a.Accepted()), len(b.Accepted()))
		}
	})
}

func TestPartsFromTwoNumbersAreNotJoined(t *testing.T) {
	parts := partsOf(t, alice, strings.Repeat("a", 200))
	var c centre
	for i, from := range []string{"+447700900001", "+447700900002"} {
		if text, wrong := c.accept(nil, from, parts[i], byte(i), time.Now()); text != nil || wrong != nil {
			t.Errorf("part %d made %+v, %v", i+1, text, wrong)
		}
	}
}

func TestATextToAnotherModemArrivesThere(t *testing.T) {
	pair(t, func(t *testing.T, n *Network, _ *Hub, a, b *Modem) {
		from, to := dial(t, a), dial(t, b)
		to.ask("ATE0+CNMI=2,1", "OK")
		from.send(b.SIM().Number, "hello {you}")
		from.until("OK\r\n")
		to.until("+CMTI: \"SM\",0\r\n")
		got := to.ask("AT+CMGR=0", "OK")
		if body := deliveredBody(t, strings.Fields(got)); body != a.SIM().Number+": hello {you}" {
			t.Errorf("read %q", body)
		}
		from.line.Close()
		to.line.Close()
	})
}

func TestTheNetworkKnowsASIMByItsNumber(t *testing.T) {
	pair(t, func(t *testing.T, n *Network, _ *Hub, a, b *Modem) {
		old := a.SIM().Number
		a.SwapSIM(Card{Number: "+447700900555", IMSI: "001010999999999", ICCID: "8988211999999999992"})
		if err := n.Text(old, alice, "hello"); !errors.Is(err, errNobody) {
			t.Errorf("a text to the card that was swapped gave %v", err)
		}
		if err := n.Text("+447700900555", alice, "hello"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		if got := a.Stats().Received; got != 1 {
			t.Errorf("%d texts were stored, want 1", got)
		}
	})
}

func TestAPortIsNamedByTheLowestFreeNumber(t *testing.T) {
	pair(t, func(t *testing.T, _ *Network, hub *Hub, a, b *Modem) {
		names := func(want ...string) {
			t.Helper()
			if got := hub.Ports(); !slices.Equal(got, want) {
				t.Errorf("the ports are %v, want %v", got, want)
			}
		}
		names("/dev/ttyUSB0", "/dev/ttyUSB1")
		held, err := hub.Open(t.Context(), "/dev/ttyUSB0")
		if err != nil {
			t.Fatal(err)
		}
		a.Unplug()
		names("/dev/ttyUSB1")
		a.Plug() // under another name, while somebody holds the port that is gone
		names("/dev/ttyUSB1", "/dev/ttyUSB2")
		held.Close()
		b.Unplug()
		b.Plug() // now that the lowest name is free
		names("/dev/ttyUSB0", "/dev/ttyUSB2")
		if _, err := hub.Open(t.Context(), "/dev/ttyUSB1"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("opening a port that is gone gave %v", err)
		}
	})
}

func TestAPortThatVanishesInAPDUReturnsUnderAnotherName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := new(Hub)
		m := New(OnHub(hub), Fault("send 1 vanish 30s"))
		h := dial(t, m)
		h.write("AT+CMGS=20\r")
		h.until("> ")
		h.write(classic)
		time.Sleep(time.Minute)
		if got := hub.Ports(); !slices.Equal(got, []string{"/dev/ttyUSB1"}) {
			t.Errorf("the ports are %v; the old name is still held", got)
		}
		h.line.Close()
	})
}

func TestTwoModemsSwapNames(t *testing.T) {
	pair(t, func(t *testing.T, _ *Network, hub *Hub, a, b *Modem) {
		before := []string{a.Port(), b.Port()}
		hub.Swap(a, b)
		if a.Port() != before[1] || b.Port() != before[0] {
			t.Errorf("a is %s and b %s, before %v", a.Port(), b.Port(), before)
		}
		time.Sleep(time.Minute)
		line, err := hub.Open(t.Context(), a.Port())
		if err != nil {
			t.Fatal(err)
		}
		line.Close()
	})
}
