package modemmanager

import "github.com/godbus/dbus/v5"

// Names of the bus.
const (
	service = "org.freedesktop.ModemManager1"
	root    = dbus.ObjectPath("/org/freedesktop/ModemManager1")

	modemInterface     = service + ".Modem"
	gppInterface       = service + ".Modem.Modem3gpp"
	messagingInterface = service + ".Modem.Messaging"
	voiceInterface     = service + ".Modem.Voice"
	simInterface       = service + ".Sim"
	callInterface      = service + ".Call"
	smsInterface       = service + ".Sms"

	getManagedObjects = "org.freedesktop.DBus.ObjectManager.GetManagedObjects"
	getAllProperties  = "org.freedesktop.DBus.Properties.GetAll"
)

// MMModemState.
const (
	stateFailed     = -1
	stateLocked     = 2
	stateDisabled   = 3
	stateDisabling  = 4
	stateEnabling   = 5
	stateEnabled    = 6
	stateRegistered = 8
)

// MMModemStateFailedReason.
const (
	failedSIMMissing     = 2
	failedSIMError       = 3
	failedNoCapabilities = 4
	failedNoProfile      = 5 // of an eSIM
)

// MMModemLock.
const (
	lockSIMPIN = 2
	lockSIMPUK = 4
)

// locks are the names of what else a modem may ask for, as +CPIN has them (3GPP
// 27.007 clause 8.3).
var locks = map[uint32]string{
	3: "SIM PIN2", 5: "SIM PUK2", 6: "PH-SP PIN", 7: "PH-SP PUK", 8: "PH-NET PIN", 9: "PH-NET PUK", 10: "PH-SIM PIN",
	11: "PH-CORP PIN", 12: "PH-CORP PUK", 13: "PH-FSIM PIN", 14: "PH-FSIM PUK", 15: "PH-NETSUB PIN", 16: "PH-NETSUB PUK",
}

// MMSmsState.
const stateReceived = 3

// MMSmsPduType.
const (
	pduDeliver      = 1
	pduStatusReport = 3
)

// MMSmsValidityType.
const validityRelative = uint32(1)
