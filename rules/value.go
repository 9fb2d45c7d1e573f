package rules

// Kind is the declared type of a sensor's field.
type Kind uint8

// The kinds a field can be declared as. The zero Kind is no kind at all.
const (
	Number Kind = iota + 1 // float64
	Bool
	String
	Time // seconds since 1970-01-01T00:00:00Z, kept as a Number

	// Duration is the kind of what functions such as age tell: seconds, kept as
	// a Number. No field is declared so.
	Duration
)

func (k Kind) String() string {
	switch k {
	case Number:
		return "number"
	case Bool:
		return "bool"
	case String:
		return "string"
	case Time:
		return "time"
	case Duration:
		return "duration"
	}
	return "no kind"
}

// Reason says why a value is unknown. The zero Reason is Known.
type Reason uint8

// The reasons, in the words of the status page and of `tocsin why`.
const (
	Known       Reason = iota
	Missing            // the member is not in the payload, the payload is empty, or nothing was received yet
	Null               // the payload says null
	NotANumber         // what the payload says is not of the declared type, or the result is no finite number
	Unavailable        // the publisher says it does not know: "unavailable", "unknown", "offline", "none", "nan", to a string words like any other; a word of `invalid`; or it is dead
	OutOfRange         // outside `valid`, a number of `invalid`, larger than a float64, past the year 2261, or a string above 1,024 bytes
	BadPayload         // the payload is not in the sensor's format, nests too deep, or is not UTF-8
	Unobserved         // less than half of a window was observed, or too few samples for a trend
	Stuck              // the number has been exactly the same for `stuck_after`, while the sensor talks
	TooOld             // only readings older than `max_age` were received yet
	Over               // of an event: none happened within `hold`
	reasonEnd
)

func (r Reason) String() string {
	switch r {
	case Known:
		return "known"
	case Missing:
		return "missing"
	case Null:
		return "null"
	case NotANumber:
		return "not_a_number"
	case Unavailable:
		return "unavailable"
	case OutOfRange:
		return "out_of_range"
	case BadPayload:
		return "bad_payload"
	case Unobserved:
		return "unobserved"
	case Stuck:
		return "stuck"
	case TooOld:
		return "too_old"
	case Over:
		return "over"
	}
	return "no reason"
}

// Value is one field of one reading, or the result of an expression. Which of
// its members counts follows from the Kind it was declared or compiled as;
// none of them does unless Why is Known.
type Value struct {
	Num  float64 // Number and Time; never NaN or infinite
	Str  string  // String
	Bool bool    // Bool
	Why  Reason
}
