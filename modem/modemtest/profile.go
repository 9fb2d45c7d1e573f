package modemtest

import (
	"slices"
	"time"
)

// profile is what a family of modems does differently.
type profile struct {
	maker, model, revision string
	capabilities           string // +GCAP
	cmee                   int    // +CMEE at power-up
	missing                []string
	answers                map[string][]string // commands of the maker's own, with their form
	unknown                final               // to a command it does not know
	bootLines              []string
	readyLines             []string // once the SIM is read
	boot, sim              time.Duration
	firstIndex             int    // of a message in a store
	slots                  int    // messages a store holds
	memories               string // +CPMS=?; of each list the first is in use at power-up
	indications            string // +CNMI=?
	reportStore            string // where <ds>=2 keeps reports; "": where it keeps texts
	reportAnnounced        string // the store +CDSI names; "": the true one
	fullLine               string // said, with the store's name, when a message finds no room
	access                 int    // AcT: 0 GSM, 2 UTRAN, 7 E-UTRAN
	usb                    bool   // a restart drops the port off the bus
	faults                 string // a script that always runs
}

func (p profile) lacks(name string) bool { return slices.Contains(p.missing, name) }

// Profiles returns the names Profile takes.
func Profiles() []string { return sortedKeys(profiles) }

// profiles: one entry per family, holding what was seen of it and nothing
// guessed.
var profiles = map[string]profile{
	"generic": {
		maker: "Tocsin", model: "Simulated modem", revision: "1.0",
		capabilities: "+CGSM,+ES", unknown: failed,
		boot: time.Second, sim: time.Second,
		firstIndex: 1, slots: 20, access: 7,
		memories:    `("SM","ME"),("SM","ME"),("SM","ME")`,
		indications: "(0-3),(0-3),(0-3),(0-2),(0,1)",
	},
	"sim800": {
		maker: "SIMCOM_Ltd", model: "SIMCOM_SIM800L", revision: "1418B05SIM800L24",
		capabilities: "+CGSM", unknown: failed,
		missing:    []string{"+CEREG", "+CESQ", "+CPINR"},
		answers:    map[string][]string{"+SPIC": {"+SPIC: 3,10,3,10"}},
		bootLines:  []string{"RDY", "+CFUN: 1"},
		readyLines: []string{"Call Ready", "SMS Ready"},
		boot:       3 * time.Second, sim: 3 * time.Second,
		firstIndex: 1, slots: 10, access: 0,
		memories:    `("SM","ME"),("SM","ME"),("SM","ME")`,
		indications: "(0-2),(0-3),(0-3),(0-1),(0-1)", // no stored reports
	},
	"ec25": {
		maker: "Quectel", model: "EC25", revision: "EC25EFAR06A06M4G",
		capabilities: "+CGSM", unknown: failed,
		answers: map[string][]string{
			"+QCCID":    {"+QCCID: " + iccid},
			"+QINISTAT": {"+QINISTAT: 7"},
			`+QCFG=ims`: {`+QCFG: "ims",0,0`},
		},
		bootLines:  []string{"RDY"},
		readyLines: []string{"+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"},
		boot:       8 * time.Second, sim: 2 * time.Second,
		firstIndex: 0, slots: 40, access: 7, usb: true,
		memories:    `("SM","ME","SR"),("SM","ME","SR"),("SM","ME","SR")`,
		reportStore: "SR", reportAnnounced: "SM", fullLine: `+QIND: "smsfull",%q`,
		indications: "(0-2),(0-3),(0,2),(0-2),(0,1)",
	},
	"huawei-stick": {
		maker: "huawei", model: "E173", revision: "11.126.85.00.209",
		capabilities: "+CGSM,+DS,+ES", cmee: 2, unknown: final{kind: finalNotSupported},
		missing: []string{"+CEREG", "+CESQ", "+CPINR", "+CCID"},
		answers: map[string][]string{
			"^CURC=0": nil, "^CURC=1": nil, "^PORTSEL=1": nil, "^PORTSEL=0": nil,
			"^SYSINFO": {"^SYSINFO:2,3,0,5,1,,4"},
			"^ICCID?":  {"^ICCID: " + iccid},
		},
		bootLines: []string{"^BOOT:20096657,0,0,0,6"},
		boot:      10 * time.Second, sim: 3 * time.Second,
		firstIndex: 0, slots: 20, access: 2, usb: true,
		memories: `("SM","ME"),("SM","ME"),("SM","ME")`, fullLine: "^SMMEMFULL: %q",
		indications: "(0-2),(0-3),(0,2),(0-2),(0,1)",
		faults:      "urc ^RSSI: 20 every 30s",
	},
	"evil": {
		maker: "Evil", model: "Every quirk at once", revision: "0",
		capabilities: "", cmee: 2, unknown: final{kind: finalNotSupported},
		missing: []string{"+CREG", "+CGREG", "+CPINR", "+GCAP", "+CMMS", "+CSMS"},
		boot:    5 * time.Second, sim: 5 * time.Second,
		firstIndex: 0, slots: 5, access: 7, usb: true,
		memories:    `("SM","ME"),("SM","ME")`,
		indications: "(0,1,2),(0,1),(0,2),(0),(1)",
		faults: `prompt nospace; echo on; crlf crcrlf
			urc ^RSSI: 20 every 1s
			urc +CMTI: "ME",0 before prompt
			urc +CREG: 1 inside reply
			urc ^HCSQ:"LTE",50,40,100,20 before receipt
			urc RING before ok`,
	},
}

// bootTime is how long the modem is deaf after power-up.
func (m *Modem) bootTime() time.Duration {
	if m.script.boot > 0 {
		return m.script.boot
	}
	return m.profile.boot
}

// simTime is how long each step of starting the SIM takes.
func (m *Modem) simTime() time.Duration {
	if m.script.sim > 0 {
		return m.script.sim
	}
	return m.profile.sim
}
