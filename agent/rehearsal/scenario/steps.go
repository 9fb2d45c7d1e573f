package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/rehearsal"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of an outage, and how long a reboot takes when it does not say.
const (
	downMin     = time.Millisecond
	downMax     = 366 * 24 * time.Hour
	downDefault = time.Minute
)

// faults are what can be wrong with a modem. Texts wait whichever it is.
var faults = []string{"unplugged", "silent", "no_sim"}

// A stepKind is one kind of block inside `at`.
type stepKind struct {
	name  string
	named bool // it has a label
	read  func(*loader, *block.Reader) step
}

var stepKinds = []stepKind{
	{"publish", true, (*loader).publish},
	{"switch", true, (*loader).turn},
	{"ack", false, (*loader).ack},
	{"reply", true, (*loader).reply},
	{"silence", false, (*loader).silence},
	{"unsilence", false, (*loader).unsilence},
	{"phone", true, (*loader).phone},
	{"reboot", false, (*loader).reboot},
	{"clock", false, (*loader).clock},
	{"broker", false, (*loader).broker},
	{"network", false, (*loader).network},
	{"modem", false, (*loader).modem},
}

// steps reads what happens at a moment, in the order of the source.
func (l *loader) steps(r *block.Reader) []step {
	type placed struct {
		at int
		step
	}
	var all []placed
	for _, k := range stepKinds {
		found := r.Blocks
		if k.named {
			found = r.Named
		}
		for _, n := range found(k.name) {
			all = append(all, placed{n.Header().Start.Byte, k.read(l, n)})
		}
	}
	slices.SortFunc(all, func(a, b placed) int { return a.at - b.at })
	var steps []step
	for _, p := range all {
		steps = append(steps, p.step)
	}
	return steps
}

// turn reads the step that a switch is set, by whatever means.
func (l *loader) turn(r *block.Reader) step {
	name, known := r.Label(), switchNames(l.config.Rules.Switches)
	switch near := block.Suggest(name, known); {
	case name == "" || slices.Contains(known, name):
	case near != "":
		r.Add(block.Mistake(r.Header(), "Unknown switch", fmt.Sprintf("There is no switch called %q. Did you mean %q?", name, near)))
	default:
		r.Add(block.Mistake(r.Header(), "Unknown switch", fmt.Sprintf("There is no switch called %q. Write switch %[1]q {} in the configuration, or remove this step.", name)))
	}
	r.Need("on", "Write on = true to turn it on, on = false to turn it off.")
	on := r.Bool("on", false)
	return step{fmt.Sprintf("%s is turned %s", spoken("switch", name), onOff(on)), func(p *player, at time.Duration) { p.gateway.SetSwitch(at, name, on) }}
}

func (l *loader) reboot(r *block.Reader) step {
	down := downDefault
	if r.Has("down") {
		down = r.Duration("down", downMin, downMax)
	}
	shows := wallTime(r, "clock")
	what := "reboot, down for " + block.FormatDuration(down)
	if !shows.IsZero() {
		what += "; the clock then shows " + shows.Format(time.DateTime)
	}
	return step{what, func(p *player, at time.Duration) { p.gateway.Reboot(at, down, shows) }}
}

// wallTime reads an argument that is a time with its zone, the zero Time when it
// is absent or wrong.
func wallTime(r *block.Reader, name string) time.Time {
	text, ok := r.Text(name)
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		r.Add(block.Mistake(r.Range(name), "Invalid time", fmt.Sprintf(
			`%q is not a time. Write date, time and zone, such as "1970-01-01T00:00:10Z".`, text)))
	}
	return t
}

func (l *loader) clock(r *block.Reader) step {
	r.Need("step", `Write by how much the clock is set, such as step = "-1h".`)
	by := signedDuration(r, "step")
	return step{"", func(p *player, at time.Duration) {
		p.gateway.StepClock(at, by)
		shows, _ := p.gateway.Clock()
		p.note(at, "the clock is set to "+shows.Format(time.DateTime))
	}}
}

// signedDuration reads a duration that may begin with a sign.
func signedDuration(r *block.Reader, name string) time.Duration {
	text, ok := r.Text(name)
	if !ok {
		return 0
	}
	size, negative := strings.CutPrefix(text, "-")
	by, err := block.ParseDuration(strings.TrimPrefix(size, "+"))
	if err != nil {
		r.Add(block.Mistake(r.Range(name), "Invalid duration", fmt.Sprintf(
			`%q is not a step. Write a duration with its sign, such as "-1h" or "+90s".`, text)))
	}
	if negative {
		return -by
	}
	return by
}

func (l *loader) broker(r *block.Reader) step {
	return outage(r, "the broker is out of reach", (*rehearsal.Gateway).LoseBroker)
}

func (l *loader) network(r *block.Reader) step {
	return outage(r, "no mobile network", (*rehearsal.Gateway).LoseService)
}

func (l *loader) modem(r *block.Reader) step {
	r.Need("fault", fmt.Sprintf("Write what is wrong with it, such as fault = %q.", faults[0]))
	fault := r.Words("fault", faults...)
	return outage(r, "modem "+strings.ReplaceAll(fault, "_", " "), (*rehearsal.Gateway).LoseService)
}

// outage reads the step that something is out for a while.
func outage(r *block.Reader, what string, lose func(g *rehearsal.Gateway, at, down time.Duration)) step {
	r.Need("down", `Write for how long, such as down = "5m".`)
	down := r.Duration("down", downMin, downMax)
	return step{what + " for " + block.FormatDuration(down), func(p *player, at time.Duration) { lose(p.gateway, at, down) }}
}
