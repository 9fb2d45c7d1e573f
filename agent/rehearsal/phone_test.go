package rehearsal

import (
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
)

func TestOnlyWhatTellsOfSomethingAndWasNotTakenBackWaitsInTheQueue(t *testing.T) {
	var p phone
	tells := []notify.Telling{{Text: 7}}
	p.write([]notify.Text{
		{To: "+1", Body: "an answer"},
		{To: "+1", Body: "first", Tells: tells, Created: time.Minute},
		{To: "+2", Body: "to another", Tells: tells},
		{To: "+1", Body: "second", Tells: tells},
	}, time.Hour)
	if !p.Recall(4) || p.Recall(5) {
		t.Error("the fourth text can be taken back, and there is no fifth")
	}
	got := p.Waiting("+1")
	if len(got) != 1 || got[0].ID != 2 || got[0].Created != time.Minute || got[0].Tells[0].Text != 7 {
		t.Errorf("got %+v, want the second text with the time that the gateway gave it", got)
	}
	w, ok := p.strike(4)
	if !ok || w.over(2*time.Hour).Body != "second" || w.over(0).Created != time.Hour {
		t.Errorf("struck %+v, want the text that was taken back, written an hour later than the gateway says", w)
	}
	if _, again := p.strike(4); again {
		t.Error("a text was struck twice")
	}
}

func TestTheMostUrgentTextIsSentFirstAndEqualsInTheOrderTheyWereWritten(t *testing.T) {
	var p phone
	p.write([]notify.Text{{Body: "c", Urgency: 2}, {Body: "a"}, {Body: "b"}}, 0)
	var got string
	for w, ok := p.next(); ok; w, ok = p.next() {
		got += w.text.Body
	}
	if got != "abc" {
		t.Errorf("sent %s, want abc", got)
	}
}
