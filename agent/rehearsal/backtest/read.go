package backtest

import (
	"errors"
	"fmt"
	"time"
)

// Recorded is one message of a recording. The payload is valid during the call
// only.
type Recorded struct {
	At       time.Time
	Topic    string
	Payload  []byte
	Retained bool
}

// ReadRecording calls hear with each message of a file of JSON lines, in the
// order in which they stand. Times without a zone are UTC. It fails when the
// file is no recording, or cannot be read to its end.
func ReadRecording(f File, hear func(Recorded)) (Played, error) {
	s := newSource(f)
	first, err := s.first()
	if err == nil && first != '{' {
		err = errors.New(`it is no recording; its lines are such as {"time": "2026-01-05T12:00:00Z", "topic": "home/freezer", "payload": "-18.5"}`)
	}
	if err != nil {
		return s.played, fmt.Errorf("%s: %w", f.Name, err)
	}
	s.read = newRecording("", newStamps(time.UTC), s).read
	for s.advance() {
		for _, m := range s.messages {
			s.played.Readings++
			hear(Recorded{time.Unix(0, s.at), m.Topic, m.Payload, s.retained})
		}
	}
	if s.err != nil {
		return s.played, fmt.Errorf("%s: %w", f.Name, s.err)
	}
	return s.played, nil
}
