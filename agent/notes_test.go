package agent

import (
	"testing"

	"github.com/tocsin-edge/tocsin/buffer"
)

func TestWhatWasFoundOutAboutAModemOutlivesTheAgent(t *testing.T) {
	dir := t.TempDir()
	for _, step := range []func(modemNotes) error{
		func(n modemNotes) error { return n.Put("bearer/iccid:89882110", "circuit") },
		func(n modemNotes) error {
			if got, err := n.Get("bearer/iccid:89882110"); got != "circuit" {
				t.Errorf("got %q, %v, want circuit", got, err)
			}
			return nil
		},
	} {
		s, _, err := buffer.Open(dir, buffer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := step(modemNotes{s}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
