package config

import (
	"time"

	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// Window is what an alert remembers of a field. Alerts that remember the same
// share it.
type Window struct {
	Of     string        // engine coolant c
	Length time.Duration // 0: the reading before the last
	Bytes  int           // for each series of the sensor
}

// Memory is what the windows of one sensor take.
type Memory struct {
	Sensor   string
	Bytes    int // for each of its series
	Expected int // how many series it must have; 0: nobody knows
}

// windows tells what each alert remembers, and what that takes of each sensor.
func (l *loader) windows() {
	l.config.Windows = make([][]Window, len(l.config.Rules.Alerts))
	byAlert := map[*rules.Alert][]rules.WindowUse{}
	for _, a := range l.config.Rules.WindowMemory() {
		byAlert[a.Alert] = a.Windows
	}
	for i, a := range l.config.Rules.Alerts {
		module, _ := block.Unqualify(a.Name)
		for _, w := range byAlert[a] {
			l.config.Windows[i] = append(l.config.Windows[i], Window{
				Of: speaker{module}.field(w.Sensor.Name, w.Field), Length: w.Length, Bytes: w.Bytes,
			})
		}
	}
	for _, s := range l.config.Rules.Sensors {
		if bytes := s.WindowMemory(); bytes > 0 {
			l.config.Memory = append(l.config.Memory, Memory{s.Name, bytes, len(s.Expect)})
		}
	}
}
