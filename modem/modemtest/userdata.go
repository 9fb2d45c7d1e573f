package modemtest

import "fmt"

// readUserData reads TP-UDL and TP-UD, and wants nothing behind them (23.040
// 9.2.3.16, 9.2.3.24).
func (p *pdu) readUserData(s *submit) {
	length := int(p.octet("TP-UDL"))
	octets := length
	if s.encoding == "gsm7" {
		octets = (7*length + 7) / 8
	}
	switch {
	case p.wrong != nil:
		return
	case octets > userDataMaxOctets || s.encoding == "gsm7" && length > septetsMax:
		p.fail("TP-UDL is %d", length)
		return
	case octets != len(p.rest):
		p.fail("TP-UDL is %d, so TP-UD has %d octets, but %d follow", length, octets, len(p.rest))
		return
	}
	data := p.octets(octets, "TP-UD")
	header := 0
	if s.hasHeader {
		header = p.header(s, data)
	}
	if p.wrong == nil {
		p.text(s, data, header, length)
	}
}

// text decodes what follows header octets of data, length being TP-UDL.
func (p *pdu) text(s *submit, data []byte, header, length int) {
	var err error
	switch s.encoding {
	case "ucs2":
		s.body, err = decodeUCS2(data[header:])
	default:
		skip := (header*8 + 6) / 7 // whole septets, header and fill bits (9.2.3.24)
		if skip > length {
			p.fail("TP-UDL of %d septets does not reach past a header of %d octets", length, header)
			return
		}
		s.body, err = decodeGSM(unpackSeptets(data, 7*skip, length-skip))
		if spare := len(data)*8 - 7*length; err == nil && spare > 0 && data[len(data)-1]>>(8-spare) != 0 {
			err = fmt.Errorf("the %d fill bits at the end are not zero", spare)
		}
	}
	if err != nil {
		p.fail("TP-UD: %v", err)
	}
}

// Information elements (23.040 9.2.3.24).
const (
	concat8         = 0x00
	concat16        = 0x08
	nationalSingle  = 0x24
	nationalLocking = 0x25
)

// header reads the user data header and returns its octets, its own length
// included. Elements it does not know are skipped, as the standard wants;
// national alphabets would change every character, so they are refused.
func (p *pdu) header(s *submit, data []byte) int {
	if len(data) == 0 || int(data[0])+1 > len(data) {
		p.fail("the user data header is longer than TP-UD")
		return 0
	}
	size := int(data[0]) + 1
	for rest := data[1:size]; len(rest) > 0; {
		if len(rest) < 2 || len(rest) < 2+int(rest[1]) {
			p.fail("an information element runs past the user data header")
			return 0
		}
		p.element(s, rest[0], rest[2:2+rest[1]])
		rest = rest[2+rest[1]:]
	}
	return size
}

func (p *pdu) element(s *submit, id byte, body []byte) {
	switch id {
	case concat8:
		if len(body) != 3 {
			p.fail("information element 00 has %d octets, want 3", len(body))
			return
		}
		p.concat(s, concat{reference: uint16(body[0]), count: body[1], seq: body[2]})
	case concat16:
		if len(body) != 4 {
			p.fail("information element 08 has %d octets, want 4", len(body))
			return
		}
		p.concat(s, concat{wide: true, reference: uint16(body[0])<<8 | uint16(body[1]), count: body[2], seq: body[3]})
	case nationalSingle, nationalLocking:
		p.refuse(refuse(cmsAlphabet, "information element %02x: national alphabets are not read here", id))
	}
}

func (p *pdu) concat(s *submit, c concat) {
	switch {
	case s.concat.count != 0:
		p.fail("the user data header places the part twice")
	case c.count == 0 || c.seq == 0 || c.seq > c.count:
		p.fail("part %d of %d", c.seq, c.count)
	default:
		s.concat = c
	}
}
