// Package config reads a directory of *.hcl files into the options of every
// part of the agent.
//
// Mistakes are diagnostics, all of them at once, each at the range of the
// offending text with what to write instead. Blocks that other packages own
// are handed to them; what spans several blocks (references, defaults, names
// used twice, files that cannot be read) is checked here.
package config

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/mqtt"
	"github.com/tocsin-edge/tocsin/rules"
)

// Config is everything one configuration directory says. It is fit to run only
// when Load returned no errors.
type Config struct {
	Site Site

	// Brokers are what to subscribe to, with their filters. With a broker block
	// and no mqtt block there is one, named "broker" and without a URL: whoever
	// runs the embedded broker sets its Dial.
	Brokers []mqtt.Options
	// Broker is the embedded broker, nil when there is none.
	Broker *mqtt.BrokerOptions

	// Modem sends the texts. Its PIN reads pin_file when it is called.
	Modem modem.Options

	Contacts []*notify.Contact
	Policies []*notify.Policy
	Rules    *rules.Set
	// Notify is who is told of each alert, by the alert's name: the contacts of
	// its references in the order they are written, each once.
	Notify map[string][]*notify.Contact

	// Sentences says each alert of Rules in words, in the same order.
	Sentences []string
}

// Sources are the files that were read, by the name that ranges carry. They
// are what hcl.NewDiagnosticTextWriter quotes from.
type Sources map[string]*hcl.File

// Load reads every *.hcl file of dir except *.test.hcl and *.vars.hcl, in the
// order of their names, as one configuration. Relative paths in it are relative
// to dir. The diagnostics are in the order of the source.
//
// Load reads files and the environment and has no other effect.
func Load(dir string) (*Config, Sources, hcl.Diagnostics) {
	l := &loader{
		dir:     dir,
		ctx:     evalContext(),
		sources: Sources{},
		skipped: map[line]bool{},
		blocks:  map[string][]*hclsyntax.Block{},
		config:  &Config{Rules: &rules.Set{}, Notify: map[string][]*notify.Contact{}},
	}
	l.read()
	if len(l.sources) > 0 {
		l.nouns()
	}
	l.diags = slices.DeleteFunc(l.diags, l.follows)
	slices.SortStableFunc(l.diags, bySource)
	return l.config, l.sources, l.diags
}

// A loader holds what is known while one directory is read.
type loader struct {
	dir     string
	ctx     *hcl.EvalContext
	sources Sources
	skipped map[line]bool // lines with a syntax error, read as if they were empty
	partial bool          // a file could not be read at all: absence proves nothing
	blocks  map[string][]*hclsyntax.Block
	config  *Config
	diags   hcl.Diagnostics
}

type line struct {
	file   string
	number int
}

// nouns reads the blocks, those that others refer to first.
func (l *loader) nouns() {
	l.checkBlocks()
	l.site()
	l.contacts()
	l.policies()
	l.modem()
	l.rules()
	l.broker()
	l.brokers()
	if !l.diags.HasErrors() {
		l.lint()
		l.sentences()
	}
}

func (l *loader) add(diags ...*hcl.Diagnostic) { l.diags = append(l.diags, diags...) }

// follows reports whether a diagnostic merely follows from a syntax error that
// was already reported for its line.
func (l *loader) follows(d *hcl.Diagnostic) bool {
	if d.Subject == nil || d.Extra == syntaxError {
		return false
	}
	return l.skipped[line{d.Subject.Filename, d.Subject.Start.Line}]
}

// bySource orders diagnostics by file and place; those of the configuration as
// a whole come first.
func bySource(a, b *hcl.Diagnostic) int {
	x, y := subject(a), subject(b)
	return cmp.Or(cmp.Compare(x.Filename, y.Filename), x.Start.Byte-y.Start.Byte)
}

func subject(d *hcl.Diagnostic) hcl.Range {
	if d.Subject == nil {
		return hcl.Range{}
	}
	return *d.Subject
}
