package learn

import (
	"fmt"
	"testing"
)

// BenchmarkHear is what one message of a known topic costs.
func BenchmarkHear(b *testing.B) {
	l := New()
	m := Message{Topic: "zigbee2mqtt/leak_cellar", Payload: []byte(`{"battery":97,"linkquality":120,"water_leak":false,"last_seen":"2026-01-05T12:00:00Z"}`), At: noon}
	b.ReportAllocs()
	for b.Loop() {
		l.Hear(m)
	}
}

// BenchmarkWrite is what it takes to propose sensors for as many topics as are
// remembered, no two of which say the same.
func BenchmarkWrite(b *testing.B) {
	l := New()
	for i := range unitsMax {
		l.Hear(Message{Topic: fmt.Sprintf("plant/%c%c/state", 'a'+i%26, 'a'+i/26%26), Payload: fmt.Appendf(nil, `{"x%d":1,"y%d":2,"z%d":3}`, i, i, i), At: noon})
	}
	for b.Loop() {
		l.Write()
	}
}
