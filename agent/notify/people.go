package notify

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// Contact is a person who can be texted.
type Contact struct {
	Name  string    // the label of the contact block
	Phone string    // E.164 with its plus, or a short code
	Range hcl.Range // of the block's header
}

// Policy is a group of people who are told together.
type Policy struct {
	Name   string // the label of the policy block
	Notify []Addressee
}

// Addressee is a contact whom an alert tells, and how.
type Addressee struct {
	*Contact
	Call  bool // critical alarms ring the phone as well
	Flash bool // alarms show at once on the phone, which does not keep them
}

// Merge adds people to those who are told already: each contact once, in order,
// and in every way that any mention of it asks for.
func Merge(told []Addressee, more ...Addressee) []Addressee {
	for _, a := range more {
		i := slices.IndexFunc(told, func(t Addressee) bool { return t.Contact == a.Contact })
		if i < 0 {
			told = append(told, a)
			continue
		}
		told[i].Call = told[i].Call || a.Call
		told[i].Flash = told[i].Flash || a.Flash
	}
	return told
}
