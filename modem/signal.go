package modem

import "strconv"

// How strong the signal is, in words: [State.Signal].
const (
	SignalMarginal  = "marginal"
	SignalWorkable  = "workable"
	SignalGood      = "good"
	SignalExcellent = "excellent"
)

// strength is what a modem says of the signal it receives, in dBm; 0 is unknown.
type strength struct {
	rssi int // of everything in the band
	rsrp int // of one LTE reference signal, some 25 dB below the rssi of the same cell
}

// words says how strong the signal is, "" when that is not known. On LTE the
// rssi holds the neighbours' traffic too, so the rsrp decides where it is known.
func (s strength) words() string {
	dBm, atMost := s.rssi, [...]int{-95, -85, -75}
	if s.rsrp != 0 {
		dBm, atMost = s.rsrp, [...]int{-115, -105, -95}
	}
	switch {
	case dBm == 0:
		return ""
	case dBm <= atMost[0]:
		return SignalMarginal
	case dBm <= atMost[1]:
		return SignalWorkable
	case dBm <= atMost[2]:
		return SignalGood
	}
	return SignalExcellent
}

// signal asks how strong the signal is.
func (s *session) signal() (strength, error) {
	f, err := s.value("+CSQ", "+CSQ", commandTimeout)
	if err != nil {
		return strength{}, err
	}
	extended, err := s.value("+CESQ", "+CESQ", commandTimeout)
	if err != nil {
		return strength{}, err
	}
	return readStrength(f, extended), nil
}

// readStrength reads the fields of +CSQ (3GPP 27.007 clause 8.5), with the
// values from 100 on that vendors add, and of +CESQ (clause 8.69). Both may be
// missing.
func readStrength(csq, cesq []string) strength {
	const rxlev, rscp, rsrp = 0, 2, 5 // of +CESQ
	var s strength
	for _, scale := range []struct {
		fields        []string
		at            int
		lowest, most  int // values that are a measurement
		dBm, dBmAStep int // of the value lowest, and of a step
	}{
		{csq, 0, 0, 31, -113, 2},
		{csq, 0, 100, 191, -116, 1},
		{cesq, rxlev, 0, 63, -111, 1},
		{cesq, rscp, 0, 96, -121, 1},
	} {
		if n, ok := within(scale.fields, scale.at, scale.lowest, scale.most); ok && s.rssi == 0 {
			s.rssi = scale.dBm + (n-scale.lowest)*scale.dBmAStep
		}
	}
	if n, ok := within(cesq, rsrp, 0, 97); ok {
		s.rsrp = -141 + n
	}
	return s
}

// within reads the number in a field when it is there and from lowest to most.
func within(fields []string, at, lowest, most int) (n int, ok bool) {
	if at >= len(fields) {
		return 0, false
	}
	n, err := strconv.Atoi(fields[at])
	return n, err == nil && n >= lowest && n <= most
}
