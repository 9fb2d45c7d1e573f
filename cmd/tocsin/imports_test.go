package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/tocsin-edge/tocsin/"

// arrows is who may import whom within the module, tests included. The leaves
// (rules, modem, mqtt, buffer) know nothing of each other nor of agent; what
// lives under agent may know leaves. A new arrow is added here, in the open.
var arrows = map[string][]string{
	"cmd/tocsin": {
		"agent", "agent/api", "agent/config", "agent/learn", "agent/notify", "agent/rehearsal", "agent/rehearsal/backtest", "agent/rehearsal/scenario", "agent/status", "buffer", "examples",
		"modem", "modem/modemtest", "mqtt", "rules", "rules/block",
	},
	"agent":                     {"agent/api", "agent/config", "agent/dispatch", "agent/notify", "agent/phrase", "agent/status", "buffer", "modem", "modem/modemmanager", "modem/modemtest", "mqtt", "rules"},
	"agent/api":                 {"agent/status"},
	"agent/command":             {"agent/phrase"},
	"agent/config":              {"agent/command", "agent/dispatch", "agent/notify", "agent/phrase", "modem", "mqtt", "rules", "rules/block"},
	"agent/dispatch":            {"agent/command", "agent/notify", "agent/phrase", "modem", "rules", "rules/block"},
	"agent/learn":               {"agent/config", "rules", "rules/block", "rules/cbor", "rules/sparkplug"},
	"agent/notify":              {"agent/phrase", "modem", "rules"},
	"agent/phrase":              {},
	"agent/rehearsal":           {"agent/dispatch", "agent/notify", "rules"},
	"agent/rehearsal/backtest":  {"agent/config", "agent/rehearsal", "rules", "rules/block"},
	"agent/rehearsal/scenario":  {"agent/config", "agent/notify", "agent/rehearsal", "rules", "rules/block"},
	"agent/status":              {"buffer", "modem", "mqtt"},
	"buffer":                    {},
	"examples":                  {},
	"modem":                     {"modem/modemtest", "modem/ports", "modem/ports/portstest"},
	"modem/modemmanager":        {"modem", "modem/modemmanager/mmtest", "modem/modemtest"},
	"modem/modemmanager/mmtest": {},
	"modem/modemtest":           {},
	"modem/ports":               {"modem/ports/portstest"},
	"modem/ports/portstest":     {},
	"mqtt":                      {},
	"rules":                     {"rules/block", "rules/cbor", "rules/sparkplug"},
	"rules/block":               {},
	"rules/cbor":                {},
	"rules/sparkplug":           {},
}

func TestEveryArrowBetweenPackagesIsInTheTable(t *testing.T) {
	got := imports(t)
	if diff := cmp.Diff(arrows, got); diff != "" {
		t.Errorf("imports within the module (-table +code):\n%s", diff)
	}
}

func TestOnlyTestsAndTheCommandUseTheSimulatedModem(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{.Imports}}", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, module+"modem/modemtest") && !strings.HasPrefix(line, module+"cmd/") && !strings.HasPrefix(line, module+"modem/modemtest ") {
			t.Errorf("the agent itself must not know the simulator: %s", line)
		}
	}
}

// imports asks the go command which package of the module imports which.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	got := map[string][]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return got
		} else if err != nil {
			t.Fatal(err)
		}
		self := strings.TrimPrefix(p.ImportPath, module)
		own := []string{}
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if name, ok := strings.CutPrefix(i, module); ok && name != self {
				own = append(own, name)
			}
		}
		slices.Sort(own)
		got[self] = slices.Compact(own)
	}
}
