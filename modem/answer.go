package modem

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/warthog618/modem/at"
)

// refusal is a final result other than OK. After it the line is in step.
type refusal struct {
	command string // without the secrets of its arguments
	kind    string // "CME" (3GPP 27.007 clause 9.2), "CMS" (3GPP 27.005 clause 3.2.5), "" for a plain ERROR
	code    int    // -1 when the modem gave words that are not known
	words   string
}

func (r *refusal) Error() string {
	switch {
	case r.kind == "":
		return r.command + " answered ERROR"
	case r.code < 0:
		return fmt.Sprintf("%s answered +%s ERROR: %s", r.command, r.kind, r.words)
	}
	if meaning := r.meaning(); meaning != "" {
		return fmt.Sprintf("%s answered +%s ERROR: %d (%s)", r.command, r.kind, r.code, meaning)
	}
	return fmt.Sprintf("%s answered +%s ERROR: %d", r.command, r.kind, r.code)
}

// Codes of +CME ERROR that decide something.
const (
	cmeNotAllowed     = 3
	cmeNotSupported   = 4
	cmeNoSIM          = 10
	cmePINRequired    = 11
	cmePUKRequired    = 12
	cmeSIMFailure     = 13
	cmeSIMBusy        = 14
	cmeWrongSIM       = 15
	cmeWrongPassword  = 16
	cmePIN2Required   = 17
	cmePUK2Required   = 18
	cmeMemoryFull     = 20
	cmeInvalidIndex   = 21
	cmeNotFound       = 22
	cmeMemoryFailure  = 23
	cmeNoService      = 30
	cmeNetworkTimeout = 31
	cmeEmergencyOnly  = 32
	cmeUnknown        = 100
	cmeWait           = 515 // vendors' own: initialisation or a command in progress
)

// Codes of +CMS ERROR that decide something.
const (
	cmsOutOfOrder        = 38
	cmsRejected          = 21
	cmsCongestion        = 22
	cmsUnidentified      = 28
	cmsFacilityRejected  = 29
	cmsUnknownSubscriber = 30
	cmsTemporaryFailure  = 41
	cmsNotImplemented    = 69
	cmsDuplicate         = 197
	cmsUnspecified       = 255
	cmsReserved          = 301
	cmsNotAllowed        = 302
	cmsNotSupported      = 303
	cmsInvalidPDU        = 304
	cmsInvalidText       = 305
	cmsNoSIM             = 310
	cmsPINRequired       = 311
	cmsSIMFailure        = 313
	cmsSIMBusy           = 314
	cmsWrongSIM          = 315
	cmsPUKRequired       = 316
	cmsMemoryFailure     = 320
	cmsInvalidIndex      = 321
	cmsMemoryFull        = 322
	cmsNoCentre          = 330
	cmsNoService         = 331
	cmsNoAcknowledgement = 340
	cmsNetworkTimeout    = 332
	cmsUnknown           = 500
	cmsAckLost           = 513 // vendors' own: the network's acknowledgement was lost
	cmsWait              = 515 // vendors' own: initialisation or a command in progress
)

// cmsOfCME gives the +CMS code that says the same as a +CME code, for modems
// that answer one to +CMGS.
var cmsOfCME = map[int]int{
	cmeNotAllowed: cmsNotAllowed, cmeNotSupported: cmsNotSupported,
	cmeNoSIM: cmsNoSIM, cmePINRequired: cmsPINRequired, cmePUKRequired: cmsPUKRequired,
	cmeSIMFailure: cmsSIMFailure, cmeSIMBusy: cmsSIMBusy, cmeWrongSIM: cmsWrongSIM,
	cmeWrongPassword: cmsPINRequired, cmePIN2Required: 317, cmePUK2Required: 318,
	cmeMemoryFull: cmsMemoryFull, cmeInvalidIndex: cmsInvalidIndex, cmeNotFound: cmsInvalidIndex, cmeMemoryFailure: cmsMemoryFailure,
	cmeNoService: cmsNoService, cmeNetworkTimeout: cmsNetworkTimeout, cmeEmergencyOnly: cmsNoService,
	cmeUnknown: cmsUnknown, cmeWait: cmsWait,
}

var cmeWords = map[string]int{
	"operation not allowed": cmeNotAllowed, "operation not supported": cmeNotSupported,
	"sim not inserted": cmeNoSIM, "sim pin required": cmePINRequired, "sim puk required": cmePUKRequired,
	"sim failure": cmeSIMFailure, "sim busy": cmeSIMBusy, "sim wrong": cmeWrongSIM,
	"incorrect password": cmeWrongPassword, "no network service": cmeNoService,
	"network timeout": cmeNetworkTimeout, "unknown": cmeUnknown,
}

// cmsMeanings are the standards' words for the codes of +CMS ERROR.
var cmsMeanings = map[int]string{
	1: "unassigned number", 8: "operator determined barring", 10: "call barred", 17: "network failure",
	cmsRejected: "transfer rejected", cmsCongestion: "congestion", 27: "destination out of order", cmsUnidentified: "unidentified subscriber",
	cmsFacilityRejected: "facility rejected", cmsUnknownSubscriber: "unknown subscriber", 38: "network out of order", cmsTemporaryFailure: "temporary failure",
	42: "congestion", 47: "resources unavailable", 50: "facility not subscribed", cmsNotImplemented: "facility not implemented",
	81: "invalid transfer reference", 95: "invalid message", 96: "invalid mandatory information",
	97: "message type not implemented", 98: "message not compatible with protocol state", 99: "information element not implemented",
	111: "protocol error", 127: "interworking",
	128: "telematic interworking not supported", 129: "short message type 0 not supported", 130: "cannot replace short message",
	143: "TP-PID error", 144: "alphabet not supported", 145: "message class not supported", 159: "TP-DCS error",
	160: "command cannot be carried out", 161: "command not supported", 175: "TP-Command error", 176: "TPDU not supported",
	192: "service centre busy", 193: "no service centre subscription", 194: "service centre system failure",
	195: "invalid destination address", 196: "destination barred", cmsDuplicate: "duplicate rejected by the service centre",
	198: "validity period format not supported", 199: "validity period not supported",
	208: "SIM message store full", 209: "no message store on the SIM", 210: "error in the modem",
	211: "memory capacity exceeded", 212: "SIM toolkit busy", 213: "SIM data download error", cmsUnspecified: "unspecified error",
	300: "modem failure", cmsReserved: "SMS service reserved", cmsNotAllowed: "operation not allowed",
	cmsNotSupported: "operation not supported", cmsInvalidPDU: "invalid PDU parameter", cmsInvalidText: "invalid text parameter",
	cmsNoSIM: "no SIM", cmsPINRequired: "SIM PIN required", 312: "PH-SIM PIN required", cmsSIMFailure: "SIM failure",
	cmsSIMBusy: "SIM busy", cmsWrongSIM: "wrong SIM", cmsPUKRequired: "SIM PUK required",
	317: "SIM PIN2 required", 318: "SIM PUK2 required", cmsMemoryFailure: "memory failure", cmsInvalidIndex: "invalid memory index",
	cmsMemoryFull: "memory full", cmsNoCentre: "service centre address unknown", cmsNoService: "no network service",
	cmsNetworkTimeout: "network timeout", cmsNoAcknowledgement: "no acknowledgement expected", cmsUnknown: "unknown error",
	512: "connection failed", cmsAckLost: "acknowledgement lost", 514: "congestion", cmsWait: "busy, wait",
}

// cms returns the code of r in the numbering of +CMS ERROR, 0 when it has none.
func (r *refusal) cms() int {
	switch {
	case r.code < 0 || r.kind == "":
		return 0
	case r.kind == "CME":
		return cmsOfCME[r.code]
	}
	return r.code
}

func (r *refusal) meaning() string { return cmsMeanings[r.cms()] }

// cme reports whether r is a +CME ERROR with one of codes.
func (r *refusal) cme(codes ...int) bool {
	for _, code := range codes {
		if r.kind == "CME" && r.code == code {
			return true
		}
	}
	return false
}

// refusalIn returns the refusal that err is, nil when it is none.
func refusalIn(err error) *refusal {
	var r *refusal
	errors.As(err, &r)
	return r
}

// refusalOf turns an error of the AT engine into a refusal, or returns nil
// when it is no final result.
func refusalOf(command string, err error) *refusal {
	var cme at.CMEError
	var cms at.CMSError
	switch {
	case errors.As(err, &cme):
		return coded(command, "CME", string(cme), cmeWords)
	case errors.As(err, &cms):
		return coded(command, "CMS", string(cms), nil)
	case errors.Is(err, at.ErrError):
		return &refusal{command: command}
	}
	return nil
}

func coded(command, kind, detail string, words map[string]int) *refusal {
	r := &refusal{command: command, kind: kind, code: -1, words: detail}
	if code, err := strconv.Atoi(detail); err == nil && code >= 0 {
		r.code = code
	} else if code, ok := words[strings.ToLower(detail)]; ok {
		r.code = code
	}
	return r
}

// refusalLine reads a line that ends a +CMGS, other than OK.
func refusalLine(line string) *refusal {
	for _, kind := range []string{"CMS", "CME"} {
		if detail, ok := strings.CutPrefix(line, "+"+kind+" ERROR:"); ok {
			return coded("AT+CMGS", kind, strings.TrimSpace(detail), cmeWords)
		}
	}
	return &refusal{command: "AT+CMGS"}
}
