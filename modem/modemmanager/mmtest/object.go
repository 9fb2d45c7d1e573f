package mmtest

import (
	"maps"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
)

const (
	service = "org.freedesktop.ModemManager1"
	root    = dbus.ObjectPath("/org/freedesktop/ModemManager1")

	propertiesInterface = "org.freedesktop.DBus.Properties"
	introspectInterface = "org.freedesktop.DBus.Introspectable"
	managerInterface    = "org.freedesktop.DBus.ObjectManager"
)

// properties are those of one interface, by name.
type properties map[string]any

// methods are those of one interface: functions that end in a *dbus.Error.
type methods map[string]any

// object is one object on the bus. Its interfaces change under the lock of its
// ModemManager.
type object struct {
	mm      *ModemManager
	path    dbus.ObjectPath
	have    map[string]properties
	methods map[string]methods
}

// export puts the object on the bus.
func (o *object) export() {
	for name, m := range o.methods {
		o.mm.must(o.mm.conn.ExportMethodTable(m, o.path, name))
	}
	o.mm.must(o.mm.conn.ExportMethodTable(methods{"Get": o.get, "GetAll": o.getAll, "Set": o.set}, o.path, propertiesInterface))
	o.mm.must(o.mm.conn.ExportMethodTable(methods{"Introspect": o.introspect}, o.path, introspectInterface))
}

// withdraw takes the object off the bus.
func (o *object) withdraw() {
	names := []string{propertiesInterface, introspectInterface}
	for name := range o.methods {
		names = append(names, name)
	}
	for _, name := range names {
		o.mm.must(o.mm.conn.Export(nil, o.path, name))
	}
}

func (o *object) get(of, name string) (dbus.Variant, *dbus.Error) {
	o.mm.mu.Lock()
	defer o.mm.mu.Unlock()
	value, ok := o.have[of][name]
	if !ok {
		return dbus.Variant{}, refusal("org.freedesktop.DBus.Error.InvalidArgs", "No such property “"+name+"”")
	}
	return dbus.MakeVariant(value), nil
}

func (o *object) getAll(of string) (map[string]dbus.Variant, *dbus.Error) {
	o.mm.mu.Lock()
	defer o.mm.mu.Unlock()
	p, ok := o.have[of]
	if !ok {
		return nil, refusal("org.freedesktop.DBus.Error.InvalidArgs", "No such interface “"+of+"”")
	}
	return variants(p), nil
}

func (o *object) set(of, name string, _ dbus.Variant) *dbus.Error {
	return refusal("org.freedesktop.DBus.Error.PropertyReadOnly", "Property “"+name+"” of “"+of+"” is not writable")
}

// change sets properties of one interface and announces them. It needs the lock.
func (o *object) change(of string, p properties) {
	maps.Copy(o.have[of], p)
	o.mm.emit(o.path, propertiesInterface+".PropertiesChanged", of, variants(p), []string{})
}

func variants(p properties) map[string]dbus.Variant {
	v := make(map[string]dbus.Variant, len(p))
	for name, value := range p {
		v[name] = dbus.MakeVariant(value)
	}
	return v
}

// introspect describes the object as it is.
func (o *object) introspect() (string, *dbus.Error) {
	o.mm.mu.Lock()
	defer o.mm.mu.Unlock()
	node := introspect.Node{Interfaces: []introspect.Interface{introspect.IntrospectData, propertiesDescription}}
	for name := range o.have {
		node.Interfaces = append(node.Interfaces, o.describe(name))
	}
	text, err := introspect.NewIntrospectable(&node).Introspect()
	return text, err
}

// describe tells one interface from the signatures of what implements it.
func (o *object) describe(name string) introspect.Interface {
	i := introspect.Interface{Name: name, Signals: signals[name]}
	for method, f := range o.methods[name] {
		i.Methods = append(i.Methods, introspect.Method{Name: method, Args: arguments(f)})
	}
	for property, value := range o.have[name] {
		i.Properties = append(i.Properties, introspect.Property{Name: property, Type: dbus.SignatureOf(value).String(), Access: "read"})
	}
	return i
}

func refusal(name, text string) *dbus.Error { return dbus.NewError(name, []any{text}) }

// core is an error of ModemManager itself.
func core(name, text string) *dbus.Error { return refusal(service+".Error.Core."+name, text) }
