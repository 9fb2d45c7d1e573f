package modemmanager

import (
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/tocsin-edge/tocsin/modem"
)

// Whatever an error says, a part counts as refused only on the word of modem,
// network or ModemManager, and a code is one that +CMS ERROR can have.
func FuzzOnlyARefusalCountsAsOne(f *testing.F) {
	f.Add(messageError+"Unknown", "Unknown message error: 38")
	f.Add(equipmentError+"Unknown", "Unknown mobile equipment error: 515")
	f.Add(messageError+"Unknown", "Unknown message error: 99999999999999999999")
	f.Add(coreError+"InvalidArgs", "")
	f.Add(qmiRefusal+"Code54", "QMI protocol error (54): 'WmsCauseCode'")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, name, text string) {
		o, code := outcome(dbus.Error{Name: name, Body: []any{text}})
		if code < 0 || code > 99999 {
			t.Errorf("outcome of %q %q has the code %d", name, text, code)
		}
		said := false
		for _, prefix := range []string{messageError, equipmentError, coreError, qmiRefusal, mbimRefusal} {
			said = said || strings.HasPrefix(name, prefix)
		}
		if o == modem.Refused && !said {
			t.Errorf("outcome of %q %q is a refusal", name, text)
		}
	})
}

func FuzzTimesAreReadOrZero(f *testing.F) {
	f.Add("2026-03-01T12:00:00+01")
	f.Add("2026-03-01T12:00:00+01:00")
	f.Add("0000-00-00T00:00:00+00")
	f.Fuzz(func(t *testing.T, text string) {
		if got := timestamp(text); !got.IsZero() && !strings.HasPrefix(got.Format("2006-01-02T15:04:05"), text[:10]) {
			t.Errorf("timestamp(%q) = %v", text, got)
		}
	})
}
