package modemmanager

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"github.com/tocsin-edge/tocsin/modem"
)

// objects is what ModemManager manages: modems, by path and interface.
type objects map[dbus.ObjectPath]map[string]properties

// view is one modem as ModemManager shows it at one moment.
type view struct {
	path       dbus.ObjectPath
	interfaces map[string]properties
}

func (v view) get(of string) properties { return v.interfaces[of] }

// port is an element of the property Ports.
type port struct {
	Name string
	Type uint32
}

// is reports whether device names this modem.
func (v view) is(device string) bool {
	p := v.get(modemInterface)
	return device == string(v.path) || device == property[string](p, "EquipmentIdentifier") || device == property[string](p, "Device") ||
		slices.ContainsFunc(property[[]port](p, "Ports"), func(p port) bool { return device == "/dev/"+p.Name })
}

// String is what a person tells modems apart by.
func (v view) String() string {
	p := v.get(modemInterface)
	return fmt.Sprintf("%s (%s %s)", cmp.Or(property[string](p, "EquipmentIdentifier"), property[string](p, "Device")),
		property[string](p, "Manufacturer"), property[string](p, "Model"))
}

// namedMax is how many modems a remedy names.
const namedMax = 8

// choose returns the modem that device means, or the condition of there being
// none.
func (o objects) choose(device string) (view, modem.Condition) {
	all := o.modems()
	meant := all
	if device != "" {
		meant = slices.DeleteFunc(slices.Clone(all), func(v view) bool { return !v.is(device) })
	}
	known := make([]string, 0, namedMax)
	for _, v := range all[:min(len(all), namedMax)] {
		known = append(known, v.String())
	}
	none := modem.Condition{Phase: modem.PhaseOpening}
	switch {
	case len(meant) > 0 && (len(meant) == 1 || device != ""):
		return meant[0], modem.Condition{}
	case len(all) == 0:
		none.Cause = "ModemManager knows no modem"
		none.Remedy = "plug the modem in; mmcli -L lists what ModemManager has found, which takes up to a minute"
	case device != "":
		none.Cause = "ModemManager knows no modem " + device
		none.Remedy = "plug it in, or set device in the modem block to one that is there: " + strings.Join(known, ", ")
	default:
		none.Cause = fmt.Sprintf("ModemManager knows %d modems and none is named", len(all))
		none.Remedy = "set device in the modem block to the IMEI of one: " + strings.Join(known, ", ")
	}
	return view{}, none
}

func (o objects) modems() (list []view) {
	for path, interfaces := range o {
		if _, ok := interfaces[modemInterface]; ok {
			list = append(list, view{path, interfaces})
		}
	}
	slices.SortFunc(list, func(a, b view) int { return strings.Compare(string(a.path), string(b.path)) })
	return list
}
