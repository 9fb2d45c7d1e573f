// Package cbor turns CBOR (RFC 8949) into JSON, so that what reads JSON reads
// both.
//
// Integers, floats, texts, arrays and maps become what they are in JSON. A map's
// key that is no text becomes one: 39 is the key "39". A byte string is its
// bytes in hex, as a text. undefined and simple values without a meaning are
// null. What JSON has no number for becomes one no float64 can hold, 1e999, if
// it is infinite or too large, and the text "nan" if it is none. Of the tags,
// big numbers (2, 3), decimal fractions (4) and big floats (5) are worked out;
// others leave what they stand before as it is: a time with tag 0 is its text,
// with tag 1 its number.
package cbor

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// depthMax bounds how deep arrays, maps and tags nest.
const depthMax = 64

// The major types, the high three bits of an item's first byte (§3.1).
const (
	unsigned byte = iota
	negative
	byteString
	textString
	array
	mapping
	tag
	other // simple values, floats and the break
)

// indefinite is the additional information of an item whose end is marked by a
// break instead of told beforehand (§3.2).
const indefinite = 31

// breakCode ends an item of indefinite length.
const breakCode = 0xff

// The tags that are worked out (§3.4).
const (
	tagBignum         = 2
	tagNegativeBignum = 3
	tagDecimal        = 4
	tagBigfloat       = 5
)

// tooLarge is JSON for a number beyond every float64.
const tooLarge = "1e999"

// Error is what keeps a payload from being one item of CBOR.
type Error struct {
	Offset  int    // the byte it was found at
	Problem string // object and fact
}

func (e *Error) Error() string { return fmt.Sprintf("cbor: byte %d: %s", e.Offset, e.Problem) }

// AppendJSON appends the JSON of the one item that payload holds to out, at most
// some eight bytes for each of payload, and returns the extended buffer. After
// an error, always an *Error, what was appended means nothing.
func AppendJSON(out, payload []byte) ([]byte, error) {
	t := transcoder{in: payload, out: out}
	err := t.item(0)
	if err == nil && t.at < len(payload) {
		err = t.error("bytes follow the item")
	}
	if err != nil {
		return t.out, err
	}
	return t.out, nil
}

type transcoder struct {
	in  []byte
	at  int
	out []byte
}

// head is the beginning of an item.
type head struct {
	major byte
	info  byte   // the additional information
	value uint64 // the argument; of a float its bits
}

func (t *transcoder) error(problem string) *Error { return &Error{t.at, problem} }

// item appends one item, which depth others hold.
func (t *transcoder) item(depth int) *Error {
	if depth > depthMax {
		return t.error(fmt.Sprintf("nested deeper than %d", depthMax))
	}
	h, err := t.head()
	if err != nil {
		return err
	}
	switch h.major {
	case array:
		return t.elements(h, depth)
	case mapping:
		return t.members(h, depth)
	case tag:
		return t.tagged(h, depth)
	}
	return t.scalar(h)
}

// head reads the first byte of an item and its argument (§3).
func (t *transcoder) head() (head, *Error) {
	if t.at == len(t.in) {
		return head{}, t.error("an item is missing")
	}
	first := t.in[t.at]
	t.at++
	h := head{major: first >> 5, info: first & 0x1f}
	size := 0
	switch {
	case h.info < 24:
		h.value = uint64(h.info)
	case h.info < 28:
		size = 1 << (h.info - 24)
	case h.info < indefinite, h.major == unsigned, h.major == negative, h.major == tag:
		return head{}, t.error("not the beginning of an item")
	}
	b, err := t.take(uint64(size))
	for i := range b {
		h.value = h.value<<8 | uint64(b[i])
	}
	return h, err
}

// take returns the next size bytes.
func (t *transcoder) take(size uint64) ([]byte, *Error) {
	if size > uint64(len(t.in)-t.at) {
		return nil, t.error("the payload ends within an item")
	}
	b := t.in[t.at : t.at+int(size)]
	t.at += int(size)
	return b, nil
}

// ends reports whether an item with n parts already has all of them, and takes
// the break that says so.
func (t *transcoder) ends(h head, n uint64) bool {
	if h.info != indefinite {
		return n == h.value
	}
	if t.at < len(t.in) && t.in[t.at] == breakCode {
		t.at++
		return true
	}
	return false
}

func (t *transcoder) elements(h head, depth int) *Error {
	t.out = append(t.out, '[')
	for n := uint64(0); !t.ends(h, n); n++ {
		if n > 0 {
			t.out = append(t.out, ',')
		}
		if err := t.item(depth + 1); err != nil {
			return err
		}
	}
	t.out = append(t.out, ']')
	return nil
}

func (t *transcoder) members(h head, depth int) *Error {
	t.out = append(t.out, '{')
	for n := uint64(0); !t.ends(h, n); n++ {
		if n > 0 {
			t.out = append(t.out, ',')
		}
		if err := t.key(); err != nil {
			return err
		}
		t.out = append(t.out, ':')
		if err := t.item(depth + 1); err != nil {
			return err
		}
	}
	t.out = append(t.out, '}')
	return nil
}

// key appends a map's key as a text.
func (t *transcoder) key() *Error {
	h, err := t.head()
	if err != nil {
		return err
	}
	switch h.major {
	case array, mapping, tag:
		return t.error("a key is no text or number")
	case byteString, textString:
		return t.scalar(h)
	}
	t.out = append(t.out, '"')
	start := len(t.out)
	if err := t.scalar(h); err != nil {
		return err
	}
	if t.out[start] != '"' { // "nan" brings its own
		t.out = append(t.out, '"')
		return nil
	}
	t.out = append(t.out[:start-1], t.out[start:]...)
	return nil
}

// scalar appends an item that holds no others.
func (t *transcoder) scalar(h head) *Error {
	switch h.major {
	case unsigned:
		t.out = strconv.AppendUint(t.out, h.value, 10)
	case negative:
		t.negative(h.value)
	case byteString:
		return t.bytes(h)
	case textString:
		return t.text(h)
	default:
		return t.other(h)
	}
	return nil
}

// negative appends -1-n, which beyond an int64 is no longer exact.
func (t *transcoder) negative(n uint64) {
	if n <= math.MaxInt64 {
		t.out = strconv.AppendInt(t.out, -1-int64(n), 10)
		return
	}
	t.float(-1-float64(n), 64)
}

func (t *transcoder) float(n float64, bits int) {
	switch {
	case n != n:
		t.out = append(t.out, `"nan"`...)
	case math.IsInf(n, 1):
		t.out = append(t.out, tooLarge...)
	case math.IsInf(n, -1):
		t.out = append(t.out, "-"+tooLarge...)
	default:
		t.out = strconv.AppendFloat(t.out, n, 'g', -1, bits)
	}
}

// other appends a simple value or a float (§3.3).
func (t *transcoder) other(h head) *Error {
	switch h.info {
	case 20:
		t.out = append(t.out, "false"...)
	case 21:
		t.out = append(t.out, "true"...)
	case 25:
		t.float(half(uint16(h.value)), 64)
	case 26:
		t.float(float64(math.Float32frombits(uint32(h.value))), 32)
	case 27:
		t.float(math.Float64frombits(h.value), 64)
	case indefinite:
		return t.error("a break that ends nothing")
	default:
		t.out = append(t.out, "null"...)
	}
	return nil
}

// half is an IEEE 754 number of 16 bits (appendix D).
func half(b uint16) float64 {
	exponent, mantissa := int(b>>10&0x1f), float64(b&0x3ff)
	var n float64
	switch {
	case exponent == 0:
		n = math.Ldexp(mantissa, -24)
	case exponent < 31:
		n = math.Ldexp(mantissa+1024, exponent-25)
	case mantissa == 0:
		n = math.Inf(1)
	default:
		n = math.NaN()
	}
	if b>>15 == 1 {
		return -n
	}
	return n
}

// pieces calls each with the bytes of a string, all at once or, when its length
// is indefinite, piece by piece (§3.2.3).
func (t *transcoder) pieces(h head, each func([]byte) *Error) *Error {
	if h.info != indefinite {
		b, err := t.take(h.value)
		if err != nil {
			return err
		}
		return each(b)
	}
	for !t.ends(h, 0) {
		piece, err := t.head()
		if err != nil {
			return err
		}
		if piece.major != h.major || piece.info == indefinite {
			return t.error("a piece of another kind in a string")
		}
		if err := t.pieces(piece, each); err != nil {
			return err
		}
	}
	return nil
}

func (t *transcoder) bytes(h head) *Error {
	t.out = append(t.out, '"')
	err := t.pieces(h, func(b []byte) *Error {
		t.out = hex.AppendEncode(t.out, b)
		return nil
	})
	t.out = append(t.out, '"')
	return err
}

func (t *transcoder) text(h head) *Error {
	t.out = append(t.out, '"')
	err := t.pieces(h, func(b []byte) *Error {
		if !utf8.Valid(b) {
			return t.error("a text that is not UTF-8")
		}
		t.quote(b)
		return nil
	})
	t.out = append(t.out, '"')
	return err
}

// quote appends a text as it stands between the quotes of JSON (RFC 8259 §7).
func (t *transcoder) quote(text []byte) {
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			t.out = append(t.out, '\\', c)
		case c < 0x20:
			const digits = "0123456789abcdef"
			t.out = append(t.out, '\\', 'u', '0', '0', digits[c>>4], digits[c&0xf])
		default:
			t.out = append(t.out, c)
		}
	}
}

// tagged appends the item behind a tag.
func (t *transcoder) tagged(h head, depth int) *Error {
	switch h.value {
	case tagBignum, tagNegativeBignum:
		return t.bignum(h.value == tagNegativeBignum)
	case tagDecimal, tagBigfloat:
		return t.fraction(h.value)
	}
	return t.item(depth + 1)
}

// bignum appends a number of any size, whose bytes follow (§3.4.3).
func (t *transcoder) bignum(isNegative bool) *Error {
	h, err := t.head()
	if err != nil {
		return err
	}
	if h.major != byteString || h.info == indefinite {
		return t.error("a big number that is no byte string")
	}
	b, err := t.take(h.value)
	if err != nil {
		return err
	}
	var n float64
	for _, digit := range b {
		n = 256*n + float64(digit)
	}
	if isNegative {
		n = -1 - n
	}
	t.float(n, 64)
	return nil
}

// fraction appends mantissa × base^exponent (§3.4.4).
func (t *transcoder) fraction(kind uint64) *Error {
	h, err := t.head()
	if err == nil && (h.major != array || h.value != 2 || h.info == indefinite) {
		err = t.error("a fraction that is no pair")
	}
	exponent, err := t.integer(err)
	mantissa, err := t.integer(err)
	if err != nil {
		return err
	}
	if kind == tagBigfloat {
		const limit = 5000 // far beyond what a float64 can hold
		t.float(math.Ldexp(float64(mantissa), int(max(-limit, min(exponent, limit)))), 64)
		return nil
	}
	t.out = strconv.AppendInt(t.out, mantissa, 10)
	t.out = append(t.out, 'e')
	t.out = strconv.AppendInt(t.out, exponent, 10)
	return nil
}

// integer reads an integer, unless there was an error before.
func (t *transcoder) integer(earlier *Error) (int64, *Error) {
	if earlier != nil {
		return 0, earlier
	}
	h, err := t.head()
	switch {
	case err != nil:
		return 0, err
	case h.major > negative || h.value > math.MaxInt64:
		return 0, t.error("a part of a fraction that is no integer of 64 bits")
	case h.major == negative:
		return -1 - int64(h.value), nil
	}
	return int64(h.value), nil
}
