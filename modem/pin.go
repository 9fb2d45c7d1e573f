package modem

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// pinSettles is how long a SIM may take to say READY after it took the PIN.
const pinSettles = 30 * time.Second

// unlock enters the configured PIN when the safe allows it, and leaves the SIM
// its time to start then.
func (s *session) unlock() (condition, error) {
	if !s.pinSent.IsZero() && time.Since(s.pinSent) < pinSettles {
		return pinEntered, nil
	}
	safe := s.m.pinSafe()
	left, err := s.pinTriesLeft()
	if err != nil {
		return condition{}, err
	}
	s.m.update(func(st *State) { st.PINLock, st.PINTries = PINLockOn, left })
	if _, blocked := safe.configured(); blocked != (condition{}) {
		return blocked, nil
	}
	sim, err := s.identifySIM()
	if err != nil {
		return condition{}, err
	}
	return safe.Unlock(sim, left, s.givePIN)
}

// givePIN gives pin to the modem (3GPP 27.007 clause 8.3).
func (s *session) givePIN(pin string) (refused, err error) {
	_, err = s.ask(`+CPIN="`+pin+`"`, cardTimeout)
	var r *refusal
	switch {
	case err == nil:
		s.pinSent = time.Now()
		return nil, nil
	case !errors.As(err, &r):
		return nil, err
	case r.cme(cmeWrongPassword, cmePUKRequired):
		return ErrWrongPIN, nil
	}
	return r, nil
}

// confirmPIN records, once the SIM is ready, that the PIN entered before was
// right.
func (s *session) confirmPIN() error {
	if s.pinConfirmed || s.m.o.PIN == nil || s.m.o.PINs == nil {
		return nil
	}
	sim, err := s.identifySIM()
	if err != nil {
		return err
	}
	// A SIM that did not tell its serial number while it was locked went by
	// its slot.
	err = s.m.pinSafe().Confirm(sim, s.slot())
	s.pinConfirmed = err == nil
	if err != nil {
		s.log.Warn("the right PIN cannot be recorded", "error", err)
	}
	return nil
}

func (m *Serial) pinSafe() PINSafe { return PINSafe{PIN: m.o.PIN, Ledger: m.o.PINs, Log: m.log} }

// pinTriesLeft asks how many PINs may still be wrong, in the family's own way
// and else in the standard's (3GPP 27.007 clause 8.65); negative when the modem
// tells neither.
func (s *session) pinTriesLeft() (int, error) {
	for _, command := range []string{s.profile().TriesCommand, standard.TriesCommand} {
		lines, err := s.ask(command, cardTimeout)
		if err != nil && !isRefusal(err) {
			return 0, err
		}
		if left := triesIn(command, lines); left >= 0 {
			return left, nil
		}
	}
	return -1, nil
}

// triesIn returns the tries left for the SIM's PIN by the answer to command,
// negative when the answer does not say. Of an answer that is not understood
// nothing is believed: the caller has its own count.
func triesIn(command string, lines []string) int {
	name := commandName(command)
	for _, line := range lines {
		if prefix(line) != name {
			continue
		}
		if left := triesOf(name, fields(line)); left >= 0 && left <= pinTries {
			return left
		}
	}
	return -1
}

// triesOf reads one line of the answer of name.
func triesOf(name string, f []string) int {
	switch name {
	case "+CPINR": // <code>,<left>,<of>
		return numberAfter(f, "SIM PIN", 1)
	case "+QPINC": // <facility>,<PIN>,<PUK>
		return numberAfter(f, "SC", 1)
	case "^CPIN": // <code>,<of that code>,<PUK>,<PIN>,<PUK2>,<PIN2>
		return numberAfter(f, "SIM PIN", 1)
	}
	// <PIN>,… or, of the code asked for now, which is the SIM's PIN when this is
	// asked, <left>.
	return numberAt(f, 0)
}

// numberAfter is the number in field i of a line whose first field is key,
// negative when it is another line or there is none.
func numberAfter(f []string, key string, i int) int {
	if f[0] != key {
		return -1
	}
	return numberAt(f, i)
}

func numberAt(f []string, i int) int {
	if i >= len(f) {
		return -1
	}
	n, err := strconv.Atoi(f[i])
	if err != nil {
		return -1
	}
	return n
}

// iccidPrefix marks what identifySIM returns as a card's serial number.
const iccidPrefix = "iccid:"

// identifySIM returns what the ledger calls the SIM: its serial number, which
// most modems tell of a locked SIM too, or else the slot it is in. It asks each
// time, since one locked SIM may take the place of another.
func (s *session) identifySIM() (string, error) {
	for _, command := range s.profile().ICCIDCommands {
		lines, err := s.ask(command, cardTimeout)
		if err != nil && !isRefusal(err) {
			return "", err
		}
		if iccid := iccidIn(lines); iccid != "" {
			return iccidPrefix + iccid, nil
		}
	}
	return s.slot(), nil
}

// iccidIn returns the serial number of a card that an answer has in any of its
// fields, with or without a name before it, "" when there is none. Makers do not
// agree on the filler at its end.
func iccidIn(lines []string) string {
	for _, line := range lines {
		for _, f := range append(fields(line), strings.Trim(line, `" `)) {
			if f = strings.TrimRight(f, "Ff"); isICCID(f) {
				return f
			}
		}
	}
	return ""
}

// slot names the holder of the SIM, by the modem's serial number or by where it is.
func (s *session) slot() string {
	if imei := s.m.State().IMEI; imei != "" {
		return "slot:" + imei
	}
	if s.m.searches() {
		return "slot:" + s.m.whereabouts.at.SysPath
	}
	return "slot:" + s.m.o.Port
}

// isICCID reports whether s is the serial number of a card without its filler:
// 18 to 22 digits (ITU-T E.118).
func isICCID(s string) bool {
	return len(s) >= 18 && len(s) <= 22 && strings.IndexFunc(s, notDigit) < 0
}
