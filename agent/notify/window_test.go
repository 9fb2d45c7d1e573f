package notify

import (
	"testing"
	"time"
)

func TestAnOpenWindowHasNothingDueUntilItShuts(t *testing.T) {
	people := rosewood()
	noon := &Schedule{Days: everyDay, From: TimeOfDay(11 * time.Hour), To: TimeOfDay(14 * time.Hour)}
	people.Windows = []*Window{{Name: "lunch", Schedule: noon}}
	w := newWorld(t, people) // at noon
	w.fires("smoke kitchen")
	if due, ok := w.ledger.NextTick(); !ok || due != 2*time.Hour {
		t.Errorf("due after %v, %v, want at 14:00", due, ok)
	}
	w.pass(3 * time.Hour)
	w.ends("smoke kitchen")
	w.pass(time.Hour)
	if due, ok := w.ledger.NextTick(); !ok || due != 23*time.Hour {
		t.Errorf("due after %v, %v, want at 11:00 on the next day", due, ok)
	}
}
