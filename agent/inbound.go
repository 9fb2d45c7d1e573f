package agent

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
)

const (
	inboundPrefix  = "inbound/"
	receivedPrefix = "received/"

	// receivedMax bounds the texts that are kept. It is more than a SIM holds, so
	// that one which the modem could not delete is known when it comes again.
	receivedMax = 100

	// Bounds of one of them, in bytes. They are beyond what a text can have that
	// conforms to 3GPP 23.040, or that a person would read.
	receivedBodyMax = 4 << 10
	senderMax       = 64
	problemMax      = 200
	didMax          = 200
	pduMax          = 512
)

// received is a text from somebody, whole or as much as there will be of it, or a
// PDU that is none. This is also its form on flash.
type received struct {
	Number  uint64        `json:"-"` // ascending in the order they came; the rest of its key
	Modem   string        `json:"modem"`
	From    string        `json:"from,omitempty"`
	Name    bool          `json:"name,omitempty"` // From is no number
	Body    string        `json:"body,omitempty"`
	Sent    time.Time     `json:"sent,omitzero"` // by the service centre's clock
	At      time.Duration `json:"at"`            // when it, or the last of its parts, came
	Parts   int           `json:"parts"`         // that came
	Count   int           `json:"count"`         // of the parts it had
	Problem string        `json:"problem,omitempty"`
	PDU     string        `json:"pdu,omitempty"` // in hex, of what has a Problem
	Digests []string      `json:"digests"`       // of its PDUs

	// Done: it was carried out, if it is whole, and Did is what that was, in words.
	Done bool   `json:"done,omitempty"`
	Did  string `json:"did,omitempty"`
}

// whole reports whether it is all that its sender wrote.
func (r received) whole() bool { return r.Problem == "" && r.Parts == r.Count }

// An inbox takes custody of what the network sends to any of the modems. It is a
// [modem.Inbox]. Whom it tells is told by the goroutines of the modems, several at
// a time.
type inbox struct {
	store    *buffer.Store
	timeline timeline
	heard    func(received)            // told of every whole text, once it is on disk
	accepted func(buffer.Text)         // told of a text whose acceptance became known late
	failed   func(buffer.Text, string) // told of a text that will not arrive, and why
	log      *slog.Logger

	mu    sync.Mutex
	wait  assembly
	texts []received // in the order they came
}

func (a *Agent) newInbox() *inbox {
	b := &inbox{
		store: a.store, timeline: a.timeline, heard: a.textHeard, accepted: a.textSent, failed: a.textFailed,
		log: a.log.With("task", "inbox"),
	}
	b.restore()
	return b
}

// restore takes up what an earlier run left behind.
func (b *inbox) restore() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, value := range b.store.Records(inboundPrefix) {
		f := fragment{Digest: strings.TrimPrefix(key, inboundPrefix)}
		if b.readable(key, json.Unmarshal(value, &f)) {
			b.wait = append(b.wait, f)
		}
	}
	slices.SortStableFunc(b.wait, func(x, y fragment) int { return cmp.Compare(x.At, y.At) })
	for key, value := range b.store.Records(receivedPrefix) {
		var r received
		number, err := strconv.ParseUint(strings.TrimPrefix(key, receivedPrefix), 16, 64)
		if err == nil {
			err = json.Unmarshal(value, &r)
		}
		if r.Number = number; b.readable(key, err) {
			b.texts = append(b.texts, r)
		}
	}
}

func (b *inbox) readable(key string, err error) bool {
	if err != nil {
		b.log.Warn("what is known of a text that was received cannot be read", "record", key, "cause", err)
	}
	return err == nil
}

// Text takes custody of one part of a text. One that came before, as when power
// failed before the modem had deleted it, is not taken again.
func (b *inbox) Text(in modem.Inbound) error {
	whole, err := b.keep(in)
	for _, r := range whole {
		b.heard(r)
	}
	return err
}

// keep puts what in brings on disk and returns the texts that are whole by it.
func (b *inbox) keep(in modem.Inbound) (whole []received, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	digest := digestOf(in)
	if b.knows(digest) {
		return nil, nil
	}
	wait, done := b.take(in, digest)
	b.number(done)
	texts := append(slices.Clone(b.texts), done...)
	gone := texts[:max(len(texts)-receivedMax, 0)]
	batch := buffer.Batch{Records: changes(b.wait, wait)}
	for _, r := range gone {
		batch.Records = append(batch.Records, buffer.Record{Key: r.key()})
	}
	for _, r := range done {
		batch.Records = append(batch.Records, buffer.Record{Key: r.key(), Value: encode(r)})
	}
	if _, err := b.store.Commit(batch); err != nil {
		return nil, err
	}
	b.wait, b.texts = wait, texts[len(gone):]
	return slices.DeleteFunc(done, func(r received) bool { return !r.whole() }), nil
}

// take is what becomes of a part: it waits for others, or is a text.
func (b *inbox) take(in modem.Inbound, digest string) (wait assembly, done []received) {
	now := b.timeline.now()
	body, from := cut(in.Body, receivedBodyMax), cut(in.From, senderMax)
	if in.Problem == "" && in.Count > 1 && in.Index >= 1 && in.Index <= in.Count {
		return b.wait.add(fragment{
			Digest: digest, Modem: in.Modem, From: from, Name: in.Name, Body: body, Sent: in.Sent,
			Reference: in.Reference, Index: in.Index, Count: in.Count, At: now,
		})
	}
	r := received{
		Modem: in.Modem, From: from, Name: in.Name, Body: body, Sent: in.Sent, At: now,
		Parts: 1, Count: 1, Problem: cut(in.Problem, problemMax), Digests: []string{digest},
	}
	if in.Problem == "" && in.Count > 1 {
		r.Problem = fmt.Sprintf("it claims to be part %d of %d", in.Index, in.Count)
	}
	if r.Problem != "" {
		r.PDU = hex.EncodeToString(in.PDU[:min(len(in.PDU), pduMax)])
	}
	wait, done = b.wait.outdated(now)
	return wait, append(done, r)
}

// number gives texts that have come their numbers.
func (b *inbox) number(done []received) {
	last := uint64(0)
	if n := len(b.texts); n > 0 {
		last = b.texts[n-1].Number
	}
	for i := range done {
		last++
		done[i].Number = last
	}
}

// knows reports whether a PDU came before.
func (b *inbox) knows(digest string) bool {
	return slices.ContainsFunc(b.wait, func(f fragment) bool { return f.Digest == digest }) ||
		slices.ContainsFunc(b.texts, func(r received) bool { return slices.Contains(r.Digests, digest) })
}

// undone are the whole texts that are not carried out yet, in the order they
// came.
func (b *inbox) undone() (texts []received) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.texts {
		if r.whole() && !r.Done {
			texts = append(texts, r)
		}
	}
	return texts
}

// done notes what r led to, and returns the record that says so.
func (b *inbox) done(r received, did string) buffer.Record {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.texts, func(o received) bool { return o.Number == r.Number })
	if i < 0 {
		return buffer.Record{Key: r.key()} // too many have come since
	}
	r.Done, r.Did = true, cut(did, didMax)
	b.texts[i] = r
	return buffer.Record{Key: r.key(), Value: encode(r)}
}

// Received are the texts that are kept, in the order they came, and after them
// what has come so far of those that should be whole by now.
func (b *inbox) Received() []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, incomplete := b.wait.outdated(b.timeline.now())
	return slices.Concat(b.texts, incomplete)
}

// changes are the records that make old into new.
func changes(old, new assembly) (records []buffer.Record) {
	for _, f := range old {
		if !new.has(f.Digest) {
			records = append(records, buffer.Record{Key: f.key()})
		}
	}
	for _, f := range new {
		if !old.has(f.Digest) {
			records = append(records, buffer.Record{Key: f.key(), Value: encode(f)})
		}
	}
	return records
}

func (a assembly) has(digest string) bool {
	return slices.ContainsFunc(a, func(f fragment) bool { return f.Digest == digest })
}

func (f fragment) key() string { return inboundPrefix + f.Digest }

func (r received) key() string { return fmt.Sprintf("%s%016x", receivedPrefix, r.Number) }

// sender is who wrote it, as far as that may be shown.
func (r received) sender() string {
	if r.Name || r.From == "" {
		return r.From
	}
	return modem.Number(r.From).Redacted()
}

func encode[T fragment | received](v T) []byte {
	j, err := json.Marshal(v)
	if err != nil {
		panic("agent: a received text that JSON cannot hold: " + err.Error())
	}
	return j
}

// digestOf tells PDUs apart: there is the time in it at which the service centre
// took the text.
func digestOf(in modem.Inbound) string {
	const digestBytes = 8
	sum := sha256.Sum256(append([]byte(in.Modem+"\x00"), in.PDU...))
	return hex.EncodeToString(sum[:digestBytes])
}

// cut shortens text to at most so many bytes, not within a character.
func cut(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	for bytes > 0 && !utf8.RuneStart(text[bytes]) {
		bytes--
	}
	return text[:bytes]
}
