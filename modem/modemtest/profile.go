package modemtest

import (
	"slices"
	"time"
)

// profile is what a family of modems does differently.
type profile struct {
	maker, model, revision string
	capabilities           string // +GCAP
	cmee                   int    // +CMEE at power-up
	missing                []string
	vendor                 []string            // names of vendorHandlers it has
	answers                map[string][]string // other commands of the maker's own, with their form; see placeholders
	resets                 []int               // <fun> of +CFUN that restart it
	unknown                final               // to a command it does not know
	bootLines              []string
	readyLines             []string // once the SIM is read
	downLine               string   // before it switches off
	boot, sim              time.Duration
	firstIndex             int    // of a message in a store
	slots                  int    // messages a store holds
	memories               string // +CPMS=?; of each list the first is in use at power-up
	indications            string // +CNMI=?
	reportStore            string // where <ds>=2 keeps reports; "": where it keeps texts
	reportAnnounced        string // the store +CDSI names; "": the true one
	fullLine               string // said when a message finds no room in {store}
	fullSwitch             string // the setting without which it is not; "": always
	access                 int    // AcT, as the access constants have it
	voiceless              bool   // makes no calls
	usb                    bool   // a restart drops the port off the bus
	faults                 string // a script that always runs
}

func (p profile) lacks(name string) bool { return slices.Contains(p.missing, name) }

// Profiles returns the names Profile takes.
func Profiles() []string { return sortedKeys(profiles) }

// bootTime is how long the modem is deaf after power-up.
func (m *Modem) bootTime() time.Duration {
	if m.script.boot > 0 {
		return m.script.boot
	}
	return m.profile.boot
}

// simTime is how long each step of starting the SIM takes.
func (m *Modem) simTime() time.Duration {
	if m.script.sim > 0 {
		return m.script.sim
	}
	return m.profile.sim
}
