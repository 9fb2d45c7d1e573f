package modem

import "fmt"

// Fate is what a status report says of its part.
type Fate uint8

const (
	// FatePending: the service centre still tries to deliver the part.
	FatePending Fate = iota
	// FateDelivered: the recipient's phone has it.
	FateDelivered
	// FateUnconfirmed: the service centre is done with the part and does not
	// say that it arrived. No further report comes.
	FateUnconfirmed
	// FateFailed: the part does not arrive; the service centre has given up.
	FateFailed
)

func (f Fate) String() string {
	switch f {
	case FatePending:
		return "pending"
	case FateDelivered:
		return "delivered"
	case FateUnconfirmed:
		return "unconfirmed"
	case FateFailed:
		return "failed"
	}
	return fmt.Sprintf("Fate(%d)", uint8(f))
}

// The ranges of TP-ST (3GPP 23.040 clause 9.2.3.15), by their last value.
const (
	statusReceived     = 0x00
	statusCompletedMax = 0x1f // the transaction is completed
	statusTryingMax    = 0x3f // a temporary error, and the service centre tries on
)

// Fate is what the status says. Nothing but 0x00 says that the part arrived. A
// value that the standard reserves above 0x7f reads as its "service rejected".
func (r Report) Fate() Fate {
	switch {
	case r.Status == statusReceived:
		return FateDelivered
	case r.Status <= statusCompletedMax:
		return FateUnconfirmed
	case r.Status <= statusTryingMax:
		return FatePending
	}
	return FateFailed
}

// Cause says in plain words, lower case and without a full stop, why the part
// is not known to have arrived; "" when it is.
func (r Report) Cause() string {
	if words, ok := statusWords[r.Status]; ok {
		return words
	}
	var words string
	switch r.Fate() {
	case FatePending:
		words = "not delivered yet"
	case FateUnconfirmed:
		words = "not confirmed"
	default:
		words = "the network gave up"
	}
	return fmt.Sprintf("%s (status 0x%02X)", words, r.Status)
}

// statusWords are the values of TP-ST that the standard gives a meaning.
var statusWords = map[uint8]string{
	statusReceived: "",
	0x01:           "passed on, but the network cannot say whether it arrived",
	0x02:           "replaced by a later text before it arrived",

	0x20: "not delivered yet: the network is congested",
	0x21: "not delivered yet: the phone is busy",
	0x22: "not delivered yet: the phone does not answer; it may be off or out of coverage",
	0x23: "not delivered yet: the service was rejected",
	0x24: "not delivered yet: the quality of service is not available",
	0x25: "not delivered yet: the phone reports an error, such as a full memory",

	0x40: "the phone's network reports a procedure error",
	0x41: "the phone cannot take texts of this kind",
	0x42: "the phone refused the text",
	0x43: "the number cannot be reached",
	0x44: "the quality of service is not available",
	0x45: "the networks do not pass texts to each other",
	0x46: "expired before it could be delivered",
	0x47: "deleted by its sender before it was delivered",
	0x48: "deleted by the service centre before it was delivered",
	0x49: "the service centre no longer has the text",

	0x60: "given up: the network is congested",
	0x61: "given up: the phone is busy",
	0x62: "given up: the phone does not answer; it may be off or out of coverage",
	0x63: "given up: the service was rejected",
	0x64: "given up: the quality of service is not available",
	0x65: "given up: the phone reports an error, such as a full memory",
}
