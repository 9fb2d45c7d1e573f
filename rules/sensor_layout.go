package rules

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// layoutNames are the options of a field that is in bytes.
var layoutNames = []string{"encoding", "at", "size", "format", "endian", "mask", "bit"}

// numberFormats are the names of the formats of numbers: uint8, int8, uint16 …
// int64, float32 and float64.
var numberFormats = func() map[string]layout {
	m := map[string]layout{
		"float32": {size: 4, format: floatFormat},
		"float64": {size: 8, format: floatFormat},
	}
	for size := 1; size <= 8; size++ {
		width := strconv.Itoa(8 * size)
		m["uint"+width] = layout{size: size, format: unsignedFormat}
		m["int"+width] = layout{size: size, format: signedFormat}
	}
	return m
}()

const formatRemedy = `Write format = "uint16", "int16" or the like with 8 to 64 bits, "float32", "float64" or "text"`

// loadLayout reads where in bytes a field is.
func (l *sensorLoader) loadLayout(f *Field, o fieldOptions) {
	if o["at"] == nil {
		l.refuseWithoutAt(f, o)
		return
	}
	at, ok := l.IntOf(o["at"], titled("at", f), 0, bytesMax-1)
	if !ok {
		return
	}
	f.layout = &layout{at: at}
	l.loadFormatOf(f, o)
	l.loadSize(f, o["size"])
	l.loadEndian(f, o["endian"])
	l.loadBits(f, o)
	l.loadEncoding(f, o["encoding"])
}

// refuseWithoutAt complains about options that only a place in bytes can have.
// encoding and endian may be those of other fields.
func (l *sensorLoader) refuseWithoutAt(f *Field, o fieldOptions) {
	for _, name := range layoutNames {
		e := o[name]
		if e == nil || f.Name != "" && e == l.Expr(name) || l.sensor.Format == formatBytes {
			continue
		}
		l.Add(block.Mistake(e.Range(), "Missing argument", fmt.Sprintf(
			"%s is about bytes, and %s does not say where it is in them. Write at = 0 for the first byte.", name, fieldTitle(f.Name))))
	}
}

func (l *sensorLoader) loadFormatOf(f *Field, o fieldOptions) {
	e := o["format"]
	if e == nil && o["bit"] != nil {
		f.layout.size = 1
		return
	}
	if e == nil {
		l.Add(block.Mistake(o["at"].Range(), "Missing argument", fmt.Sprintf("%s does not say how it is written. %s, or bit = 0 for one bit of a byte.", fieldTitle(f.Name), formatRemedy)))
		return
	}
	name, ok := l.StringOf(e, titled("format", f))
	known, found := numberFormats[name]
	switch {
	case !ok:
	case name == "text":
		f.layout.format = textFormat
	case !found:
		l.Add(block.Mistake(e.Range(), "Invalid value", fmt.Sprintf("There is no format %q. %s.", name, formatRemedy)))
	default:
		f.layout.size, f.layout.format = known.size, known.format
	}
}

func (l *sensorLoader) loadSize(f *Field, e hcl.Expression) {
	switch {
	case e == nil:
	case f.layout.format != textFormat:
		l.Add(block.Mistake(e.Range(), "Conflicting arguments", `The format of a number says its size. Leave size out, or write format = "text".`))
	default:
		f.layout.size, _ = l.IntOf(e, titled("size", f), 1, bytesMax)
	}
}

func (l *sensorLoader) loadEndian(f *Field, e hcl.Expression) {
	if e != nil {
		f.layout.little = l.WordOf(e, titled("endian", f), "big", "little") == "little"
	}
}

// loadBits reads which bits of a number count.
func (l *sensorLoader) loadBits(f *Field, o fieldOptions) {
	mask, bit := o["mask"], o["bit"]
	if mask == nil && bit == nil {
		return
	}
	width := 8 * f.layout.size
	switch e := firstOf(mask, bit); {
	case mask != nil && bit != nil:
		l.Add(block.Mistake(bit.Range(), "Conflicting arguments", "bit is a mask of one bit. Keep one of them."))
	case f.layout.format == floatFormat || f.layout.format == textFormat:
		l.Add(block.Mistake(e.Range(), "Conflicting arguments", `Only whole numbers have bits to choose from. Write format = "uint8" or the like, or leave it out.`))
	case width == 0: // its format's mistake was told
	case bit != nil:
		if n, ok := l.IntOf(bit, titled("bit", f), 0, width-1); ok {
			f.layout.mask = 1 << n
		}
	default:
		f.layout.mask = l.maskOf(mask, titled("mask", f), width)
	}
}

// maskOf reads a mask, "0x3fff" or 16383, of at most width bits.
func (l *sensorLoader) maskOf(e hcl.Expression, what string, width int) uint64 {
	v, ok := l.ValueOf(e, what)
	if !ok {
		return 0
	}
	var mask uint64
	var err error
	switch v.Type() {
	case cty.String:
		mask, err = strconv.ParseUint(strings.ReplaceAll(v.AsString(), "_", ""), 0, 64)
	case cty.Number:
		mask, err = strconv.ParseUint(v.AsBigFloat().Text('f', -1), 10, 64)
	default:
		err = strconv.ErrSyntax
	}
	if err != nil || mask == 0 || bits.Len64(mask) > width {
		l.Add(block.Mistake(e.Range(), "Invalid mask", fmt.Sprintf(`%s is not the bits of a number of %d bits. Write them in hexadecimal, such as "0x0f" for the lower half of a byte.`, what, width)))
		return 0
	}
	return mask
}

// loadEncoding reads how bytes are written in text. Bytes of CBOR come as hex
// from its reader; those of SenML and Sparkplug need no encoding.
func (l *sensorLoader) loadEncoding(f *Field, e hcl.Expression) {
	switch format := l.sensor.Format; {
	case format == formatBytes, format == formatText: // see checkBytes and checkText
	case format == formatCBOR && e == nil:
		f.encoding = encodingHex
	case format == formatSenML || format == formatSparkplug:
		if e != nil {
			l.Add(block.Mistake(e.Range(), "Conflicting arguments", fmt.Sprintf(`The bytes of %s are in no encoding. Leave it out.`, formatTitle(format))))
		}
	case e == nil:
		l.Add(block.Mistake(f.Range, "Missing argument", fmt.Sprintf(
			`%s is in bytes, and nothing says how the payload writes them. Write encoding = "base64", "hex" or "array", or decode = "bytes" if the payload is the bytes.`, fieldTitle(f.Name))))
	default:
		f.encoding = l.WordOf(e, titled("encoding", f), encodingBase64, encodingHex, encodingArray)
	}
}

// checkBytes complains about a payload of bytes without a place for a field.
func (l *sensorLoader) checkBytes() {
	if l.sensor.Format != formatBytes {
		return
	}
	if e := l.Expr("encoding"); e != nil {
		l.sensor.encoding = l.WordOf(e, "encoding", encodingBase64, encodingHex)
	}
	for i := range l.sensor.Fields {
		f, o := &l.sensor.Fields[i], l.options[i]
		if o["at"] == nil {
			l.Add(block.Mistake(f.Range, "Missing argument", fmt.Sprintf(
				`The payload is bytes, and %s does not say where it is in them. Write at = 0 for the first byte and its format, such as "uint16".`, fieldTitle(f.Name))))
		}
		if e := o["path"]; e != nil {
			l.Add(block.Mistake(e.Range(), "Conflicting arguments", `Bytes have no path into them. Write at, or decode = "json" for bytes in a member of JSON.`))
		}
	}
	l.refuseNamed("Bytes have", "time", "sequence", "partial", "only")
}

// checkText complains about what text cannot have.
func (l *sensorLoader) checkText() {
	if l.sensor.Format != formatText {
		return
	}
	for i := range l.sensor.Fields {
		f, o := &l.sensor.Fields[i], l.options[i]
		if e := o["at"]; e != nil {
			l.Add(block.Mistake(e.Range(), "Conflicting arguments", `Text has no place for bytes. Write decode = "bytes" with encoding = "hex" or "base64" if the payload is bytes.`))
		}
		if e := o["path"]; e != nil {
			l.Add(block.Mistake(e.Range(), "Conflicting arguments", `Text has no path into it. Leave path out, or write decode = "json".`))
		}
		if f.Name != "" && o["extract"] == nil {
			l.Add(block.Mistake(f.Range, "Conflicting arguments", fmt.Sprintf(
				`Text has no fields. Write value = type instead of fields, say which part of the text %s is with extract, or write decode = "json".`, f.Name)))
		}
	}
	l.refuseNamed("Text has", "time", "sequence", "partial", "only")
}

// refuseNamed complains about arguments that want a payload with members.
func (l *sensorLoader) refuseNamed(subject string, names ...string) {
	for _, name := range names {
		if l.Has(name) {
			l.Add(block.Mistake(l.Range(name), "Conflicting arguments", fmt.Sprintf("%s no members, so %s means nothing here. Remove it.", subject, name)))
		}
	}
}

func formatTitle(format string) string {
	switch format {
	case formatSenML:
		return "SenML"
	case formatSparkplug:
		return "Sparkplug"
	}
	return strings.ToUpper(format)
}
