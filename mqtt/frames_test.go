package mqtt

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

func publishPacket(topic string, qos byte, payload []byte) *packets.PublishPacket {
	p := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	p.TopicName, p.Qos, p.Payload, p.MessageID = topic, qos, payload, 7
	return p
}

func bytesOf(t testing.TB, ps ...packets.ControlPacket) []byte {
	var b bytes.Buffer
	for _, p := range ps {
		if err := p.Write(&b); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestEverythingThatIsNotOversizedPassesByteForByte(t *testing.T) {
	sent := bytesOf(t,
		&packets.ConnackPacket{FixedHeader: packets.FixedHeader{MessageType: packets.Connack}},
		publishPacket("a", 0, nil),
		publishPacket("a/b", 1, []byte("21.5")),
		publishPacket(strings.Repeat("t", 65535), 2, bytes.Repeat([]byte("p"), payloadMaxBytes)),
		packets.NewControlPacket(packets.Pubrel),
		packets.NewControlPacket(packets.Pingresp),
	)
	for name, in := range map[string]io.Reader{
		"whole": bytes.NewReader(sent), "byte by byte": iotest.OneByteReader(bytes.NewReader(sent)),
	} {
		got, err := io.ReadAll(newFrames(in, 0))
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("%s: got %d bytes, %v; want the %d that were sent", name, len(got), err, len(sent))
		}
	}
}

func TestAnOversizedPayloadLeavesAStandInInItsPlace(t *testing.T) {
	for qos := range byte(3) {
		sent := bytesOf(t, publishPacket("a/b", qos, make([]byte, payloadMaxBytes+1)), publishPacket("c", 1, []byte("next")))
		f := newFrames(bytes.NewReader(sent), 0)
		for _, want := range []struct {
			topic string
			size  int
		}{{"a/b", payloadMaxBytes + 1}, {"c", 0}} {
			p, err := packets.ReadPacket(f)
			if err != nil {
				t.Fatal(err)
			}
			got := p.(*packets.PublishPacket)
			if size := f.oversize(got.Payload); got.TopicName != want.topic || size != want.size {
				t.Errorf("QoS %d: got %s, size %d; want %s, %d", qos, got.TopicName, size, want.topic, want.size)
			}
			if got.Qos > 0 && got.MessageID != 7 {
				t.Errorf("QoS %d: packet identifier %d, want 7", qos, got.MessageID)
			}
		}
	}
}

func TestAPayloadThatLooksLikeAStandInIsNoStandIn(t *testing.T) {
	other := newFrames(nil, 0)
	forged := append(other.mark[:], 0, 8, 0, 0)
	if got := newFrames(nil, 0).oversize(forged); got != 0 {
		t.Errorf("a payload of 20 bytes passed for one of %d", got)
	}
}

// announced is a PUBLISH that announces size bytes and sends only the first.
func announced(size int) []byte {
	return append(appendLength([]byte{typePublish << 4}, size), 0, 1, 'a', 'x')
}

func TestAnAnnouncedQuarterGigabyteTakesNoMemory(t *testing.T) {
	const most = 1<<28 - 1 // §2.2.3
	body := io.LimitReader(zeros{}, most-4)
	f := newFrames(io.MultiReader(bytes.NewReader(announced(most)), body), 0)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := packets.ReadPacket(f)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.oversize(p.(*packets.PublishPacket).Payload), most-3; got != want {
		t.Errorf("got size %d, want %d", got, want)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<10 {
		t.Errorf("%d bytes were allocated for it", grown)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestABrokenStreamEndsInAnErrorAndNothingHalfRead(t *testing.T) {
	violation := errors.New("any violation of the protocol")
	for name, c := range map[string]struct {
		sent []byte
		want error
	}{
		"nothing":                      {nil, io.EOF},
		"a header without length":      {[]byte{typePublish << 4}, io.ErrUnexpectedEOF},
		"a length of five bytes":       {[]byte{0x30, 0xff, 0xff, 0xff, 0xff, 1}, violation},
		"a topic that does not fit":    {[]byte{0x30, 3, 0, 9, 'a'}, violation},
		"no room for the identifier":   {[]byte{0x32, 4, 0, 1, 'a', 0}, violation},
		"no topic":                     {[]byte{0x30, 1, 0}, violation},
		"QoS 3":                        {[]byte{0x36, 5, 0, 1, 'a', 0, 1}, violation},
		"256 MB that end at once":      {announced(1<<28 - 1), io.ErrUnexpectedEOF},
		"256 KiB that end at once":     {announced(payloadMaxBytes), io.ErrUnexpectedEOF},
		"a PUBACK of 256 MB":           {[]byte{0x40, 0xff, 0xff, 0xff, 0x7f}, violation},
		"a CONNECT":                    {[]byte{0x10, 0}, violation},
		"a reserved type":              {[]byte{0xf0, 0}, violation},
		"a reserved return code":       {[]byte{0x20, 2, 0, 6}, violation},
		"a SUBACK with too many codes": {[]byte{0x90, 5, 0, 1, 0, 0, 0}, violation},
		"a DISCONNECT":                 {[]byte{0xe0, 0}, io.ErrUnexpectedEOF},
	} {
		_, err := io.ReadAll(newFrames(bytes.NewReader(c.sent), 1))
		if c.want == io.EOF {
			c.want = nil // how ReadAll reports a clean end
		}
		if found := new(protocolError); errors.As(err, &found) {
			err = violation
		}
		if err != c.want {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// Whatever comes in, the library gets packets it can read, and little memory is held.
func FuzzTheLibraryGetsOnlyWhatItCanRead(f *testing.F) {
	f.Add([]byte{0x20, 2, 0, 0, 0x90, 3, 0, 1, 1, 0x30, 5, 0, 1, 'a', 'h', 'i'})
	f.Add(announced(1<<28 - 1))
	f.Add(append(announced(payloadMaxBytes+8), make([]byte, payloadMaxBytes+8)...))
	f.Fuzz(func(t *testing.T, sent []byte) {
		in := newFrames(bytes.NewReader(sent), 1)
		for {
			p, err := packets.ReadPacket(in)
			if err == nil {
				_ = p.String()
				continue
			}
			var violation *protocolError
			if err != io.EOF && err != io.ErrUnexpectedEOF && !errors.As(err, &violation) {
				t.Fatalf("the library stumbled: %v", err)
			}
			return
		}
	})
}
