package rehearsal

import (
	"cmp"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
)

// A phone is the modem, the network behind it and the phones of people. The texts
// that wait in it are on disk: they outlive a reboot.
type phone struct {
	back    time.Duration // when there is service again; 0 while there is
	lost    time.Duration // since when there is none, on the gateway's timeline
	waiting []waiting
	last    uint64                   // the id of the text that was written last
	unfit   map[string]time.Duration // until when texts to a number are refused
	inbox   []Reply                  // came while nobody could hear them
}

// A waiting text was not sent yet. What the ledger took back is sent no more.
type waiting struct {
	id       uint64
	text     notify.Text   // its time is the gateway's own
	written  time.Duration // the same of the rehearsal
	recalled bool
}

// over is the text as it is known of once it waits no more.
func (w waiting) over(at time.Duration) Text {
	t := Text{Text: w.text, Sent: at}
	t.Created = w.written
	return t
}

// write takes texts over. Of the rehearsal's time the gateway's own leaves away out.
func (p *phone) write(texts []notify.Text, away time.Duration) {
	for _, t := range texts {
		p.last++
		p.waiting = append(p.waiting, waiting{id: p.last, text: t, written: t.Created + away})
	}
}

// dead tells since when there is no service, on the gateway's timeline, and whether
// that is so.
func (p *phone) dead() (since time.Duration, down bool) { return p.lost, p.back != 0 }

// Waiting is of a [notify.Queue], and so is Recall.
func (p *phone) Waiting(to string) []notify.Queued {
	var all []notify.Queued
	for _, w := range p.waiting {
		if w.text.To == to && len(w.text.Tells) > 0 && !w.recalled {
			all = append(all, notify.Queued{ID: w.id, Created: w.text.Created, Tells: w.text.Tells})
		}
	}
	return all
}

func (p *phone) Recall(id uint64) bool {
	i := p.find(id)
	if i < 0 {
		return false
	}
	p.waiting[i].recalled = true
	return true
}

// strike takes out a text that waits, and is false when there is none.
func (p *phone) strike(id uint64) (waiting, bool) {
	i := p.find(id)
	if i < 0 {
		return waiting{}, false
	}
	w := p.waiting[i]
	p.waiting = slices.Delete(p.waiting, i, i+1)
	return w, true
}

func (p *phone) find(id uint64) int {
	return slices.IndexFunc(p.waiting, func(w waiting) bool { return w.id == id })
}

// next takes out what is to be sent next: the most urgent, and of those what was
// written first. It is false when nothing waits.
func (p *phone) next() (waiting, bool) {
	if len(p.waiting) == 0 {
		return waiting{}, false
	}
	first := slices.MinFunc(p.waiting, func(a, b waiting) int {
		return cmp.Or(cmp.Compare(a.text.Urgency, b.text.Urgency), cmp.Compare(a.id, b.id))
	})
	return p.strike(first.id)
}

// takes tells whether the network takes a text at that time.
func (p *phone) takes(w waiting, now time.Duration) bool {
	return p.unfit[w.text.To] <= now && now-w.written < notify.TextLife
}

// lose keeps texts to a number from being accepted until then.
func (p *phone) lose(number string, until time.Duration) {
	if p.unfit == nil {
		p.unfit = map[string]time.Duration{}
	}
	p.unfit[number] = max(p.unfit[number], until)
}

// outage keeps all texts from being sent until then, from since on by the gateway's
// timeline.
func (p *phone) outage(since, until time.Duration) {
	if p.back == 0 {
		p.lost = since
	}
	p.back = max(p.back, until)
}
