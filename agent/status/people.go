package status

import (
	"fmt"
	"strings"
)

// Person is a contact, as far as there is something to know.
type Person struct {
	Name     string `json:"name"`
	OptedOut bool   `json:"opted_out,omitempty"` // by STOP: told nothing
	Texts    int    `json:"texts"`               // planned for them within the time that budgets look back
	Held     int    `json:"held,omitempty"`      // news that wait for their budget
	Forged   bool   `json:"forged,omitempty"`    // too many wrong codes came in their name of late
}

// people tells of those with whom something is out of the ordinary.
func (p *page) people(all []Person) {
	listed := 0
	for _, one := range all {
		if words := one.words(); words != "" && listed < listedMax {
			p.line("people", one.Name+": "+words)
			listed++
		}
	}
}

// words are what is out of the ordinary, "" when nothing is.
func (p Person) words() string {
	var words []string
	if p.OptedOut {
		words = append(words, "has opted out by STOP and is told nothing; START by text ends that")
	}
	if p.Held > 0 {
		words = append(words, fmt.Sprintf("%s held back by the budget, after %s", count(p.Held, "alert"), count(p.Texts, "text")))
	}
	return strings.Join(words, "; ")
}

func (s *Snapshot) people() {
	for _, alert := range s.Deaf[:min(len(s.Deaf), listedMax)] {
		s.problem(AlertUnheard, fmt.Sprintf("alert %s is critical, and everybody whom it tells has opted out by STOP", alert),
			"have one of them text START, or name somebody else in its notify")
	}
	if s.Limited > 0 {
		s.problem(TextsLimited, fmt.Sprintf("the gateway has sent as many texts as its limits allow, for %s more", lasting(s.Limited)),
			"look for an alert that comes and goes, or raise texts_per_hour and texts_per_day; what is critical still goes")
	}
	for _, p := range s.People {
		if p.Held > 0 {
			s.problem(PersonOverBudget, fmt.Sprintf("%s for %s wait: as many texts went to them as their budget allows", count(p.Held, "alert"), p.Name),
				"look for an alert that comes and goes, or raise the contact's budget; LIST by text shows them what fires")
		}
		if p.Forged {
			s.problem(CodeRefused, fmt.Sprintf("several wrong codes came from the number of %s", p.Name),
				"ask them whether it was them: a sender's number can be forged")
		}
	}
}
