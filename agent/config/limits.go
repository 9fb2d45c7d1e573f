package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of limits.
const (
	textsPerHourMax = 1_000
	textsPerDayMax  = 10_000
	storeMin        = 100
	storeMax        = 100_000
	windowMemoryMin = 64 << 10
	windowMemoryMax = 512 << 20
)

// limits reads the bounds on this gateway. What is not said has those that the
// packages have themselves; texts have none.
func (l *loader) limits() {
	for _, b := range l.blocks["limits"] {
		r := block.Open(b, l.ctx)
		l.config.People.Limits = notify.Limits{
			TextsPerHour: r.Int("texts_per_hour", 1, textsPerHourMax, 0),
			TextsPerDay:  r.Int("texts_per_day", 1, textsPerDayMax, 0),
		}
		l.config.TextsMax = r.Int("store_max", storeMin, storeMax, 0)
		l.config.Rules.SeriesMax = l.seriesMax(r)
		l.config.Rules.WindowMemoryMax = size(r, "window_memory_max", windowMemoryMin, windowMemoryMax)
		l.found(b, r.Close()...)
	}
}

// seriesMax reads how many series a sensor has at most; those that are expected
// must be among them.
func (l *loader) seriesMax(r *block.Reader) int {
	most := r.Int("series_max", 1, rules.SeriesMax, 0)
	for _, s := range l.config.Rules.Sensors {
		if n := len(s.Expect); most > 0 && n > most {
			r.Add(block.Mistake(r.Range("series_max"), "Too few series", fmt.Sprintf(
				"sensor.%s expects %d series, and series_max is %d. Write %d at least.", s.Name, n, most, n)))
		}
	}
	return most
}

// sizeUnits are the units of memory, the largest first.
var sizeUnits = []struct {
	name  string
	bytes int
}{{"MiB", 1 << 20}, {"KiB", 1 << 10}}

// size reads a number of bytes between min and max, such as "16MiB"; 0 when it is
// absent or wrong.
func size(r *block.Reader, name string, min, max int) int {
	text, ok := r.Text(name)
	if !ok {
		return 0
	}
	n, err := parseSize(text)
	if err == nil && (n < min || n > max) {
		err = fmt.Errorf("is not between %s and %s", sizeText(min), sizeText(max))
	}
	if err != nil {
		r.Add(block.Mistake(r.Range(name), "Invalid size", sentence(fmt.Sprintf(`%q %v; write a number and a unit, such as "16MiB"`, text, err))))
		return 0
	}
	return n
}

// parseSize reads a whole number with a unit: "16MiB". The error goes on after the
// text.
func parseSize(text string) (int, error) {
	for _, u := range sizeUnits {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		// In 64 bits wherever it runs: what is too large is to be told so.
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 {
			return 0, errors.New("is no size")
		}
		return int(min(n, int64(windowMemoryMax/u.bytes+1))) * u.bytes, nil
	}
	return 0, errors.New("is no size in KiB or MiB")
}

// sizeText writes a whole number of bytes as parseSize reads it.
func sizeText(bytes int) string {
	for _, u := range sizeUnits {
		if bytes >= u.bytes {
			return strconv.Itoa(bytes/u.bytes) + u.name
		}
	}
	return strconv.Itoa(bytes)
}
