package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of a budget.
const (
	budgetRatesMax = 8
	budgetTextsMax = 1_000
	budgetPerMin   = time.Minute
	budgetPerMax   = 24 * time.Hour
)

func (l *loader) contacts() {
	for _, b := range l.blocks["contact"] {
		r := block.Open(b, l.ctx)
		l.config.People.Contacts = append(l.config.People.Contacts, &notify.Contact{
			Name:        r.Label(),
			Phone:       reach(r),
			Language:    r.Words("language", phrase.Languages...),
			Quiet:       l.quiet(r),
			Budget:      budget(r),
			Allow:       allow(r),
			RequireCode: r.Bool("require_code", false),
			Range:       r.Header(),
		})
		l.found(b, r.Close()...)
	}
}

// reach reads by which number a contact is texted, "" when that is missing or
// wrong: a person's phone, or a short code that means something in the SIM's own
// network only.
func reach(r *block.Reader) string {
	hasPhone := r.Has("phone")
	switch {
	case !r.Has("short_code"):
		r.Need("phone", `Write phone = "+353871234567": a plus, the country and the number.`)
		return phone(r, "phone")
	case hasPhone:
		r.Add(block.Mistake(r.Range("short_code"), "Conflicting arguments", fmt.Sprintf(
			"%s has both phone and short_code. Keep phone for a person, short_code for a service of the operator.", r.Title())))
		return phone(r, "phone")
	}
	return shortCode(r, "short_code")
}

// phone reads an argument that is a telephone number, "" when it is absent or
// wrong.
func phone(r *block.Reader, name string) string {
	given, ok := r.Text(name)
	if !ok {
		return ""
	}
	number, err := modem.ParseNumber(given)
	if err != nil {
		detail := sentence("The " + err.Error())
		if code, err := modem.ParseShortCode(given); err == nil {
			detail += fmt.Sprintf(" If it is a short code of the operator, write short_code = %q instead of %s.", code, name)
		}
		r.Add(block.Mistake(r.Range(name), "Invalid phone number", detail))
	}
	return string(number)
}

// shortCode reads an argument that is a short code, "" when it is wrong.
func shortCode(r *block.Reader, name string) string {
	given, ok := r.Text(name)
	if !ok {
		return ""
	}
	code, err := modem.ParseShortCode(given)
	if err != nil {
		r.Add(block.Mistake(r.Range(name), "Invalid short code", sentence("The "+err.Error())))
	}
	return string(code)
}

// quiet reads the hours in which a contact is told of nothing but what is
// critical: schedules, blocks of its own, or both.
func (l *loader) quiet(r *block.Reader) []*notify.Schedule {
	var all []*notify.Schedule
	for _, ref := range r.Refs("quiet", "schedule") {
		if l.knows(ref) {
			all = append(all, l.scheduleOf(ref))
		}
	}
	own := r.Blocks("quiet")
	for _, n := range own {
		all = append(all, schedule(n))
	}
	if endless(all) {
		rng := r.Range("quiet")
		if len(own) > 0 {
			rng = own[0].Header()
		}
		r.Add(block.Mistake(rng, "Endless quiet hours", fmt.Sprintf(
			"These quiet hours never end, so %s would hear of nothing but what is critical. Leave an hour of the week free, or name the contact in critical alerts only.", r.Title())))
	}
	return all
}

// budget reads how many texts a person is sent at most; nil when it is not said.
func budget(r *block.Reader) notify.Budget {
	if !r.Has("budget") {
		return nil
	}
	items, ok := r.ItemsOf(r.Expr("budget"), "budget")
	switch {
	case ok && len(items) == 0:
		r.Add(block.Mistake(r.Range("budget"), "Invalid budget", `budget is an empty list. Write budget = ["5/15m", "21/3h"], or leave the argument out for the usual one.`))
	case len(items) > budgetRatesMax:
		r.Add(block.Mistake(r.Range("budget"), "Invalid budget", fmt.Sprintf("budget has %d rates. Write %d at most.", len(items), budgetRatesMax)))
		return nil
	}
	var all notify.Budget
	for _, item := range items {
		text, ok := r.StringOf(item, "budget")
		if !ok {
			continue
		}
		rate, err := parseRate(text)
		if err != nil {
			r.Add(block.Mistake(item.Range(), "Invalid rate", sentence(fmt.Sprintf("%q %v", text, err))))
			continue
		}
		all = append(all, rate)
	}
	return all
}

// parseRate reads how many texts there may be in a time: "5/15m". The error goes on
// after the text and "; " begins what to write.
func parseRate(text string) (notify.Rate, error) {
	count, per, ok := strings.Cut(text, "/")
	texts, err := strconv.Atoi(strings.TrimSpace(count))
	length, durationErr := block.ParseDuration(strings.TrimSpace(per))
	switch {
	case !ok || err != nil || durationErr != nil:
		return notify.Rate{}, errors.New(`is no rate; write a number of texts and a time, such as "5/15m"`)
	case texts < 1 || texts > budgetTextsMax:
		return notify.Rate{}, fmt.Errorf("is %d texts; write from 1 to %d of them", texts, budgetTextsMax)
	case length < budgetPerMin || length > budgetPerMax:
		return notify.Rate{}, fmt.Errorf("counts texts in %s; write a time between %q and %q",
			block.FormatDuration(length), block.FormatDuration(budgetPerMin), block.FormatDuration(budgetPerMax))
	}
	return notify.Rate{Texts: texts, Per: length}, nil
}

// rights are what a contact may do by text, in words.
var rights = []struct {
	word  string
	right notify.Right
}{{"ack", notify.MayAck}, {"silence", notify.MaySilence}, {"switch", notify.MaySwitch}, {"status", notify.MayAsk}}

// allow reads what texts from a contact may do: everything when it is not said,
// nothing when the list is empty.
func allow(r *block.Reader) notify.Right {
	if !r.Has("allow") {
		return notify.MayAll
	}
	var words []string
	for _, known := range rights {
		words = append(words, known.word)
	}
	items, _ := r.ItemsOf(r.Expr("allow"), "allow")
	var all notify.Right
	for _, item := range items {
		given := r.WordOf(item, "allow", words...)
		for _, known := range rights {
			if known.word == given {
				all |= known.right
			}
		}
	}
	return all
}
