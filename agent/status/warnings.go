package status

import "fmt"

// The codes of the problems an operator can see.
const (
	BrokerUnreachable   = "broker_unreachable"
	BrokerDeaf          = "broker_not_listening"
	SubscriptionRefused = "subscription_refused"
	ModemNotReady       = "modem_not_ready"
	StoreFull           = "store_full"
	StoreReadOnly       = "store_read_only"
	StoreFailing        = "store_failing"
	StoreDamaged        = "store_damaged"
	SeriesRefused       = "series_refused"
)

// Assess finds the problems the snapshot shows.
func (s *Snapshot) Assess() {
	for _, b := range s.Brokers {
		s.broker(b)
	}
	if s.Embedded != nil && s.Embedded.Cause != "" {
		s.problem(BrokerDeaf, "embedded broker: "+s.Embedded.Cause, s.Embedded.Remedy)
	}
	if s.Modem.Cause != "" {
		s.problem(ModemNotReady, s.Modem.Cause, s.Modem.Remedy)
	}
	switch {
	case s.Store.ReadOnly:
		s.problem(StoreReadOnly, s.Store.Cause, s.Store.Remedy)
	case s.Store.Full:
		s.problem(StoreFull, s.Store.Cause, s.Store.Remedy)
	case s.Store.Cause != "":
		s.problem(StoreFailing, s.Store.Cause, s.Store.Remedy)
	}
	if damage := s.Store.Recovery.String(); damage != "" {
		s.problem(StoreDamaged, damage, "Check the disk or flash of this gateway. What was set aside is kept beside the store.")
	}
	if s.Rules.Refused > 0 {
		s.problem(SeriesRefused, fmt.Sprintf("%d readings came from more publishers than one sensor may have", s.Rules.Refused),
			"Look for a publisher that makes up topics, or narrow the sensor's topic.")
	}
}

func (s *Snapshot) broker(b Broker) {
	if !b.Connected {
		s.problem(BrokerUnreachable, fmt.Sprintf("broker %s: %s", b.Name, b.Cause), b.Remedy)
	}
	for _, filter := range b.Refused {
		s.problem(SubscriptionRefused, fmt.Sprintf("broker %s refuses to let this client read %s", b.Name, filter),
			"Allow the topic to this user in the broker's access list.")
	}
}

func (s *Snapshot) problem(code, cause, remedy string) {
	s.Problems = append(s.Problems, Problem{code, cause, remedy})
}
