package dispatch

import (
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/phrase"
)

// FuzzHear has anybody say anything. Only contacts are answered, only theirs have
// an effect, and that only by their rights; answers are bounded.
func FuzzHear(f *testing.F) {
	for _, from := range []string{"+353871234567", "0867654321", "+353850000001", "+353850000009", "Rosewood"} {
		for _, body := range []string{"OK", "OK ALL", "1", "MUTE ALL 2h", "MUTE 3 CLEAR", "AWAY", "HOME 1001", "STOP", "START", "STATUS", "WHY 3", "\xff\x00 OK", "1001"} {
			f.Add(from, body, false)
		}
	}
	f.Fuzz(func(t *testing.T, from, body string, name bool) {
		h := burning(t, func(o *Options) {
			o.People.Contacts[0].RequireCode = true
			o.Code = func() string { return codeNotIn(body) }
		})
		h.says("alice", "AWAY")
		h.texts = nil
		var rights notify.Right
		writer := h.d.sender(Inbound{From: from, Name: name})
		if writer != nil {
			rights = writer.Allow
		}
		for range answersMax + 5 {
			if h.d.Hear(Inbound{From: from, Name: name, Body: body}, h.now) == "" {
				t.Error("the journal has nothing to say")
			}
			h.conclude()
		}
		answers := 0
		for _, text := range h.texts {
			if writer == nil {
				t.Fatalf("%q is answered %q", from, text.Body)
			}
			if text.Contact == writer.Name {
				answers++
			}
			if len(text.Body) > 400 {
				t.Errorf("an answer of %d bytes: %s", len(text.Body), text.Body)
			}
		}
		if answers > answersMax {
			t.Errorf("%d answers", answers)
		}
		if h.acked() != "" && rights&notify.MayAck == 0 {
			t.Errorf("%q acknowledges with %q", from, body)
		}
		if len(h.d.Ledger().Silences(h.now)) > 0 && rights&notify.MaySilence == 0 {
			t.Errorf("%q mutes with %q", from, body)
		}
		if !h.d.isOn("away") {
			t.Errorf("%q sets the switch off without the code by %q", from, body)
		}
	})
}

// codeNotIn is a code that nobody who writes the text can know.
func codeNotIn(text string) string {
	for code := 1000; ; code++ {
		if digits := strconv.Itoa(code); !strings.Contains(phrase.Fold(text), digits) {
			return digits
		}
	}
}
