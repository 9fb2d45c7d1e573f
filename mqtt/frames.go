package mqtt

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Types of control packets a server may send (§2.2.1).
const (
	typeConnack  = 2
	typePublish  = 3
	typePuback   = 4
	typePubrec   = 5
	typePubrel   = 6
	typePubcomp  = 7
	typeSuback   = 9
	typeUnsuback = 11
	typePingresp = 13

	// Only MQTT 5 servers may send it, but some send it to everybody.
	typeDisconnect = 14
)

// connackCodeMax is the last return code of CONNACK that is not reserved (§3.2.2.3).
const connackCodeMax = 5

// protocolError is something MQTT 3.1.1 does not allow a broker to send.
type protocolError struct{ fact string }

func (e *protocolError) Error() string { return e.fact }

// frames passes on a server's packets byte for byte, except that a PUBLISH with
// an oversized payload arrives with a stand-in for it. It holds one topic (64
// KiB) and one read buffer (16 KiB), whatever length a packet announces. A packet that
// is not well-formed is an error before any of it is passed on; so is one that
// the client library could not survive.
type frames struct {
	in            *bufio.Reader
	subscriptions int // in the one SUBSCRIBE of this connection: what SUBACK must answer

	head []byte // to pass on before the rest of the packet
	rest int    // bytes of the current packet still to come from in

	fixed [1 + lengthMaxBytes]byte // head of an ordinary packet
	mark  [16]byte                 // begins a stand-in; random, so that no payload can pass for one
}

const (
	lengthMaxBytes  = 4 // of the remaining length (§2.2.3)
	readBufferBytes = 16 << 10
	standInBytes    = 16 + 4 // mark, size
)

func newFrames(in io.Reader, subscriptions int) *frames {
	f := &frames{in: bufio.NewReaderSize(in, readBufferBytes), subscriptions: subscriptions}
	_, _ = rand.Read(f.mark[:]) // never fails
	return f
}

// Read passes on what the server sent. Its errors are those of the connection,
// io.EOF between packets, io.ErrUnexpectedEOF inside one, and *protocolError.
func (f *frames) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(f.head) == 0 && f.rest == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	if len(f.head) > 0 {
		n := copy(p, f.head)
		f.head = f.head[n:]
		return n, nil
	}
	n, err := f.in.Read(p[:min(len(p), f.rest)])
	f.rest -= n
	return n, insidePacket(err)
}

// oversize returns the size of the payload that payload stands in for, or 0 when
// payload is what the server sent.
func (f *frames) oversize(payload []byte) int {
	if len(payload) != standInBytes || [16]byte(payload[:16]) != f.mark {
		return 0
	}
	return int(binary.BigEndian.Uint32(payload[16:]))
}

// next reads a fixed header (§2.2) and decides what becomes of the packet.
func (f *frames) next() error {
	first, err := f.in.ReadByte()
	if err != nil {
		return err
	}
	length, err := f.remainingLength()
	if err != nil {
		return insidePacket(err)
	}
	if first>>4 == typePublish {
		return insidePacket(f.publish(first, length))
	}
	if err := f.check(first>>4, length); err != nil {
		return insidePacket(err)
	}
	f.pass(first, length)
	return nil
}

// pass hands on the packet that begins with first as it comes.
func (f *frames) pass(first byte, length int) {
	f.head = appendLength(append(f.fixed[:0], first), length)
	f.rest = length
}

// remainingLength reads the variable length encoding of §2.2.3.
func (f *frames) remainingLength() (int, error) {
	length := 0
	for i := range lengthMaxBytes {
		b, err := f.in.ReadByte()
		if err != nil {
			return 0, err
		}
		length |= int(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			return length, nil
		}
	}
	return 0, &protocolError{fmt.Sprintf("a packet length of more than %d bytes (§2.2.3)", lengthMaxBytes)}
}

func appendLength(to []byte, length int) []byte {
	for length > 0x7f {
		to = append(to, byte(length&0x7f)|0x80)
		length >>= 7
	}
	return append(to, byte(length))
}

// check looks at every packet but PUBLISH.
func (f *frames) check(kind byte, length int) error {
	want := 0
	switch kind {
	case typeConnack:
		want = 2
	case typePuback, typePubrec, typePubrel, typePubcomp, typeUnsuback:
		want = 2
	case typeSuback:
		want = 2 + f.subscriptions
	case typePingresp:
	case typeDisconnect:
		return io.EOF
	default:
		return &protocolError{fmt.Sprintf("a packet of type %d, which no server sends (§2.2.1)", kind)}
	}
	if length != want {
		return &protocolError{fmt.Sprintf("a packet of type %d with %d bytes, %d are right", kind, length, want)}
	}
	if kind != typeConnack {
		return nil
	}
	body, err := f.in.Peek(2)
	if err == nil && body[1] > connackCodeMax {
		err = &protocolError{fmt.Sprintf("the reserved connect return code %d (§3.2.2.3)", body[1])}
	}
	return err
}

// publish looks at the variable header of a PUBLISH (§3.3.2) and drops its
// payload when that is too large.
func (f *frames) publish(first byte, length int) error {
	qos := first >> 1 & 3
	if qos == 3 {
		return &protocolError{"a PUBLISH with both QoS bits set [MQTT-3.3.1-4]"}
	}
	if length < 2 {
		return &protocolError{fmt.Sprintf("a PUBLISH of %d bytes, without a topic", length)}
	}
	size, err := f.in.Peek(2)
	if err != nil {
		return err
	}
	variable := 2 + int(binary.BigEndian.Uint16(size))
	if qos > 0 {
		variable += 2
	}
	if variable > length {
		return &protocolError{fmt.Sprintf("a PUBLISH of %d bytes with a variable header of %d", length, variable)}
	}
	if length-variable <= payloadMaxBytes {
		f.pass(first, length)
		return nil
	}
	return f.standIn(first, variable, length-variable)
}

// standIn replaces a payload of size bytes by a short one that tells its size.
// The packet keeps its topic, packet identifier and flags, so that it reaches
// the consumer in its place and is acknowledged like any other.
func (f *frames) standIn(first byte, variable, size int) error {
	head := make([]byte, 0, len(f.fixed)+variable+standInBytes)
	head = appendLength(append(head, first), variable+standInBytes)
	begin := len(head)
	head = head[:begin+variable]
	if _, err := io.ReadFull(f.in, head[begin:]); err != nil {
		return err
	}
	if _, err := f.in.Discard(size); err != nil {
		return err
	}
	head = append(head, f.mark[:]...)
	f.head = binary.BigEndian.AppendUint32(head, uint32(size))
	f.rest = 0
	return nil
}

// insidePacket is err, seen from the middle of a packet.
func insidePacket(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
