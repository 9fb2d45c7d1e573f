package modem

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

func TestAFamilyIsRecognised(t *testing.T) {
	for _, c := range []struct {
		named, maker, model string
		vid, pid            uint16
		want                string
	}{
		{want: "generic"},
		{maker: "SIMCOM_Ltd", model: "SIMCOM_SIM800L", want: "sim800"},
		{maker: "SIMCOM INCORPORATED", model: "SIMCOM_SIM7600G-H", want: "sim7600"},
		{vid: simcom, pid: 0x9001, want: "sim7600"},
		{vid: simcom, pid: 0x9001, maker: "SIMCOM_Ltd", model: "SIMCOM_SIM7000E", want: "sim7000"},
		{vid: simcom, pid: 0x9205, want: "sim7000"},
		{maker: "INCORPORATED", model: "A7670E-FASE", want: "a7670"},
		{vid: simcom, pid: 0x9011, model: "A7602E-H", want: "a7670"},
		{maker: "Quectel", model: "EC25", want: "ec25"},
		{maker: "Quectel", model: "EG25G", want: "ec25"},
		{maker: "QUECTEL", model: "a model of next year", want: "ec25"},
		{vid: quectel, pid: 0x0296, want: "bg96"},
		{maker: "Quectel", model: "BG95-M3", want: "bg95"},
		{maker: "Telit", model: "LE910C1-EU", want: "le910"},
		{maker: "Telit", model: "ME910G1-W1", want: "me910"},
		{vid: telit, pid: 0x110a, want: "me910"},
		{maker: "Sierra Wireless, Incorporated", model: "MC7455", want: "mc7455"},
		{maker: "Sierra Wireless", model: "HL7812", want: "hl7812"},
		{maker: "u-blox", model: "SARA-U201", want: "ublox"},
		{maker: "u-blox", model: "SARA-R410M-02B", want: "sara-r4"},
		{maker: "u-blox", model: "TOBY-L4906", want: "toby-l4"},
		{vid: ublox, pid: 0x1010, want: "toby-l4"},
		{maker: "huawei", model: "E173", want: "huawei-stick"},
		{vid: huawei, pid: 0x1506, want: "huawei-stick"},
		{maker: "ZTE INCORPORATED", model: "MF190", want: "zte"},
		{maker: "Cinterion", model: "EHS6", want: "cinterion"},
		{maker: "Tocsin", model: "Simulated modem", vid: 0x0403, pid: 0x6001, want: "generic"},
		{named: "bg96", maker: "Quectel", model: "EC25", vid: quectel, pid: 0x0125, want: "bg96"},
	} {
		if got := profileOf(c.named, c.maker, c.model, c.vid, c.pid).Name; got != c.want {
			t.Errorf("%+v: recognised as %q", c, got)
		}
	}
}

func TestNoTwoFamiliesClaimTheSameModem(t *testing.T) {
	owner := map[any]string{}
	claim := func(family string, key any) {
		if other, taken := owner[key]; taken {
			t.Errorf("%s and %s both claim %v", other, family, key)
		}
		owner[key] = family
	}
	for name, p := range families {
		if p.Name != name {
			t.Errorf("the family %q calls itself %q", name, p.Name)
		}
		for _, prefix := range slices.Concat(p.Models, p.Makers) {
			if prefix == "" || prefix != strings.ToUpper(prefix) {
				t.Errorf("%s: %q can be the beginning of no name in upper case", name, prefix)
			}
			claim(name, prefix)
		}
		for _, u := range p.USB {
			claim(name, usbIDs{u.VID, u.PID})
			for _, n := range u.AT {
				if slices.Contains(u.Off, n) {
					t.Errorf("%s %04x:%04x: interface %d takes AT commands and is never opened", name, u.VID, u.PID, n)
				}
			}
		}
	}
}

func TestAProfileLeavesNothingToGuess(t *testing.T) {
	for _, name := range Profiles() {
		p := profileOf(name, "", "", 0, 0)
		if p.Reports == nil || p.TriesCommand == "" || p.ICCIDCommands == nil || p.Reset == "" ||
			p.RadioOff == 0 || p.FinalTimeout < standard.FinalTimeout || p.BootTime < standard.BootTime {
			t.Errorf("%+v leaves something out", p)
		}
	}
}

func TestATunedProfileKeepsTheRest(t *testing.T) {
	p := profileOf("ec25", "", "", 0, 0).tuned(Profile{Reports: []int{2, 1}, RadioOff: -1, FinalTimeout: 420 * time.Second, Reset: "+QPOWD"})
	if !slices.Equal(p.Reports, []int{2, 1}) || p.RadioOff != -1 || p.FinalTimeout != 420*time.Second || p.Reset != "+QPOWD" {
		t.Errorf("%+v lacks what was tuned", p)
	}
	if p.Name != "ec25" || p.TriesCommand != "+QPINC?" || p.BootTime != standard.BootTime {
		t.Errorf("%+v lacks what was not", p)
	}
}

func TestAFamilyThatChattersIsHushed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Profile("huawei-stick"))
		mustBeReady(t, run(t, sim), time.Minute)
		if !slices.Contains(sim.Commands(), "AT^CURC=0") {
			t.Errorf("the stick was told %q, and not to be quiet", sim.Commands())
		}
	})
}

func TestTheStateShowsTheProfile(t *testing.T) {
	for profile, want := range map[string]string{"generic": "generic", "sim800": "sim800", "ec25": "ec25", "huawei-stick": "huawei-stick"} {
		inBubble(t, func(t *testing.T) {
			m := run(t, modemtest.New(modemtest.Profile(profile)))
			if st := m.State(); st.Profile != "generic" {
				t.Errorf("before the modem answers the profile is %q", st.Profile)
			}
			mustBeReady(t, m, time.Minute)
			if st := m.State(); st.Profile != want {
				t.Errorf("%s: the state shows %q", profile, st.Profile)
			}
		})
	}
}
