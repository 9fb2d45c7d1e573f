// Package modemmanager sends texts through a modem that ModemManager owns, for
// hosts where ModemManager must stay or the modem has no AT port. It speaks
// org.freedesktop.ModemManager1 on the system bus, as of ModemManager 1.14.
//
// One goroutine, the one in [Modem.Run], owns the connection. Signals tell it only
// that something changed; what is, it reads anew each time. So no burst of signals
// can mislead it, and a ModemManager that restarts, or a modem that comes back under
// another object path, is nothing special.
//
// ModemManager makes the PDUs itself, which has three consequences. It offers no
// concatenation header, and for a text of several parts it does not say which part
// failed; so each part is sent as a text by itself that says which one it is, "(2/3)
// ", and has an outcome, a reference and a report of its own. The service centre
// cannot be asked to reject duplicates. Received texts come whole, and no PDU comes
// with them.
package modemmanager
