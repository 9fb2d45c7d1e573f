package modem

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
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

// A PINSafe enters the PIN of a SIM when that cannot block the card, and remembers
// across restarts what came of it.
type PINSafe struct {
	PIN    func() (string, error) // nil when none is configured
	Ledger PINLedger              // without it no PIN is entered
	Log    *slog.Logger
}

// ErrWrongPIN is the SIM's word that a PIN was wrong.
var ErrWrongPIN = errors.New("the PIN is wrong")

// ErrPINNotTried says that a PIN has certainly not reached the SIM.
var ErrPINNotTried = errors.New("the PIN did not reach the SIM")

// Unlock enters the configured PIN when that is safe: this PIN has no failure and
// no unknown result on the card sim, and more than the last try remains, by the
// modem's word in left or, where that is negative because the modem does not
// tell, by our own count. Call it when the modem asks for exactly the SIM's PIN. A
// PUK is never entered.
//
// sim is "iccid:" and the card's serial number, or where that is not known
// "slot:" and what tells the modem from others. enter gives the PIN to the modem
// after the intent is on disk: refused is nil when the SIM took it, and wraps
// [ErrWrongPIN] when it was wrong. The error is that of enter: nothing is known of
// the try then, unless it wraps [ErrPINNotTried].
func (p PINSafe) Unlock(sim string, left int, enter func(pin string) (refused, err error)) (Condition, error) {
	pin, blocked := p.configured()
	if blocked != (condition{}) {
		return blocked, nil
	}
	record, err := p.read(sim, pin)
	if err != nil {
		return locked("what became of the PIN before cannot be read: "+err.Error(), "repair the store; the SIM is not risked without it"), nil
	}
	if cause, remedy := record.forbids(left); cause != "" {
		return locked(cause, remedy), nil
	}
	if err := p.intend(record); err != nil {
		return locked("the attempt to enter the PIN cannot be recorded: "+err.Error(), "repair the store; the SIM is not risked without it"), nil
	}
	p.Log.Info("entering the SIM's PIN")
	refused, err := enter(pin)
	switch {
	case errors.Is(err, ErrPINNotTried):
		p.undo(record)
		return condition{}, err
	case err != nil:
		return condition{}, err
	case refused == nil:
		return pinEntered, nil
	case errors.Is(refused, ErrWrongPIN):
		if err := p.Ledger.Record(record.key, pinWrong); err != nil {
			// The intent on disk forbids another attempt as well.
			p.Log.Warn("the wrong PIN cannot be recorded", "error", err)
		}
		return locked(causeWrongPIN, remedyPIN), nil
	}
	return locked(causeUnknownPIN+" ("+refused.Error()+")", remedyPIN), nil
}

var pinEntered = condition{PhaseSIM, "the PIN was entered; the SIM is starting", "wait"}

func (p PINSafe) intend(r pinRecord) error {
	intent := pinTrying
	if r.tried == pinRight || r.tried == pinRetrying {
		intent = pinRetrying
	}
	if err := p.Ledger.Record(r.countKey, strconv.Itoa(r.count+1)); err != nil {
		return err
	}
	return p.Ledger.Record(r.key, intent)
}

// undo takes an intent back that came to nothing.
func (p PINSafe) undo(r pinRecord) {
	err := p.Ledger.Record(r.key, r.tried)
	if err == nil {
		err = p.Ledger.Record(r.countKey, strconv.Itoa(r.count))
	}
	if err != nil {
		p.Log.Warn("the PIN counts as tried although it was not", "error", err)
	}
}

// Confirm records that the configured PIN was right on each of sims: call it when
// a SIM is ready. It also settles an attempt whose answer was lost: a SIM that is
// ready was unlocked with the right PIN, which gives all tries back. Several names
// are those the card may have gone by while it was locked.
func (p PINSafe) Confirm(sims ...string) error {
	if p.PIN == nil || p.Ledger == nil {
		return nil
	}
	pin, blocked := p.configured()
	if blocked != (condition{}) {
		return nil
	}
	for _, sim := range sims {
		if err := p.settle(sim, pin); err != nil {
			return err
		}
	}
	return nil
}

func (p PINSafe) settle(sim, pin string) error {
	r, err := p.read(sim, pin)
	if err != nil {
		return err
	}
	if r.tried == pinTrying || r.tried == pinRetrying {
		if err := p.Ledger.Record(r.key, pinRight); err != nil {
			return err
		}
	}
	if r.count == 0 {
		return nil
	}
	return p.Ledger.Record(r.countKey, "0")
}

// configured reads the configured PIN; blocked says why there is none to try
// and is empty when there is one.
func (p PINSafe) configured() (pin string, blocked condition) {
	if p.PIN == nil {
		return "", locked("the SIM asks for its PIN and none is configured",
			"set pin_file in the modem block, or switch the SIM's PIN off in a phone")
	}
	if p.Ledger == nil {
		return "", locked("the SIM asks for its PIN, and there is no store to remember attempts in",
			"start the agent, which enters it")
	}
	pin, err := p.PIN()
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

// What the safe says of a PIN that it does not enter, or no more.
const (
	causeWrongPIN   = "the SIM refused the configured PIN; it is not entered again"
	causeUnknownPIN = "what came of entering the configured PIN is not known; it is not entered again"
	remedyPIN       = "check the PIN in a phone, then write the right one to pin_file"
)

func locked(cause, remedy string) condition { return condition{PhaseLocked, cause, remedy} }

// pinRecord is what the ledger says of a PIN on a SIM.
type pinRecord struct {
	key      string // of what became of this PIN
	tried    string
	countKey string // of the attempts since a PIN was last known to be right
	count    int    // attempts with any PIN that were not right for all we know
}

func (p PINSafe) read(sim, pin string) (r pinRecord, err error) {
	r.key, r.countKey = pinKey(sim, pin), sim+"/attempts"
	if r.tried, err = p.Ledger.Tried(r.key); err != nil {
		return r, err
	}
	count, err := p.Ledger.Tried(r.countKey)
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

// pinKey is the ledger's key of pin on sim. The PIN is in it as a digest: it
// must be told from its successor, and must not be read over a shoulder. That
// is no protection against a search of all PINs, nor need it be: who holds the
// store holds pin_file.
func pinKey(sim, pin string) string {
	digest := sha256.Sum256([]byte("tocsin SIM PIN\x00" + sim + "\x00" + pin))
	return sim + "/" + hex.EncodeToString(digest[:8])
}

// isPIN reports whether s is a PIN: four to eight digits (ETSI TS 102
// 221).
func isPIN(s string) bool {
	return len(s) >= 4 && len(s) <= 8 && strings.IndexFunc(s, notDigit) < 0
}
