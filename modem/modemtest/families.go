package modemtest

import "time"

// profiles: one entry per family, holding what was seen of it or is in its
// maker's manual, and nothing guessed. Times are those of a quick specimen.
var profiles = map[string]profile{
	"generic": {
		maker: "Tocsin", model: "Simulated modem", revision: "1.0",
		capabilities: "+CGSM,+ES", unknown: failed,
		boot: time.Second, sim: time.Second,
		firstIndex: 1, slots: 20, access: accessEUTRAN,
		memories:    `("SM","ME"),("SM","ME"),("SM","ME")`,
		indications: "(0-3),(0-3),(0-3),(0-2),(0,1)",
	},
	// Stores no status reports, and has nothing of LTE.
	"sim800": {
		maker: "SIMCOM_Ltd", model: "SIMCOM_SIM800L", revision: "1418B05SIM800L24",
		capabilities: "+CGSM", unknown: failed,
		missing:    []string{"+CEREG", "+CESQ", "+CPINR"},
		vendor:     []string{"+CPOWD"},
		answers:    map[string][]string{"+SPIC": {"+SPIC: {pin},{puk},3,10"}, "+CCID": {"{iccid}"}},
		bootLines:  []string{"RDY", "+CFUN: 1"},
		readyLines: []string{"Call Ready", "SMS Ready"},
		downLine:   "NORMAL POWER DOWN",
		boot:       3 * time.Second, sim: 3 * time.Second,
		firstIndex: 1, slots: 10, access: accessGSM,
		memories:    `("SM","ME"),("SM","ME"),("SM","ME")`,
		indications: "(0-2),(0-3),(0-3),(0-1),(0-1)",
	},
	// Keeps reports in "SR", and offers each store fewer uses than the one before.
	"sim7600": {
		maker: "SIMCOM INCORPORATED", model: "SIMCOM_SIM7600G-H", revision: "LE20B04SIM7600G22",
		capabilities: "+CGSM,+FCLASS,+DS", unknown: failed,
		missing: []string{"+CPINR", "+CCID"},
		vendor:  []string{"+CRESET", "+CPOF", "+CNMP"},
		answers: map[string][]string{
			"+SPIC": {"+SPIC: {pin},{puk},0,10"}, "+CICCID": {"+ICCID: {iccid}"},
		},
		bootLines:  []string{"RDY"},
		readyLines: []string{"SMS DONE", "PB DONE"},
		boot:       8 * time.Second, sim: 3 * time.Second,
		firstIndex: 0, slots: 23, access: accessEUTRAN, usb: true,
		memories:    `("ME","SM","SR"),("ME","SM"),("ME","SM")`,
		indications: "(0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)",
		reportStore: "SR",
	},
	// Its prompt has a line end and no space.
	"a7670": {
		maker: "SIMCOM INCORPORATED", model: "A7670E-FASE", revision: "A110B01A7670M7_F",
		capabilities: "+CGSM,+FCLASS,+DS", unknown: failed,
		missing: []string{"+CPINR", "+CCID"},
		vendor:  []string{"+CRESET", "+CPOF"},
		answers: map[string][]string{
			"+SPIC": {"+SPIC: {pin},{puk},0,10"}, "+CICCID": {"+ICCID: {iccid}"},
		},
		bootLines:  []string{"*ATREADY: 1"},
		readyLines: []string{"SMS DONE", "PB DONE"},
		boot:       8 * time.Second, sim: 2 * time.Second,
		firstIndex: 1, slots: 10, access: accessEUTRAN, usb: true,
		memories:    `("ME","SM"),("ME","SM"),("ME","SM")`,
		indications: "(0,1,2),(0,1,2,3),(0,1,2),(0,1,2),(0,1)",
		faults:      "prompt nospace",
	},
	// Announces stored reports as in "SM" and keeps them in "SR".
	"ec25": {
		maker: "Quectel", model: "EC25", revision: "EC25EFAR06A06M4G",
		capabilities: "+CGSM", unknown: failed,
		vendor: []string{"+QCFG", "+QPOWD", "+QINDCFG"},
		answers: map[string][]string{
			"+QCCID": {"+QCCID: {iccid}"}, "+QINISTAT": {"+QINISTAT: 7"},
			"+QPINC?": quectelTries, "+QPINC=SC": quectelTries[:1],
		},
		bootLines:  []string{"RDY"},
		readyLines: []string{"+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"},
		downLine:   "POWERED DOWN",
		boot:       8 * time.Second, sim: 2 * time.Second,
		firstIndex: 0, slots: 40, access: accessEUTRAN, usb: true,
		memories:    `("SM","ME","SR"),("SM","ME","SR"),("SM","ME","SR")`,
		reportStore: "SR", reportAnnounced: "SM", fullLine: `+QIND: "smsfull","{store}"`, fullSwitch: "+QINDCFG",
		indications: "(0-2),(0-3),(0,2),(0-2),(0,1)",
	},
	// Registers for LTE-M alone, and makes no calls.
	"bg96": {
		maker: "Quectel", model: "BG96", revision: "BG96MAR02A07M1G",
		capabilities: "+CGSM", unknown: failed,
		missing: []string{"+CREG", "+CGREG", "+CPINR"},
		vendor:  []string{"+QCFG", "+QPOWD"},
		answers: map[string][]string{
			"+QCCID": {"+QCCID: {iccid}"}, "+QPINC?": quectelTries, "+QPINC=SC": quectelTries[:1],
		},
		bootLines: []string{"RDY", "APP RDY"},
		downLine:  "POWERED DOWN",
		boot:      5 * time.Second, sim: 2 * time.Second,
		firstIndex: 0, slots: 23, access: accessMachine, usb: true, voiceless: true,
		memories:    `("SM","ME","SR"),("SM","ME","SR"),("SM","ME","SR")`,
		indications: "(0-2),(0-3),(0,2),(0-2),(0,1)",
	},
	// SARA-U2: keeps reports in "SR", and restarts by two functions of its own.
	"ublox": {
		maker: "u-blox", model: "SARA-U201", revision: "23.60",
		capabilities: "+FCLASS, +CGSM", unknown: failed,
		missing: []string{"+CEREG", "+CESQ", "+CPINR"},
		vendor:  []string{"+CMER"},
		answers: map[string][]string{"+UPINCNT": {"+UPINCNT: {pin},3,{puk},10"}},
		resets:  []int{15, 16},
		boot:    4 * time.Second, sim: 2 * time.Second,
		firstIndex: 1, slots: 20, access: accessUTRAN,
		memories:    `("SM","ME","SR"),("SM","ME"),("SM","ME")`,
		reportStore: "SR", fullLine: "+CIEV: 8,1", fullSwitch: "+CMER",
		indications: "(0-2),(0-3),(0-3),(0-2),(0,1)",
	},
	// Answers in words, and comes back from a restart as storage if the script
	// says so.
	"huawei-stick": {
		maker: "huawei", model: "E173", revision: "11.126.85.00.209",
		capabilities: "+CGSM,+DS,+ES", cmee: 2, unknown: final{kind: finalNotSupported},
		missing: []string{"+CEREG", "+CESQ", "+CPINR", "+CCID"},
		vendor:  []string{"^RESET"},
		answers: map[string][]string{
			"^CURC=0": nil, "^CURC=1": nil, "^PORTSEL=1": nil, "^PORTSEL=0": nil,
			"^SYSINFO": {"^SYSINFO:2,3,0,5,1,,4"},
			"^ICCID?":  {"^ICCID: {iccid}"},
			"^CPIN?":   {"^CPIN: {state},{left},{puk},{pin},10,3"},
		},
		bootLines: []string{"^BOOT:20096657,0,0,0,6"},
		boot:      10 * time.Second, sim: 3 * time.Second,
		firstIndex: 0, slots: 20, access: accessUTRAN, usb: true,
		memories: `("SM","ME"),("SM","ME"),("SM","ME")`, fullLine: `^SMMEMFULL: "{store}"`,
		indications: "(0-2),(0-3),(0,2),(0-2),(0,1)",
		faults:      "urc ^RSSI: 20 every 30s",
	},
	// No reports, no buffer of indications but bfr 1, two stores to choose, and
	// every habit that breaks a parser.
	"evil": {
		maker: "Evil", model: "Every quirk at once", revision: "0",
		capabilities: "", cmee: 2, unknown: final{kind: finalNotSupported},
		missing: []string{"+CREG", "+CGREG", "+CPINR", "+GCAP", "+CMMS", "+CSMS"},
		answers: map[string][]string{"^SPIC": {"^SPIC: {pin}"}},
		boot:    5 * time.Second, sim: 5 * time.Second,
		firstIndex: 0, slots: 5, access: accessEUTRAN, usb: true,
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

var quectelTries = []string{`+QPINC: "SC",{pin},{puk}`, `+QPINC: "P2",3,10`}
