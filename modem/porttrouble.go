package modem

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/modem/ports"
)

// portTrouble is why no line is opened, in words for people.
type portTrouble struct {
	cause, remedy string
	err           error
}

func (t *portTrouble) Error() string { return t.cause }

func (t *portTrouble) Unwrap() error { return t.err }

// inWords is err as it is told of the port at path.
func inWords(path string, err error) error {
	if t := (*portTrouble)(nil); errors.As(err, &t) {
		return err
	}
	c := trouble(path, err)
	return &portTrouble{c.Cause, c.Remedy, err}
}

// elsewhere is err as it is told of a port that need not be a modem's: then the
// modem is absent, and nothing is to be recovered.
func elsewhere(path string, err error) error {
	c := trouble(path, err)
	return &portTrouble{c.Cause, c.Remedy, fs.ErrNotExist}
}

// free returns nil when no other program has the device open. Root is not kept
// from opening it a second time, and then each of two readers gets half of what
// the modem says.
func (m *Serial) free(device string) error {
	const pseudoTerminals = "/dev/pts/" // held by whoever made them
	if strings.HasPrefix(device, pseudoTerminals) {
		return nil
	}
	holders, err := ports.Holders(m.host.root, device)
	if err != nil || len(holders) == 0 {
		return nil // as far as can be seen
	}
	return &portTrouble{fmt.Sprintf("%s is held by %s", path.Base(device), holders[0]), holders[0].Remedy(), errHeld}
}

// errHeld is errInUse by a program that is known and is none of ours.
var errHeld = fmt.Errorf("held: %w", errInUse)

// inUse says who may have the port at path open where that cannot be seen.
func (m *Serial) inUse(path string, err error) error {
	mm, runs := ports.ModemManager(m.host.root)
	if !runs {
		return err
	}
	return &portTrouble{fmt.Sprintf("%s is in use by another program, which may be %s", path, mm), mm.Remedy(), err}
}

// otherModem says that the modem at path is not the wanted one.
func otherModem(path, imei string) error {
	if imei == "" {
		imei = "it does not tell"
	}
	return &portTrouble{
		fmt.Sprintf("the modem at %s is another one, with IMEI %s", path, imei),
		"wait for the modem that was there, or correct imei in the modem block", fs.ErrNotExist,
	}
}

// nothing says why no port is worth asking.
func (m *Serial) nothing(all []ports.Port) error {
	w := &m.whereabouts
	if w.imei != "" && time.Since(w.lost) < m.profile.BootTime {
		return &portTrouble{"the modem was unplugged or restarts", fmt.Sprintf("wait; it may take %v", m.profile.BootTime), fs.ErrNotExist}
	}
	for _, s := range ports.Sticks(m.host.root) {
		if u := m.o.USB; u == nil || (u.VID == 0 || u.VID == s.VID) && (u.PID == 0 || u.PID == s.PID || s.Kind == ports.Storage) {
			return &portTrouble{s.Cause(), s.Remedy(), fs.ErrNotExist}
		}
	}
	t := &portTrouble{"no modem on USB", "plug the modem in; lsusb shows whether the host sees it", fs.ErrNotExist}
	if m.o.USB != nil {
		t.cause = fmt.Sprintf("no modem %s on USB", m.o.USB)
	}
	for _, p := range all {
		switch {
		case isUART(p):
			t.remedy += fmt.Sprintf("; a modem on a UART is not searched: for that write its port, such as port = %q", p.Path)
			return t
		case !matches(m.o.USB, p):
		case m.excluded(p):
			t.cause = "no modem on USB but at a port that is excluded"
			t.remedy = fmt.Sprintf("take %s out of exclude in the modem block if it is the modem's", p.Path)
		case w.failed[p.SysPath].rests():
			t.remedy += fmt.Sprintf("; nothing answered AT at %s, which is asked again every %v", p.Path, probePause)
		}
	}
	return t
}

// String is what the modem was described by.
func (u *USB) String() string {
	var words []string
	switch {
	case u.PID != 0:
		words = append(words, fmt.Sprintf("%04x:%04x", u.VID, u.PID))
	case u.VID != 0:
		words = append(words, fmt.Sprintf("of maker %04x", u.VID))
	}
	if u.Serial != "" {
		words = append(words, "with serial number "+u.Serial)
	}
	if u.IMEI != "" {
		words = append(words, "with IMEI "+u.IMEI)
	}
	return strings.Join(words, " ")
}
