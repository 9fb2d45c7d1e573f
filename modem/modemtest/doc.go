// Package modemtest is a simulated cellular modem with a strict network
// behind it: an AT command interpreter (3GPP 27.007, 27.005, ITU-T V.250), a
// SIM card with its PIN, and a service centre that reads every SMS-SUBMIT
// octet by octet, joins the parts and shows each text as its recipient would
// read it.
//
// The same modem answers on an in-memory line (Open), which works in a
// testing/synctest bubble, and on a pseudo-terminal (ServePTY), where clients
// written by others can try it.
//
// While a command runs, and that is until the answer to a PDU, what is typed
// waits, as on most modems; and the prompt, a PDU half typed and an answer that
// is due belong to the modem: closing the line and opening it again does not
// get rid of them.
//
// # Fault scripts
//
// A script is a list of statements, one to a line or separated by semicolons;
// from a # at the start of a statement the line is a remark, and no text holds
// a semicolon. Durations are written as 500ms, 45s, 3m. Attempts to send, that is +CMGS commands that
// got as far as their prompt, are counted from 1 and never start over.
//
// What becomes of an attempt; WHICH is 3, 3-5, 3- or *, every statement that
// applies has its say, and the last word wins:
//
//	send WHICH OUTCOME
//	probability 0.1 OUTCOME            each attempt, drawn with the seed
//	seed 7                             1 when not given
//
// where OUTCOME is one of
//
//	delay 2s                           the network takes the part after 2s; the answer follows
//	late 45s                           the answer comes 45s after the network took it
//	cms 38, cme 30, error              refused with that error
//	cms 500 sent                       the same error, but the network took it
//	silent                             taken, and nothing is said
//	lost                               not taken, and nothing is said
//	no ok                              +CMGS: comes, OK does not
//	no receipt                         OK comes, +CMGS: does not
//	ok first 5s                        OK, and +CMGS: 5s later
//	garbage 40                         40 octets of noise before the answer
//	hang                               taken; deaf and dumb until its power goes
//	reboot                             taken; the modem restarts before it says so
//	unplug [60s]                       taken; the port goes before it says so, for 10s
//	vanish [60s]                       the port goes in the middle of the PDU, for 10s
//	stall                              in the middle of the PDU it stops reading
//	no prompt                          the prompt is never seen
//	prompt nospace                     a ">" with a line end and no space
//	prompt late 5s
//
// A part that asks for a status report (TP-SRR) is reported as delivered 2s after
// the network took it, unless the script says otherwise of that attempt:
//
//	report WHICH delay 30s
//	report WHICH status 0x46           TP-ST: here, the validity period ran out
//	report WHICH again 60s 0x00        another one, 60s after the one before
//	report WHICH never                 the service centre makes none
//	report WHICH lost [ds 2]           the modem drops it, perhaps only with that <ds>
//	report WHICH to 07700900111        TP-RA, written otherwise than TP-DA was
//	report WHICH store SR              where it is kept with <ds> 2
//	report WHICH announced SM          the store +CDSI names
//
// What becomes of a voice call, the first being 1; without a statement the other
// telephone rings for 60s and nobody answers:
//
//	call WHICH answered 5s             after so much ringing
//	call WHICH busy
//	call WHICH no carrier              instead of any ringing
//	call WHICH refused                 ATD is an error
//	call WHICH waits                   ATD ends with the answer, not at once
//
// What happens at a time, counted from the first time the port is opened:
//
//	at 10s unplug [60s]                and plug it in again after 60s
//	at 10s plug
//	at 10s power [5s]                  a power cut of 5s: it clears whatever hangs
//	at 10s power off, at 20s power on
//	at 10s reboot
//	at 10s hang
//	at 10s stall                       stops reading: writes wait for ever
//	at 10s registration 2 [for 60s]    +CREG, +CGREG and +CEREG; then home again
//	at 10s registration 3 1            +CREG 3, +CGREG and +CEREG 1
//	at 10s registration 3 0 1          +CREG, +CGREG, +CEREG
//	at 10s access 0 [for 60s]          coverage of GSM (2 UTRAN, 7 E-UTRAN) alone
//	at 10s stuck 0                     on GSM until it selects its network anew
//	at 10s signal 12                   rssi of +CSQ
//	at 10s sim out                     or in
//	at 10s sim swap                    for another card
//	at 10s barred 8 [for 60s]          each part is refused with +CMS ERROR 8; 0 lifts it
//	at 10s credit 5                    paid for 5 more parts
//	at 10s call answer, at 20s call end
//	at 10s echo on                     once, as if by itself
//	at 10s garbage 40
//	at 10s urc +CTZV: 4
//	at 10s text +447700900123 OK       a text arrives
//	at 10s text Bank Your code is 1    from a name
//	at 10s parts 3,1,1 Bank BODY       of a longer text these parts, in this order
//	at 10s pdu 0401FF                  a TPDU that need not make sense
//	at 10s report +447700900111 9 0x00  for reference 9
//
// What other commands answer; a NAME with ?, =? or = is that form alone, and
// * is every command:
//
//	command NAME RESULT [times 20]
//
// where RESULT is one of cms 302, cme 14, error, unsupported (the words
// COMMAND NOT SUPPORT), silent, delay 200ms, or answer TEXT. In TEXT {imei},
// {imsi}, {iccid} and {number} are those of modem and SIM, {state} is that of
// +CPIN?, {pin} and {puk} are the attempts left at each, {left} at the one that
// is asked for.
//
// What the network and the operator are like:
//
//	texts need cgsms 1,3 [cms 38]      +CMS ERROR 500, or 38, with another +CGSMS
//	texts need ims on                  or off; +QCFG="ims" decides from the next start on
//	texts need access 0,2              GSM or UTRAN
//	refuse validity                    any TP-VP: 198
//	refuse class                       any message class: 145
//	refuse ucs2                        144
//	barred 8                           every part, with that +CMS ERROR
//	credit 5                           so many parts are paid for, then 21; *100# tells
//	ussd *101# You have {credit} left  what a code is answered
//	network timeless                   it never tells the time
//	network zone 8                     quarters of an hour from UTC
//
// How the modem always is:
//
//	prompt nospace                     as above, for every attempt
//	prompt late 5s
//	no prompt
//	urc ^RSSI: 20 every 10ms           whatever else is being said
//	urc RING before prompt             after prompt, before receipt, before ok, inside reply
//	echo on                            ATE0 is OK, and it echoes all the same
//	crlf crcrlf                        every line ends in CR CR LF
//	baud 115200                        octets take their time, both ways
//	indications (0-2),(0,2),(0),(0),(1)  what +CNMI=? allows: here +CMT alone
//	slots 3                            so many messages fit into a store
//	full lost                          what comes then is lost; else it waits in the network
//	ims on                             from the start
//	radio mutes                        with +CFUN other than 1 it is deaf
//	mode switch 40s                    on the bus as storage that long, each time it comes back
//	boot 30s                           deaf that long after power-up
//	sim busy 20s                       and the SIM that long after it
//
// # Several modems
//
// Modems made with On and one Network share a service centre, which counts what
// came through any of them; each has an IMEI and a SIM of its own. Modems made
// with OnHub and one Hub take their ports' names from it, as USB does: they come
// back under the lowest number that is free.
package modemtest
