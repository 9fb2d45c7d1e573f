package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

type whoFlags struct {
	at, severity, socket string
	labels, vars         varsFlag
	json                 bool
}

func newWhoCommand() *cobra.Command {
	f := whoFlags{labels: varsFlag{}}
	c := &cobra.Command{
		Use:   "who ALERT [DIR]",
		Short: "Say who would be told of an alert, now or at a time, and why not the others",
		Long: `Says of every contact in the configuration in DIR (default /etc/tocsin) whether
they would be told if an alert fired now, or --at a time: when, in which step,
how, and how often again; and why not the others. It is about an alarm that goes
on and that nobody answers. Who has opted out by STOP, and what people have
silenced, it asks the agent, if one runs.

  tocsin who smoke
  tocsin who freezer_warm --at "Sun 03:10" --label room=cellar
  tocsin who 'coolant{machine="7"}' --severity warning --at "2026-03-01 03:10"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("name an alert, such as: tocsin who smoke")}
			}
			return atMostOneDir(nil, args[1:])
		},
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := loadWhole(configDir(args[1:]), f.vars)
			if err != nil {
				return err
			}
			now := time.Now()
			a, q, err := f.question(cfg, args[0], now)
			if err != nil {
				return err
			}
			unknown := f.ask(c.Context(), cfg, &q, now)
			answer := notify.Who(cfg.People, q)
			if f.json {
				return writeJSON(newWhoJSON(q, answer, unknown))
			}
			return writeWho(os.Stdout, a, q, answer, unknown)
		},
	}
	addSocketFlags(c, &f.socket, &f.json)
	c.Flags().StringVar(&f.at, "at", "", `when it fires: "03:10", "Sun 03:10" or "2026-03-01 03:10" (default now)`)
	c.Flags().StringVar(&f.severity, "severity", "", "of an alert with levels: which of them (default the most urgent)")
	c.Flags().Var(f.labels, "label", "label of the instance; may be given several times")
	f.vars = addVarsFlag(c)
	return c
}

// question is what the command line asks, and of which alert.
func (f whoFlags) question(cfg *config.Config, arg string, now time.Time) (*rules.Alert, notify.Question, error) {
	asked, err := question([]string{arg})
	if err != nil {
		return nil, notify.Question{}, err
	}
	a, err := alertNamed(cfg, asked.Alert)
	if err != nil {
		return nil, notify.Question{}, err
	}
	q := notify.Question{Alert: a.Name, Severity: a.Severity, Shadow: a.Shadow}
	for _, l := range asked.Labels {
		q.Labels = append(q.Labels, rules.Label(l))
	}
	for _, name := range slices.Sorted(maps.Keys(f.labels)) {
		q.Labels = append(q.Labels, rules.Label{Name: name, Value: f.labels[name]})
	}
	if err := checkLabels(a, q.Labels); err != nil {
		return nil, notify.Question{}, err
	}
	if q.Severity, err = f.severityOf(a); err != nil {
		return nil, notify.Question{}, err
	}
	q.At, err = parseAt(f.at, now.In(cfg.Site.Zone))
	return a, q, err
}

// alertNamed is the alert of that name, or of that reference.
func alertNamed(cfg *config.Config, name string) (*rules.Alert, error) {
	var known []string
	for _, a := range allAlerts(cfg) {
		if a.Name == name || "alert."+a.Name == name {
			return a, nil
		}
		known = append(known, a.Name)
	}
	return nil, fmt.Errorf("there is no alert %q%s", name, insteadOf(strings.TrimPrefix(name, "alert."), known))
}

// allAlerts are those of the configuration, and that of Tocsin's own where somebody
// is told of it.
func allAlerts(cfg *config.Config) []*rules.Alert {
	if cfg.People.Routes[rules.BrokerUnreachable] == nil {
		return cfg.Rules.Alerts
	}
	return append(slices.Clip(cfg.Rules.Alerts), &rules.Alert{
		Name: rules.BrokerUnreachable, Severity: rules.Warning, Labels: []string{"broker"},
		Levels: []*rules.Level{{Severity: rules.Warning}},
	})
}

// insteadOf says what may have been meant, or what there is.
func insteadOf(given string, known []string) string {
	switch near := block.Suggest(given, known); {
	case near != "":
		return "; did you mean " + near + "?"
	case len(known) == 0:
		return "; there are none"
	}
	return "; there are: " + strings.Join(known, ", ")
}

// checkLabels holds when the alert's instances have all of the labels, each once.
func checkLabels(a *rules.Alert, labels []rules.Label) error {
	for i, l := range labels {
		switch {
		case l.Name == "" || !slices.Contains(a.Labels, l.Name):
			return usageError{fmt.Errorf("alert %s has no label %q%s", a.Name, l.Name, insteadOf(l.Name, a.Labels))}
		case slices.ContainsFunc(labels[:i], func(other rules.Label) bool { return other.Name == l.Name }):
			return usageError{fmt.Errorf("label %s is given twice", l.Name)}
		}
	}
	return nil
}

// severityOf is the severity that is asked about, of those the alert can have.
func (f whoFlags) severityOf(a *rules.Alert) (rules.Severity, error) {
	var its []string
	for _, level := range a.Levels {
		if f.severity == string(level.Severity) {
			return level.Severity, nil
		}
		its = append(its, string(level.Severity))
	}
	if f.severity == "" {
		return a.Severity, nil
	}
	return "", usageError{fmt.Errorf("alert %s is never %q, but %s", a.Name, f.severity, strings.Join(its, " or "))}
}
