package modem

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/modem/ports"
)

// Bounds of looking for a modem.
const (
	probeAttempts = 3                // of AT, on a port that may not be a modem's
	probesMax     = 2                // of a port that no table knows, in quick succession
	probePause    = 10 * time.Minute // between further ones: its modem may get its power later
	homeTries     = 3                // silent lines in a row after which the modem is looked for elsewhere
	linksMax      = 8                // symbolic links between a path and its device
)

// whereabouts are what is known of where the modem is. They belong to the
// goroutine that owns the modem.
type whereabouts struct {
	at       ports.Port          // the port that was last opened; without SysPath the kernel shows nothing of it
	home     ports.Port          // where the modem last answered; without Path there is none
	imei     string              // of the modem that answered there
	answered bool                // on the line that was last opened
	lost     time.Time           // when it was last known to answer
	silences int                 // lines in a row that brought no answer
	failed   map[string]failures // by SysPath
	speed    int                 // at which a UART was last answered; 0: not known
}

// searches reports whether the modem is found by what it is.
func (m *Serial) searches() bool { return m.o.USB != nil || m.o.Port == PortAuto }

// connect opens the line to the modem, wherever that is now.
func (m *Serial) connect(ctx context.Context) (io.ReadWriteCloser, error) {
	if m.o.Open != nil {
		return m.open(ctx, m.o.Open)
	}
	w := &m.whereabouts
	if w.answered {
		w.answered, w.lost = false, time.Now()
	}
	p, baud, err := m.locate(ctx)
	if err != nil {
		return nil, err
	}
	m.moveTo(p)
	line, err := m.openPort(ctx, p.Path, baud)
	switch {
	case err == nil:
		w.silences++
	case m.searches() && errors.Is(err, errDriverHangs):
		w.home = ports.Port{}
		m.leaveAlone(p)
	}
	return line, err
}

// openPort opens the port at path.
func (m *Serial) openPort(ctx context.Context, path string, baud int) (io.ReadWriteCloser, error) {
	line, err := m.open(ctx, func(context.Context) (io.ReadWriteCloser, error) { return m.host.open(path, baud) })
	switch p, isPort := line.(handshaker); {
	case errors.Is(err, errInUse):
		return nil, m.inUse(path, err)
	case err == nil && isPort && m.o.FlowControl:
		if err := p.shakeHands(); err != nil {
			line.Close()
			return nil, fmt.Errorf("set RTS and CTS of %s: %w", path, err)
		}
	}
	return line, err
}

// A handshaker is a line whose flow can be controlled by RTS and CTS.
type handshaker interface{ shakeHands() error }

// moveTo shows the port, and takes on the profile of what is plugged in there.
func (m *Serial) moveTo(p ports.Port) {
	m.whereabouts.at = p
	m.update(func(st *State) { st.Port = p.Path })
	if ids := (usbIDs{p.VID, p.PID}); ids != m.usb {
		m.usb = ids
		m.profile = profileOf(m.o.Profile, "", "", ids.vid, ids.pid).tuned(m.o.Tune)
		m.update(func(st *State) { st.Profile = m.profile.Name })
	}
}

// locate returns the port of the modem and the speed to open it at.
func (m *Serial) locate(ctx context.Context) (p ports.Port, baud int, err error) {
	all, err := ports.List(m.host.root)
	if !m.searches() {
		p = named(m.host.root, m.o.Port, all)
		if err := m.free(m.host.device(m.o.Port)); err != nil {
			return p, 0, err
		}
		baud, err = m.speedAt(ctx, p)
		return p, baud, err
	}
	if err != nil {
		return p, 0, &portTrouble{"the ports of this host cannot be listed: " + err.Error(),
			"mount /sys, or write the path of the port in the modem block", err}
	}
	if p, ok := m.atHome(all); ok {
		return p, m.o.Baud, m.free(p.Path)
	}
	p, err = m.find(ctx, all)
	return p, m.o.Baud, err
}

// named is what is known of the port that the configuration names.
func named(root fs.FS, name string, all []ports.Port) ports.Port {
	device := deviceAt(root, name)
	i := slices.IndexFunc(all, func(p ports.Port) bool { return p.Path == device })
	if i < 0 {
		return ports.Port{Path: name}
	}
	p := all[i]
	p.Path = name
	return p
}

// atHome returns the port where the modem last answered, under the name that it
// has now. Nothing is asked there before the session does: an answer that is still
// to come would be lost.
func (m *Serial) atHome(all []ports.Port) (ports.Port, bool) {
	w := &m.whereabouts
	if w.silences >= homeTries {
		w.home = ports.Port{}
	}
	i := slices.IndexFunc(all, func(p ports.Port) bool {
		return p.SysPath == w.home.SysPath && p.VID == w.home.VID && p.PID == w.home.PID
	})
	if w.home.Path == "" || i < 0 {
		return ports.Port{}, false
	}
	return all[i], true
}

// find asks the ports that may be the modem's, the likeliest first, and returns
// the first that answers as it should. The error is that of the likeliest.
func (m *Serial) find(ctx context.Context, all []ports.Port) (ports.Port, error) {
	m.forgetUnplugged(all)
	var why error
	taken := map[string]bool{} // devices of which another modem of ours has a port
	for _, p := range m.candidates(all) {
		if taken[p.Device] {
			continue
		}
		err := m.examine(ctx, p)
		if err == nil || ctx.Err() != nil {
			return p, err
		}
		m.log.Debug("no modem of ours", "port", p.Path, "cause", err)
		taken[p.Device] = errors.Is(err, errInUse) && !errors.Is(err, errHeld)
		if why == nil {
			why = err
		}
	}
	if why == nil {
		why = m.nothing(all)
	}
	return ports.Port{}, why
}

// examine returns nil when the wanted modem answers at p.
func (m *Serial) examine(ctx context.Context, p ports.Port) error {
	w := &m.whereabouts
	if w.failed[p.SysPath].hung {
		return inWords(p.Path, errDriverHangs)
	}
	if err := m.free(p.Path); err != nil {
		return err
	}
	imei, err := m.probe(ctx, p.Path, m.o.Baud, probeAttempts)
	switch {
	case err == nil && !m.wants(imei):
		return otherModem(p.Path, imei)
	case err == nil:
		return nil
	case errors.Is(err, errDriverHangs):
		m.leaveAlone(p)
	case errors.Is(err, errNoAnswer), errors.Is(err, errOutOfStep):
		w.failed[p.SysPath] = failures{probes: w.failed[p.SysPath].probes + 1, last: time.Now()}
	}
	if rank, _ := m.rank(p); rank >= unknownRank {
		return elsewhere(p.Path, err)
	}
	return inWords(p.Path, err)
}

// probe opens the port, has AT answered, and asks for the IMEI, "" when the modem
// does not tell it.
func (m *Serial) probe(ctx context.Context, path string, baud, attempts int) (imei string, err error) {
	line, err := m.openPort(ctx, path, baud)
	if err != nil {
		return "", err
	}
	s := newSession(m, line)
	defer s.close()
	defer context.AfterFunc(ctx, func() { s.guard.close(errClosed) })()
	s.listen()
	if err := s.sync(attempts); err != nil {
		return "", err
	}
	return s.text("+CGSN", commandTimeout)
}

// candidates are the ports that may be the modem's, the likeliest first: of a
// modem in the table those for AT commands, in its order, then what no table
// knows. Those for anything else are left out.
func (m *Serial) candidates(all []ports.Port) []ports.Port {
	ranks := map[string]int{}
	may := slices.DeleteFunc(slices.Clone(all), func(p ports.Port) bool {
		rank, ok := m.rank(p)
		ranks[p.SysPath] = rank
		return !ok
	})
	slices.SortStableFunc(may, func(a, b ports.Port) int { return cmp.Compare(ranks[a.SysPath], ranks[b.SysPath]) })
	return may
}

// unknownRank comes after the AT ports of every known modem.
const unknownRank = 1 << 10

// rank is the place of p among the ports that may be the modem's, and whether it
// may be. UARTs of the host are never tried: what listens there may be a machine.
func (m *Serial) rank(p ports.Port) (rank int, ok bool) {
	if !p.OnUSB() || m.excluded(p) || !matches(m.o.USB, p) {
		return 0, false
	}
	if m.o.USB != nil && m.o.USB.Interface != nil {
		return 0, true
	}
	_, u, _ := byUSB(p.VID, p.PID)
	rank, off := u.rank(p)
	return rank, !off && (rank < unknownRank || !m.whereabouts.failed[p.SysPath].rests())
}

// rank is the place of p among the AT ports of u, unknownRank when it is not known
// to be one; off says that it is known to be for something else.
func (u USBModel) rank(p ports.Port) (rank int, off bool) {
	protocol := [2]uint8{p.Subclass, p.Protocol}
	if i := slices.Index(u.AT, p.Interface); i >= 0 {
		return i, false
	}
	if i := slices.Index(u.ATProtocols, protocol); i >= 0 {
		return i, false
	}
	return unknownRank, slices.Contains(u.Off, p.Interface) || slices.Contains(u.OffProtocols, protocol)
}

func (m *Serial) excluded(p ports.Port) bool {
	return slices.ContainsFunc(m.o.Exclude, func(path string) bool { return m.host.device(path) == p.Path })
}

// matches reports whether p may be the port of the modem that u describes; nil
// describes any.
func matches(u *USB, p ports.Port) bool {
	return u == nil ||
		(u.VID == 0 || u.VID == p.VID) && (u.PID == 0 || u.PID == p.PID) &&
			(u.Serial == "" || u.Serial == p.Serial) &&
			(u.Interface == nil || *u.Interface == p.Interface)
}

// failures are what came of asking a port for a modem, since it was plugged in.
type failures struct {
	probes int       // that brought no answer
	last   time.Time // of these
	hung   bool      // its driver hung; it is left alone
}

// leaveAlone notes that the driver of p hung. Beyond hungMax no port is opened, which
// is not the fault of p.
func (m *Serial) leaveAlone(p ports.Port) {
	w := &m.whereabouts
	if w.failed == nil {
		w.failed = map[string]failures{}
	}
	if m.hung.Load() < hungMax {
		w.failed[p.SysPath] = failures{hung: true}
	}
}

// rests reports whether a port that no table knows is to be left in peace for now:
// something else than a modem may listen there.
func (f failures) rests() bool { return f.probes >= probesMax && time.Since(f.last) < probePause }

// forgetUnplugged forgets what was tried on ports that are gone.
func (m *Serial) forgetUnplugged(all []ports.Port) {
	left := map[string]failures{}
	for _, p := range all {
		if f, ok := m.whereabouts.failed[p.SysPath]; ok {
			left[p.SysPath] = f
		}
	}
	m.whereabouts.failed = left
}

// wants reports whether a modem with this IMEI is the one. When the configuration
// names none, a modem that was lost has its time to restart before another takes
// its place.
func (m *Serial) wants(imei string) bool {
	w := &m.whereabouts
	switch {
	case m.o.USB != nil && m.o.USB.IMEI != "":
		return sameIMEI(m.o.USB.IMEI, imei)
	case w.imei != "" && time.Since(w.lost) < m.profile.BootTime:
		return sameIMEI(w.imei, imei)
	}
	return true
}

// imeiDigits identify a modem; what follows is a check digit or a version (3GPP
// 23.003 clause 6.2).
const imeiDigits = 14

func sameIMEI(a, b string) bool {
	return len(a) >= imeiDigits && len(b) >= imeiDigits && a[:imeiDigits] == b[:imeiDigits]
}

// arrive settles that the modem that answers on the line is the wanted one. The
// error says that another one has taken its place.
func (m *Serial) arrive(imei string) error {
	w := &m.whereabouts
	if m.o.Open != nil {
		return nil
	}
	if m.searches() && !m.wants(imei) {
		w.home = ports.Port{}
		return otherModem(w.at.Path, imei)
	}
	w.home, w.imei, w.answered, w.silences = w.at, imei, true, 0
	return nil
}

// device is the device that path leads to.
func (h *host) device(path string) string { return deviceAt(h.root, path) }

func deviceAt(root fs.FS, name string) string {
	for range linksMax {
		target, err := fs.ReadLink(root, strings.TrimPrefix(name, "/"))
		if err != nil {
			break
		}
		if !path.IsAbs(target) {
			target = path.Join(path.Dir(name), target)
		}
		name = target
	}
	return path.Clean(name)
}

// isUART reports whether p is a UART of the host: a port that the kernel shows and
// that is not on USB.
func isUART(p ports.Port) bool { return p.SysPath != "" && !p.OnUSB() }

// uartSpeeds are tried on a UART whose speed the configuration does not say. The
// first locks modems that find the speed out by themselves.
var uartSpeeds = []int{115200, 9600, 57600, 38400, 19200, 230400, 460800, 921600}

// speedAt returns the speed to open p at, 0 where it means nothing.
func (m *Serial) speedAt(ctx context.Context, p ports.Port) (int, error) {
	w := &m.whereabouts
	switch {
	case m.o.Baud != 0 || !isUART(p):
		return m.o.Baud, nil
	case w.speed != 0 && w.silences < homeTries:
		return w.speed, nil
	}
	for i, baud := range uartSpeeds {
		attempts := probeAttempts
		if i == 0 {
			attempts = syncAttempts
		}
		_, err := m.probe(ctx, p.Path, baud, attempts)
		if err == nil {
			w.speed, w.silences = baud, 0
			return baud, nil
		}
		if !errors.Is(err, errNoAnswer) && !errors.Is(err, errOutOfStep) {
			return 0, err
		}
	}
	return 0, &portTrouble{
		fmt.Sprintf("%s opens but nothing answers AT at any speed", p.Path),
		"check the modem's power, that its TX and RX are crossed, and that this is the UART it is wired to", errNoAnswer,
	}
}
