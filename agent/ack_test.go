package agent

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/rules"
)

// firing are four incidents: the first without a short number, the third
// acknowledged, and the last with the ID that is the second's number.
func firing() []rules.Incident {
	room := func(name string) []rules.Label { return []rules.Label{{Name: "room", Value: name}} }
	return []rules.Incident{
		{ID: 340, Alert: "smoke", Labels: room("kitchen")},
		{ID: 341, Number: 12, Alert: "smoke", Labels: room("landing")},
		{ID: 342, Number: 13, Alert: "leak", Acked: &rules.Ack{By: "bob"}},
		{ID: 12, Number: 14, Alert: "break_in"},
	}
}

func TestWhatIsAcknowledgedIsNamedByNumberIDAlertOrInstance(t *testing.T) {
	for _, tt := range []struct {
		order api.Ack
		want  string // IDs, or the refusal
	}{
		{api.Ack{What: "12"}, "341"},
		{api.Ack{What: "340"}, "340"},
		{api.Ack{What: "0"}, `nothing called "0" fires; there are: smoke{room="kitchen"}, 12 smoke{room="landing"}, 13 leak, 14 break_in`},
		{api.Ack{What: "smoke"}, "340 341"},
		{api.Ack{What: `smoke{room="kitchen"}`}, "340"},
		{api.Ack{What: "leak"}, "342"},
		{api.Ack{All: true}, "340 341 342 12"},
		{api.Ack{}, `several alerts fire; say which: smoke{room="kitchen"}, 12 smoke{room="landing"}, 14 break_in`},
		{api.Ack{All: true, What: "smoke"}, "name one alert or all, not both"},
	} {
		if got := meantWords(tt.order, firing()); got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.order, got, tt.want)
		}
	}
}

func TestWithoutANameTheOnlyOneThatWaitsIsMeant(t *testing.T) {
	all := firing()
	for want, open := range map[string][]rules.Incident{
		"341":                             all[1:3],
		"all that fires was acknowledged": all[2:3],
		"no alert fires":                  nil,
	} {
		if got := meantWords(api.Ack{}, open); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAMultitudeIsNotListedInFull(t *testing.T) {
	var open []rules.Incident
	for i := range 100 {
		open = append(open, rules.Incident{ID: uint64(i + 1), Alert: fmt.Sprintf("a%d", i)})
	}
	if got := meantWords(api.Ack{}, open); !strings.HasSuffix(got, ", a11 and 88 more") {
		t.Errorf("got %s", got)
	}
}

func meantWords(order api.Ack, open []rules.Incident) string {
	meant, err := meantBy(order, open)
	if err != nil {
		return err.Error()
	}
	var ids []string
	for _, i := range meant {
		ids = append(ids, fmt.Sprint(i.ID))
	}
	return strings.Join(ids, " ")
}
