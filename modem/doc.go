// Package modem sends texts through a GSM, UMTS or LTE modem that speaks AT
// commands (3GPP 27.005, 27.007) on a serial line.
//
// One goroutine, the one in [Modem.Run], owns the line. It opens it, brings
// the modem to a known state, watches SIM and registration, sends the parts
// handed to [Modem.Send] one at a time, and closes the line at the first
// silence: an answer that comes late would be taken for the answer to the next
// command, so a line that once timed out is never spoken to again.
//
// What is known of a part that was not accepted is one of three things, and
// the caller's decision hangs on which: see [Outcome].
package modem
