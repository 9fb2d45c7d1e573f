package modemtest

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

// gsmAlphabet is the GSM 7-bit default alphabet (3GPP 23.038 6.2.1), by code.
var gsmAlphabet = []rune("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")

// gsmExtension is what a code means after an escape (3GPP 23.038 6.2.1.1).
var gsmExtension = map[byte]rune{
	0x0a: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2f: '\\',
	0x3c: '[', 0x3d: '~', 0x3e: ']', 0x40: '|', 0x65: '€',
}

const gsmEscape = 0x1b

// unpackSeptets returns count septets that begin at bit skip of octets, which
// must hold them all (3GPP 23.038 6.1.2.1).
func unpackSeptets(octets []byte, skip, count int) []byte {
	septets := make([]byte, count)
	for i := range septets {
		bit := skip + 7*i
		at, shift := bit/8, bit%8
		word := uint16(octets[at])
		if shift > 1 {
			word |= uint16(octets[at+1]) << 8
		}
		septets[i] = byte(word>>shift) & 0x7f
	}
	return septets
}

// packSeptets is the reverse of unpackSeptets with no bits to skip.
func packSeptets(septets []byte) []byte {
	octets := make([]byte, (7*len(septets)+7)/8)
	for i, s := range septets {
		bit := 7 * i
		word := uint16(s) << (bit % 8)
		octets[bit/8] |= byte(word)
		if word > 0xff {
			octets[bit/8+1] |= byte(word >> 8)
		}
	}
	return octets
}

// decodeGSM reads septets as a telephone shows them. An escape at the very
// end is a mistake of the sender: the character was cut in two.
func decodeGSM(septets []byte) (string, error) {
	var text strings.Builder
	for i := 0; i < len(septets); i++ {
		code := septets[i]
		if code != gsmEscape {
			text.WriteRune(gsmAlphabet[code])
			continue
		}
		i++
		if i == len(septets) {
			return "", errors.New("the last septet is an escape: a character was cut in two")
		}
		r, ok := gsmExtension[septets[i]]
		if !ok {
			return "", fmt.Errorf("escape 0x%02x is not in the extension table", septets[i])
		}
		text.WriteRune(r)
	}
	return text.String(), nil
}

// encodeGSM returns the septets of text; it is not ok when text holds a
// character the alphabet lacks.
func encodeGSM(text string) (septets []byte, ok bool) {
	for _, r := range text {
		code, ok := gsmCode(r)
		if !ok {
			return nil, false
		}
		septets = append(septets, code...)
	}
	return septets, true
}

func gsmCode(r rune) ([]byte, bool) {
	for code, have := range gsmAlphabet {
		if have == r && code != gsmEscape {
			return []byte{byte(code)}, true
		}
	}
	for code, have := range gsmExtension {
		if have == r {
			return []byte{gsmEscape, code}, true
		}
	}
	return nil, false
}

// decodeUCS2 reads big-endian 16-bit units. Telephones show a pair of
// surrogates as one character and half of a pair as rubbish, so half of one
// is a mistake.
func decodeUCS2(octets []byte) (string, error) {
	if len(octets)%2 != 0 {
		return "", fmt.Errorf("%d octets are not a whole number of UCS-2 characters", len(octets))
	}
	units := make([]uint16, len(octets)/2)
	for i := range units {
		units[i] = uint16(octets[2*i])<<8 | uint16(octets[2*i+1])
	}
	for i := 0; i < len(units); i++ {
		if !utf16.IsSurrogate(rune(units[i])) {
			continue
		}
		if i+1 == len(units) || utf16.DecodeRune(rune(units[i]), rune(units[i+1])) == '�' {
			return "", fmt.Errorf("unit %d, 0x%04x, is half of a surrogate pair", i, units[i])
		}
		i++
	}
	return string(utf16.Decode(units)), nil
}

func encodeUCS2(text string) []byte {
	var octets []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		octets = append(octets, byte(unit>>8), byte(unit))
	}
	return octets
}
