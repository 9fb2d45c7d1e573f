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

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
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

	// Modems send the texts, in the order of their blocks.
	Modems []Modem

	// People is who there is to tell, and how. The route of
	// rules.BrokerUnreachable is to whoever is told of silent sensors.
	People *notify.People
	Rules  *rules.Set

	// Heartbeats are when the gateway says by itself that it lives.
	Heartbeats []dispatch.Heartbeat
	// TextsMax bounds the texts that wait for the network; 0: as the store has it.
	TextsMax int

	// Sentences says each alert of Rules in words, in the same order, Messages
	// what its alarm takes on the air, and Windows what it remembers.
	Sentences []string
	Messages  []Message
	Windows   [][]Window
	// Memory is what the windows of each sensor take that has any.
	Memory []Memory
}

// Sources are the files that were read, by the name that ranges carry. They
// are what hcl.NewDiagnosticTextWriter quotes from.
type Sources map[string]*hcl.File

// Options are what Load takes besides the files.
type Options struct {
	// Vars are values of variables by name, as on the command line: the text
	// itself for a variable of type string, for any other an expression. They win
	// over vars files and TOCSIN_VAR_….
	Vars map[string]string
}

// Load reads every *.hcl file of dir except *.test.hcl, in the order of their
// names, as one configuration; *.vars.hcl give its variables their values.
// Relative paths in it are relative to dir. The diagnostics are in the order of
// the source.
//
// Load reads files and the environment and has no other effect.
func Load(dir string, o Options) (*Config, Sources, hcl.Diagnostics) {
	l := &loader{
		dir:         dir,
		options:     o,
		ctx:         evalContext(),
		sources:     Sources{},
		skipped:     map[line]bool{},
		directories: map[string]*source{},
		instances:   map[string]*source{},
		hushed:      map[line][]silence{},
		secrets:     map[string]bool{},
		blocks:      map[string][]*hclsyntax.Block{},
		origins:     map[*hclsyntax.Block]origin{},
		config:      &Config{Rules: &rules.Set{}, People: &notify.People{Routes: map[string]*notify.Route{}, Manners: notify.DefaultManners()}},
	}
	if root := l.readRoot(); root != nil && len(l.sources) > 0 {
		l.expand(root)
		l.expanded = len(l.diags)
		l.nouns()
	}
	return l.config, l.sources, l.told()
}

// A loader holds what is known while one directory is read.
type loader struct {
	dir     string
	options Options
	ctx     *hcl.EvalContext
	sources Sources
	skipped map[line]bool // lines with a syntax error, read as if they were empty
	partial bool          // a file could not be read at all: absence proves nothing

	directories   map[string]*source // of modules, by path
	instances     map[string]*source // what is in each, by path; the configuration itself under ""
	instanceCount int
	workingOn     []*local           // each needed by the one before
	spent         int                // of expansionMax
	hushed        map[line][]silence // by each line of the place
	secrets       map[string]bool    // texts that no diagnostic may quote

	blocks  map[string][]*hclsyntax.Block // with everything in place, by type
	origins map[*hclsyntax.Block]origin   // where they come from

	config    *Config
	schedules []*notify.Schedule
	policies  []policy
	diags     hcl.Diagnostics
	expanded  int // how many diagnostics there were before the blocks were read
}

type line struct {
	file   string
	number int
}

// nouns reads the blocks, those that others refer to first.
func (l *loader) nouns() {
	l.site()
	l.readSchedules()
	l.contacts()
	l.readPolicies()
	l.severities()
	l.modems()
	l.rules()
	l.silences()
	l.heartbeats()
	l.limits()
	l.broker()
	l.brokers()
	if !l.diags.HasErrors() {
		l.lint()
		l.sentences()
		l.messages()
		l.windows()
	}
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
