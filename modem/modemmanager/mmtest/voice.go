package mmtest

import (
	"slices"

	"github.com/godbus/dbus/v5"
)

// MMCallState.
const (
	callUnknown    = int32(0)
	callDialing    = int32(1)
	callRingingOut = int32(2)
	callTerminated = int32(7)
)

// Calls are the numbers that were rung.
func (m *Modem) Calls() []string {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	return slices.Clone(m.calls)
}

// listCalls is Voice.ListCalls.
func (m *Modem) listCalls() ([]dbus.ObjectPath, *dbus.Error) {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	return m.have[voiceInterface]["Calls"].([]dbus.ObjectPath), nil
}

// createCall is Voice.CreateCall.
func (m *Modem) createCall(given map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	if err := m.mm.authorize("Voice"); err != nil {
		return "/", err
	}
	number, ok := given["number"].Value().(string)
	if !ok {
		return "/", core("InvalidArgs", "Invalid properties dictionary, mandatory key 'number' is missing")
	}
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	o := &object{mm: m.mm, path: m.mm.number("Call"), have: map[string]properties{callInterface: {
		"State": callUnknown, "StateReason": int32(0), "Direction": int32(2), "Number": number, "Multiparty": false,
		"AudioPort": "", "AudioFormat": map[string]dbus.Variant{},
	}}}
	state := func(next int32) *dbus.Error {
		m.mm.mu.Lock()
		defer m.mm.mu.Unlock()
		old := o.have[callInterface]["State"].(int32)
		if old == callTerminated {
			return core("Failed", "This call was not active, cannot hangup")
		}
		o.change(callInterface, properties{"State": next})
		m.mm.emit(o.path, callInterface+".StateChanged", old, next, uint32(0))
		return nil
	}
	o.methods = map[string]methods{callInterface: {
		"Start": func() *dbus.Error {
			m.mm.mu.Lock()
			m.calls = append(m.calls, number)
			m.mm.mu.Unlock()
			state(callDialing)
			return state(callRingingOut)
		},
		"Hangup": func() *dbus.Error { return state(callTerminated) },
	}}
	o.export()
	m.change(voiceInterface, properties{"Calls": append(m.have[voiceInterface]["Calls"].([]dbus.ObjectPath), o.path)})
	m.mm.emit(m.path, voiceInterface+".CallAdded", o.path)
	return o.path, nil
}

// deleteCall is Voice.DeleteCall.
func (m *Modem) deleteCall(path dbus.ObjectPath) *dbus.Error {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	calls := m.have[voiceInterface]["Calls"].([]dbus.ObjectPath)
	i := slices.Index(calls, path)
	if i < 0 {
		return core("NotFound", "No call found with path '"+string(path)+"'")
	}
	m.change(voiceInterface, properties{"Calls": slices.Delete(slices.Clone(calls), i, i+1)})
	m.mm.emit(m.path, voiceInterface+".CallDeleted", path)
	return nil
}
