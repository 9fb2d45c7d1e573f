package modem

import (
	"strings"
	"time"
)

// cardPauses are how long a SIM that dropped out stays lost before each attempt
// to find it again. After the last a person is needed.
var cardPauses = [...]time.Duration{10 * time.Second, time.Minute, 5 * time.Minute}

// cardRevival is what was tried for a SIM that the modem lost: bad contacts and
// firmware lose cards that are there, and power-up finds them.
type cardRevival struct {
	tries   int
	lost    time.Time // when it was lost, or last tried for; zero: it is there
	suspect bool      // the modem says it is there, and sending failed for the want of it
}

// due reports whether the SIM should be tried for.
func (c *cardRevival) due(now time.Time) bool {
	if c.lost.IsZero() {
		c.lost = now
	}
	return c.tries < len(cardPauses) && now.Sub(c.lost) >= cardPauses[c.tries]
}

// found notes that the SIM is there. It has to stay for its losses to be
// forgotten.
func (c *cardRevival) found(now time.Time) {
	if now.Sub(c.lost) >= healthTime {
		*c = cardRevival{}
	}
}

// simAttempts is how often a SIM is asked for its serial number before it is
// taken to have none that the modem could tell. While it starts it tells nothing.
const simAttempts = 3

// recogniseSIM finds out which SIM this is, and what is remembered of it.
func (s *session) recogniseSIM() (condition, error) {
	if s.sim != "" {
		return ready, nil
	}
	s.simAsked++
	sim, err := s.identifySIM()
	if err != nil || !strings.HasPrefix(sim, iccidPrefix) && s.simAsked < simAttempts {
		return ready, err
	}
	s.sim = sim
	s.recallAccepted()
	return ready, s.setBearer()
}

// lostSIM gives the SIM power anew, by +CFUN=0 and 1, where it is time for that
// and says that a person is needed when that has not helped.
func (s *session) lostSIM(c condition) (condition, error) {
	s.forgetSIM()
	card, now := &s.m.recovery.card, time.Now()
	if card.due(now) {
		card.tries++
		card.lost, card.suspect = now, false
		s.log.Warn("the SIM is looked for again", "cause", c.Cause, "attempt", card.tries)
		s.m.update(func(st *State) { st.Recoveries = counted(st.Recoveries, "sim") })
		s.held = hold{} // what was held back for the want of it
		return c, s.powerRadio(minimumFunction)
	}
	if card.tries == len(cardPauses) {
		card.suspect = false
		c.Cause += "; switching it off and on did not help"
	}
	return c, nil
}

// doubtSIM has the SIM looked at after a text was refused for the want of it.
func (s *session) doubtSIM(code int) {
	if code == cmsNoSIM || code == cmsSIMFailure {
		s.m.recovery.card.suspect = true
	}
}
