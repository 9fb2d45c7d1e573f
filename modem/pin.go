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
	if _, blocked := safe.configured(); blocked != (condition{}) {
		return blocked, nil
	}
	sim, err := s.identifySIM()
	if err != nil {
		return condition{}, err
	}
	left, err := s.pinTriesLeft()
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

// pinTriesLeft asks how many PINs may still be wrong (3GPP 27.007 clause 8.65);
// negative when the modem does not tell.
func (s *session) pinTriesLeft() (int, error) {
	lines, err := s.ask("+CPINR", cardTimeout)
	if err != nil && !isRefusal(err) {
		return 0, err
	}
	for _, line := range lines {
		f := fields(line)
		if prefix(line) != "+CPINR" || len(f) < 2 || f[0] != "SIM PIN" {
			continue
		}
		if left, err := strconv.Atoi(f[1]); err == nil && left >= 0 {
			return left, nil
		}
	}
	return -1, nil
}

// identifySIM returns what the ledger calls the SIM: its serial number, which
// most modems tell of a locked SIM too, or else the slot it is in. It asks each
// time, since one locked SIM may take the place of another.
func (s *session) identifySIM() (string, error) {
	for _, command := range []string{"+CCID", "+ICCID", "+QCCID"} {
		text, err := s.text(command, cardTimeout)
		if err != nil {
			return "", err
		}
		if isICCID(text) {
			return "iccid:" + text, nil
		}
	}
	return s.slot(), nil
}

// slot names the holder of the SIM, by the modem's serial number or its port.
func (s *session) slot() string {
	if imei := s.m.State().IMEI; imei != "" {
		return "slot:" + imei
	}
	return "slot:" + s.m.o.Port
}

// isICCID reports whether s is the serial number of a card: 18 to 22 digits,
// the last of which may be a filler (ITU-T E.118).
func isICCID(s string) bool {
	return len(s) >= 18 && len(s) <= 22 && strings.IndexFunc(strings.TrimRight(s, "Ff"), notDigit) < 0
}
