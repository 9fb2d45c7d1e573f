package notify

import "time"

// Limited is until when the gateway has sent as many texts as its limits allow,
// and false when it has not.
func (l *Ledger) Limited(now Moment) (until time.Duration, limited bool) {
	until = l.gateway.next(l.people.Limits, 1, now.At)
	return until, until > now.At
}
