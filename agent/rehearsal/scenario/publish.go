package scenario

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/agent/rehearsal"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of the time between the values of one publish.
const (
	everyMin = time.Millisecond
	everyMax = 31 * 24 * time.Hour
)

// A publication is one publish block: runs of like payloads, one every so often.
type publication struct {
	message rehearsal.Message // without its payload
	every   time.Duration
	runs    []run
}

// A run is a payload that is published so many times, or as many silences.
type run struct {
	payload payload
	silent  bool
	count   int
}

// publish reads a publish block.
func (l *loader) publish(r *block.Reader) step {
	l.checkTopic(r)
	p := &publication{
		message: rehearsal.Message{Topic: r.Label(), QoS: byte(r.Int("qos", 0, 2, 1)), Retain: r.Bool("retained", false), Dup: r.Bool("dup", false)},
		every:   r.Duration("every", everyMin, everyMax),
	}
	p.runs = l.runs(r)
	n := p.length()
	l.messages = min(l.messages+n, messagesMax+1)
	switch {
	case n > 1 && !r.Has("every"):
		r.Add(block.Mistake(r.Range("values"), "Missing argument", `Write how far apart the values are, such as every = "1m".`))
	case !r.Has("values") && r.Has("every"):
		r.Add(block.Mistake(r.Range("every"), "Conflicting arguments", "There is one message only. Write several values, or leave every out."))
	case n > 0 && p.every > atMax/time.Duration(n):
		r.Add(block.Mistake(r.Range("values"), "Invalid value", "These values go on for more than ten years. Write fewer, or a shorter every."))
	}
	return step{"", func(player *player, at time.Duration) { player.begin(p, at) }}
}

// checkTopic complains about a topic that cannot be published to, and warns of
// one that nobody reads.
func (l *loader) checkTopic(r *block.Reader) {
	topic, read := r.Label(), false
	if topic == "" {
		return
	}
	if !l.router.Route(topic, func(int, []string) { read = true }) {
		r.Add(block.Mistake(r.Header(), "Invalid topic", fmt.Sprintf("Nothing can be published to %q. Write a topic without wildcards, such as \"home/cellar/freezer\".", topic)))
		return
	}
	for _, s := range l.config.Rules.Switches {
		read = read || s.Topic == topic
	}
	if read {
		return
	}
	rng := r.Header()
	r.Add(&hcl.Diagnostic{Severity: hcl.DiagWarning, Subject: &rng, Summary: "Unread topic", Detail: fmt.Sprintf("No sensor reads %q. %s", topic, l.nearestTopic(topic))})
}

// nearestTopic says which topic may be meant.
func (l *loader) nearestTopic(topic string) string {
	var all []string
	for _, s := range l.config.Rules.Sensors {
		all = append(all, s.Pattern.String())
	}
	if near := block.Suggest(topic, all); near != "" {
		return fmt.Sprintf("Did you mean %q?", near)
	}
	if first, _, ok := strings.Cut(topic, "/"); ok {
		for _, pattern := range all {
			if strings.HasPrefix(pattern, first+"/") {
				return fmt.Sprintf("There is %q.", pattern)
			}
		}
	}
	return "Nothing will come of this message."
}

// runs reads what is published.
func (l *loader) runs(r *block.Reader) []run {
	var given []string
	for _, name := range []string{"value", "values", "json", "payload"} {
		if r.Has(name) {
			given = append(given, name)
		}
	}
	switch strings.Join(given, " ") {
	case "":
		r.Add(block.Mistake(r.Header(), "Missing argument", `Write what is published: value = -18.5, json = { smoke = true }, payload = "…", or values = "-18x10 -11x25".`))
	case "value":
		return single(l.payload(r, "value", cty.NilVal))
	case "json", "payload":
		return single(l.payload(r, given[0], cty.NilVal))
	case "values", "values json", "values payload":
		return l.series(r, given)
	default:
		r.Add(block.Mistake(r.Range(given[1]), "Conflicting arguments", fmt.Sprintf(
			"What is published is said twice, by %s and %s. Keep one of them; only values goes with json or payload.", given[0], given[1])))
	}
	return nil
}

func single(p payload, ok bool) []run {
	if !ok {
		return nil
	}
	return []run{{payload: p, count: 1}}
}

// series reads values, and what is made of each if something else is given too.
func (l *loader) series(r *block.Reader, given []string) []run {
	text, ok := r.Text("values")
	if !ok {
		return nil
	}
	tokens, err := parseValues(text)
	if err != nil {
		r.Add(block.Mistake(r.Range("values"), "Invalid values", err.Error()+"."))
		return nil
	}
	var runs []run
	for _, t := range tokens {
		next := run{silent: t.silent, count: t.count}
		switch {
		case t.silent:
		case len(given) > 1:
			if next.payload, ok = l.payload(r, given[1], t.value()); !ok {
				return nil // one complaint is enough
			}
		default:
			next.payload = payload{fixed: []byte(t.text)}
		}
		runs = append(runs, next)
	}
	return runs
}

// length is how many messages and silences there are.
func (p *publication) length() int {
	n := 0
	for _, r := range p.runs {
		n += r.count // of at most countMax altogether
	}
	return n
}
