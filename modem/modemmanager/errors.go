package modemmanager

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"

	"github.com/tocsin-edge/tocsin/modem"
)

// Prefixes of the names of errors.
const (
	coreError      = service + ".Error.Core."
	equipmentError = service + ".Error.MobileEquipment." // +CME ERROR
	messageError   = service + ".Error.Message."         // +CMS ERROR
	serialError    = service + ".Error.Serial."
	busError       = "org.freedesktop.DBus.Error."
	// Errors of the libraries for QMI and MBIM come under the name of their
	// table in the program, with the code at the end.
	qmiRefusal  = "org.gtk.GDBus.UnmappedGError.Quark._qmi_2dprotocol_2derror."
	mbimRefusal = "org.gtk.GDBus.UnmappedGError.Quark._mbim_2dstatus_2derror."
)

// Codes of +CMS ERROR (3GPP 27.005 clause 3.2.5) that decide something here.
const (
	cmsNotSupported     = 303
	cmsInvalidParameter = 304
	cmsNetworkTimeout   = 332
	cmsUnknown          = 500
	cmsAckLost          = 513 // vendors' own: the network's acknowledgement was lost
)

// messageCodes are the codes of +CMS ERROR that ModemManager has names for. Of the
// others it keeps the number in the text: "Unknown message error: 38".
var messageCodes = map[string]int{
	"MeFailure": 300, "SmsServiceReserved": 301, "NotAllowed": 302,
	"NotSupported": cmsNotSupported, "InvalidPduParameter": cmsInvalidParameter, "InvalidTextParameter": 305,
	"SimNotInserted": 310, "SimPin": 311, "PhSimPin": 312, "SimFailure": 313, "SimBusy": 314, "SimWrong": 315,
	"SimPuk": 316, "SimPin2": 317, "SimPuk2": 318,
	"MemoryFailure": 320, "InvalidIndex": 321, "MemoryFull": 322,
	"SmscAddressUnknown": 330, "NoNetwork": 331, "NetworkTimeout": cmsNetworkTimeout,
	"NoCnmaAckExpected": 340, "Unknown": cmsUnknown,
}

// equipmentCodes are the codes of +CMS ERROR that say the same as names of +CME
// ERROR (3GPP 27.007 clause 9.2).
var equipmentCodes = map[string]int{
	"PhoneFailure": 300, "NotAllowed": 302, "NotSupported": cmsNotSupported,
	"SimNotInserted": 310, "SimPin": 311, "PhSimPin": 312, "SimFailure": 313, "SimBusy": 314, "SimWrong": 315,
	"SimPuk": 316, "SimPin2": 317, "SimPuk2": 318,
	"MemoryFull": 322, "MemoryFailure": 320,
	"NoNetwork": 331, "NetworkTimeout": cmsNetworkTimeout, "NetworkNotAllowed": 331,
}

// numberedError is how ModemManager says a code it has no name for.
var numberedError = regexp.MustCompile(`^Unknown (?:message|mobile equipment) error: (\d{1,5})$`)

// errorName is the name of a D-Bus error, "" of any other.
func errorName(err error) string {
	var e dbus.Error
	if errors.As(err, &e) {
		return e.Name
	}
	return ""
}

// notTried reports whether an error says that the modem was not even asked.
func notTried(name string) bool {
	if core, ok := strings.CutPrefix(name, coreError); ok {
		switch core {
		case "Unauthorized", "WrongState", "WrongSimState", "InProgress", "Retry", "NotFound", "TooMany", "Connected":
			return true
		}
		return false
	}
	switch name {
	case serialError + "OpenFailed", serialError + "OpenFailedNoDevice", serialError + "NotOpen",
		busError + "AccessDenied", busError + "ServiceUnknown", busError + "NameHasNoOwner", busError + "LimitsExceeded",
		busError + "UnknownMethod", busError + "UnknownObject", busError + "UnknownInterface", dbus.ErrMsgNoObject.Name:
		return true
	}
	return strings.HasPrefix(name, busError+"Spawn.")
}

// outcome says what is known of a part whose Send ended in err, and the code of
// +CMS ERROR that says the same, 0 for none. What is neither a refusal nor known to
// have come before the modem was asked may have been sent: a modem that does not
// answer in time, a ModemManager that ends meanwhile.
func outcome(err error) (modem.Outcome, int) {
	name := errorName(err)
	switch {
	case notTried(name):
		return modem.NotSent, 0
	case name == coreError+"InvalidArgs":
		return modem.Refused, cmsInvalidParameter
	case name == coreError+"Unsupported":
		return modem.Refused, cmsNotSupported
	case strings.HasPrefix(name, qmiRefusal), strings.HasPrefix(name, mbimRefusal):
		return modem.Refused, cmsUnknown
	}
	code, refused := refusalCode(name, err)
	switch {
	case !refused:
		return modem.Unknown, 0
	case code == cmsNetworkTimeout || code == cmsAckLost:
		// Only the acknowledgement is missing.
		return modem.Unknown, code
	}
	return modem.Refused, code
}

// refusalCode returns the code of the modem's or the network's refusal.
func refusalCode(name string, err error) (code int, refused bool) {
	codes := messageCodes
	short, ok := strings.CutPrefix(name, messageError)
	if !ok {
		codes = equipmentCodes
		short, ok = strings.CutPrefix(name, equipmentError)
	}
	if !ok {
		return 0, false
	}
	if m := numberedError.FindStringSubmatch(err.Error()); m != nil && strings.HasPrefix(name, messageError) {
		code, _ = strconv.Atoi(m[1])
		return code, true
	}
	if code, ok = codes[short]; !ok {
		code = cmsUnknown
	}
	return code, true
}

const (
	remedyRestart = "wait; if it lasts, restart ModemManager: systemctl restart ModemManager"
	remedyAccess  = "let the user that runs tocsin use ModemManager: a polkit rule that answers YES for org.freedesktop.ModemManager1.Messaging, .Device.Control and .Voice"
)

// unreachable is the condition of a ModemManager that does not tell its modems.
func unreachable(err error) modem.Condition {
	c := modem.Condition{Phase: modem.PhaseOpening, Cause: "ModemManager answered: " + err.Error(), Remedy: remedyRestart}
	switch name := errorName(err); {
	case name == busError+"ServiceUnknown", name == busError+"NameHasNoOwner", strings.HasPrefix(name, busError+"Spawn."):
		c.Cause = "ModemManager is not running"
		c.Remedy = "install and start it: systemctl enable --now ModemManager"
	case isDenied(name):
		c.Cause = "this user may not talk to ModemManager"
		c.Remedy = remedyAccess
	case errors.Is(err, context.DeadlineExceeded):
		c.Cause = fmt.Sprintf("ModemManager does not answer within %v", callTimeout)
	}
	return c
}

// declined is the condition of a modem with which ModemManager did not do what.
func declined(what string, err error) modem.Condition {
	if isDenied(errorName(err)) {
		return modem.Condition{Phase: modem.PhaseHold, Cause: "ModemManager does not let this user " + what, Remedy: remedyAccess}
	}
	return modem.Condition{Phase: modem.PhaseHold, Cause: fmt.Sprintf("ModemManager did not %s: %v", what, err), Remedy: remedyRestart}
}

func isDenied(name string) bool {
	return name == coreError+"Unauthorized" || name == busError+"AccessDenied"
}
