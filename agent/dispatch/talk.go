package dispatch

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/command"
	"github.com/tocsin-edge/tocsin/rules"
)

// TalkPrefix begins the keys of what is remembered of each phone's texts.
const TalkPrefix = "talk/"

const talkVersion = 1

// Bounds of what one phone is answered. Two machines must not text each other for
// ever.
const (
	answersMax    = 20 // within answersPer
	answersPer    = time.Hour
	declinedMax   = 5 // answers to what is not useful, until something is
	listLife      = 10 * time.Minute
	codeLife      = 10 * time.Minute
	codeWrongMax  = 3
	codeBarredFor = 10 * time.Minute // after as many wrong codes
	forgedPer     = 24 * time.Hour   // so long wrong codes are worth a warning
)

// A talk is what the gateway remembers of the texts between it and one phone. It
// outlives a restart, so that a code that was asked for still counts and a number
// that was answered too often is not answered again.
type talk struct {
	Version int
	Answers []time.Duration `json:",omitempty"` // when each was given, within answersPer
	Useless int             `json:",omitempty"` // answers since something useful was said
	Silent  bool            `json:",omitempty"` // the journal knows that no more is answered
	List    *place          `json:",omitempty"` // where MORE continues
	Code    *confirmation   `json:",omitempty"` // what waits for it
	Barred  time.Duration   `json:",omitempty"` // until when no code is given
	Forged  time.Duration   `json:",omitempty"` // until when wrong codes are worth a warning
}

// A place is the last incident that LIST or MORE has told.
type place struct {
	Severity rules.Severity
	Incident uint64
	At       time.Duration
}

// A confirmation is a command that waits for its code.
type confirmation struct {
	Code    string
	Command command.Command
	Until   time.Duration
	Wrong   int `json:",omitempty"` // codes that came
}

// forget drops what no longer counts.
func (t *talk) forget(now time.Duration) {
	t.Answers = slices.DeleteFunc(t.Answers, func(at time.Duration) bool { return now-at >= answersPer })
	if len(t.Answers) < answersMax {
		t.Silent = false
	}
	if t.List != nil && now-t.List.At >= listLife {
		t.List = nil
	}
	if t.Code != nil && now >= t.Code.Until {
		t.Code = nil
	}
	if now >= t.Barred {
		t.Barred = 0
	}
	if now >= t.Forged {
		t.Forged = 0
	}
}

// idle says that there is nothing to remember.
func (t *talk) idle() bool {
	return len(t.Answers) == 0 && t.Useless == 0 && !t.Silent && t.List == nil && t.Code == nil && t.Barred == 0 && t.Forged == 0
}

// talk is the one with a phone, with what still counts of it.
func (d *Dispatcher) talk(phone string, now time.Duration) *talk {
	t := d.talks[phone]
	if t == nil {
		t = &talk{Version: talkVersion}
		d.talks[phone] = t
	}
	t.forget(now)
	return t
}

// keepTalk has what is remembered of a phone outlive the process.
func (d *Dispatcher) keepTalk(phone string) {
	r := rules.Record{Key: TalkPrefix + phone}
	if t := d.talks[phone]; t.idle() {
		delete(d.talks, phone)
	} else {
		r.Value = encode(t)
	}
	d.noted.Records = append(d.noted.Records, r)
}

// restoreTalks takes up those with phones that are still a contact's.
func (d *Dispatcher) restoreTalks(records iter.Seq2[string, []byte]) []error {
	var errs []error
	for key, value := range records {
		phone := strings.TrimPrefix(key, TalkPrefix)
		if !d.knowsPhone(phone) {
			d.noted.Records = append(d.noted.Records, rules.Record{Key: key})
			continue
		}
		var t talk
		if err := decode(value, &t, &t.Version, talkVersion); err != nil {
			errs = append(errs, fmt.Errorf("record %q: %w", key, err))
			continue
		}
		d.talks[phone] = &t
	}
	return errs
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("dispatch: a record that JSON cannot hold: " + err.Error())
	}
	return b
}

func decode(value []byte, into any, version *int, want int) error {
	if err := json.Unmarshal(value, into); err != nil {
		return err
	}
	if *version != want {
		return fmt.Errorf("version %d, this program reads %d", *version, want)
	}
	return nil
}
