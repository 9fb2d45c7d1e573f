package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
)

// orderedUrgency is that of a text somebody at the shell waits for: after alarms
// and before what can wait.
const orderedUrgency = 1

func errNoText(id uint64) error {
	return fmt.Errorf("there is no text %d, or it was too long ago; tocsin queue lists those there are", id)
}

// Send puts a text into the queue. Once it has returned the text is on disk.
func (a *Agent) Send(_ context.Context, order api.Send) (done status.Enqueued, err error) {
	contact, number, err := a.recipient(order.To)
	if err == nil {
		err = checkBy(order.By)
	}
	if err != nil {
		return done, &api.Refusal{Cause: err}
	}
	parts, err := modem.Split(number, order.Body, 0, modem.SplitOptions{})
	switch {
	case err != nil:
		return done, &api.Refusal{Cause: err}
	case parts[0].Cut:
		return done, &api.Refusal{Cause: fmt.Errorf("text takes more than %d parts; shorten it", modem.PartsMax)}
	}
	now := a.timeline.now()
	ids, err := a.store.Commit(buffer.Batch{Texts: []buffer.Text{{
		To: string(number), Contact: contact, Body: order.Body, Urgency: orderedUrgency,
		Subject: strings.TrimSpace("ordered by " + order.By), Created: now, Expires: now + textLife,
	}}})
	if err != nil {
		return done, &api.Refusal{Cause: fmt.Errorf("not sent: %w", err)}
	}
	a.log.Info("text ordered", "id", ids[0], "to", number, "contact", contact, "by", order.By)
	return status.Enqueued{ID: ids[0], Contact: contact, To: number.Redacted(), Parts: len(parts)}, nil
}

// recipient is whom an order means: a contact by name, or a number.
func (a *Agent) recipient(to string) (contact string, number modem.Number, err error) {
	for _, c := range a.options.Config.People.Contacts {
		if c.Name == to {
			return c.Name, modem.Number(c.Phone), nil
		}
	}
	if to == "" || strings.Trim(to, "+0123456789 -()") != "" {
		return "", "", a.errNobody(to)
	}
	number, err = modem.ParseNumber(to)
	for _, c := range a.options.Config.People.Contacts {
		if modem.Number(c.Phone) == number {
			contact = c.Name
		}
	}
	return contact, number, err
}

// contactsListed bounds how many contacts an error lists.
const contactsListed = 12

func (a *Agent) errNobody(to string) error {
	var names []string
	for _, c := range a.options.Config.People.Contacts {
		names = append(names, c.Name)
	}
	if len(names) == 0 {
		return errors.New("there are no contacts; write a number, such as +353871234567")
	}
	more := ""
	if n := len(names) - contactsListed; n > 0 {
		names, more = names[:contactsListed], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Errorf("there is no contact %q; there are: %s%s. Or write a number, such as +353871234567", to, strings.Join(names, ", "), more)
}
