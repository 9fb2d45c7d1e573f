package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// A family resolves what alerts are suppressed by.
type family struct {
	blocks map[string]*hclsyntax.Block // every alert's, also those with mistakes
	alerts map[string]*Alert
	diags  hcl.Diagnostics

	visited map[*Alert]bool
	path    []*Alert // each suppressed by the next
}

// resolveSuppression finds the alerts that alerts are suppressed by. It complains
// of those that are not there, and of alerts that suppress themselves.
func resolveSuppression(blocks []*hclsyntax.Block, alerts []*Alert) hcl.Diagnostics {
	f := family{blocks: map[string]*hclsyntax.Block{}, alerts: map[string]*Alert{}, visited: map[*Alert]bool{}}
	for _, b := range blocks {
		if b.Type == "alert" {
			f.blocks[strings.Join(b.Labels, " ")] = b
		}
	}
	for _, a := range alerts {
		f.alerts[a.Name] = a
	}
	for _, a := range alerts {
		f.resolve(a)
	}
	for _, a := range alerts {
		f.visit(a)
	}
	return f.diags
}

// resolve finds the alerts that one refers to. One whose own block has mistakes
// is passed over in silence.
func (f *family) resolve(a *Alert) {
	for _, ref := range a.suppressedBy {
		switch other := f.alerts[ref.Name]; {
		case f.blocks[ref.Name] == nil:
			f.complain(a, block.Mistake(ref.Range, "Unknown alert", fmt.Sprintf("There is no alert called %q. %s", ref.Name, f.instead(a, ref.Name))))
		case other != nil && !slices.Contains(a.SuppressedBy, other):
			a.SuppressedBy = append(a.SuppressedBy, other)
		}
	}
}

func (f *family) instead(a *Alert, name string) string {
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(f.blocks)), func(other string) bool { return other == a.Name })
	switch near := block.Suggest(name, others); {
	case near != "":
		return "Did you mean alert." + near + "?"
	case len(others) == 0:
		return "There is no other alert."
	}
	return "There are: " + someOf(others) + "."
}

func (f *family) complain(a *Alert, d *hcl.Diagnostic) {
	f.diags = append(f.diags, block.Within(f.blocks[a.Name], hcl.Diagnostics{d})...)
}

// visit follows what a is suppressed by, and complains where that leads back.
func (f *family) visit(a *Alert) {
	if f.visited[a] {
		return
	}
	f.visited[a] = true
	f.path = append(f.path, a)
	for _, other := range a.SuppressedBy {
		if at := slices.Index(f.path, other); at >= 0 {
			f.circle(a, other, f.path[at:])
		} else {
			f.visit(other)
		}
	}
	f.path = f.path[:len(f.path)-1]
}

// circle complains that a, the last of the alerts of which each is suppressed by
// the next, is suppressed by the first.
func (f *family) circle(a, first *Alert, round []*Alert) {
	var names []string
	for _, other := range round {
		names = append(names, "alert."+other.Name)
	}
	names = append(names, "alert."+first.Name)
	at := slices.IndexFunc(a.suppressedBy, func(r block.Ref) bool { return r.Name == first.Name })
	f.complain(a, block.Mistake(a.suppressedBy[at].Range, "Circular suppression", fmt.Sprintf(
		"alert.%s would keep itself quiet: %s. Remove one of them.", first.Name, strings.Join(names, " → "))))
}
