package config

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tocsin-edge/tocsin/modem"
)

// modemsOf loads a gateway with these modem blocks.
func modemsOf(t *testing.T, blocks string) []Modem {
	t.Helper()
	c, _, diags := Load(directory(t, "gateway.hcl", `
mqtt "main" { url = "mqtt://127.0.0.1" }
`+blocks), Options{})
	for _, d := range diags {
		if d.Severity == 1 {
			t.Fatal(text(d))
		}
	}
	return c.Modems
}

func TestAModemBlockIsReadWhole(t *testing.T) {
	modems := modemsOf(t, `
modem "stick" {
  usb {
    vid       = "2c7c"
    pid       = "0125"
    interface = 2
    serial    = "A1"
    imei      = "356938035643809"
  }
  exclude  = ["/dev/ttyUSB0"]
  pin_file = "pin"
  smsc     = "+353871999999"
  profile  = "ec25"
  tune {
    reports       = [1, 2]
    report_store  = "SR"
    direct        = true
    tries         = "+QPINC?"
    iccid         = ["+QCCID"]
    quiet         = ["+QINDCFG=\"all\",0"]
    reset         = "+CFUN=1,1"
    radio_off     = -1
    final_timeout = "420s"
    boot_time     = "90s"
  }
  reset {
    command = ["/usr/sbin/uhubctl", "-a", "cycle"]
    reboot  = true
  }
  voice   = false
  reports = false
  ims     = true
  prefer  = 7
}
modem "uart" {
  port         = "/dev/ttyS1"
  flow_control = true
}
modem "laptop" {
  backend  = "modemmanager"
  device   = "356938035643817"
  pin_file = "pin"
}
`)
	two := uint8(2)
	want := modem.Options{
		Name:    "stick",
		USB:     &modem.USB{VID: 0x2c7c, PID: 0x0125, Interface: &two, Serial: "A1", IMEI: "356938035643809"},
		Exclude: []string{"/dev/ttyUSB0"},
		SMSC:    "+353871999999",
		Profile: "ec25",
		Tune: modem.Profile{
			Reports: []int{1, 2}, ReportStore: "SR", Direct: true, TriesCommand: "+QPINC?", ICCIDCommands: []string{"+QCCID"},
			Quiet: []string{`+QINDCFG="all",0`}, Reset: "+CFUN=1,1", RadioOff: -1, FinalTimeout: 420 * time.Second, BootTime: 90 * time.Second,
		},
		Reset:   modem.Reset{Command: []string{"/usr/sbin/uhubctl", "-a", "cycle"}, Reboot: true},
		NoVoice: true, NoReports: true, IMS: true,
	}
	got := modems[0].Options
	if pin, err := got.PIN(); err != nil || pin != "1234" {
		t.Errorf("PIN: %q, %v", pin, err)
	}
	got.PIN = nil
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(modem.Options{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, want := range []string{"stick  7", "uart  2", "laptop modemmanager 3"} {
		if got := fmt.Sprint(modems[i].Name, " ", modems[i].Backend, " ", modems[i].Prefer); got != want {
			t.Errorf("modem %d: got %s, want %s", i, got, want)
		}
	}
	if m := modems[2]; m.Device != "356938035643817" || m.Port != "" || m.PIN == nil {
		t.Errorf("the modem of ModemManager: %+v", m)
	}
	if m := modems[1]; m.Port != "/dev/ttyS1" || m.Baud != 0 || !m.FlowControl || !reflect.ValueOf(m.Tune).IsZero() || m.NoVoice || m.NoReports || m.USB != nil {
		t.Errorf("the modem of which nothing is said: %+v", m)
	}
}
