package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// Level is one degree of an alert, with conditions and times of its own: one
// `level` block, or all that an alert without such blocks says.
type Level struct {
	Severity Severity
	For      time.Duration
	ClearFor time.Duration

	when      *Condition
	clearWhen *Condition // nil: not `when` is enough
	message   *Template  // nil: that of the alert
	meaning   string     // the conditions as written; state kept under another meaning is not trusted
	heeds     []int      // the slots of sensors that they read and that are in Alert.heeds
}

// reads tells whether the conditions look at what sensors say, and not only at
// when they last said anything.
func (l *Level) reads() bool {
	return l.when.reads || l.clearWhen != nil && l.clearWhen.reads
}

// severities are those an alert can have, from the least urgent.
var severities = []Severity{Info, Warning, Critical}

// Above tells whether s is more urgent than other.
func (s Severity) Above(other Severity) bool {
	return slices.Index(severities, s) > slices.Index(severities, other)
}

// loadLevels reads what the alert's degrees are and returns the expressions of
// each: its `level` blocks from the least urgent, or else the alert's own
// arguments.
func (a *Alert) loadLevels(r *block.Reader) []levelExpressions {
	blocks := r.Named("level")
	if len(blocks) == 0 {
		severity := Severity(r.Words("severity", string(Critical), string(Warning), string(Info)))
		if severity == "" {
			severity = Warning
		}
		r.Need("when", `Say when the alert is true, such as when = sensor.freezer > -12.`)
		return []levelExpressions{loadLevel(r, severity)}
	}
	a.Leveled = true
	for _, name := range []string{"severity", "when", "for", "clear_when", "clear_for"} {
		if r.Has(name) {
			r.Add(block.Mistake(r.Range(name), "Conflicting arguments", fmt.Sprintf(
				"The levels of %s say that, each for itself. Move %s into a level, or remove it.", r.Title(), name)))
		}
	}
	var all []levelExpressions
	lines := map[Severity]int{}
	for _, n := range blocks {
		severity, ok := severityOf(n, lines)
		n.Need("when", `Say when the level is reached, such as when = sensor.freezer > -12.`)
		if e := loadLevel(n, severity); ok {
			e.message = n.Expr("message")
			all = append(all, e)
		} else {
			n.Has("message")
		}
	}
	slices.SortStableFunc(all, func(x, y levelExpressions) int {
		return slices.Index(severities, x.level.Severity) - slices.Index(severities, y.level.Severity)
	})
	return all
}

// severityOf is the severity that a level is named by. Of each there is one;
// lines holds where those before it stand.
func severityOf(n *block.Reader, lines map[Severity]int) (Severity, bool) {
	s := Severity(n.Label())
	switch line, twice := lines[s]; {
	case s == "":
		return s, false // said by who found no label
	case !slices.Contains(severities, s):
		detail := `Write level "critical", "warning" or "info".`
		if near := block.Suggest(string(s), []string{string(Critical), string(Warning), string(Info)}); near != "" {
			detail = fmt.Sprintf("Did you mean %q?", near)
		}
		n.Add(block.Mistake(n.Header(), "Invalid name", fmt.Sprintf("A level is named by its severity, and %q is none. %s", string(s), detail)))
		return s, false
	case twice:
		n.Add(block.Mistake(n.Header(), "Duplicate level", fmt.Sprintf(
			"There is a level %q already, on line %d. Keep one of them, and join their conditions with ||.", string(s), line)))
		return s, false
	}
	lines[s] = n.Header().Start.Line
	return s, true
}

// levelExpressions are the parts of a level that are compiled; nil where the
// user wrote nothing.
type levelExpressions struct {
	level                    *Level
	when, clearWhen, message hcl.Expression
}

// loadLevel reads what an alert and a level have in common.
func loadLevel(r *block.Reader, severity Severity) levelExpressions {
	return levelExpressions{
		level: &Level{
			Severity: severity,
			For:      r.Duration("for", holdMin, holdMax),
			ClearFor: r.Duration("clear_for", holdMin, holdMax),
		},
		when: r.Expr("when"), clearWhen: r.Expr("clear_when"),
	}
}
