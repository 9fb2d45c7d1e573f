package modem

import "time"

// narrowband is the time from Ctrl-Z to the final result over NB-IoT and LTE-M,
// whose repetitions and sleep cycles may add some four minutes.
const narrowband = 420 * time.Second

// families are the modems known to differ from the standard, by the name that
// profile in a modem block gives. Where interface numbers are concerned, they are
// those of ModemManager's udev rules; entries without Note were read there or in the
// maker's manual.
var families = map[string]Profile{
	"generic": {Name: "generic"},

	// SIM800 stores no status reports: ds is 0 or 1.
	"sim800": {
		Name:          "sim800",
		Models:        []string{"SIM800", "SIMCOM_SIM800", "SIM808", "SIMCOM_SIM808", "SIM868", "SIMCOM_SIM868", "SIM900", "SIMCOM_SIM900"},
		Reports:       []int{1},
		TriesCommand:  "+SPIC",
		ICCIDCommands: []string{"+CCID"},
		Codes: map[int]Class{
			513: Storage,                                                                   // unable to store
			515: Wait,                                                                      // device busy
			516: Permanent, 517: Permanent, 518: Permanent, 519: Permanent, 520: Permanent, // the PDU
			522: Wait, 532: Wait, // not now; SIM not ready
			535: Soon, // protocol stack busy
		},
	},
	"sim7600": {
		Name:   "sim7600",
		Models: []string{"SIM7100", "SIMCOM_SIM7100", "SIM7500", "SIMCOM_SIM7500", "SIM7600", "SIMCOM_SIM7600", "SIM7800", "SIMCOM_SIM7800"},
		Makers: []string{"SIMCOM"},
		USB: []USBModel{
			{VID: simcom, PID: 0x9001, AT: []uint8{2, 3}, Off: []uint8{0, 1, 4}},
		},
		ReportStore:   "SR",
		TriesCommand:  "+SPIC",
		ICCIDCommands: []string{"+CICCID", "+CCID"},
		Reset:         "+CRESET",
	},
	// SIM7000 shares the USB ids of SIM7600 and is told from it by its model.
	"sim7000": {
		Name: "sim7000",
		Models: []string{
			"SIM7000", "SIMCOM_SIM7000", "SIM7070", "SIMCOM_SIM7070",
			"SIM7080", "SIMCOM_SIM7080", "SIM7090", "SIMCOM_SIM7090",
		},
		USB: []USBModel{
			{VID: simcom, PID: 0x9205, AT: []uint8{2, 3}, Off: []uint8{0, 1}},
			{VID: simcom, PID: 0x9206, AT: []uint8{2, 5}, Off: []uint8{0, 1, 3, 4}},
		},
		TriesCommand:  "+SPIC",
		ICCIDCommands: []string{"+CCID"},
		FinalTimeout:  narrowband,
	},
	"a7670": {
		Name:   "a7670",
		Models: []string{"A76", "SIMCOM_A76", "SIM7670", "SIMCOM_SIM7670", "SIM7672", "SIMCOM_SIM7672"},
		USB: []USBModel{
			{VID: simcom, PID: 0x9011, AT: []uint8{4, 5}, Off: []uint8{2}},
		},
		TriesCommand:  "+SPIC",
		ICCIDCommands: []string{"+CICCID", "+CCID"},
		Reset:         "+CRESET",
	},

	// EC25 announces stored reports and loses them: ds is 1.
	"ec25": {
		Name:   "ec25",
		Models: []string{"EC21", "EC25", "EG21", "EG25", "EG91", "EG95", "EG06", "EP06", "EG12", "EG18"},
		Makers: []string{"QUECTEL"},
		USB: []USBModel{
			{VID: quectel, PID: 0x0121, AT: []uint8{2, 3}, Off: []uint8{0, 1}},
			{VID: quectel, PID: 0x0125, AT: []uint8{2, 3}, Off: []uint8{0, 1}},
			{VID: quectel, PID: 0x0191, AT: []uint8{2, 3}, Off: []uint8{0, 1}},
			{VID: quectel, PID: 0x0195, AT: []uint8{2, 3}, Off: []uint8{0, 1}},
			{VID: quectel, PID: 0x0306, AT: []uint8{2, 3}, Off: []uint8{0, 1}},
			{VID: quectel, PID: 0x0512, AT: []uint8{2, 3}, Off: []uint8{0, 1}},
		},
		Reports:       []int{1},
		ReportStore:   "SR",
		IMS:           `+QCFG="ims"`,
		TriesCommand:  "+QPINC?",
		ICCIDCommands: []string{"+QCCID", "+CCID"},
	},
	"bg96": {
		Name:   "bg96",
		Models: []string{"BG96"},
		USB: []USBModel{
			{VID: quectel, PID: 0x0296, AT: []uint8{2, 3}, Off: []uint8{0, 1}},
		},
		TriesCommand:  "+QPINC?",
		ICCIDCommands: []string{"+QCCID", "+CCID"},
		FinalTimeout:  narrowband,
	},
	"bg95": {
		Name:   "bg95",
		Models: []string{"BG95", "BG77", "BG600"},
		USB: []USBModel{
			{VID: quectel, PID: 0x0700, AT: []uint8{2}, Off: []uint8{0, 1}, Note: "interfaces as of its sister models"},
		},
		TriesCommand:  "+QPINC?",
		ICCIDCommands: []string{"+QCCID", "+CCID"},
		FinalTimeout:  narrowband,
	},

	"le910": {
		Name:   "le910",
		Models: []string{"LE910", "LE922", "LE940", "LM940", "LM960"},
		Makers: []string{"TELIT"},
		USB: []USBModel{
			{VID: telit, PID: 0x1031, AT: []uint8{1, 2}, Off: []uint8{0}},
			{VID: telit, PID: 0x1033, AT: []uint8{1, 2}, Off: []uint8{0}},
			{VID: telit, PID: 0x1040, AT: []uint8{4, 5}, Off: []uint8{0, 3, 6}},
			{VID: telit, PID: 0x1041, AT: []uint8{5, 6}, Off: []uint8{0, 4, 7}},
			{VID: telit, PID: 0x1201, AT: []uint8{4, 5}, Off: []uint8{0, 3, 6}},
			{VID: telit, PID: 0x1204, AT: []uint8{5, 6}, Off: []uint8{0, 4, 7}},
		},
		TriesCommand:  "#PCT",
		ICCIDCommands: []string{"#CCID", "+CCID"},
		Reset:         "#REBOOT",
	},
	"me910": {
		Name:   "me910",
		Models: []string{"ME910", "ME310", "ML865"},
		USB: []USBModel{
			{VID: telit, PID: 0x1101, AT: []uint8{1, 2}, Off: []uint8{0}},
			{VID: telit, PID: 0x110a, AT: []uint8{1, 2}, Off: []uint8{0}},
		},
		TriesCommand:  "#PCT",
		ICCIDCommands: []string{"#CCID", "+CCID"},
		Reset:         "#REBOOT",
		FinalTimeout:  narrowband,
	},

	"mc7455": {
		Name:   "mc7455",
		Models: []string{"MC73", "MC74", "EM73", "EM74", "EM75", "RC76"},
		Makers: []string{"SIERRA"},
		USB: []USBModel{
			{VID: sierra, PID: 0x9071, AT: []uint8{3}, Off: []uint8{0, 2}},
			{VID: sierra, PID: 0x9079, AT: []uint8{3}, Off: []uint8{0, 2}},
			{VID: sierra, PID: 0x9091, AT: []uint8{3}, Off: []uint8{0, 2}},
			{VID: sierra, PID: 0x68c0, AT: []uint8{3}, Off: []uint8{0, 2}},
		},
		ICCIDCommands: []string{"!ICCID?", "+ICCID", "+CCID"},
		Reset:         "!RESET",
	},
	"hl7812": {
		Name:   "hl7812",
		Models: []string{"HL78"},
		USB: []USBModel{
			{VID: sierra, PID: 0xc001, AT: []uint8{0, 2}, Off: []uint8{4}},
		},
		ICCIDCommands: []string{"+CCID?", "+CCID"},
		FinalTimeout:  narrowband,
	},

	"ublox": {
		Name:   "ublox",
		Models: []string{"SARA-U2", "SARA-G3", "LISA-U", "LARA-R2", "TOBY-L2", "TOBY-R2"},
		Makers: []string{"U-BLOX"},
		USB: []USBModel{
			{VID: ublox, PID: 0x1102, AT: []uint8{0, 2, 4}, Off: []uint8{6, 8, 10, 12}},
			{VID: ublox, PID: 0x1104, AT: []uint8{0}, Off: []uint8{2, 4, 6}},
			{VID: ublox, PID: 0x1107, AT: []uint8{0, 2, 4}, Off: []uint8{6, 8, 10}},
			{VID: ublox, PID: 0x110a, AT: []uint8{0, 2, 4}, Off: []uint8{6, 8, 10}},
		},
		ReportStore:   "SR",
		TriesCommand:  "+UPINCNT",
		ICCIDCommands: []string{"+CCID"},
		Reset:         "+CFUN=16",
	},
	// TOBY-L4 takes up to 20 s longer, until it says +READY.
	"toby-l4": {
		Name:   "toby-l4",
		Models: []string{"TOBY-L4"},
		USB: []USBModel{
			{VID: ublox, PID: 0x1010, AT: []uint8{6}, Off: []uint8{2, 4, 8}},
		},
		TriesCommand:  "+UPINCNT",
		ICCIDCommands: []string{"+CCID"},
		Reset:         "+CFUN=16",
		BootTime:      80 * time.Second,
	},
	"sara-r4": {
		Name:          "sara-r4",
		Models:        []string{"SARA-R4", "SARA-N4"},
		TriesCommand:  "+UPINCNT",
		ICCIDCommands: []string{"+CCID"},
		Reset:         "+CFUN=15",
		FinalTimeout:  narrowband,
	},
	"cinterion": {
		Name:          "cinterion",
		Models:        []string{"BGS", "EHS", "ELS", "EXS", "PHS", "PLS"},
		Makers:        []string{"CINTERION", "GEMALTO", "THALES", "SIEMENS"},
		TriesCommand:  "^SPIC",
		ICCIDCommands: []string{"^SCID", "+CCID"},
	},

	// A stick that restarts comes back as storage first and is switched over.
	"huawei-stick": {
		Name:   "huawei-stick",
		Makers: []string{"HUAWEI"},
		USB: []USBModel{
			// The oldest sticks tell no protocols: the modem proper is on 0.
			{VID: huawei, PID: 0x1001, AT: []uint8{2, 0}, Off: []uint8{1}},
			{
				VID: huawei,
				ATProtocols: [][2]uint8{
					{1, 0x02}, {2, 0x02}, {3, 0x02}, {1, 0x12}, {2, 0x12}, {3, 0x12}, // for commands alone
					{1, 0x01}, {2, 0x01}, {3, 0x01}, {1, 0x10}, {2, 0x10}, {3, 0x10}, // for a data call
				},
				OffProtocols: [][2]uint8{
					{1, 0x03}, {2, 0x03}, {3, 0x03}, {1, 0x13}, {2, 0x13}, {3, 0x13}, // diagnosis
					{1, 0x05}, {2, 0x05}, {3, 0x05}, {1, 0x14}, {2, 0x14}, {3, 0x14}, // GPS
				},
			},
		},
		Quiet:         []string{"^CURC=0"},
		TriesCommand:  "^CPIN?",
		ICCIDCommands: []string{"^ICCID?", "+CCID"},
		Reset:         "^RESET",
		BootTime:      90 * time.Second,
	},
	"zte": {
		Name:          "zte",
		Models:        []string{"MF1", "MF6", "MF8", "K3565-Z", "K3805-Z", "K4505-Z"},
		Makers:        []string{"ZTE"},
		USB:           zteSticks,
		TriesCommand:  "+ZPINPUK=?",
		ICCIDCommands: []string{"+ZGETICCID", "+CCID"},
		BootTime:      90 * time.Second,
	},
}

// Makers, as the USB bus calls them.
const (
	simcom  = 0x1e0e
	quectel = 0x2c7c
	telit   = 0x1bc7
	sierra  = 0x1199
	ublox   = 0x1546
	huawei  = 0x12d1
	zte     = 0x19d2
)

// zteSticks differ from product to product; in each, one port is meant for a data
// call and takes AT commands all the same.
var zteSticks = []USBModel{
	{VID: zte, PID: 0x0001, AT: []uint8{0, 2}},
	{VID: zte, PID: 0x0002, AT: []uint8{2, 4}},
	{VID: zte, PID: 0x0003, AT: []uint8{0, 1}},
	{VID: zte, PID: 0x0015, AT: []uint8{1, 3}},
	{VID: zte, PID: 0x0016, AT: []uint8{2, 1}},
	{VID: zte, PID: 0x0017, AT: []uint8{2, 1}},
	{VID: zte, PID: 0x0024, AT: []uint8{2, 4}},
	{VID: zte, PID: 0x0031, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x0033, AT: []uint8{4, 1}},
	{VID: zte, PID: 0x0037, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x0042, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x0052, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x0055, AT: []uint8{2, 4}},
	{VID: zte, PID: 0x0063, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x0064, AT: []uint8{2, 0}},
	{VID: zte, PID: 0x0104, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x0108, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x0117, AT: []uint8{2, 1}},
	{VID: zte, PID: 0x0121, AT: []uint8{4, 1}},
	{VID: zte, PID: 0x0124, AT: []uint8{4, 1}},
	{VID: zte, PID: 0x0128, AT: []uint8{4, 1}},
	{VID: zte, PID: 0x0156, AT: []uint8{2, 1}},
	{VID: zte, PID: 0x1008, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x1254, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x1268, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x1515, AT: []uint8{0, 2}},
	{VID: zte, PID: 0x2002, AT: []uint8{3, 1}},
	{VID: zte, PID: 0x2003, AT: []uint8{3, 1}},
}
