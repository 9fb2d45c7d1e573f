// Package rules turns sensor messages into incidents.
//
// It is pure: it is told the time with each reading and each tick and never
// asks for it, it starts no goroutine and touches neither network nor disk. A
// week of a sensor's life is a text file and a year of a gateway's life is a
// second.
//
// Time is a duration since the gateway's own timeline began. That line never
// goes back and advances only while time is known to have passed; it is not
// the time of day.
package rules
