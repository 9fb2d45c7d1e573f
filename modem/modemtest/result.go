package modemtest

import "strconv"

// The errors the simulator itself gives (3GPP 27.005 3.2.5, 27.007 9.2; the
// codes of 23.040 9.2.3.22 appear in +CMS ERROR as they are).
const (
	cmsProtocolID     = 143
	cmsAlphabet       = 144
	cmsClass          = 145
	cmsCodingScheme   = 159
	cmsInvalidAddress = 195
	cmsDuplicate      = 197
	cmsValidity       = 198
	cmsNotAllowed     = 302
	cmsNotSupported   = 303
	cmsInvalidPDU     = 304
	cmsInvalidText    = 305
	cmsPUKRequired    = 316
	cmsInvalidIndex   = 321
	cmsMemoryFull     = 322
	cmsNoCentre       = 330
	cmsNoService      = 331
	cmsNoAckExpected  = 340
	cmsUnknown        = 500

	cmeNotAllowed    = 3
	cmeNotSupported  = 4
	cmeNoSIM         = 10
	cmePINRequired   = 11
	cmePUKRequired   = 12
	cmeSIMBusy       = 14
	cmeWrongPassword = 16
	cmeNoService     = 30
	cmeIncorrect     = 50
)

// final is how a command line ends.
type final struct {
	kind finalKind
	code int
}

type finalKind uint8

const (
	finalOK finalKind = iota
	finalError
	finalCMS
	finalCME
	finalNotSupported // COMMAND NOT SUPPORT, as Huawei says it
	finalNoCarrier
	finalBusy
	finalLater  // the command goes on; its final comes by itself
	finalSilent // nothing at all
)

var (
	ok     = final{}
	failed = final{kind: finalError}
	later  = final{kind: finalLater}
)

func cms(code int) final { return final{kind: finalCMS, code: code} }
func cme(code int) final { return final{kind: finalCME, code: code} }

// text returns the final as +CMEE (27.007 9.1) wants it told: 0 a bare ERROR,
// 1 a number, 2 words.
func (f final) text(cmee int) string {
	switch {
	case f.kind == finalOK:
		return "OK"
	case f.kind == finalNotSupported:
		return "COMMAND NOT SUPPORT"
	case f.kind == finalNoCarrier:
		return "NO CARRIER"
	case f.kind == finalBusy:
		return "BUSY"
	case f.kind == finalCMS && cmee > 0:
		return "+CMS ERROR: " + errorText(cmsTexts, f.code, cmee)
	case f.kind == finalCME && cmee > 0:
		return "+CME ERROR: " + errorText(cmeTexts, f.code, cmee)
	}
	return "ERROR"
}

func errorText(texts map[int]string, code, cmee int) string {
	if words, ok := texts[code]; ok && cmee == 2 {
		return words
	}
	return strconv.Itoa(code)
}

// cmsTexts are the words of 27.005 3.2.5 and, below 256, of 24.011 E.2 and
// 23.040 9.2.3.22.
var cmsTexts = map[int]string{
	1:   "Unassigned (unallocated) number",
	8:   "Operator determined barring",
	10:  "Call barred",
	21:  "Short message transfer rejected",
	27:  "Destination out of service",
	28:  "Unidentified subscriber",
	29:  "Facility rejected",
	30:  "Unknown subscriber",
	38:  "Network out of order",
	41:  "Temporary failure",
	42:  "Congestion",
	47:  "Resources unavailable, unspecified",
	50:  "Requested facility not subscribed",
	69:  "Requested facility not implemented",
	143: "Unspecified TP-PID error",
	144: "Data coding scheme (alphabet) not supported",
	145: "Message class not supported",
	159: "Unspecified TP-DCS error",
	192: "SC busy",
	194: "SC system failure",
	195: "Invalid SME address",
	197: "SM Rejected-Duplicate SM",
	198: "TP-VPF not supported",
	208: "SIM SMS storage full",
	300: "ME failure",
	301: "SMS service of ME reserved",
	302: "operation not allowed",
	303: "operation not supported",
	304: "invalid PDU mode parameter",
	305: "invalid text mode parameter",
	310: "(U)SIM not inserted",
	311: "(U)SIM PIN required",
	313: "(U)SIM failure",
	314: "(U)SIM busy",
	316: "(U)SIM PUK required",
	320: "memory failure",
	321: "invalid memory index",
	322: "memory full",
	330: "SMSC address unknown",
	331: "no network service",
	332: "network timeout",
	500: "unknown error",
}

// cmeTexts are the words of 27.007 9.2.
var cmeTexts = map[int]string{
	0:   "phone failure",
	3:   "operation not allowed",
	4:   "operation not supported",
	10:  "SIM not inserted",
	11:  "SIM PIN required",
	12:  "SIM PUK required",
	13:  "SIM failure",
	14:  "SIM busy",
	15:  "SIM wrong",
	16:  "incorrect password",
	17:  "SIM PIN2 required",
	18:  "SIM PUK2 required",
	30:  "no network service",
	31:  "network timeout",
	32:  "network not allowed - emergency calls only",
	50:  "Incorrect parameters",
	100: "unknown",
}
