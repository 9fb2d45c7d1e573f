package learn

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/tocsin-edge/tocsin/rules/sparkplug"
)

// metric encodes one message Metric that is a float; without a name it goes by
// its alias.
func metric(name string, alias byte, value float32) []byte {
	var b []byte
	if name != "" {
		b = append(b, 0x0a, byte(len(name)))
		b = append(b, name...)
	}
	b = append(b, 0x10, alias)
	if name != "" {
		b = append(b, 0x20, byte(sparkplug.Float))
	}
	b = append(b, 0x65)
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(value))
	return append([]byte{0x12, byte(len(b))}, b...)
}

func TestTheMetricsOfASparkplugDeviceAreFieldsByTheNamesOfItsBirth(t *testing.T) {
	l := New()
	for _, m := range []struct {
		topic   string
		payload []byte
	}{
		{"spBv1.0/plant/DBIRTH/edge/press1", metric("Chamber/Top_C", 7, 22.5)},
		{"spBv1.0/plant/DDATA/edge/press1", metric("", 7, 71.5)},
		{"spBv1.0/plant/DBIRTH/edge/press2", metric("Chamber/Top_C", 3, 20)},
		{"spBv1.0/plant/DDATA/edge/unborn", metric("", 1, 1)},
		{"spBv1.0/plant/DCMD/edge/press1", metric("", 7, 1000)},
		{"spBv1.0/plant/DDATA/edge/press1", []byte{0xff}},
	} {
		l.Hear(Message{Topic: m.topic, Payload: m.payload, At: noon})
	}
	got := string(l.Write().HCL)
	checkLoads(t, []byte(got))
	for _, want := range []string{`
sensor "plant_edge_top_c" {
  topic  = "spBv1.0/plant/{_}/edge/{device}"
  decode = "sparkplug"
  fields = {
    top_c = { type = number, path = "Chamber/Top_C", unit = "C" } # 20 to 71.5
  }
}
`, "names were not heard: have the edge node send\n# its birth, and learn again, 1 message: spBv1.0/plant/DDATA/edge/unborn.\n",
		"# Left out as broken Sparkplug, 1 message: spBv1.0/plant/DDATA/edge/press1.\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant it to hold\n%s", got, want)
		}
	}
}
