package modemmanager

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/tocsin-edge/tocsin/modem"
)

// messagesMax is how many messages are taken in at one look; the rest waits for
// the next.
const messagesMax = 32

// leftAlone are messages of ModemManager that are not looked at again: made by
// somebody, or, where true, taken in and only to be deleted.
type leftAlone map[dbus.ObjectPath]bool

// takeIn hands what was received to the Inbox and deletes what that has taken.
func (s *session) takeIn(ctx context.Context, v view) {
	if s.m.o.Inbox == nil {
		return
	}
	paths := property[[]dbus.ObjectPath](v.get(messagingInterface), "Messages")
	slices.Reverse(paths) // ModemManager has the newest first
	s.keepListed(paths)
	for n, path := range paths {
		if n == messagesMax {
			s.again(time.Now())
			return
		}
		if !s.takeInOne(ctx, path) {
			s.again(time.Now().Add(s.m.limits.retry))
			return
		}
	}
}

// keepListed forgets messages that are gone.
func (s *session) keepListed(paths []dbus.ObjectPath) {
	kept := leftAlone{}
	for _, path := range paths {
		if taken, ok := s.left[path]; ok {
			kept[path] = taken
		}
	}
	s.left = kept
}

// takeInOne deals with one message and reports whether there is any use in going
// on to the next.
func (s *session) takeInOne(ctx context.Context, path dbus.ObjectPath) bool {
	taken, known := s.left[path]
	if known && !taken {
		return true
	}
	if !taken {
		p, err := s.bus.properties(ctx, path, smsInterface)
		if err != nil {
			return notTried(errorName(err)) // then it has gone meanwhile
		}
		if property[uint32](p, "State") != stateReceived {
			s.leaveUnlessReceiving(path, p)
			return true
		}
		if err := s.hand(p); err != nil {
			s.log.Warn("a received message stays in the modem", "cause", err)
			return false
		}
		s.left[path] = true
	}
	err := s.bus.call(ctx, callTimeout, s.path, messagingInterface+".Delete", path).Err
	if err != nil {
		s.log.Warn("a message that was taken in stays in the modem", "cause", err)
	}
	return err == nil || notTried(errorName(err)) && !isDenied(errorName(err))
}

// leaveUnlessReceiving leaves a message alone whose state will not change by
// itself. One of several parts is looked at until it is whole.
func (s *session) leaveUnlessReceiving(path dbus.ObjectPath, p properties) {
	const receiving = 2
	if property[uint32](p, "State") != receiving {
		s.left[path] = false
	}
}

// hand gives a received message to the Inbox.
func (s *session) hand(p properties) error {
	if property[uint32](p, "PduType") == pduStatusReport {
		if report, ok := s.report(p); ok {
			s.m.ReportCame()
			return s.m.o.Inbox.Report(report)
		}
		return s.m.o.Inbox.Text(modem.Inbound{Modem: s.m.o.Name, PDU: identity(p), Problem: "a status report of ModemManager without a status"})
	}
	return s.m.o.Inbox.Text(s.inbound(p))
}

// report reads a status report; ok is false when it has no status. The numbers of
// MMSmsDeliveryState up to 255 are those of TP-ST (3GPP 23.040 clause 9.2.3.15).
func (s *session) report(p properties) (r modem.Report, ok bool) {
	const largestStatus = 0xff
	status := property[uint32](p, "DeliveryState")
	return modem.Report{
		Modem: s.m.o.Name, To: property[string](p, "Number"),
		Reference: uint8(property[uint32](p, "MessageReference")), Status: uint8(status),
		Submitted: timestamp(property[string](p, "Timestamp")), Discharged: timestamp(property[string](p, "DischargeTimestamp")),
	}, status <= largestStatus
}

// inbound reads a text, which ModemManager has put together.
func (s *session) inbound(p properties) modem.Inbound {
	body := property[string](p, "Text")
	if body == "" && len(property[[]byte](p, "Data")) > 0 {
		return modem.Inbound{Modem: s.m.o.Name, PDU: identity(p), Problem: "the message is data, not text"}
	}
	from := property[string](p, "Number")
	return modem.Inbound{
		Modem: s.m.o.Name, PDU: identity(p), From: from, Name: strings.Trim(from, "+*#0123456789") != "", Body: body,
		Sent: timestamp(property[string](p, "Timestamp")), Index: 1, Count: 1,
	}
}

// identity stands for the PDU, which ModemManager keeps to itself: the same for the
// same message whenever it is read, and another for any other, since the service
// centre's time is in it.
func identity(p properties) []byte {
	id := fmt.Appendf(nil, "%s\x00%s\x00%d\x00%s\x00", property[string](p, "Timestamp"), property[string](p, "Number"),
		property[uint32](p, "MessageReference"), property[string](p, "Text"))
	return append(id, property[[]byte](p, "Data")...)
}

// timestamp reads a time as ModemManager writes it, which depends on its version:
// the offset from UTC in hours, with minutes, or in neither form. It is zero when
// unreadable.
func timestamp(text string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04:05-07", time.RFC3339, "2006-01-02T15:04:05-0700"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}
