package modem

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A PINLedger remembers across restarts what became of a PIN that was tried on
// a SIM, so that no restart spends a try that an earlier run has spent. A SIM
// blocks itself after three wrong PINs.
type PINLedger interface {
	// Tried returns the state last recorded for key, "" when there is none.
	Tried(key string) (state string, err error)
	// Record returns once state is on disk.
	Record(key, state string) error
}

// What a ledger says of a PIN on a SIM.
const (
	pinTrying   = "trying"   // it was about to be entered; what came of it is not known
	pinRight    = "right"    // it has unlocked this SIM
	pinRetrying = "retrying" // it was right, and was about to be entered again
	pinWrong    = "wrong"
)

// A SIM blocks itself after pinTries wrong PINs in a row, and pinTriesMin must
// remain for one to be spent: the last one belongs to a person.
const (
	pinTries    = 3
	pinTriesMin = 2
)

// pinSettles is how long a SIM may take to say READY after it took the PIN.
const pinSettles = 30 * time.Second

// unlock enters the configured PIN when that is safe: the modem asks for
// exactly the SIM's PIN, this PIN has no failure and no unknown result on this
// SIM, and more than the last try remains, by the modem's word or, where it
// does not tell, by our own count. A PUK is never entered.
func (s *session) unlock() (condition, error) {
	if !s.pinSent.IsZero() && time.Since(s.pinSent) < pinSettles {
		return condition{PhaseSIM, "the PIN was entered; the SIM is starting", "wait"}, nil
	}
	pin, blocked := s.configuredPIN()
	if blocked != (condition{}) {
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
	record, err := s.readPINRecord(sim, pin)
	if err != nil {
		return locked("what became of the PIN before cannot be read: "+err.Error(), "repair the store; the SIM is not risked without it"), nil
	}
	if cause, remedy := record.forbids(left); cause != "" {
		return locked(cause, remedy), nil
	}
	return s.enterPIN(pin, record)
}

func locked(cause, remedy string) condition { return condition{PhaseLocked, cause, remedy} }

// configuredPIN reads the configured PIN; blocked says why there is none to try
// and is empty when there is one.
func (s *session) configuredPIN() (pin string, blocked condition) {
	if s.m.o.PIN == nil {
		return "", locked("the SIM asks for its PIN and none is configured",
			"set pin_file in the modem block, or switch the SIM's PIN off in a phone")
	}
	if s.m.o.PINs == nil {
		return "", locked("the SIM asks for its PIN, and there is no store to remember attempts in",
			"start the agent, which enters it")
	}
	pin, err := s.m.o.PIN()
	if err != nil {
		return "", locked("the PIN cannot be read: "+err.Error(), "check pin_file in the modem block")
	}
	pin = strings.TrimSpace(pin)
	if !isPIN(pin) {
		return "", locked("what pin_file holds is not a PIN",
			"write the four to eight digits of the SIM's PIN into it and nothing else")
	}
	return pin, condition{}
}

// isPIN reports whether s is a PIN: four to eight digits (ETSI TS 102
// 221).
func isPIN(s string) bool {
	return len(s) >= 4 && len(s) <= 8 && strings.IndexFunc(s, notDigit) < 0
}

// pinKey is the ledger's key of pin on sim. The PIN is in it as a digest: it
// must be told from its successor, and must not be read over a shoulder. That
// is no protection against a search of all PINs, nor need it be: who holds the
// store holds pin_file.
func pinKey(sim, pin string) string {
	digest := sha256.Sum256([]byte("tocsin SIM PIN\x00" + sim + "\x00" + pin))
	return sim + "/" + hex.EncodeToString(digest[:8])
}

const (
	causeWrongPIN   = "the SIM refused the configured PIN; it is not entered again"
	causeUnknownPIN = "what came of entering the configured PIN is not known; it is not entered again"
	remedyPIN       = "check the PIN in a phone, then write the right one to pin_file"
)

// pinRecord is what the ledger says of a PIN on a SIM.
type pinRecord struct {
	key      string // of what became of this PIN
	tried    string
	countKey string // of the attempts since a PIN was last known to be right
	count    int    // attempts with any PIN that were not right for all we know
}

func (s *session) readPINRecord(sim, pin string) (r pinRecord, err error) {
	r.key, r.countKey = pinKey(sim, pin), sim+"/attempts"
	if r.tried, err = s.m.o.PINs.Tried(r.key); err != nil {
		return r, err
	}
	count, err := s.m.o.PINs.Tried(r.countKey)
	if err != nil || count == "" {
		return r, err
	}
	if r.count, err = strconv.Atoi(count); err != nil {
		r.count, err = pinTries, nil // unreadable, so none is spent
	}
	return r, nil
}

// forbids says why the PIN must not be entered, "" when it may. left is the
// number of tries that remain, negative when the modem does not tell.
func (r pinRecord) forbids(left int) (cause, remedy string) {
	told := left >= 0
	if !told {
		left = pinTries - r.count
	}
	switch {
	case r.tried == pinWrong:
		return causeWrongPIN, remedyPIN
	case r.tried == pinTrying, r.tried == pinRetrying && !told:
		return causeUnknownPIN, remedyPIN
	case left < pinTriesMin:
		return fmt.Sprintf("%d of the SIM's PIN tries left; the last is not spent automatically", max(left, 0)),
			"switch the SIM's PIN off in a phone, or enter it there, which gives it all tries back"
	}
	return "", ""
}

// enterPIN records the intent, enters the PIN, and records what came of it.
func (s *session) enterPIN(pin string, r pinRecord) (condition, error) {
	if err := s.recordIntent(r); err != nil {
		return locked("the attempt to enter the PIN cannot be recorded: "+err.Error(), "repair the store; the SIM is not risked without it"), nil
	}
	s.log.Info("entering the SIM's PIN")
	_, err := s.ask(`+CPIN="`+pin+`"`, cardTimeout)
	var refused *refusal
	switch {
	case err == nil:
		s.pinSent = time.Now()
		return condition{PhaseSIM, "the PIN was entered; the SIM is starting", "wait"}, nil
	case !errors.As(err, &refused):
		return condition{}, err
	case refused.cme(cmeWrongPassword, cmePUKRequired):
		if err := s.m.o.PINs.Record(r.key, pinWrong); err != nil {
			// The intent on disk forbids another attempt as well.
			s.log.Warn("the wrong PIN cannot be recorded", "error", err)
		}
		return locked(causeWrongPIN, remedyPIN), nil
	}
	return locked(causeUnknownPIN+" ("+refused.Error()+")", remedyPIN), nil
}

func (s *session) recordIntent(r pinRecord) error {
	intent := pinTrying
	if r.tried == pinRight || r.tried == pinRetrying {
		intent = pinRetrying
	}
	if err := s.m.o.PINs.Record(r.countKey, strconv.Itoa(r.count+1)); err != nil {
		return err
	}
	return s.m.o.PINs.Record(r.key, intent)
}

// confirmPIN records, once the SIM is ready, that the PIN entered before was
// right. It also settles an attempt whose answer was lost: a SIM that is ready
// was unlocked with the right PIN, which gives all tries back.
func (s *session) confirmPIN() error {
	if s.pinConfirmed || s.m.o.PIN == nil || s.m.o.PINs == nil {
		return nil
	}
	s.pinConfirmed = true
	pin, blocked := s.configuredPIN()
	if blocked != (condition{}) {
		return nil
	}
	sim, err := s.identifySIM()
	if err != nil {
		return err
	}
	// A SIM that did not tell its serial number while it was locked went by
	// its slot.
	for _, name := range []string{sim, s.slot()} {
		if err := s.settlePIN(name, pin); err != nil {
			s.pinConfirmed = false // again at the next look
			s.log.Warn("the right PIN cannot be recorded", "error", err)
		}
	}
	return nil
}

func (s *session) settlePIN(sim, pin string) error {
	r, err := s.readPINRecord(sim, pin)
	if err != nil {
		return err
	}
	if r.tried == pinTrying || r.tried == pinRetrying {
		if err := s.m.o.PINs.Record(r.key, pinRight); err != nil {
			return err
		}
	}
	if r.count == 0 {
		return nil
	}
	return s.m.o.PINs.Record(r.countKey, "0")
}

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
