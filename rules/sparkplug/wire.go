package sparkplug

import "encoding/binary"

// wireType is how the bytes of a protobuf field are delimited.
type wireType byte

const (
	varint    wireType = 0
	fixed64   wireType = 1
	delimited wireType = 2
	fixed32   wireType = 5
)

// fieldMax is the greatest number of a protobuf field.
const fieldMax = 1<<29 - 1

// wire steps through the fields of one protobuf message.
type wire struct {
	in     []byte
	broken bool // what follows is no field

	field  uint64
	typ    wireType
	number uint64 // of a varint or of fixed bytes
	data   []byte // of a delimited field
}

// next goes to the next field. It returns false at the end, or at what is no
// field.
func (w *wire) next() bool {
	if len(w.in) == 0 || w.broken {
		return false
	}
	tag := w.varint()
	w.field, w.typ = tag>>3, wireType(tag&7)
	w.number, w.data = 0, nil
	if w.field == 0 || w.field > fieldMax {
		w.broken = true
	}
	switch w.typ {
	case varint:
		w.number = w.varint()
	case fixed64:
		if b := w.take(8); b != nil {
			w.number = binary.LittleEndian.Uint64(b)
		}
	case fixed32:
		if b := w.take(4); b != nil {
			w.number = uint64(binary.LittleEndian.Uint32(b))
		}
	case delimited:
		w.data = w.take(w.varint())
	default:
		w.broken = true
	}
	return !w.broken
}

// is tells the field that was read by its number and wire type.
func (w *wire) is(field uint64, typ wireType) bool { return w.field == field && w.typ == typ }

func (w *wire) varint() uint64 {
	n, size := binary.Uvarint(w.in)
	if size <= 0 {
		w.broken = true
		return 0
	}
	w.in = w.in[size:]
	return n
}

// take returns the next size bytes, nil if there are not as many.
func (w *wire) take(size uint64) []byte {
	if w.broken || size > uint64(len(w.in)) {
		w.broken = true
		return nil
	}
	b := w.in[:size:size]
	w.in = w.in[size:]
	return b
}
