package status

import (
	"fmt"
	"io"
)

// Enqueued is a text that was ordered and waits for the network.
type Enqueued struct {
	ID      uint64 `json:"id"`
	Contact string `json:"contact,omitempty"`
	To      string `json:"to"` // redacted
	Parts   int    `json:"parts"`
}

// WriteText writes it for a person at a terminal.
func (e Enqueued) WriteText(w io.Writer) error {
	_, err := fmt.Fprintf(w, "text %d to %s waits for the network, %s\n", e.ID, recipient(e.Contact, e.To), count(e.Parts, "part"))
	return err
}

// TextFate is how one text stands; one of the two is not nil.
type TextFate struct {
	Waiting *WaitingText `json:"waiting,omitempty"`
	Sent    *SentText    `json:"sent,omitempty"`
}

// WriteText writes it for a person at a terminal.
func (f TextFate) WriteText(w io.Writer) error {
	var p page
	switch {
	case f.Waiting != nil:
		p.line("", f.Waiting.words())
		p.paragraph(f.Waiting.next())
	case f.Sent != nil:
		p.line("", f.Sent.words())
		p.paragraph(f.Sent.Cause)
		p.paragraph(f.Sent.through())
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// through says which modem sent it.
func (t SentText) through() string {
	if len(t.Parts) == 0 {
		return ""
	}
	return fmt.Sprintf("%s through modem %s", count(len(t.Parts), "part"), t.Parts[0].Modem)
}
