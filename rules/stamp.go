package rules

import "time"

// Stamp is what a message says of itself, beside the values.
type Stamp struct {
	// Time is when the values were measured, as the publisher says; zero when
	// the sensor has no `time`, or the payload none that can be read, or one
	// from before clockEpoch.
	Time time.Time
	// Sequence stands for what the sensor's `sequence` says, 0 for nothing: the
	// same message sent twice has the same one.
	Sequence uint64
	// Gone tells the news that the device is lost. It is no sign of life.
	Gone bool
}

// clockEpoch is 2001-09-09, when a clock has counted 1e9 seconds. A time before
// it comes from a device whose clock was never set.
var clockEpoch = time.Unix(1e9, 0)

// time is the reading's own time, by the first path that leads to one.
func (d *Decoder) time() time.Time {
	for i, t := range d.sensor.targets {
		if t.field != timeField || d.walk.found[i] == "" {
			continue
		}
		if at, why := instantOf(d.walk.found[i], d.sensor.zone); why == Known {
			return at
		}
	}
	return time.Time{}
}

// instantOf reads a JSON scalar as the time of a reading.
func instantOf(json string, zone *time.Location) (time.Time, Reason) {
	text := json
	if json[0] == '"' {
		text = unquote(json)
	}
	at, why := parseInstant(text, zone)
	if why == Known && at.Before(clockEpoch) {
		return time.Time{}, OutOfRange
	}
	return at, why
}

// The parameters of the 64-bit FNV-1a hash.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// sequence stands for what the first path to a sequence finds: the 64-bit
// FNV-1a hash of it.
func (d *Decoder) sequence() uint64 {
	for i, t := range d.sensor.targets {
		found := d.walk.found[i]
		if t.field != sequenceField || found == "" || found == "null" {
			continue
		}
		return fnvOf(found)
	}
	return 0
}

// fnvOf is the 64-bit FNV-1a hash of a text or a payload.
func fnvOf[T string | []byte](text T) uint64 {
	hash := uint64(fnvOffset)
	for i := range len(text) {
		hash = (hash ^ uint64(text[i])) * fnvPrime
	}
	return hash
}
