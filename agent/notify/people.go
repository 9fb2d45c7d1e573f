package notify

import "github.com/hashicorp/hcl/v2"

// Contact is a person who can be texted.
type Contact struct {
	Name  string    // the label of the contact block
	Phone string    // E.164 with its plus, or a short code
	Range hcl.Range // of the block's header
}

// Policy is a group of people who are told together.
type Policy struct {
	Name   string // the label of the policy block
	Notify []*Contact
}
