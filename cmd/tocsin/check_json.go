package main

import (
	"encoding/json"
	"io"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/agent/config"
)

// checkReport is what check --json says.
type checkReport struct {
	Valid       bool             `json:"valid"`
	Errors      int              `json:"errors"`
	Warnings    int              `json:"warnings"`
	Diagnostics []jsonDiagnostic `json:"diagnostics"`
	Alerts      []jsonAlert      `json:"alerts"` // of a valid configuration
	Worst       []burden         `json:"worst"`  // of a valid configuration
}

type jsonDiagnostic struct {
	Severity string     `json:"severity"` // error or warning
	Summary  string     `json:"summary"`
	Detail   string     `json:"detail"`
	Range    *jsonRange `json:"range,omitempty"` // none for the configuration as a whole
}

type jsonRange struct {
	File  string  `json:"file"` // relative to the directory; --var name for such a value
	Start jsonPos `json:"start"`
	End   jsonPos `json:"end"`
}

type jsonPos struct {
	Line   int `json:"line"`   // from 1
	Column int `json:"column"` // from 1, in characters
	Byte   int `json:"byte"`   // from 0
}

type jsonAlert struct {
	Name       string `json:"name"`
	Sentence   string `json:"sentence"`
	Texts      int    `json:"texts"` // the alarm at its longest
	Characters int    `json:"characters"`
	Encoding   string `json:"encoding"`
	Example    string `json:"example"`

	Windows []jsonWindow `json:"windows"`
}

type jsonWindow struct {
	Of      string  `json:"of"`
	Seconds float64 `json:"seconds"` // 0: the reading before the last
	Bytes   int     `json:"bytes"`   // for each series
}

// checkJSON writes the report for machines.
func checkJSON(w io.Writer, cfg *config.Config, diags hcl.Diagnostics) error {
	errors := errorCount(diags)
	report := checkReport{
		Valid: errors == 0, Errors: errors, Warnings: len(diags) - errors,
		Diagnostics: jsonDiagnostics(diags), Alerts: jsonAlerts(cfg), Worst: []burden{},
	}
	if report.Valid {
		report.Worst = burdens(cfg)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(report); err != nil {
		return err
	}
	if errors > 0 {
		return errSaid
	}
	return nil
}

func jsonDiagnostics(diags hcl.Diagnostics) []jsonDiagnostic {
	out := []jsonDiagnostic{}
	for _, d := range diags {
		j := jsonDiagnostic{Severity: "error", Summary: d.Summary, Detail: d.Detail}
		if d.Severity == hcl.DiagWarning {
			j.Severity = "warning"
		}
		if r := d.Subject; r != nil {
			j.Range = &jsonRange{r.Filename, jsonPos(r.Start), jsonPos(r.End)}
		}
		out = append(out, j)
	}
	return out
}

func jsonAlerts(cfg *config.Config) []jsonAlert {
	out := []jsonAlert{}
	for i, s := range cfg.Sentences {
		m := cfg.Messages[i]
		windows := []jsonWindow{}
		for _, w := range cfg.Windows[i] {
			windows = append(windows, jsonWindow{w.Of, w.Length.Seconds(), w.Bytes})
		}
		out = append(out, jsonAlert{m.Alert, s, m.Parts, m.Characters, m.Encoding, m.Example, windows})
	}
	return out
}
