package modem

import (
	"strconv"
	"strings"
)

// Registration states of +CREG, +CGREG and +CEREG (3GPP 27.007 clause 7.2).
const (
	statUnknown   = -1 // the modem has not said, or said something newer than we are
	statIdle      = 0
	statHome      = 1
	statSearching = 2
	statDenied    = 3
	statNoCover   = 4
	statRoaming   = 5
	statSMSHome   = 6
	statSMSRoam   = 7
	statEmergency = 8
	statNoCSFB    = 9
	statNoCSFBRo  = 10
	statRLOS      = 11 // restricted local operator services
	statRefused   = -2 // the modem does not know the question
)

// The three domains a modem can be registered in.
const (
	domainCS  = iota // circuit-switched
	domainPS         // packet, 2G and 3G
	domainEPS        // LTE
	domainCount
)

var domains = [domainCount]string{"+CREG", "+CGREG", "+CEREG"}

// registration is the last known state of each domain.
type registration [domainCount]int

var unknownRegistration = registration{statUnknown, statUnknown, statUnknown}

// usable reports whether texts can be sent in the state stat.
func usable(stat int) bool {
	switch stat {
	case statHome, statRoaming, statSMSHome, statSMSRoam, statNoCSFB, statNoCSFBRo:
		return true
	}
	return false
}

// RegistrationWords says what a <stat> of +CREG and its sisters means (3GPP 27.007
// clause 7.2); "" for one that is not known.
func RegistrationWords(stat int) string {
	if stat < 0 || stat >= len(registrationWords) {
		return ""
	}
	return registrationWords[stat]
}

var registrationWords = [...]string{
	statIdle: "not registered", statHome: "home", statSearching: "searching", statDenied: "denied", statNoCover: "out of coverage",
	statRoaming: "roaming", statSMSHome: "texts only, home", statSMSRoam: "texts only, roaming", statEmergency: "emergency calls only",
	statNoCSFB: "home, data preferred", statNoCSFBRo: "roaming, data preferred", statRLOS: "restricted local services only",
}

// service reports whether the network can be expected to take a text. The
// packet domain of 2G and 3G says so only when a modem has no other. A modem
// that answers none of the questions is believed to have service: only sending
// can tell.
func (r registration) service() bool {
	if usable(r[domainCS]) || usable(r[domainEPS]) {
		return true
	}
	if r[domainCS] == statRefused && r[domainEPS] == statRefused {
		return r[domainPS] == statRefused || usable(r[domainPS])
	}
	return false
}

// telling is the state that best explains r: one that gives service, else one
// that the network decided, else that of the first domain that is known.
func (r registration) telling() int {
	for _, wanted := range []func(int) bool{
		func(stat int) bool { return usable(stat) && r.service() },
		func(stat int) bool { return stat == statDenied || stat == statEmergency || stat == statRLOS },
		func(stat int) bool { return stat >= 0 },
	} {
		for _, domain := range []int{domainCS, domainEPS, domainPS} {
			if wanted(r[domain]) {
				return r[domain]
			}
		}
	}
	return statUnknown
}

// cause and remedy explain in plain words why there is no service.
func (r registration) cause() (cause, remedy string) {
	switch r.telling() {
	case statDenied:
		return "the network denies this SIM registration",
			"ask the operator whether the SIM is active and allowed to roam here"
	case statEmergency:
		return "the network allows emergency calls only",
			"check that the SIM is active and has credit"
	case statRLOS:
		return "the network offers restricted local services only",
			"check that the SIM is active and allowed to roam here"
	case statSearching:
		return "the modem is searching for a network", "wait; if it lasts, check antenna and coverage"
	case statIdle:
		return "the modem is registered with no network and is not searching",
			"check the antenna, and that the radio is on (AT+CFUN?)"
	case statNoCover:
		return "the modem is out of coverage", "check the antenna, or move it"
	case statUnknown:
		return "the modem does not say whether it is registered", "wait; if it lasts, check antenna and coverage"
	}
	return "the modem is in registration state " + strconv.Itoa(r.telling()) + ", which is not known to carry texts",
		"check antenna, SIM and the modem's manual"
}

// hear takes an unsolicited line and reports whether it told of registration.
func (r *registration) hear(line string) bool {
	for domain, name := range domains {
		if prefix(line) != name {
			continue
		}
		if isRegistrationAnswer(line) {
			return false // a late answer to +CREG?, not news
		}
		r.set(domain, fields(line)[0])
		return true
	}
	return false
}

// answer takes the lines of the answer to +CREG? and its sisters. Among them
// may be an unsolicited line of the same name that came in between.
func (r *registration) answer(domain int, lines []string) {
	for _, line := range lines {
		if prefix(line) != domains[domain] {
			continue
		}
		if isRegistrationAnswer(line) {
			r.set(domain, fields(line)[1])
		} else {
			r.set(domain, fields(line)[0])
		}
	}
}

// isRegistrationAnswer tells the answer to the question, "+CREG: <n>,<stat>…",
// from the unsolicited "+CREG: <stat>[,<lac>,<ci>…]": the second value of the
// answer is a bare number of one or two digits, that of the other a location
// area, which has four hexadecimal digits and mostly quotes.
func isRegistrationAnswer(line string) bool {
	_, values, _ := strings.Cut(line, ":")
	_, rest, more := strings.Cut(values, ",")
	second, _, _ := strings.Cut(rest, ",")
	second = strings.TrimSpace(second)
	if !more || len(second) == 0 || len(second) > 2 {
		return false
	}
	_, err := strconv.Atoi(second)
	return err == nil
}

func (r *registration) set(domain int, value string) {
	stat, err := strconv.Atoi(value)
	if err != nil || stat < 0 {
		stat = statUnknown
	}
	r[domain] = stat
}
