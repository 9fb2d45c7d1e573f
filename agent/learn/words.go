package learn

import (
	"slices"
	"strings"
)

// nameHas reports whether a name in snake case has one of the words, alone or
// among others.
func nameHas(name string, words []string) bool {
	for word := range strings.SplitSeq(name, "_") {
		if slices.Contains(words, word) {
			return true
		}
	}
	return false
}

// boolWords are names of what is or is not, so that 1 and 0 mean that.
var boolWords = []string{
	"alarm", "open", "tamper", "tampered", "motion", "leak", "smoke", "flood", "occupancy", "presence", "contact",
	"vibration", "fault", "connected", "online", "active", "enabled", "ok", "charging", "detected", "running",
	"overtemperature", "overload", "digital1", "digital2", "digital3", "digital4", "reachable", "alive", "failure",
}

// timeWords are in the names of times.
var timeWords = []string{"time", "ts", "timestamp", "tst", "systimestamp", "seen", "date", "datetime", "at", "t", "unixtime", "wtst", "epoch", "created", "updated", "sync", "utc"}

// ownWords are in the names of what a device says of itself rather than of what
// it measures. They do not tell kinds of devices apart.
var ownWords = []string{
	"battery", "batt", "bat", "linkquality", "lqi", "link", "rssi", "snr", "signal", "seen", "time", "ts", "timestamp", "tst",
	"uptime", "tamper", "outage", "update", "wifi", "vcc", "heap", "freq", "noise", "margin", "volt", "voltage",
}

// ownNames are such names that are more than one word.
var ownNames = []string{"device_temperature", "device_name", "friendly_name"}

// radioNames are of how a message came over the air.
var radioNames = []string{
	"bandwidth", "spreading_factor", "coding_rate", "code_rate", "airtime", "consumed_airtime", "f_port", "fport", "f_cnt", "dr", "confirmed", "adr",
	"mod", "freq", "frequency_offset", "utc_offset", "packet_error_rate", "pkt_type",
}

// bytesNames are of what a device sent before anybody decoded it.
var bytesNames = []string{"data", "frm_payload", "payload", "payload_raw", "raw", "raw_message", "cipher"}

// nameWords are in the names of texts and numbers that say what a thing is, not
// how it is. They are told in a comment and not declared.
var nameWords = []string{
	"id", "uid", "uuid", "eui", "mac", "addr", "address", "serial", "sn", "model", "brand", "manufacturer", "vendor",
	"version", "firmware", "fw", "ip", "ssid", "bssid", "hostname", "url", "src", "dst", "token", "title", "unit", "units",
	"type", "subtype", "mod", "mic", "protocol", "tags", "tag", "path", "rev", "icon", "schema", "uri", "endpoint",
	"namespace", "region", "context", "key", "tenant", "application", "profile", "category", "cmdid", "tid", "rid", "avgu", "sumu", "component", "ver", "unitdef", "desc", "description", "code",
}

// quantities are what topics say that their one value is. Topics of different
// quantities are different sensors, however alike they are otherwise.
var quantities = []string{
	"temperature", "temp", "humidity", "hum", "pressure", "co2", "co", "voc", "pm25", "pm10", "illuminance", "lux", "light",
	"power", "energy", "voltage", "current", "frequency", "battery", "soc", "level", "signal", "rssi", "wifi", "uptime",
	"motion", "occupancy", "presence", "contact", "door", "window", "lock", "smoke", "gas", "flood", "leak", "water", "moisture",
	"freeze", "vibration", "tamper", "alarm", "switch", "relay", "output", "input", "valve", "pump", "fan", "flow",
	"speed", "rpm", "distance", "status", "state", "available", "availability", "online", "lwt", "error", "connected",
	"total", "count", "duration", "weight", "noise", "ph", "price", "connection", "person", "car", "dog", "cat", "dew",
	"lowvoltage", "highvoltage", "hightemperature", "lowtemperature", "lowsoc", "mode", "target", "setpoint",
}

// quantityOf is the quantity a level of a topic names, "" for none: of several
// the last one.
func quantityOf(level string) string {
	found := ""
	for word := range strings.SplitSeq(strings.Trim(nameOf(level), "_"), "_") {
		if slices.Contains(quantities, word) {
			found = word
		}
	}
	return found
}

// roomWords are in the names of places in a house.
var roomWords = []string{
	"kitchen", "bath", "bathroom", "bedroom", "livingroom", "living", "hall", "hallway", "cellar", "basement", "attic",
	"garage", "office", "landing", "utility", "laundry", "stairs", "nursery", "garden", "greenhouse", "shed", "study", "lounge",
	"kueche", "bad", "keller", "flur", "buero", "schlafzimmer", "wohnzimmer",
}
