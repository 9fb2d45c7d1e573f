package dispatch

import "time"

// Facts is how the gateway is, apart from what the rules know.
type Facts struct {
	CanSend        bool
	Trouble        string // why it cannot, in plain words
	Operator       string // of the network
	Technology     string // of the network, such as LTE
	Signal         string // its strength in a word of package modem's; "" when nobody knows
	NoService      bool
	NoServiceSince time.Duration
	Brokers        int
	BrokersUp      int // of them, those in reach
	Sensors        int
	SensorsSilent  int // of them, those that are offline
	Waiting        int // texts that wait for the network
	Warnings       []string
}
