// Package modem sends texts through a GSM, UMTS or LTE modem that speaks AT
// commands (3GPP 27.005, 27.007) on a serial line.
//
// One goroutine, the one in [Modem.Run], owns the line. It opens it, brings
// the modem to a known state, watches SIM and registration, sends the parts
// handed to [Modem.Send] one at a time, and closes the line at a silence: an
// answer that comes late would be taken for the answer to the next command.
// Only a single command that was no part is forgiven, once in an incident, and
// only after the line has been quiet and one AT has brought one OK.
//
// A modem that goes on failing is recovered by ever stronger means, from an AT&F
// to, where the configuration has it, the host's restart; never while a part is
// on the wire.
//
// What is known of a part that was not accepted is one of three things, and
// the caller's decision hangs on which: see [Outcome].
package modem
