package mmtest

import (
	"reflect"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
)

// signals of the interfaces.
var signals = map[string][]introspect.Signal{
	managerInterface: {
		{Name: "InterfacesAdded", Args: outgoing("o", "a{sa{sv}}")}, {Name: "InterfacesRemoved", Args: outgoing("o", "as")},
	},
	modemInterface: {{Name: "StateChanged", Args: outgoing("i", "i", "u")}},
	messagingInterface: {
		{Name: "Added", Args: outgoing("o", "b")}, {Name: "Deleted", Args: outgoing("o")},
	},
	voiceInterface: {{Name: "CallAdded", Args: outgoing("o")}, {Name: "CallDeleted", Args: outgoing("o")}},
	callInterface:  {{Name: "StateChanged", Args: outgoing("i", "i", "u")}},
}

func outgoing(signatures ...string) (args []introspect.Arg) {
	for _, s := range signatures {
		args = append(args, introspect.Arg{Type: s})
	}
	return args
}

var propertiesDescription = introspect.Interface{
	Name: propertiesInterface,
	Methods: []introspect.Method{
		{Name: "Get", Args: []introspect.Arg{{Type: "s", Direction: "in"}, {Type: "s", Direction: "in"}, {Type: "v", Direction: "out"}}},
		{Name: "GetAll", Args: []introspect.Arg{{Type: "s", Direction: "in"}, {Type: "a{sv}", Direction: "out"}}},
		{Name: "Set", Args: []introspect.Arg{{Type: "s", Direction: "in"}, {Type: "s", Direction: "in"}, {Type: "v", Direction: "in"}}},
	},
	Signals: []introspect.Signal{{Name: "PropertiesChanged", Args: outgoing("s", "a{sv}", "as")}},
}

// arguments are those of a method, which a Go function that ends in a *dbus.Error
// implements. What the bus says of the caller is no argument.
func arguments(f any) (args []introspect.Arg) {
	t := reflect.TypeOf(f)
	for i := range t.NumIn() {
		if t.In(i) != reflect.TypeFor[dbus.Sender]() {
			args = append(args, introspect.Arg{Type: dbus.SignatureOfType(t.In(i)).String(), Direction: "in"})
		}
	}
	for i := range t.NumOut() - 1 {
		args = append(args, introspect.Arg{Type: dbus.SignatureOfType(t.Out(i)).String(), Direction: "out"})
	}
	return args
}
