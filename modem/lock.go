package modem

// What [State.PINLock] says; "" when the modem does not tell.
const (
	PINLockOn  = "on"  // the SIM asks for its PIN each time it gets power
	PINLockOff = "off" // it never does
)

// lookAtLock finds out, once for each SIM that is ready, whether it asks for its
// PIN (3GPP 27.007 clause 7.4), and how often that may be wrong.
func (s *session) lookAtLock() error {
	if s.lockAsked {
		return nil
	}
	f, err := s.value(`+CLCK="SC",2`, "+CLCK", cardTimeout)
	if err != nil {
		return err
	}
	left, err := s.pinTriesLeft()
	if err != nil {
		return err
	}
	s.lockAsked = true
	s.m.update(func(st *State) { st.PINLock, st.PINTries = pinLock(f), left })
	return nil
}

// pinLock reads +CLCK: <status>[,<class>].
func pinLock(f []string) string {
	if len(f) == 0 {
		return ""
	}
	return map[string]string{"1": PINLockOn, "0": PINLockOff}[f[0]]
}
