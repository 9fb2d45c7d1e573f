package mqtt

// saidMax bounds what waits for the connection to take it.
const saidMax = 8

// Say publishes p once, now, with QoS 0 and not retained; Every does not count.
// It never waits, and is nothing to rely on: without a connection, or with too
// much waiting for it, p is dropped and counted in State.Unsaid, for what was to
// be said now is not worth saying later.
func (s *Session) Say(p Publish) {
	if s.State().Connected {
		select {
		case s.said <- p:
			return
		default:
		}
	}
	s.status.unsaid()
}

// hush drops what was left unsaid by an earlier connection.
func (s *Session) hush() {
	for {
		select {
		case <-s.said:
			s.status.unsaid()
		default:
			return
		}
	}
}
