package notify

import (
	"testing"
	"time"
)

func TestTheGatewayTellsUntilWhenItsLimitsAreReached(t *testing.T) {
	const now = 90 * time.Minute
	alice := &Contact{Name: "alice", Phone: "+353871234567"}
	l := NewLedger(&People{Contacts: []*Contact{alice}, Limits: Limits{TextsPerHour: 2}})
	l.Say(alice, "one", 1, Moment{At: now})
	if until, limited := l.Limited(Moment{At: now}); limited {
		t.Errorf("after one text of two: reached until %s", until)
	}
	l.Say(alice, "two", 1, Moment{At: now})
	until, limited := l.Limited(Moment{At: now})
	if !limited || until < now+time.Hour || until > now+time.Hour+volumeSlot {
		t.Errorf("after two: %v until %s, want it for an hour", limited, until)
	}
	if _, limited := l.Limited(Moment{At: until}); limited {
		t.Error("it is still reached after that")
	}
}
