package config

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// siteNameMax bounds the site's name, in characters: every text begins with it.
const siteNameMax = 40

// Site says who this gateway is.
type Site struct {
	Name     string         // begins every text; may be empty
	Zone     *time.Location // of schedules and of times in texts; the system's when none is given
	Language string         // one of phrase.Languages
}

func (l *loader) site() {
	l.config.Site = Site{Zone: time.Local, Language: "en"}
	for _, b := range l.blocks["site"] {
		r := block.Open(b, l.ctx)
		l.siteName(r)
		l.siteZone(r)
		if language := r.Words("language", phrase.Languages...); language != "" {
			l.config.Site.Language = language
		}
		l.found(b, r.Close()...)
	}
	l.config.People.Site, l.config.People.Language = l.config.Site.Name, l.config.Site.Language
}

func (l *loader) siteName(r *block.Reader) {
	name, _ := r.Text("name")
	if n := utf8.RuneCountInString(name); n > siteNameMax {
		r.Add(block.Mistake(r.Range("name"), "Invalid name", fmt.Sprintf(
			"name is %d characters long, and every text begins with it. Write %d or fewer.", n, siteNameMax)))
	}
	l.config.Site.Name = name
}

func (l *loader) siteZone(r *block.Reader) {
	name, ok := r.Text("timezone")
	if !ok {
		return
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		r.Add(block.Mistake(r.Range("timezone"), "Invalid time zone", fmt.Sprintf(
			`%q is not a time zone. Write a name of the IANA database, such as "Europe/Dublin" or "UTC".`, name)))
		return
	}
	l.config.Site.Zone = zone
}
