package status

import (
	"fmt"
	"time"

	"github.com/tocsin-edge/tocsin/modem"
)

// The codes of the problems an operator can see.
const (
	BrokerUnreachable   = "broker_unreachable"
	BrokerUnsteady      = "broker_unsteady"
	BrokerDeaf          = "broker_not_listening"
	SubscriptionRefused = "subscription_refused"
	ModemNotReady       = "modem_not_ready"
	StoreFull           = "store_full"
	StoreReadOnly       = "store_read_only"
	StoreFailing        = "store_failing"
	StoreDamaged        = "store_damaged"
	SeriesRefused       = "series_refused"
	WindowsRefused      = "windows_refused"
	SwitchUnread        = "switch_unread"
	ClockAhead          = "clock_ahead"
	AlertUndecided      = "alert_undecided"
	TextUndelivered     = "text_undelivered"
	TextGivenUp         = "text_given_up"
	AlertUnheard        = "alert_unheard"
	TextsLimited        = "texts_limited"
	PersonOverBudget    = "person_over_budget"
	CodeRefused         = "code_refused"
)

// Assess is called where the snapshot was taken, and adds what follows from it:
// how long the agent has run and which problems there are. Causes and remedies
// are without capital and full stop, as errors are.
func (s *Snapshot) Assess() {
	s.Up = time.Since(s.Since)
	for _, b := range s.Brokers {
		s.broker(b)
	}
	if s.Embedded != nil && s.Embedded.Cause != "" {
		s.problem(BrokerDeaf, "broker: "+s.Embedded.Cause, s.Embedded.Remedy)
	}
	for _, m := range s.Modems {
		s.modem(m)
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
		s.problem(StoreDamaged, damage, "look for errors of the disk or flash in the kernel log; what was set aside is kept")
	}
	s.rules(s.Rules)
	for _, u := range s.Undecided[:min(len(s.Undecided), listedMax)] {
		s.undecided(u)
	}
	for _, t := range s.Lost[max(len(s.Lost)-listedMax, 0):] {
		s.lost(t)
	}
	s.people()
}

func (s *Snapshot) lost(t SentText) {
	text := fmt.Sprintf("text %d to %s", t.ID, recipient(t.Contact, t.To))
	if t.Subject != "" {
		text += ", " + t.Subject + ","
	}
	if t.Fate == FateGivenUp {
		s.problem(TextGivenUp, fmt.Sprintf("%s was given up %s ago: %s", text, lasting(t.Known), t.Cause),
			"tell them another way; `tocsin queue` lists what became of every text")
		return
	}
	s.problem(TextUndelivered, fmt.Sprintf("%s was not delivered, as is known for %s: %s", text, lasting(t.Known), t.Cause),
		"tell them another way; check the number, and that the phone is on and in reach")
}

func (s *Snapshot) modem(m modem.State) {
	if m.Cause == "" {
		return
	}
	cause := m.Cause
	if len(s.Modems) > 1 {
		cause = "modem " + m.Name + ": " + cause
	}
	s.problem(ModemNotReady, cause, m.Remedy)
}

func (s *Snapshot) rules(r Rules) {
	if r.Refused > 0 {
		s.problem(SeriesRefused, fmt.Sprintf("%s came from more sources than one sensor may have", count(r.Refused, "reading")),
			"look for a publisher that makes up topics, or narrow the sensor's topic")
	}
	if r.Windowless > 0 {
		s.problem(WindowsRefused, fmt.Sprintf("what %s said over time is not remembered: the memory for windows is used up", count(r.Windowless, "source")),
			"look for a publisher that makes up topics, or let rules look back on less; `tocsin check` shows what each window takes")
	}
	if r.Unread > 0 {
		s.problem(SwitchUnread, fmt.Sprintf("%s on the topic of a switch said neither on nor off", count(r.Unread, "message")),
			"publish ON or OFF there, or correct the topic of the switch")
	}
	for _, name := range r.ClocksAhead[:min(len(r.ClocksAhead), listedMax)] {
		s.problem(ClockAhead, fmt.Sprintf("sensor %s sent a time more than a minute ahead; that of its arrival counts instead", name),
			"set the clock of whoever publishes it, or of this gateway; look at the unit of the sensor's time, too")
	}
}

func (s *Snapshot) undecided(u Undecided) {
	others := ""
	if u.Instances > 1 {
		others = fmt.Sprintf(" and %d more", u.Instances-1)
	}
	s.problem(AlertUndecided,
		fmt.Sprintf("%s%s could not be decided for %s: %s is unknown (%s)", u.Instance, others, lasting(u.For), u.Part, u.Reason),
		fmt.Sprintf("`tocsin why %s` shows what it looks at; correct the sensor's fields and paths, or what is published", u.Alert))
}

func (s *Snapshot) broker(b Broker) {
	for _, filter := range b.Refused {
		s.problem(SubscriptionRefused, fmt.Sprintf("mqtt %s: the broker refuses to let this client read %s", b.Name, filter),
			"allow the topic to this user in the broker's access list")
	}
	cause := fmt.Sprintf("mqtt %s: %s", b.Name, b.Cause)
	switch {
	case !b.Connected:
		s.problem(BrokerUnreachable, cause, b.Remedy)
	case b.Cause != "" && len(b.Refused) == 0: // otherwise it speaks of them
		s.problem(BrokerUnsteady, cause, b.Remedy)
	}
}

func (s *Snapshot) problem(code, cause, remedy string) {
	s.Problems = append(s.Problems, Problem{code, cause, remedy})
}
