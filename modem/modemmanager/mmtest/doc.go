// Package mmtest is a ModemManager that exists for tests: a service with the names,
// signatures and introspection of the real one on a private D-Bus daemon, and a
// modem, a SIM and a network behind it that can be told how to behave.
//
// It behaves as ModemManager 1.20 was seen to: objects come and go with the
// signals that the real ones send, properties are those of the real interfaces, the
// list of messages has the newest first, and errors carry the names and texts that
// the real program gives them, a +CMS ERROR without a name among them. Calls for
// which the real program asks polkit can be denied.
package mmtest
