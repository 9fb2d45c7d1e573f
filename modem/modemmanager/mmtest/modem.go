package mmtest

import (
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	modemInterface     = service + ".Modem"
	gppInterface       = service + ".Modem.Modem3gpp"
	messagingInterface = service + ".Modem.Messaging"
	voiceInterface     = service + ".Modem.Voice"
	simInterface       = service + ".Sim"
	smsInterface       = service + ".Sms"
	callInterface      = service + ".Call"
)

// MMModemState.
const (
	Failed     = int32(-1)
	Locked     = int32(2)
	Disabled   = int32(3)
	Enabling   = int32(5)
	Enabled    = int32(6)
	Searching  = int32(7)
	Registered = int32(8)
)

// Registration states, of MMModem3gppRegistrationState and 3GPP 27.007 clause 7.2.
const (
	Home   = uint32(1)
	Denied = uint32(3)
)

// MMModemLock.
const (
	lockNone   = uint32(1)
	lockSIMPIN = uint32(2)
	lockSIMPUK = uint32(4)
)

// Modem is one modem with its SIM. Its methods are safe from any goroutine.
type Modem struct {
	*object
	card     *object
	messages []*message // the newest first

	registers uint32 // what the network makes of it once its radio is on
	pin       string // "" without one
	onSend    func(Sent) Outcome
	sent      []Sent
	reference uint8
	tried     []string // PINs
	calls     []string // numbers
	onRing    func(number string) (answers bool)
}

// Add plugs a modem in: registered at home, with a SIM without a PIN.
func (mm *ModemManager) Add(imei string) *Modem {
	m := &Modem{registers: Home, onSend: func(Sent) Outcome { return Outcome{} }}
	m.object = &object{mm: mm, have: map[string]properties{
		modemInterface: modemProperties(imei),
		gppInterface: {
			"Imei": imei, "RegistrationState": Home, "OperatorCode": "00101", "OperatorName": "Simulated", "EnabledFacilityLocks": uint32(0),
		},
		messagingInterface: {"Messages": []dbus.ObjectPath{}, "SupportedStorages": []uint32{2, 1}, "DefaultStorage": uint32(2)},
		voiceInterface:     {"Calls": []dbus.ObjectPath{}, "EmergencyOnly": false},
	}, methods: map[string]methods{
		modemInterface:     {"Enable": m.enable},
		messagingInterface: {"List": m.list, "Delete": m.delete, "Create": m.create},
		voiceInterface:     {"ListCalls": m.listCalls, "DeleteCall": m.deleteCall, "CreateCall": m.createCall},
	}}
	m.card = &object{mm: mm, have: map[string]properties{simInterface: {
		"Active": true, "SimIdentifier": "89014103211118510720", "Imsi": "001010123456789", "OperatorIdentifier": "00101", "OperatorName": "Simulated",
	}}, methods: map[string]methods{simInterface: {"SendPin": m.sendPIN}}}
	mm.add(m)
	return m
}

func modemProperties(imei string) properties {
	return properties{
		"Sim": root, "Manufacturer": "Tocsin", "Model": "Simulated modem", "Revision": "1.0", "HardwareRevision": "",
		"DeviceIdentifier": "4e9381200642d55013029fec9d43af91", "Device": "/sys/devices/pci0000:00/usb1/1-" + imei[len(imei)-1:],
		"Drivers": []string{"option"}, "Plugin": "generic", "PrimaryPort": "ttyUSB2",
		"Ports": []struct {
			Name string
			Type uint32
		}{{"ttyUSB2", 3}},
		"EquipmentIdentifier": imei, "UnlockRequired": lockNone, "UnlockRetries": map[uint32]uint32{lockSIMPIN: 3},
		"State": Registered, "StateFailedReason": uint32(0), "AccessTechnologies": uint32(1 << 14),
		"SignalQuality": struct {
			Percent uint32
			Recent  bool
		}{64, true},
		"OwnNumbers": []string{"+447700900001"}, "PowerState": uint32(3),
	}
}

// shown is the modem as ObjectManager shows it: a locked one has no messaging.
func (m *Modem) shown() map[string]map[string]dbus.Variant {
	shown := map[string]map[string]dbus.Variant{}
	for name, p := range m.have {
		if m.have[modemInterface]["State"].(int32) < Disabled && name != modemInterface {
			continue
		}
		shown[name] = variants(p)
	}
	return shown
}

// SetState changes the modem's state; reason is that of Failed.
func (m *Modem) SetState(state int32, reason uint32) {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	m.have[modemInterface]["StateFailedReason"] = reason
	m.setState(state)
}

// setState needs the lock.
func (m *Modem) setState(state int32) {
	old := m.have[modemInterface]["State"].(int32)
	m.change(modemInterface, properties{"State": state})
	m.mm.emit(m.path, modemInterface+".StateChanged", old, state, uint32(0))
}

// Quiet has change done without a signal, as by a bus that loses them.
func (m *Modem) Quiet(change func()) {
	m.mm.quiet.Store(true)
	defer m.mm.quiet.Store(false)
	change()
}

// Register has the network answer with a registration state, from now on.
func (m *Modem) Register(stat uint32) {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	m.registers = stat
	m.register()
}

// register needs the lock.
func (m *Modem) register() {
	m.change(gppInterface, properties{"RegistrationState": m.registers})
	if m.registers == Home {
		m.setState(Registered)
		return
	}
	m.setState(Enabled)
}

// Disable turns the radio off, as ModemManager finds a modem.
func (m *Modem) Disable() { m.SetState(Disabled, 0) }

// enable is Modem.Enable: it returns once the radio is on; registration follows.
func (m *Modem) enable(on bool) *dbus.Error {
	if err := m.mm.authorize("Device.Control"); err != nil {
		return err
	}
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	if m.have[modemInterface]["State"] == Locked {
		return core("WrongState", "modem in locked state")
	}
	if !on {
		m.setState(Disabled)
		return nil
	}
	m.setState(Enabling)
	m.setState(Enabled)
	time.AfterFunc(20*time.Millisecond, func() {
		m.mm.mu.Lock()
		defer m.mm.mu.Unlock()
		m.register()
	})
	return nil
}

// Lock locks the SIM with a PIN, of which tries are left; 999 is what
// ModemManager says when it does not know.
func (m *Modem) Lock(pin string, tries uint32) {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	m.pin = pin
	m.change(modemInterface, properties{"UnlockRequired": lockSIMPIN, "UnlockRetries": map[uint32]uint32{lockSIMPIN: tries}})
	m.setState(Locked)
}

// HideICCID has the SIM not tell its serial number.
func (m *Modem) HideICCID() {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	m.card.change(simInterface, properties{"SimIdentifier": ""})
}

// sendPIN is Sim.SendPin.
func (m *Modem) sendPIN(pin string) *dbus.Error {
	if err := m.mm.authorize("Device.Control"); err != nil {
		return err
	}
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	m.tried = append(m.tried, pin)
	if pin == m.pin {
		m.change(modemInterface, properties{"UnlockRequired": lockNone, "UnlockRetries": map[uint32]uint32{lockSIMPIN: 3}})
		m.setState(Disabled)
		return nil
	}
	left := m.have[modemInterface]["UnlockRetries"].(map[uint32]uint32)[lockSIMPIN] - 1
	m.change(modemInterface, properties{"UnlockRetries": map[uint32]uint32{lockSIMPIN: left}})
	if left == 0 {
		m.change(modemInterface, properties{"UnlockRequired": lockSIMPUK})
		return refusal(service+".Error.MobileEquipment.SimPuk", "SIM PUK required")
	}
	return refusal(service+".Error.MobileEquipment.IncorrectPassword", "Incorrect password")
}

// PINs are those that were entered.
func (m *Modem) PINs() []string {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	return append([]string(nil), m.tried...)
}
