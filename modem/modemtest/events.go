package modemtest

import (
	"strings"
	"time"
)

// eventReaders are what may happen at a time, and what reads the rest of it.
var eventReaders = map[string]func(w *words, at time.Duration) []event{
	"unplug": func(w *words, at time.Duration) []event { return until(w, at, (*Modem).unplug, (*Modem).plug, "") },
	"plug":   always((*Modem).plug),
	"reboot": always((*Modem).reboot),
	"hang":   always(func(m *Modem) { m.hung = true }),
	"stall":  always(func(m *Modem) { m.stalled = true }),
	"power":  powerEvent,

	"registration": registrationEvent,
	"access":       accessEvent,
	"stuck":        stuckEvent,
	"signal":       signalEvent,
	"sim":          simEvent,
	"barred":       barredEvent,
	"credit":       creditEvent,
	"call":         callEvent,

	"echo":    echoEvent,
	"garbage": garbageEvent,
	"urc":     urcEvent,

	"text":   textEvent,
	"parts":  partsEvent,
	"pdu":    pduEvent,
	"report": reportEvent,
}

// Events returns the first words of what Do takes.
func Events() []string { return sortedKeys(eventReaders) }

// event reads what happens at a time; one with an end is two events.
func (w *words) event(at time.Duration) []event {
	read := eventReaders[w.one("an event", sortedKeys(eventReaders)...)]
	if read == nil {
		return nil
	}
	return read(w, at)
}

// Do has happen now what a script has happen at a time, written as there, such
// as "power 5s" or "registration 2 for 60s".
func (m *Modem) Do(happening string) error {
	w := &words{rest: strings.Fields(happening)}
	events := w.event(0)
	w.end()
	if w.wrong != nil {
		return w.wrong
	}
	for _, e := range events {
		m.schedule(e)
	}
	return nil
}

func (m *Modem) schedule(e event) {
	do := func() { m.with(func() { e.do(m) }) }
	if e.at == 0 {
		do()
		return
	}
	time.AfterFunc(e.at, do)
}

func always(do func(*Modem)) func(*words, time.Duration) []event {
	return func(_ *words, at time.Duration) []event { return once(at, do) }
}

func once(at time.Duration, do func(*Modem)) []event { return []event{{at, do}} }

// until reads "[for] DURATION" and undoes the event when it has passed.
func until(w *words, at time.Duration, do, undo func(*Modem), keyword string) []event {
	events := once(at, do)
	if len(w.rest) == 0 {
		return events
	}
	if keyword != "" {
		w.one("for how long", keyword)
	}
	return append(events, event{at + w.duration(), undo})
}

// powerEvent reads "power [5s]", a cut, "power off" and "power on".
func powerEvent(w *words, at time.Duration) []event {
	if len(w.rest) == 0 {
		return once(at, func(m *Modem) { m.powerCut(powerOutage) })
	}
	switch w.rest[0] {
	case "off":
		w.next("off")
		return once(at, (*Modem).powerOff)
	case "on":
		w.next("on")
		return once(at, (*Modem).powerOn)
	}
	d := w.duration()
	return once(at, func(m *Modem) { m.powerCut(d) })
}

// registrationEvent reads "CIRCUIT [PACKET [EVOLVED]] [for DURATION]"; at its
// end the modem is registered at home.
func registrationEvent(w *words, at time.Duration) []event {
	granted := everywhere(w.number("a registration state", 0, 11))
	for domain := packetDomain; domain < domainCount && len(w.rest) > 0 && w.rest[0] != "for"; domain++ {
		stat := w.number("a registration state", 0, 11)
		for d := domain; d < domainCount; d++ {
			granted[d] = stat
		}
	}
	return until(w, at,
		func(m *Modem) { m.grant(granted) },
		func(m *Modem) { m.grant(everywhere(registeredHome)) }, "for")
}

func accessEvent(w *words, at time.Duration) []event {
	access := w.number("an access technology", 0, accessMax)
	return until(w, at,
		func(m *Modem) { m.cover(access) },
		func(m *Modem) { m.cover(m.profile.access) }, "for")
}

func stuckEvent(w *words, at time.Duration) []event {
	access := w.number("an access technology", 0, accessMax)
	return once(at, func(m *Modem) { m.dip(access) })
}

func signalEvent(w *words, at time.Duration) []event {
	rssi := w.number("a signal", 0, 199)
	return once(at, func(m *Modem) { m.radio.signal = rssi })
}

func simEvent(w *words, at time.Duration) []event {
	switch w.one("where the SIM is", "in", "out", "swap") {
	case "in":
		return once(at, func(m *Modem) { m.insertSIM(true) })
	case "swap":
		return once(at, func(m *Modem) { m.swapSIM(spareCard) })
	}
	return once(at, func(m *Modem) { m.insertSIM(false) })
}

func barredEvent(w *words, at time.Duration) []event {
	code := w.number("a +CMS ERROR", 0, 65535)
	bar := func(code int) func(*Modem) { return func(m *Modem) { m.account.barred = code } }
	return until(w, at, bar(code), bar(0), "for")
}

func creditEvent(w *words, at time.Duration) []event {
	parts := w.number("parts", 0, 1_000_000)
	return once(at, func(m *Modem) { m.setCredit(parts) })
}

func callEvent(w *words, at time.Duration) []event {
	if w.one("what the other side does", "answer", "end") == "answer" {
		return once(at, (*Modem).answerCall)
	}
	return once(at, func(m *Modem) { m.endCall("no carrier", finalNoCarrier) })
}

func echoEvent(w *words, at time.Duration) []event {
	echo := w.one("on or off", "on", "off") == "on"
	return once(at, func(m *Modem) { m.terminal.echo = echo })
}

func garbageEvent(w *words, at time.Duration) []event {
	n := w.number("octets", 1, garbageMaxBytes)
	return once(at, func(m *Modem) { m.say(m.faults.garbage(n)) })
}

func urcEvent(w *words, at time.Duration) []event {
	text := w.remainder("a line")
	return once(at, func(m *Modem) { m.interrupt(text) })
}

func textEvent(w *words, at time.Duration) []event {
	from, body := w.next("a number"), w.remainder("the body")
	return once(at, func(m *Modem) { m.receive(from, body) })
}

func partsEvent(w *words, at time.Duration) []event {
	order := w.order()
	from, body := w.next("a number"), w.remainder("the body")
	return once(at, func(m *Modem) { m.receive(from, body, order...) })
}

func pduEvent(w *words, at time.Duration) []event {
	tpdu := w.octets()
	return once(at, func(m *Modem) { m.receivePDU(tpdu) })
}

func reportEvent(w *words, at time.Duration) []event {
	to, reference, status := w.next("a number"), w.octet("a reference"), w.octet("a status")
	return once(at, func(m *Modem) { m.reportOn(to, reference, status) })
}
