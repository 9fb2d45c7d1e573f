package agent

import (
	"encoding/json"
	"log/slog"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/buffer"
)

// An outbox is the store's texts as the ledger knows them. It is a
// [notify.Queue].
type outbox struct {
	store *buffer.Store
	log   *slog.Logger
}

// Waiting lists the texts to a number that tell of incidents and that the
// network has not accepted.
func (o outbox) Waiting(to string) []notify.Queued {
	var waiting []notify.Queued
	for _, t := range o.store.WaitingTo(to) {
		waiting = append(waiting, notify.Queued{ID: t.ID, Created: t.Created, Rang: t.Rang, Tells: o.decode(t.ID, t.Tells)})
	}
	return waiting
}

// Recall takes back a text of which nothing was sent.
func (o outbox) Recall(id uint64) bool { return o.store.Recall(id) }

// encode is what t tells as the store keeps it. More than the store takes is left
// out: such a text can neither be taken back nor be missed.
func (o outbox) encode(t notify.Text) []byte {
	if len(t.Tells) == 0 {
		return nil
	}
	tells, err := json.Marshal(t.Tells)
	if err != nil {
		panic("agent: tellings that JSON cannot hold: " + err.Error())
	}
	if len(tells) > buffer.TellsMaxBytes {
		o.log.Warn("a text tells of too much to be taken back", "contact", t.Contact, "tells", len(t.Tells))
		return nil
	}
	return tells
}

// decode reads what encode wrote. What it cannot read, as of another release, is
// as good as none.
func (o outbox) decode(id uint64, stored []byte) (tells []notify.Telling) {
	if err := json.Unmarshal(stored, &tells); err != nil {
		o.log.Warn("what a text tells cannot be read", "id", id, "cause", err)
		return nil
	}
	return tells
}
