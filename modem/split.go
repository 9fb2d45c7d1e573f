package modem

import (
	"errors"
	"time"

	"github.com/warthog618/sms/encoding/tpdu"
	"github.com/warthog618/sms/encoding/ucs2"
)

// PartsMax is the most parts one text may have. A longer text is cut.
const PartsMax = 8

// What a part can carry (3GPP 23.040 clause 9.2.3.24): 140 octets, of which
// the concatenation header takes 6.
const (
	septetsAlone = 160
	septetsEach  = 153
	octetsAlone  = 140
	octetsEach   = 134
)

// What a text that was cut ends in, in either alphabet.
const (
	cutMarkGSM  = "..."
	cutMarkUCS2 = "…"
)

// validityDefault is how long the service centre tries to reach the recipient.
// A day later an alarm is history, and the phone that was off learns more from
// the state of things than from old texts.
const validityDefault = 24 * time.Hour

// The validity period in its relative format (3GPP 23.040 clause 9.2.3.12.1)
// goes from 5 minutes to 63 weeks. The codec encodes 5 minutes as 10.
const (
	validityMin = 10 * time.Minute
	validityMax = 63 * 7 * 24 * time.Hour
)

// Data coding schemes (3GPP 23.038 clause 4): the alphabets of the general
// group, and what makes a text of either one of class 0, shown at once and kept
// by no phone unasked.
const (
	dcsGSM   = 0x00
	dcsUCS2  = 0x08
	dcsFlash = 0x10
)

// Encoding names how a text is encoded.
const (
	EncodingGSM  = "GSM-7"
	EncodingUCS2 = "UCS-2"
)

var errEmptyText = errors.New("text is empty; a text needs at least one character")

// A Part is one SMS-SUBMIT, the unit that a modem sends and that the network
// accepts or refuses.
type Part struct {
	To        Number
	Index     int // 1 to Count
	Count     int // 1 to PartsMax
	Reference uint16
	Cut       bool // the text had more than PartsMax parts and lost its end

	rejectDuplicates bool
	tpdu             []byte
}

// SplitOptions are the choices that go into every part of a text.
type SplitOptions struct {
	// RejectDuplicates asks the service centre to refuse a part that it
	// already holds (TP-RD). It is set when a part is sent again whose fate is
	// unknown; the refusal (197) is then as good as an acceptance.
	RejectDuplicates bool
	// Validity is how long the service centre tries to deliver, 10 minutes
	// to 63 weeks; 0 means 24 hours.
	Validity time.Duration
	// Report asks for a status report on every part (TP-SRR).
	Report bool
	// Flash gives every part message class 0 (3GPP 23.038 clause 4): the phone
	// shows it at once.
	Flash bool
	// Alter encodes the text otherwise, for a network that refused it.
	Alter Alteration
}

// Split encodes text into SMS-SUBMIT TPDUs (3GPP 23.040 clause 9.2.2.2).
//
// Typographic look-alikes are replaced first; when the text then fits the GSM
// 7-bit alphabet it is sent in that, 160 characters or 153 a part, else as it
// is in UCS-2, 70 or 67 a part. A text that fits one part without double blanks
// and the full stop at its end does without them. No character is divided
// between parts. A text of more than [PartsMax] parts loses its end, visibly: an
// alarm that is cut is better than none, and each part says so in Cut.
//
// Parts of one text carry the low byte of reference, by which the phone puts
// them together again. The same arguments always yield the same parts. The
// error is about an empty text or a number that neither [ParseNumber] nor
// [ParseShortCode] makes.
func Split(to Number, text string, reference uint16, o SplitOptions) ([]Part, error) {
	if err := to.check(); err != nil {
		return nil, err
	}
	body, err := encode(text, o.Alter)
	if err != nil {
		return nil, err
	}
	chunks, cut := body.chunks(PartsMax)
	parts := make([]Part, len(chunks))
	for i, chunk := range chunks {
		p := Part{To: to, Index: i + 1, Count: len(chunks), Reference: reference, Cut: cut, rejectDuplicates: o.RejectDuplicates}
		if p.tpdu, err = p.submit(body, chunk, o); err != nil {
			return nil, err
		}
		parts[i] = p
	}
	return parts, nil
}

// Segments says how many parts text takes, uncut, and in which encoding. An
// empty text has none.
func Segments(text string) (parts int, encoding string) {
	body, err := encode(text, 0)
	if err != nil {
		return 0, EncodingGSM
	}
	chunks, _ := body.chunks(len(body.data))
	return len(chunks), body.encoding
}

func (o SplitOptions) validity() time.Duration {
	if o.Validity == 0 {
		return validityDefault
	}
	return min(max(o.Validity, validityMin), validityMax)
}

// submit marshals the TPDU of one part.
func (p Part) submit(body encoded, chunk []byte, o SplitOptions) ([]byte, error) {
	t, err := tpdu.NewSubmit(tpdu.WithDA(p.To.address()))
	if err != nil {
		return nil, err
	}
	if o.RejectDuplicates {
		t.FirstOctet |= tpdu.FoRD
	}
	if o.Report {
		t.FirstOctet |= tpdu.FoSRR
	}
	if o.Alter&WithoutValidity == 0 {
		var vp tpdu.ValidityPeriod
		vp.SetRelative(o.validity())
		t.SetVP(vp)
	}
	dcs := body.dcs
	if o.Flash && o.Alter&WithoutClass == 0 {
		dcs |= dcsFlash
	}
	t.SetDCS(dcs)
	if p.Count > 1 {
		const concatenation8 = 0x00 // 3GPP 23.040 clause 9.2.3.24.1
		t.SetUDH(tpdu.UserDataHeader{{ID: concatenation8, Data: []byte{byte(p.Reference), byte(p.Count), byte(p.Index)}}})
	}
	t.SetUD(chunk)
	return t.MarshalBinary()
}

// encoded is a whole text in the units of its alphabet: a septet to the byte,
// or UCS-2 in big-endian octets.
type encoded struct {
	encoding    string
	dcs         byte
	data        []byte
	alone, each int                            // bytes of data that one part carries, by itself or as one of several
	unit        int                            // bytes of data that cannot be divided in any case
	cutMark     []byte                         // what replaces a lost end
	divides     func(data []byte, at int) bool // whether a part that ends at at would divide a character
}

func encode(text string, alter Alteration) (encoded, error) {
	shown, inGSM := rendering(text, alter)
	if shown == "" {
		return encoded{}, errEmptyText
	}
	if inGSM {
		septets, err := gsmAlphabet.Encode([]byte(shown))
		return encoded{
			encoding: EncodingGSM, dcs: dcsGSM, data: septets,
			alone: septetsAlone, each: septetsEach, unit: 1,
			cutMark: []byte(cutMarkGSM), divides: dividesEscape,
		}, err
	}
	return encoded{
		encoding: EncodingUCS2, dcs: dcsUCS2, data: ucs2.Encode([]rune(shown)),
		alone: octetsAlone, each: octetsEach, unit: 2,
		cutMark: ucs2.Encode([]rune(cutMarkUCS2)), divides: dividesSurrogates,
	}, nil
}

// dividesEscape reports whether a part that ends at at would end in the escape
// to the extension table, without the character that it announces.
func dividesEscape(data []byte, at int) bool {
	const escape = 0x1b
	return data[at-1] == escape
}

// dividesSurrogates reports whether at lies within a surrogate pair.
func dividesSurrogates(data []byte, at int) bool {
	const highSurrogates = 0xd8 // the upper byte of U+D800 to U+DBFF
	return data[at-2]&^0x03 == highSurrogates
}

// chunks divides the text among at most partsMax parts, and reports whether
// its end had to be cut off.
func (e encoded) chunks(partsMax int) (chunks [][]byte, cut bool) {
	if len(e.data) <= e.alone {
		return [][]byte{e.data}, false
	}
	rest := e.data
	for len(rest) > 0 && len(chunks) < partsMax {
		end := e.boundary(rest, e.each)
		chunks = append(chunks, rest[:end:end])
		rest = rest[end:]
	}
	if len(rest) == 0 {
		return chunks, false
	}
	last := chunks[len(chunks)-1]
	end := e.boundary(last, e.each-len(e.cutMark))
	chunks[len(chunks)-1] = append(last[:end:end], e.cutMark...)
	return chunks, true
}

// boundary is the last place at or before limit where no character is divided.
func (e encoded) boundary(data []byte, limit int) int {
	end := min(len(data), limit)
	for end < len(data) && e.divides(data, end) {
		end -= e.unit
	}
	return end
}
