package modem

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf16"

	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/gsm7/charset"
	"github.com/warthog618/sms/encoding/tpdu"
)

// userData is the text of one part and what its header says of it (3GPP 23.040
// clause 9.2.3.24).
type userData struct {
	header elements
	text   string
}

// truncationMark ends a text of which the PDU holds only the beginning.
const truncationMark = "…"

var errCompressed = errors.New("the text is compressed (3GPP 23.042), which is not supported")

// readUserData reads length units of data: septets of the GSM alphabet, else
// octets. Octets in excess are left out, as of a longer PDU than its length
// says. Data that is no text is given in hexadecimal digits.
func readUserData(data []byte, length int, coding tpdu.DCS, hasHeader bool) (userData, error) {
	if coding.Compressed() {
		return userData{}, errCompressed
	}
	alphabet, err := coding.Alphabet()
	if err != nil {
		alphabet = tpdu.Alpha7Bit // of reserved schemes, 3GPP 23.038 clause 4
	}
	octets := length
	if alphabet == tpdu.Alpha7Bit {
		octets = (7*length + 7) / 8
	}
	truncated := octets > len(data)
	data = data[:min(octets, len(data))]
	var u userData
	headerOctets := 0
	if hasHeader {
		if u.header, headerOctets, err = readHeader(data); err != nil {
			return userData{}, err
		}
	}
	switch alphabet {
	case tpdu.Alpha7Bit:
		u.text = gsmText(septets(data, headerOctets, length), u.header)
	case tpdu.AlphaUCS2:
		u.text = ucs2Text(data[headerOctets:])
	default:
		u.text = fmt.Sprintf("%X", data[headerOctets:])
	}
	if truncated {
		u.text += truncationMark
	}
	return u, nil
}

// septets unpacks at most length septets, those of the header included, and
// leaves out the header, behind which the text starts at a septet's boundary.
func septets(data []byte, headerOctets, length int) []byte {
	all := gsm7.Unpack7Bit(data, 0)
	all = all[:min(length, len(all))]
	return all[min((8*headerOctets+6)/7, len(all)):]
}

// ucs2Text reads UTF-16, which is what UCS-2 has become. Half a character is
// shown as U+FFFD, half a code unit at the end left out.
func ucs2Text(octets []byte) string {
	units := make([]uint16, len(octets)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(octets[2*i:])
	}
	return string(utf16.Decode(units))
}

func init() {
	// The codec makes a table when it is first asked for it, and two modems
	// may ask at once.
	for language := charset.Default; language < charset.End; language++ {
		charset.NewDecoder(language)
	}
}

// gsmText reads septets in the GSM 7-bit alphabet or in the national tables
// that the header names (3GPP 23.038 clause 6.2.1). What is in no table reads
// as a blank.
func gsmText(septets []byte, header elements) string {
	decoder := gsm7.NewDecoder(
		gsm7.WithCharset(header.language(lockingShift)),
		gsm7.WithExtCharset(header.language(singleShift)))
	text, _ := decoder.Decode(septets) // errors are of strict decoders alone
	return string(text)
}

// Information elements of a header (3GPP 23.040 clause 9.2.3.24).
const (
	concatenation8  = 0x00
	concatenation16 = 0x08
	singleShift     = 0x24
	lockingShift    = 0x25
)

// element is one information element of a header.
type element struct {
	id   byte
	data []byte
}

type elements []element

// readHeader reads the header at the start of data and returns how many octets
// it takes, the one with its length included. An element that is not whole ends
// it: the text does not depend on it.
func readHeader(data []byte) (header elements, octets int, err error) {
	if len(data) == 0 || int(data[0])+1 > len(data) {
		return nil, 0, errors.New("the header is longer than the user data that it is part of")
	}
	octets = int(data[0]) + 1
	rest := data[1:octets]
	for len(rest) >= 2 && len(rest) >= 2+int(rest[1]) {
		size := 2 + int(rest[1])
		header = append(header, element{rest[0], rest[2:size]})
		rest = rest[size:]
	}
	return header, octets, nil
}

// find returns the data of the last element with the id that is of size octets
// (clause 9.2.3.24: of those that exclude each other the last counts), or nil.
func (h elements) find(id byte, size int) []byte {
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].id == id && len(h[i].data) == size {
			return h[i].data
		}
	}
	return nil
}

// language is the national language that a shift table is of, 0 for the
// default (3GPP 23.038 clause 6.2.1.2.4).
func (h elements) language(shift byte) int {
	if data := h.find(shift, 1); data != nil {
		return int(data[0])
	}
	return charset.Default
}

// concatenation is the place of the part in a longer text (clauses 9.2.3.24.1
// and 9.2.3.24.8). Elements that make no sense are ignored, as they demand, and
// the part is then a text by itself.
func (h elements) concatenation() (reference uint16, index, count int) {
	place := h.find(concatenation8, 3)
	if place != nil {
		reference = uint16(place[0])
	} else if place = h.find(concatenation16, 4); place != nil {
		reference = binary.BigEndian.Uint16(place)
	}
	if place == nil {
		return 0, 1, 1
	}
	count, index = int(place[len(place)-2]), int(place[len(place)-1])
	if index == 0 || index > count {
		return 0, 1, 1
	}
	return reference, index, count
}
