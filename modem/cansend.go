package modem

import "time"

// What is known of whether a text would be accepted: [State.CanSend].
const (
	CanSendYes      = "yes"      // the modem is ready, and the network has accepted a text
	CanSendUnproven = "unproven" // the modem is ready, and no text has shown it, or several have failed since
	CanSendNo       = "no"       // SIM, registration or modem stand in the way
)

// doubtAfter is how many parts in a row, not accepted, take back what an
// accepted one has proven. Fewer can be the recipients' fault.
const doubtAfter = 3

// canSend judges by the last accepted text, registration and SIM. That the
// program runs proves nothing.
func (st State) canSend() string {
	switch {
	case st.Phase != PhaseReady && st.Phase != PhaseSending && st.Phase != PhaseCalling:
		return CanSendNo
	case st.LastAccepted.IsZero() || st.unaccepted >= doubtAfter:
		return CanSendUnproven
	}
	return CanSendYes
}

const (
	acceptedPrefix = "accepted/" // of the note with the time of the last accepted text of a SIM
	acceptedEvery  = time.Hour   // flash wears out: between two of these notes
)

// recallAccepted takes over from an earlier run when the network last accepted a
// text from this SIM.
func (s *session) recallAccepted() {
	if s.m.bearer.sim == s.sim {
		return // and what is known is of this run
	}
	at, err := time.Parse(time.RFC3339, s.recall(acceptedPrefix))
	if err != nil {
		at = time.Time{} // none, or not one of ours
	}
	s.m.noted = at
	s.m.update(func(st *State) { st.LastAccepted = at })
}

// noteAccepted remembers that the network accepted a text now.
func (s *session) noteAccepted() {
	now := time.Now()
	if since := now.Sub(s.m.noted); since >= 0 && since < acceptedEvery {
		return
	}
	s.m.noted = now
	s.remember(acceptedPrefix, now.UTC().Format(time.RFC3339))
}
