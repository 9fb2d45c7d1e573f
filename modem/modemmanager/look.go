package modemmanager

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/tocsin-edge/tocsin/modem"
)

// Time limits of what a modem does for ModemManager.
const (
	enableTimeout = 3 * time.Minute
	pinTimeout    = time.Minute
)

// look reads everything anew, finds what stands in the way of a text, does what
// can be done about it, and takes in what was received.
func (s *session) look(ctx context.Context) modem.Condition {
	s.lookAgainAt = time.Time{}
	var all map[dbus.ObjectPath]map[string]properties
	if err := s.bus.call(ctx, callTimeout, root, getManagedObjects).Store(&all); err != nil {
		s.adopt("", "")
		return unreachable(err)
	}
	v, none := objects(all).choose(s.m.o.Device)
	if v.path == "" {
		s.adopt("", "")
		return none
	}
	s.adopt(s.currentOwner(ctx), v.path)
	s.show(v)
	now := s.condition(ctx, v)
	s.takeIn(ctx, v)
	s.m.ReviseReports(time.Now())
	return now
}

// adopt forgets what is known of a modem when another takes its place.
func (s *session) adopt(owner string, path dbus.ObjectPath) {
	if s.owner == owner && s.path == path {
		return
	}
	s.owner, s.path, s.memory = owner, path, memory{lookAgainAt: s.lookAgainAt}
	if path != "" {
		s.log.Info("ModemManager has the modem", "path", path)
	}
}

// currentOwner is the unique name of the ModemManager that is running, "" when it
// has just gone.
func (s *session) currentOwner(ctx context.Context) (owner string) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if s.bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, service).Store(&owner) != nil {
		return ""
	}
	return owner
}

// show notes what ModemManager says of the modem.
func (s *session) show(v view) {
	p, gpp := v.get(modemInterface), v.get(gppInterface)
	s.m.Update(func(st *modem.State) {
		st.Port = "ModemManager, " + property[string](p, "PrimaryPort")
		st.Maker, st.Model = property[string](p, "Manufacturer"), property[string](p, "Model")
		st.Firmware, st.IMEI = property[string](p, "Revision"), property[string](p, "EquipmentIdentifier")
		st.Operator = property[string](gpp, "OperatorName")
		st.Registration = registration(gpp)
		st.Technology = technology(property[uint32](p, "AccessTechnologies"))
		st.SetSignal(signal(p))
		st.SMSC = s.m.o.SMSC
		st.PINTries = pinTriesLeft(p)
	})
}

// registration is <stat> of 3GPP 27.007 clause 7.2, whose numbers
// MMModem3gppRegistrationState has; -1 while it is not told.
func registration(gpp properties) int {
	if _, told := gpp["RegistrationState"]; !told {
		return -1
	}
	return int(property[uint32](gpp, "RegistrationState"))
}

// signal is the received signal strength in dBm, 0 when it is not known.
// ModemManager makes a percentage of it: 0 is -113 dBm or unknown, 100 is -51 dBm
// or more.
func signal(p properties) int {
	const weakest, strongest = -113, -51
	quality := property[struct {
		Percent uint32
		Recent  bool
	}](p, "SignalQuality")
	if quality.Percent == 0 || quality.Percent > 100 {
		return 0
	}
	return weakest + int(quality.Percent)*(strongest-weakest)/100
}

// technology is what the bits of MMModemAccessTechnology mean, of several the
// youngest, "" when unknown.
func technology(bits uint32) string {
	const (
		gsm  = 0x0000001e // GSM, compact, GPRS, EDGE
		umts = 0x000003e0 // UMTS and the kinds of HSPA
		lte  = 0x00014000 // LTE and its category M
		nr   = 0x00008000
		nb   = 0x00020000
	)
	switch {
	case bits&nr != 0:
		return modem.Technology5G
	case bits&lte != 0:
		return modem.TechnologyLTE
	case bits&nb != 0:
		return modem.TechnologyNB
	case bits&umts != 0:
		return modem.TechnologyUMTS
	case bits&gsm != 0:
		return modem.TechnologyGSM
	}
	return ""
}

// condition finds what stands in the way of a text.
func (s *session) condition(ctx context.Context, v view) modem.Condition {
	p := v.get(modemInterface)
	state := property[int32](p, "State")
	if state >= stateDisabled {
		s.confirmPIN(ctx, p)
	}
	switch {
	case state == stateFailed:
		return failure(property[uint32](p, "StateFailedReason"))
	case state == stateLocked:
		return s.lockedBy(ctx, p)
	case state == stateDisabled:
		return s.enable(ctx)
	case state < stateEnabled:
		return modem.Condition{Phase: modem.PhaseStarting, Cause: "ModemManager is setting the modem up", Remedy: "wait"}
	case v.get(messagingInterface) == nil:
		return modem.Condition{
			Phase: modem.PhaseOpening, Cause: "ModemManager cannot send texts with this modem",
			Remedy: "wait; if it lasts, set port in place of backend in the modem block, or use another modem",
		}
	}
	if c := modem.Registered(registration(v.get(gppInterface))); state < stateRegistered && c.Phase != modem.PhaseReady {
		return c
	}
	return s.heldOr(modem.Condition{Phase: modem.PhaseReady})
}

func failure(reason uint32) modem.Condition {
	switch reason {
	case failedSIMMissing:
		return modem.NoSIM()
	case failedSIMError:
		return modem.Condition{
			Phase: modem.PhaseSIM, Cause: "the modem cannot read the SIM", Remedy: "take the SIM out, clean it, put it back; try it in a phone",
		}
	case failedNoProfile:
		return modem.Condition{Phase: modem.PhaseSIM, Cause: "the eSIM has no profile", Remedy: "load the operator's profile onto the eSIM"}
	case failedNoCapabilities:
		return modem.Condition{
			Phase: modem.PhaseOpening, Cause: "ModemManager does not know what this modem can do",
			Remedy: "set port in place of backend in the modem block, or use another modem",
		}
	}
	return modem.Condition{
		Phase: modem.PhaseOpening, Cause: "ModemManager could not start the modem",
		Remedy: "take the modem's power away and give it back; if that does not help, see ModemManager's log",
	}
}

// heldOr is c, unless something is to be waited out first.
func (s *session) heldOr(c modem.Condition) modem.Condition {
	if time.Now().Before(s.heldUntil) {
		s.again(s.heldUntil)
		return s.held
	}
	return c
}

// hold shows c for d, in which what led to it is not tried again.
func (s *session) hold(c modem.Condition, d time.Duration) modem.Condition {
	s.held, s.heldUntil = c, time.Now().Add(d)
	s.again(s.heldUntil)
	return c
}

// enable has the radio of the modem turned on.
func (s *session) enable(ctx context.Context) modem.Condition {
	starting := modem.Condition{Phase: modem.PhaseStarting, Cause: "the modem's radio is being turned on", Remedy: "wait"}
	if c := s.heldOr(starting); c != starting {
		return c
	}
	s.m.Enter(starting)
	err := s.bus.call(ctx, enableTimeout, s.path, modemInterface+".Enable", true).Err
	if err != nil {
		return s.hold(declined("turn the modem on", err), s.m.limits.retry)
	}
	s.again(time.Now())
	return starting
}

// lockedBy deals with a modem that asks for a code. Only the SIM's own PIN is
// entered, under the rules of [modem.PINSafe].
func (s *session) lockedBy(ctx context.Context, p properties) modem.Condition {
	switch lock := property[uint32](p, "UnlockRequired"); lock {
	case lockSIMPIN:
	case lockSIMPUK:
		return modem.NeedsPUK()
	default:
		if name, ok := locks[lock]; ok {
			return modem.Asks(name)
		}
		return modem.Condition{Phase: modem.PhaseSIM, Cause: "ModemManager is asking the SIM for its lock", Remedy: "wait; if it lasts, check the SIM"}
	}
	none := modem.Condition{}
	if c := s.heldOr(none); c != none {
		return c
	}
	sim, err := s.simName(ctx, p)
	if err != nil {
		return declined("tell the SIM", err)
	}
	card := property[dbus.ObjectPath](p, "Sim")
	c, err := s.safe().Unlock(sim, pinTriesLeft(p), func(pin string) (refused, err error) {
		return s.givePIN(ctx, card, pin)
	})
	if err != nil {
		return s.hold(declined("enter the PIN", err), s.m.limits.retry)
	}
	return c
}

func (s *session) safe() modem.PINSafe {
	return modem.PINSafe{PIN: s.m.o.PIN, Ledger: s.m.o.PINs, Log: s.log}
}

// givePIN gives pin to the SIM. What ModemManager declines by itself is no try.
func (s *session) givePIN(ctx context.Context, card dbus.ObjectPath, pin string) (refused, err error) {
	err = s.bus.call(ctx, pinTimeout, card, simInterface+".SendPin", pin).Err
	switch name := errorName(err); {
	case err == nil:
		s.again(time.Now())
		return nil, nil
	case name == equipmentError+"IncorrectPassword", name == equipmentError+"SimPuk":
		return modem.ErrWrongPIN, nil
	case notTried(name):
		return nil, fmt.Errorf("%w: %w", modem.ErrPINNotTried, err)
	}
	return err, nil
}

// pinTriesLeft is how many PINs may still be wrong; negative when ModemManager
// does not know.
func pinTriesLeft(p properties) int {
	const unknown = 999 // MM_UNLOCK_RETRIES_UNKNOWN
	left, told := property[map[uint32]uint32](p, "UnlockRetries")[lockSIMPIN]
	if !told || left >= unknown {
		return -1
	}
	return int(left)
}

// simName is what the PIN ledger calls the SIM: its serial number, or else the
// modem it is in.
func (s *session) simName(ctx context.Context, p properties) (string, error) {
	card, err := s.bus.properties(ctx, property[dbus.ObjectPath](p, "Sim"), simInterface)
	if err != nil {
		return "", err
	}
	if iccid := property[string](card, "SimIdentifier"); iccid != "" {
		return "iccid:" + iccid, nil
	}
	return slot(p), nil
}

func slot(p properties) string { return "slot:" + property[string](p, "EquipmentIdentifier") }

// confirmPIN records, once the SIM is ready, that the PIN entered before was right.
func (s *session) confirmPIN(ctx context.Context, p properties) {
	if s.confirmed || s.m.o.PIN == nil || s.m.o.PINs == nil {
		return
	}
	sim, err := s.simName(ctx, p)
	if err == nil {
		err = s.safe().Confirm(sim, slot(p))
	}
	s.confirmed = err == nil
	if err != nil && !errors.Is(err, context.Canceled) {
		s.log.Warn("the right PIN cannot be recorded", "error", err)
	}
}
