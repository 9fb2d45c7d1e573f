package modemtest

import (
	"strings"
	"time"
)

// deliver is one SMS-DELIVER.
type deliver struct {
	octets []byte
	body   string
}

// The user data a part of a longer text has beside its header of 6 octets.
const (
	septetsPerPart = 153
	unitsPerPart   = 67
)

// partsMax is the most parts a text can have (23.040 9.2.3.24.1).
const partsMax = 255

// deliverTPDUs encodes a text as SMS-DELIVERs (23.040 9.2.2.1), in the GSM
// alphabet if it fits.
func deliverTPDUs(from, body string, at time.Time) []deliver {
	pieces, inGSM := pieces(body)
	reference := byte(at.UnixNano() / int64(time.Millisecond))
	var parts []deliver
	for i, piece := range pieces {
		var header []byte
		if len(pieces) > 1 {
			header = []byte{5, concat8, 3, reference, byte(len(pieces)), byte(i + 1)}
		}
		parts = append(parts, deliver{octets: deliverTPDU(from, piece, header, inGSM, at), body: piece})
	}
	return parts
}

// pieces cuts a text where parts end, at most partsMax of them.
func pieces(body string) (list []string, inGSM bool) {
	septets, inGSM := encodeGSM(body)
	cost := func(r rune) int { return len(encodeUCS2(string(r))) / 2 }
	whole, perPart, size := 70, unitsPerPart, len(encodeUCS2(body))/2
	if inGSM {
		cost = func(r rune) int { code, _ := gsmCode(r); return len(code) }
		whole, perPart, size = septetsMax, septetsPerPart, len(septets)
	}
	if size <= whole {
		return []string{body}, inGSM
	}
	piece, filled := "", 0
	for _, r := range body {
		if filled+cost(r) > perPart {
			list = append(list, piece)
			piece, filled = "", 0
		}
		piece += string(r)
		filled += cost(r)
	}
	list = append(list, piece)
	return list[:min(len(list), partsMax)], inGSM
}

func deliverTPDU(from, piece string, header []byte, inGSM bool, at time.Time) []byte {
	first, coding := byte(0x04), byte(0x08) // no more messages to send
	if len(header) > 0 {
		first |= 0x40
	}
	data := append(header[:len(header):len(header)], encodeUCS2(piece)...)
	length := len(data)
	if inGSM {
		coding = 0
		septets, _ := encodeGSM(piece)
		skip := (len(header)*8 + 6) / 7
		padded := append(make([]byte, skip), septets...)
		data = packSeptets(padded)
		copy(data, header)
		length = len(padded)
	}
	tpdu := append([]byte{first}, addressOctets(from)...)
	tpdu = append(tpdu, 0, coding)
	tpdu = append(tpdu, timestampOctets(at)...)
	return append(append(tpdu, byte(length)), data...)
}

// addressOctets is an address as 23.040 9.1.2.5 has it; a sender that is not
// a number is a name of at most 11 characters.
func addressOctets(from string) []byte {
	digits := strings.TrimPrefix(from, "+")
	if strings.Trim(digits, "0123456789") != "" || digits == "" {
		return nameOctets(from)
	}
	digits = digits[:min(len(digits), digitsMax)]
	return append([]byte{byte(len(digits)), numberKind(from)}, semiOctets(digits)...)
}

// numberKind is the type of address, of the telephone numbering plan.
func numberKind(number string) byte {
	if strings.HasPrefix(number, "+") {
		return 0x91
	}
	return 0x81
}

func semiOctets(digits string) []byte {
	var octets []byte
	for i := 0; i < len(digits); i += 2 {
		high := byte(0x0f)
		if i+1 < len(digits) {
			high = digits[i+1] - '0'
		}
		octets = append(octets, high<<4|(digits[i]-'0'))
	}
	return octets
}

func nameOctets(name string) []byte {
	septets, _ := encodeGSM(name)
	septets = septets[:min(len(septets), 11)]
	length := (7*len(septets) + 3) / 4 // in semi-octets
	return append([]byte{byte(length), 0xd0}, packSeptets(septets)...)
}

// timestampOctets is TP-SCTS (23.040 9.2.3.11) in UTC.
func timestampOctets(at time.Time) []byte {
	at = at.UTC()
	var octets []byte
	for _, n := range []int{at.Year() % 100, int(at.Month()), at.Day(), at.Hour(), at.Minute(), at.Second(), 0} {
		octets = append(octets, byte(n%10<<4|n/10))
	}
	return octets
}

// timestampText is a time as text mode writes it (27.005 3.1).
func timestampText(at time.Time) string { return at.UTC().Format("06/01/02,15:04:05+00") }
