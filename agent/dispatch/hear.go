package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-edge/tocsin/agent/command"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/modem"
)

// Inbound is a text that somebody sent to the gateway.
type Inbound struct {
	From string // as the network gives it
	Name bool   // From is a name and no number (3GPP 23.040 clause 9.1.2.5)
	Body string
}

// Hear does what a text asks for, and tells in words for the journal what it did.
// Only contacts are ever answered, and only their texts have any effect.
func (d *Dispatcher) Hear(in Inbound, now notify.Moment) (did string) {
	d.Tick(now.At) // it finds everything as it stands at this moment
	c := d.sender(in)
	if c == nil {
		return "nothing: from a stranger"
	}
	v := &conversation{voice: d.voice(c), d: d, with: c, talk: d.talk(c.Phone, now.At), now: now}
	cmd, ok := command.Parse(in.Body, v.Language, d.switches)
	switch {
	case ok:
		did = v.obey(cmd)
	case d.isOurs(in.Body):
		did = "nothing: a text of our own came back"
	default:
		did = "nothing: not understood" + v.help()
	}
	d.keepTalk(c.Phone)
	return did + v.unanswered()
}

// sender is the contact who wrote a text; nil when it is none, or when that is not
// certain. A number without its country is taken for the one contact's that ends
// in it.
func (d *Dispatcher) sender(in Inbound) *notify.Contact {
	if in.Name {
		return nil
	}
	var alike []*notify.Contact
	for _, c := range d.options.People.Contacts {
		switch {
		case c.Phone == in.From:
			return c
		case isForm(in.From, c.Phone):
			alike = append(alike, c)
		}
	}
	if len(alike) == 1 {
		return alike[0]
	}
	return nil
}

// isForm tells whether from, as networks give numbers, is a form of an E.164 number
// other than the one with a plus, which says for certain whose it is.
func isForm(from, number string) bool {
	if strings.HasPrefix(from, "+") || !strings.HasPrefix(number, "+") {
		return false
	}
	return len(strings.TrimLeft(from, "0")) < len(number) && modem.SameSubscriber(from, number)
}

func (d *Dispatcher) knowsPhone(phone string) bool {
	return slices.ContainsFunc(d.options.People.Contacts, func(c *notify.Contact) bool { return c.Phone == phone })
}

// isOurs tells whether a text looks like one that this gateway has sent.
func (d *Dispatcher) isOurs(body string) bool {
	site := d.options.People.Site
	return site != "" && strings.HasPrefix(strings.TrimSpace(body), site+": ")
}

// A conversation is one text of a contact being carried out.
type conversation struct {
	voice
	d    *Dispatcher
	with *notify.Contact
	talk *talk
	now  notify.Moment
	over bool // an answer was due that is not given
}

// rights are those that the commands take. STOP and START take none, HELP takes
// any, and a code that of what it confirms.
var rights = map[command.Kind]notify.Right{
	command.Ack:    notify.MayAck,
	command.Status: notify.MayAsk,
	command.List:   notify.MayAsk,
	command.More:   notify.MayAsk,
	command.Why:    notify.MayAsk,
	command.Mute:   notify.MaySilence,
	command.Unmute: notify.MaySilence,
	command.Turn:   notify.MaySwitch,
}

// obey carries out a command, if the contact may give it and, where it has to be,
// has confirmed it.
func (v *conversation) obey(cmd command.Command) (did string) {
	switch cmd.Kind {
	case command.Stop:
		return v.stop()
	case command.Start:
		return v.start()
	case command.Help:
		return "told what can be said" + v.help()
	case command.Confirm:
		return v.confirm(cmd.Code)
	}
	if v.with.Allow&rights[cmd.Kind] == 0 {
		return fmt.Sprintf("nothing: %s may not do that", v.with.Name) + v.help()
	}
	if v.with.RequireCode && v.lowers(cmd) {
		return v.demandCode(cmd)
	}
	return v.carryOut(cmd)
}

func (v *conversation) carryOut(cmd command.Command) (did string) {
	switch cmd.Kind {
	case command.Ack:
		return v.ack(cmd)
	case command.Status:
		return v.status()
	case command.List:
		return v.tellOpen(nil)
	case command.More:
		return v.tellOpen(v.talk.List)
	case command.Why:
		return v.why(cmd)
	case command.Mute:
		return v.mute(cmd)
	case command.Unmute:
		return v.unmute(cmd)
	case command.Turn:
		return v.turn(cmd)
	}
	panic(fmt.Sprintf("dispatch: there is no command %d", cmd.Kind))
}

// answerUrgency is that of answers: an alarm goes before them.
const answerUrgency = 1

// answer texts the contact back, who has said something useful, unless they were
// answered too often of late.
func (v *conversation) answer(body string) (given bool) {
	v.talk.Useless = 0
	return v.reply(body)
}

// decline texts the contact back, who has said nothing useful, a few times only:
// it may be a machine that answers every text, OK among them. It returns what else
// the journal is to know.
func (v *conversation) decline(body string) (journal string) {
	if v.talk.Useless >= declinedMax {
		return fmt.Sprintf("; %s has said nothing useful %d times", v.with.Name, declinedMax)
	}
	v.talk.Useless++
	v.reply(body)
	return ""
}

func (v *conversation) reply(body string) (given bool) {
	if !v.count() {
		return false
	}
	v.d.ledger.Say(v.with, body, answerUrgency, v.now)
	return true
}

// count tells whether one more answer may be given, and counts it.
func (v *conversation) count() bool {
	if len(v.talk.Answers) >= answersMax {
		v.over = true
		return false
	}
	v.talk.Answers = append(v.talk.Answers, v.now.At)
	return true
}

// unanswered tells the journal, once, that a contact is not answered any more.
func (v *conversation) unanswered() string {
	if !v.over || v.talk.Silent {
		return ""
	}
	v.talk.Silent = true
	v.d.keepTalk(v.with.Phone)
	return fmt.Sprintf("; %s is not answered: that was done %d times within %s", v.with.Name, answersMax, phrase.Duration(answersPer))
}
