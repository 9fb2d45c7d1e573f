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
	callActive     = int32(4)
	callTerminated = int32(7)
)

// OnRing has f called with each number while its telephone rings; true answers it,
// false declines. Without it nobody does either.
func (m *Modem) OnRing(f func(number string) (answers bool)) {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	m.onRing = f
}

// Calls are the numbers that were rung.
func (m *Modem) Calls() []string {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	return slices.Clone(m.calls)
}

// OpenCalls is how many calls ModemManager keeps.
func (m *Modem) OpenCalls() int {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	return len(m.have[voiceInterface]["Calls"].([]dbus.ObjectPath))
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
	state := func(next, reason int32) *dbus.Error {
		m.mm.mu.Lock()
		defer m.mm.mu.Unlock()
		old := o.have[callInterface]["State"].(int32)
		if old == callTerminated {
			return core("Failed", "This call was not active, cannot hangup")
		}
		o.change(callInterface, properties{"State": next, "StateReason": reason})
		m.mm.emit(o.path, callInterface+".StateChanged", old, next, uint32(reason))
		return nil
	}
	o.methods = map[string]methods{callInterface: {
		"Start": func() *dbus.Error {
			m.mm.mu.Lock()
			m.calls = append(m.calls, number)
			onRing := m.onRing
			m.mm.mu.Unlock()
			state(callDialing, 1)
			state(callRingingOut, 1)
			if onRing == nil {
				return nil
			}
			if onRing(number) {
				return state(callActive, 3)
			}
			return state(callTerminated, 5)
		},
		"Hangup": func() *dbus.Error { return state(callTerminated, 4) },
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
