package status

import (
	"strings"
	"testing"
	"time"
)

func TestAPersonReadsHowSwitchesStand(t *testing.T) {
	for want, all := range map[string][]Switch{
		"There are no switches.\n": nil,
		"away is on, set 1h30m ago\narmed is off, its default\n": {
			{Name: "away", On: true, Set: true, For: 90 * time.Minute}, {Name: "armed"},
		},
	} {
		var b strings.Builder
		if err := WriteSwitches(&b, all); err != nil || b.String() != want {
			t.Errorf("got %v, %q, want %q", err, b.String(), want)
		}
	}
}
