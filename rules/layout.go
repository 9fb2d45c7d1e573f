package rules

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// bytesMax bounds the bytes of one field, encoded ones as decoded. A LoRaWAN
// frame has at most 242, a CAN frame 8.
const bytesMax = 64 << 10

// The encodings of bytes within text.
const (
	encodingHex    = "hex"    // 0A 1b 2C, with or without blanks, colons or dashes
	encodingBase64 = "base64" // RFC 4648 §4 or §5, with or without padding
	encodingArray  = "array"  // a JSON array of whole numbers from 0 to 255
)

// A layout is where in bytes a field is and how it is written there.
type layout struct {
	at     int    // counted from 0
	size   int    // in bytes; of a text 0 for all that are left
	format format // how they are written
	little bool   // the least significant byte comes first
	mask   uint64 // the bits that count, moved together; 0 for all
}

// format is how a value is written in bytes.
type format uint8

const (
	unsignedFormat format = iota
	signedFormat          // in two's complement
	floatFormat           // IEEE 754, of 4 or 8 bytes
	textFormat            // UTF-8, up to the first NUL
)

// fromBytes reads the field out of b, which its layout says how to do.
func (f *Field) fromBytes(b []byte) Value {
	l := f.layout
	end := l.at + l.size
	if l.format == textFormat && l.size == 0 {
		end = len(b)
	}
	if end > len(b) || l.at >= end {
		return Value{Why: Missing}
	}
	if b = b[l.at:end]; l.format == textFormat {
		return f.fromRawText(b)
	}
	return f.fromNumber(l.number(b))
}

// fromRawText reads a text that a device keeps in a fixed number of bytes.
func (f *Field) fromRawText(b []byte) Value {
	b, _, _ = bytes.Cut(b, []byte{0})
	if !utf8.Valid(b) {
		return Value{Why: BadPayload}
	}
	return f.fromText(trimBlanks(viewString(b)))
}

// number reads the bytes of a number; it may be infinite or none.
func (l *layout) number(b []byte) float64 {
	raw, width := l.raw(b), 8*len(b)
	if l.format == floatFormat {
		if width == 32 {
			return decimal(math.Float32frombits(uint32(raw)))
		}
		return math.Float64frombits(raw)
	}
	if l.mask != 0 {
		raw, width = gather(raw, l.mask), bits.OnesCount64(l.mask)
	}
	if l.format == signedFormat {
		unused := 64 - width
		return float64(int64(raw<<unused) >> unused) // the highest bit is the sign
	}
	return float64(raw)
}

// decimal is the number that a device meant by a float of 32 bits: 27.2, and not
// 27.200000762939453, which is above a limit of 27.2.
func decimal(n float32) float64 {
	if n-n != 0 {
		return float64(n) // infinite, or none
	}
	var digits [32]byte
	out, _ := strconv.ParseFloat(string(strconv.AppendFloat(digits[:0], float64(n), 'g', -1, 32)), 64)
	return out
}

// raw puts the bytes together.
func (l *layout) raw(b []byte) (n uint64) {
	for i := range b {
		if l.little {
			n = n<<8 | uint64(b[len(b)-1-i])
		} else {
			n = n<<8 | uint64(b[i])
		}
	}
	return n
}

// gather moves the bits of n that mask selects together, so that the lowest of
// them is bit 0.
func gather(n, mask uint64) (out uint64) {
	for place := 0; mask != 0; place++ {
		lowest := mask & -mask
		if n&lowest != 0 {
			out |= 1 << place
		}
		mask &^= lowest
	}
	return out
}

// appendDecoded appends to raw the bytes that a JSON value holds by the given
// encoding.
func appendDecoded(raw []byte, json, encoding string) ([]byte, Reason) {
	switch {
	case json[0] == 'n':
		return raw, Null
	case encoding == encodingArray && json[0] == '[':
		return appendArray(raw, json)
	case encoding == encodingArray || json[0] != '"':
		return raw, NotANumber
	}
	return appendText(raw, unquote(json), encoding)
}

// appendText appends to raw the bytes that text holds in hex or base64.
func appendText(raw []byte, text, encoding string) ([]byte, Reason) {
	switch {
	case len(text) > 3*bytesMax:
		return raw, OutOfRange
	case encoding == encodingHex:
		return appendHex(raw, text)
	}
	return appendBase64(raw, text)
}

func appendHex(raw []byte, text string) ([]byte, Reason) {
	text = trimBlanks(text)
	text = strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X")
	for {
		text = strings.TrimLeft(text, " :-")
		switch {
		case text == "":
			return raw, Known
		case len(text) == 1:
			return raw, NotANumber
		}
		var b [1]byte
		if _, err := hex.Decode(b[:], viewBytes(text[:2])); err != nil {
			return raw, NotANumber
		}
		raw, text = append(raw, b[0]), text[2:]
	}
}

func appendBase64(raw []byte, text string) ([]byte, Reason) {
	text = strings.TrimRight(trimBlanks(text), "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}
	raw, err := encoding.AppendDecode(raw, viewBytes(text))
	if err != nil {
		return raw, NotANumber
	}
	return raw, Known
}

// appendArray reads a JSON array of bytes.
func appendArray(raw []byte, json string) ([]byte, Reason) {
	at := skipBlanks(json, 1)
	for json[at] != ']' {
		end := skipValue(json, at)
		n, why := parseNumber(json[at:end])
		if why != Known || n < 0 || n > 255 || n != math.Trunc(n) || len(raw) == bytesMax {
			return raw, NotANumber
		}
		raw = append(raw, byte(n))
		at = skipSeparator(json, end)
	}
	return raw, Known
}

// viewBytes returns text as bytes without copying it. They must not be written
// to.
func viewBytes(text string) []byte {
	return unsafe.Slice(unsafe.StringData(text), len(text))
}
