package mmtest

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// ModemManager is the service. Its methods are safe from any goroutine.
type ModemManager struct {
	t       testing.TB
	address string
	conn    *dbus.Conn
	quiet   atomic.Bool // no signals

	mu      sync.Mutex
	modems  map[dbus.ObjectPath]*Modem
	counts  map[string]int    // numbers of the next messages, SIMs and calls
	denied  map[string]string // polkit's action, to what it says
	denials int
	manager *object
}

// New starts a ModemManager without a modem on the bus at address. It ends with the
// test.
func New(t testing.TB, address string) *ModemManager {
	t.Helper()
	mm := &ModemManager{t: t, address: address, denied: map[string]string{}}
	mm.start()
	t.Cleanup(func() { mm.conn.Close() })
	return mm
}

func (mm *ModemManager) start() {
	mm.t.Helper()
	conn, err := dbus.Connect(mm.address)
	mm.must(err)
	mm.conn, mm.modems, mm.counts = conn, map[dbus.ObjectPath]*Modem{}, map[string]int{}
	mm.manager = &object{mm: mm, path: root, have: map[string]properties{
		service:          {"Version": "1.20.4"},
		managerInterface: {},
	}, methods: map[string]methods{
		managerInterface: {"GetManagedObjects": mm.managed},
		service: {
			"ScanDevices": func() *dbus.Error { return nil }, "SetLogging": func(string) *dbus.Error { return nil },
			"ReportKernelEvent": func(map[string]dbus.Variant) *dbus.Error { return nil },
			"InhibitDevice":     func(string, bool) *dbus.Error { return nil },
		},
	}}
	mm.manager.export()
	reply, err := conn.RequestName(service, dbus.NameFlagDoNotQueue)
	mm.must(err)
	if reply != dbus.RequestNameReplyPrimaryOwner {
		mm.t.Fatalf("%s has an owner already", service)
	}
}

func (mm *ModemManager) must(err error) {
	if err != nil {
		mm.t.Helper()
		mm.t.Fatal(err)
	}
}

// Stop ends the service, with all it knows. Callers who wait get NoReply.
func (mm *ModemManager) Stop() { mm.conn.Close() }

// Restart ends the service and starts it anew, without modems.
func (mm *ModemManager) Restart() {
	mm.conn.Close()
	mm.start()
}

// Deny has polkit refuse an action, such as "Messaging" or "Device.Control"; ""
// for why allows it again.
func (mm *ModemManager) Deny(action, why string) {
	mm.mu.Lock()
	defer mm.mu.Unlock()
	mm.denied[action] = why
}

// Denials is how many calls polkit has refused.
func (mm *ModemManager) Denials() int {
	mm.mu.Lock()
	defer mm.mu.Unlock()
	return mm.denials
}

// authorize is what ModemManager asks polkit before it acts.
func (mm *ModemManager) authorize(action string) *dbus.Error {
	mm.mu.Lock()
	defer mm.mu.Unlock()
	if why := mm.denied[action]; why != "" {
		mm.denials++
		return core("Unauthorized", "PolicyKit authorization failed: "+why+" '"+service+"."+action+"'")
	}
	return nil
}

// managed is ObjectManager.GetManagedObjects.
func (mm *ModemManager) managed() (map[dbus.ObjectPath]map[string]map[string]dbus.Variant, *dbus.Error) {
	mm.mu.Lock()
	defer mm.mu.Unlock()
	all := map[dbus.ObjectPath]map[string]map[string]dbus.Variant{}
	for path, m := range mm.modems {
		all[path] = m.shown()
	}
	return all, nil
}

// emit sends a signal. It fails when the service was stopped, as it should.
func (mm *ModemManager) emit(path dbus.ObjectPath, name string, values ...any) {
	if !mm.quiet.Load() {
		mm.conn.Emit(path, name, values...)
	}
}

// number counts the objects of one kind, which keep their numbers until the
// service restarts. It needs the lock.
func (mm *ModemManager) number(kind string) dbus.ObjectPath {
	n := mm.counts[kind]
	mm.counts[kind]++
	return dbus.ObjectPath(fmt.Sprintf("%s/%s/%d", root, kind, n))
}

// add puts a modem on the bus.
func (mm *ModemManager) add(m *Modem) {
	mm.mu.Lock()
	defer mm.mu.Unlock()
	m.path = mm.number("Modem")
	m.card.path = mm.number("SIM")
	maps.Copy(m.have[modemInterface], properties{"Sim": m.card.path})
	mm.modems[m.path] = m
	m.card.export()
	m.object.export()
	mm.emit(root, managerInterface+".InterfacesAdded", m.path, m.shown())
}

// Remove takes a modem off the bus, as when it is unplugged.
func (mm *ModemManager) Remove(m *Modem) {
	mm.mu.Lock()
	defer mm.mu.Unlock()
	delete(mm.modems, m.path)
	m.object.withdraw()
	m.card.withdraw()
	for _, s := range m.messages {
		s.withdraw()
	}
	m.messages = nil
	mm.emit(root, managerInterface+".InterfacesRemoved", m.path, []string{modemInterface, gppInterface, messagingInterface, voiceInterface})
}

// Readd puts a modem back, under another path.
func (mm *ModemManager) Readd(m *Modem) { mm.add(m) }

// Eventually waits until met holds, and fails the test when it does not within ten
// seconds.
func (mm *ModemManager) Eventually(what string, met func() bool) {
	mm.t.Helper()
	for end := time.Now().Add(10 * time.Second); !met(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			mm.t.Fatalf("%s: not within ten seconds", what)
		}
	}
}
