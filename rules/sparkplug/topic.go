package sparkplug

import "strings"

// Namespace is the first level of every topic of Sparkplug B.
const Namespace = "spBv1.0"

// Kind is what a message is, the third level of its topic.
type Kind string

// The kinds of messages (Sparkplug 3.0.0 §4.1). Those that begin with N are of
// an edge node, those with D of a device behind one.
const (
	NodeBirth     Kind = "NBIRTH"
	NodeData      Kind = "NDATA"
	NodeDeath     Kind = "NDEATH"
	NodeCommand   Kind = "NCMD"
	DeviceBirth   Kind = "DBIRTH"
	DeviceData    Kind = "DDATA"
	DeviceDeath   Kind = "DDEATH"
	DeviceCommand Kind = "DCMD"
)

// Topic is namespace/group/kind/node[/device].
type Topic struct {
	Group, Node string
	Kind        Kind
	Device      string // "" for a message of the edge node itself
}

// ParseTopic reads the topic of a message of an edge node or of a device; any
// other, also that of a host application's state, is none. The topic's strings
// are parts of text.
func ParseTopic(text string) (Topic, bool) {
	namespace, text, _ := strings.Cut(text, "/")
	group, text, _ := strings.Cut(text, "/")
	kind, text, _ := strings.Cut(text, "/")
	node, device, _ := strings.Cut(text, "/")
	t := Topic{Group: group, Kind: Kind(kind), Node: node, Device: device}
	if namespace != Namespace || node == "" || strings.Contains(device, "/") {
		return Topic{}, false
	}
	switch t.Kind {
	case NodeBirth, NodeData, NodeDeath, NodeCommand:
		return t, device == ""
	case DeviceBirth, DeviceData, DeviceDeath, DeviceCommand:
		return t, device != ""
	}
	return Topic{}, false
}
