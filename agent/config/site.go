package config

import (
	"fmt"
	"os"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// siteNameMax bounds the site's name, in characters: every text begins with it.
const siteNameMax = 40

// languages are those the agent can say its own words in.
var languages = []string{"en", "de", "es", "fr"}

// Site says who this gateway is.
type Site struct {
	Name     string         // begins every text; may be empty
	Zone     *time.Location // of schedules and of times in texts; the system's when none is given
	Language string         // one of en, de, es and fr
}

func (l *loader) site() {
	l.config.Site = Site{Zone: time.Local, Language: "en"}
	for _, b := range l.blocks["site"] {
		r := block.Open(b, l.ctx)
		l.siteName(r)
		l.siteZone(r)
		if language := r.Words("language", languages...); language != "" {
			l.config.Site.Language = language
		}
		l.add(r.Close()...)
	}
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

// evalContext is what every folded expression may use.
func evalContext() *hcl.EvalContext {
	return &hcl.EvalContext{Functions: map[string]function.Function{"env": envFunction}}
}

// envFunction is env("NAME"): the value of an environment variable that is set.
var envFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "name", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		name := args[0].AsString()
		value, ok := os.LookupEnv(name)
		if !ok {
			return cty.NilVal, function.NewArgErrorf(0, "the environment variable %s is not set. Set it where tocsin is started, such as in the service's EnvironmentFile", name)
		}
		return cty.StringVal(value), nil
	},
})
