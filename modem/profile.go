package modem

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Profile is what a family of modems does differently. The zero value of a field
// means the standard's way.
type Profile struct {
	Name   string   // "ec25"
	Models []string // upper-case prefixes of +CGMM by which it is recognised
	Makers []string // upper-case prefixes of +CGMI that stand for it when no model does
	USB    []USBModel

	Quiet         []string      // commands that stop chatter, such as "^CURC=0"
	Reports       []int         // <ds> of +CNMI (3GPP 27.005 clause 3.4.1) to try, in order; nil: 1, 2
	ReportStore   string        // where stored reports lie, such as "SR"; "": where +CDSI says
	Direct        bool          // received texts come by +CMT only
	TriesCommand  string        // tells the PIN tries, in a form that pinTriesLeft knows; "": "+CPINR"
	ICCIDCommands []string      // tell the serial number of the SIM, in order; nil: "+CCID", "+ICCID", "+QCCID"
	Reset         string        // restarts the module; "": "+CFUN=1,1"
	IMS           string        // asks for the policy on IMS, and with a comma and a number sets it: 1 on, 2 off; "": none
	RadioOff      int           // <fun> of +CFUN (3GPP 27.007 clause 8.2) that turns the radio off; 0: 4; negative: none may be used
	FinalTimeout  time.Duration // from Ctrl-Z to the final result; 0: 180 s
	Codes         map[int]Class // what the maker means by a +CMS ERROR where it differs from the common table
	BootTime      time.Duration // until the port is back after a reset, mode switch included; 0: 60 s
}

// USBModel is a modem as the USB bus shows it, and what its interfaces are for.
type USBModel struct {
	VID, PID uint16  // PID 0: every product of the maker that has no entry of its own
	AT       []uint8 // interface numbers of the ports that take AT commands, the best first
	Off      []uint8 // interface numbers that are never opened: diagnosis, GPS, audio
	// ATProtocols tell the AT ports of makers whose interface numbers differ
	// from product to product: subclass and protocol of a vendor-specific
	// interface, the best first.
	ATProtocols  [][2]uint8
	OffProtocols [][2]uint8 // likewise, of the ports that are never opened
	Note         string     // what the table cannot say, for people
}

// usbIDs are the maker and product of a USB device; zero when it is none.
type usbIDs struct{ vid, pid uint16 }

// standard is the zero value of a profile, spelled out.
var standard = Profile{
	Name:          "generic",
	Reports:       []int{1, 2},
	TriesCommand:  "+CPINR",
	ICCIDCommands: []string{"+CCID", "+ICCID", "+QCCID"},
	Reset:         "+CFUN=1,1",
	RadioOff:      4,
	FinalTimeout:  180 * time.Second,
	BootTime:      60 * time.Second,
}

// Profiles returns the names of the families known, sorted.
func Profiles() []string { return slices.Sorted(maps.Keys(families)) }

// withDefaults spells out what p leaves to the standard.
func (p Profile) withDefaults() Profile { return standard.tuned(p) }

// tuned is p where change says nothing, and change where it does.
func (p Profile) tuned(change Profile) Profile {
	set(&p.Name, change.Name)
	set(&p.ReportStore, change.ReportStore)
	set(&p.TriesCommand, change.TriesCommand)
	set(&p.Reset, change.Reset)
	set(&p.IMS, change.IMS)
	set(&p.RadioOff, change.RadioOff)
	set(&p.FinalTimeout, change.FinalTimeout)
	set(&p.BootTime, change.BootTime)
	set(&p.Direct, change.Direct)
	if change.Codes != nil {
		p.Codes = change.Codes
	}
	setList(&p.Models, change.Models)
	setList(&p.Makers, change.Makers)
	setList(&p.USB, change.USB)
	setList(&p.Quiet, change.Quiet)
	setList(&p.Reports, change.Reports)
	setList(&p.ICCIDCommands, change.ICCIDCommands)
	return p
}

func set[T comparable](field *T, change T) {
	var zero T
	if change != zero {
		*field = change
	}
}

func setList[T any](field *[]T, change []T) {
	if change != nil {
		*field = change
	}
}

// profileOf returns the profile of a modem: the one that named names, else that
// of its model, of its USB ids, or of its maker, else the generic one. What is not
// known of a modem is "" or 0.
func profileOf(named, maker, model string, vid, pid uint16) Profile {
	p, ok := families[named]
	if !ok {
		p, ok = byPrefix(model, func(p Profile) []string { return p.Models })
	}
	if !ok {
		p, _, ok = byUSB(vid, pid)
	}
	if !ok {
		p, _ = byPrefix(maker, func(p Profile) []string { return p.Makers })
	}
	return p.withDefaults()
}

// byPrefix returns the family one of whose prefixes is the longest that text
// begins with.
func byPrefix(text string, prefixes func(Profile) []string) (best Profile, ok bool) {
	longest := 0
	for _, p := range families {
		for _, prefix := range prefixes(p) {
			if len(prefix) > longest && strings.HasPrefix(strings.ToUpper(text), prefix) {
				best, longest = p, len(prefix)
			}
		}
	}
	return best, longest > 0
}

// byUSB returns the family of a modem with these USB ids and what its interfaces
// are for. A product's own entry comes before its maker's.
func byUSB(vid, pid uint16) (Profile, USBModel, bool) {
	for _, wanted := range []uint16{pid, 0} {
		for _, p := range families {
			for _, u := range p.USB {
				if vid != 0 && u.VID == vid && u.PID == wanted {
					return p, u, true
				}
			}
		}
	}
	return Profile{}, USBModel{}, false
}

// profile is that of the modem on the line: by configuration and USB ids before
// it told its model, with nothing left to the standard.
func (s *session) profile() Profile { return s.m.profile }

// recognise settles the profile once the modem has told who it is.
func (s *session) recognise(maker, model string) {
	m := s.m
	p := profileOf(m.o.Profile, maker, model, m.usb.vid, m.usb.pid).tuned(m.o.Tune)
	if p.Name != m.profile.Name {
		s.log.Info("modem is of a known family", "profile", p.Name)
	}
	m.profile = p
	m.update(func(st *State) { st.Profile = p.Name })
}
