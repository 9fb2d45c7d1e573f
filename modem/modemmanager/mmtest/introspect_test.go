package mmtest

import (
	"encoding/xml"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
)

// described is where ModemManager's packages put the description of each of its
// interfaces.
const described = "/usr/share/dbus-1/interfaces"

func TestTheFakeHasTheSignaturesOfTheRealInterfaces(t *testing.T) {
	if _, err := os.Stat(filepath.Join(described, service+".xml")); errors.Is(err, fs.ErrNotExist) {
		t.Skip("ModemManager's package, which describes its interfaces, is not installed")
	}
	address := Bus(t)
	mm := New(t, address)
	m := mm.Add("004999010640000")
	m.Receive("+353871234567", "OK", time.Unix(0, 0))
	call, refused := m.createCall(map[string]dbus.Variant{"number": dbus.MakeVariant("+353871234567")})
	if refused != nil {
		t.Fatal(refused)
	}
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	checked := 0
	for _, path := range []dbus.ObjectPath{root, m.path, m.card.path, m.paths()[0], call} {
		node, err := introspect.Call(conn.Object(service, path))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, fake := range node.Interfaces {
			if genuine, ok := read(t, fake.Name); ok {
				compare(t, fake, genuine)
				checked++
			}
		}
	}
	if want := 8; checked != want {
		t.Errorf("%d interfaces were compared, want %d", checked, want)
	}
}

// read reads the description of a real interface; ok is false when it is not one of
// ModemManager's.
func read(t *testing.T, name string) (i introspect.Interface, ok bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(described, name+".xml"))
	if errors.Is(err, fs.ErrNotExist) {
		return i, false
	}
	var node introspect.Node
	if err == nil {
		err = xml.Unmarshal(text, &node)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range node.Interfaces {
		if i.Name == name {
			return i, true
		}
	}
	t.Fatalf("no interface %s in its own file", name)
	return i, false
}

// compare reports what the fake has otherwise than the real one. It need not have
// all of it.
func compare(t *testing.T, fake, genuine introspect.Interface) {
	t.Helper()
	for _, m := range fake.Methods {
		i := slices.IndexFunc(genuine.Methods, func(g introspect.Method) bool { return g.Name == m.Name })
		if i < 0 {
			t.Errorf("%s has no method %s", genuine.Name, m.Name)
		} else if got, want := types(m.Args), types(genuine.Methods[i].Args); !slices.Equal(got, want) {
			t.Errorf("%s.%s has the arguments %v, want %v", fake.Name, m.Name, got, want)
		}
	}
	for _, s := range fake.Signals {
		i := slices.IndexFunc(genuine.Signals, func(g introspect.Signal) bool { return g.Name == s.Name })
		if i < 0 {
			t.Errorf("%s has no signal %s", genuine.Name, s.Name)
		} else if got, want := types(s.Args), types(genuine.Signals[i].Args); !slices.Equal(got, want) {
			t.Errorf("signal %s.%s has the arguments %v, want %v", fake.Name, s.Name, got, want)
		}
	}
	for _, p := range fake.Properties {
		i := slices.IndexFunc(genuine.Properties, func(g introspect.Property) bool { return g.Name == p.Name })
		if i < 0 {
			t.Errorf("%s has no property %s", genuine.Name, p.Name)
		} else if got, want := p.Type, genuine.Properties[i].Type; got != want {
			t.Errorf("property %s.%s is of type %s, want %s", fake.Name, p.Name, got, want)
		}
	}
}

// types are the arguments' directions and signatures; in is the default.
func types(args []introspect.Arg) (list []string) {
	for _, a := range args {
		direction := "in"
		if a.Direction == "out" {
			direction = "out"
		}
		list = append(list, direction+" "+a.Type)
	}
	return list
}
