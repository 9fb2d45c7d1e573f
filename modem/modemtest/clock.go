package modemtest

import (
	"fmt"
	"time"
)

// clock is the modem's own, which the network sets when the modem lets it
// (+CTZU, 27.007 8.40).
type clock struct {
	offset time.Duration // from package time's to the one +CCLK? tells, in UTC
}

// quarterHour is the unit of time zones.
const quarterHour = 15 * time.Minute

// clockEpoch is what a modem's clock starts from when nothing ever set it.
var clockEpoch = time.Date(1980, 1, 6, 0, 0, 0, 0, time.UTC)

func newClock(now time.Time) clock { return clock{offset: clockEpoch.Sub(now)} }

// setClock sets the clock by the network's time, and announces its zone where
// +CTZR asks for that.
func (m *Modem) setClock() {
	if m.script.timeless || !m.radio.attached || !m.registration().carriesTexts() {
		return
	}
	if m.settings["+CTZU"] == 1 {
		m.clock.offset = 0
	}
	if m.settings["+CTZR"] == 1 {
		m.unsolicited(fmt.Sprintf("+CTZV: %+03d", m.script.zone))
	}
}

// zoneCommand is +CTZU: turned on, it takes the time the network told last.
func (m *Modem) zoneCommand(c command) ([]string, final) {
	info, end := m.setSimple(c, simpleSettings[c.name])
	if c.form == set && end == ok && m.settings["+CTZU"] == 1 && m.settings["+CTZR"] == 0 {
		m.setClock()
	}
	return info, end
}

const clockFormat = "06/01/02,15:04:05"

// clockCommand is +CCLK (27.007 8.15): local time, and its distance from UTC in
// quarters of an hour.
func (m *Modem) clockCommand(c command) ([]string, final) {
	switch c.form {
	case test:
		return nil, ok
	case read:
		local := time.Now().UTC().Add(m.clock.offset + time.Duration(m.script.zone)*quarterHour)
		return []string{fmt.Sprintf(`+CCLK: "%s%+03d"`, local.Format(clockFormat), m.script.zone)}, ok
	}
	text := c.text(0)
	local, err := time.Parse(clockFormat, text[:min(len(text), len(clockFormat))])
	if err != nil {
		return nil, cme(cmeIncorrect)
	}
	m.clock.offset = local.Add(-time.Duration(m.script.zone) * quarterHour).Sub(time.Now().UTC())
	return nil, ok
}
