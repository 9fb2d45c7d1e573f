package notify

import "time"

// A Budget is how many texts one person is sent at most: each of its rates holds.
type Budget []Rate

// A Rate is a number of texts in a time.
type Rate struct {
	Texts int
	Per   time.Duration
}

// DefaultBudget is that of a contact that says nothing of it.
var DefaultBudget = Budget{{1, time.Minute}, {5, 15 * time.Minute}, {11, time.Hour}, {21, 3 * time.Hour}}
