package config

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/mqtt"
	"github.com/tocsin-edge/tocsin/rules"
)

// good loads testdata/good.
func good(t *testing.T) (*Config, string) {
	t.Helper()
	t.Setenv("TOCSIN_TEST_PHONE", "+353 87 123 4567")
	dir := directory(t, "a_rules.hcl", read(t, "testdata/good/rules.hcl"))
	write(t, dir, "home.hcl", read(t, "testdata/good/home.hcl"))
	write(t, dir, "freezer.test.hcl", "test {")
	write(t, dir, ".#home.hcl", "an editor's lock")
	c, _, diags := Load(dir, Options{})
	for _, d := range diags {
		t.Error(text(d))
	}
	return c, dir
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryFileOfTheDirectoryIsOneConfiguration(t *testing.T) {
	c, dir := good(t)
	if got, want := fmt.Sprint(c.Site.Name, " ", c.Site.Zone, " ", c.Site.Language), "Rosewood Europe/Dublin de"; got != want {
		t.Errorf("site: got %s, want %s", got, want)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	want := []mqtt.Options{{
		Name: "main", URL: "mqtts://broker.example:8883", ClientID: "tocsin-rosewood",
		Username: "gateway", PasswordFile: in("password"), KeepAlive: 30 * time.Second,
		TLS:     mqtt.TLSFiles{CA: in("cert.pem"), Cert: in("cert.pem"), Key: in("key.pem")},
		Filters: []mqtt.Filter{{Topic: "home/freezer/+", QoS: 1}, {Topic: "home/door", QoS: 2}, {Topic: "home/away", QoS: 1}},
		Publish: []mqtt.Publish{{Topic: "R/c0ffee/keepalive", Every: 30 * time.Second}},
	}, {
		Name: "barn", URL: "ws://barn.example/mqtt", ClientID: "house",
		Filters: []mqtt.Filter{{Topic: "home/door", QoS: 2}, {Topic: "barn/+/#", QoS: 1}, {Topic: "home/away", QoS: 1}},
	}}
	if len(c.Brokers) != 2 {
		t.Fatalf("got %d brokers, want 2", len(c.Brokers))
	}
	for i := range want {
		if diff := cmp.Diff(fmt.Sprintf("%+v", want[i]), fmt.Sprintf("%+v", c.Brokers[i])); diff != "" {
			t.Errorf("broker %d (-want +got):\n%s", i, diff)
		}
	}
	if c.Broker != nil {
		t.Errorf("embedded broker: got %+v, want none", c.Broker)
	}
	var switches []string
	for _, s := range c.Rules.Switches {
		switches = append(switches, fmt.Sprint(s.Name, " ", s.Default, " ", s.Topic))
	}
	if got, want := strings.Join(switches, "; "), "away true home/away; armed false "; got != want {
		t.Errorf("switches: got %s, want %s", got, want)
	}
	m := c.Modems[0]
	if m.Name != "main" || m.Port != "/dev/ttyUSB2" || m.Baud != 9600 || m.SMSC != "+353871999999" {
		t.Errorf("modem: got %+v", m)
	}
}

func TestAlertsTellTheirContactsOnceInTheOrderWritten(t *testing.T) {
	c, _ := good(t)
	got := map[string]string{}
	for alert, people := range c.People.Routes {
		got[alert] = phones(people.Everybody())
	}
	want := map[string]string{
		"freezer_warm": "alice +353871234567, bob +353871234568, night_shift 50123",
		"door":         "alice +353871234567, bob +353871234568", // the only policy
		"barn":         "bob +353871234568",
		"door_only":    "bob +353871234568",
		"intruder":     "bob +353871234568",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func phones(people []notify.Addressee) string {
	var all []string
	for _, p := range people {
		all = append(all, p.Name+" "+p.Phone)
	}
	return strings.Join(all, ", ")
}

func TestEveryAlertIsSaidAsASentence(t *testing.T) {
	c, _ := good(t)
	want := []string{
		"If freezer is above -12 for 20 minutes, text Alice, Bob and Night shift; clear when freezer is below -15.",
		"If door is true and barn is above 5, text Alice and Bob; until somebody answers, again after 2, 5, 10 and then every 30 minutes; clear when that has been over for 1 minute 30 seconds.",
		"If barn is at least 30, text Bob; clear when barn is below 25 for 1 hour 30 minutes.",
		"If door is true, text Bob; clear when that is over.",
		"If away is on and armed is off and door is true, text Bob; clear when that is over.",
	}
	if diff := cmp.Diff(want, c.Sentences); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPolicyRingsAndFlashesWhomeverItTells(t *testing.T) {
	dir := directory(t, "a.hcl", strings.Replace(minimal, "when = sensor.door", `when = sensor.door
  severity = "critical"
  notify   = [contact.bob, policy.bright, policy.loud]`, 1)+`
mqtt "home" {
  url = "mqtt://localhost"
}
policy "loud" {
  notify = [contact.alice, contact.bob]
  call   = true
}
policy "bright" {
  notify = contact.alice
  flash  = true
}
contact "bob" {
  phone = "+353871234568"
}`)
	c, _, diags := Load(dir, Options{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	var got []string
	for _, p := range c.People.Routes["door"].Everybody() {
		got = append(got, fmt.Sprintf("%s call=%t flash=%t", p.Name, p.Call, p.Flash))
	}
	if diff := cmp.Diff([]string{"bob call=true flash=false", "alice call=true flash=true"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s := strings.Join(c.Sentences, " "); !strings.Contains(s, "ring and text Bob and Alice;") {
		t.Errorf("sentences: %s", s)
	}
}

func TestThePINIsReadWhenItIsWanted(t *testing.T) {
	c, dir := good(t)
	if pin, err := c.Modems[0].PIN(); pin != "1234" || err != nil {
		t.Errorf("got %q, %v, want 1234", pin, err)
	}
	write(t, dir, "pin", "87654321\r\n")
	if pin, err := c.Modems[0].PIN(); pin != "87654321" || err != nil {
		t.Errorf("after the file was changed: got %q, %v, want 87654321", pin, err)
	}
	write(t, dir, "pin", "12x4")
	pin, err := c.Modems[0].PIN()
	if err == nil || pin != "" {
		t.Fatalf("got %q, want an error", pin)
	}
	if strings.Contains(err.Error(), "12x4") {
		t.Errorf("the error repeats the PIN: %v", err)
	}
}

const minimal = `
modem "main" {
  port = "/dev/ttyUSB2"
}
contact "alice" {
  phone = "+353871234567"
}
sensor "door" {
  topic = "door"
  value = bool
}
alert "door" {
  when = sensor.door
}
`

func TestAGatewayWithItsOwnBrokerListensToIt(t *testing.T) {
	dir := directory(t, "a.hcl", minimal+`broker {
  users = { sensors = "secret" }
}`)
	c, _, diags := Load(dir, Options{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if b := c.Broker; b == nil || b.Listen != "127.0.0.1:1883" || b.Users["sensors"] != "secret" || b.AllowAnonymous {
		t.Errorf("embedded broker: got %+v", b)
	}
	host, _ := os.Hostname()
	want := mqtt.Options{Name: "broker", ClientID: "tocsin-" + slug(host, "-"), Filters: []mqtt.Filter{{Topic: "door", QoS: 1}}}
	if len(c.Brokers) != 1 || fmt.Sprintf("%+v", c.Brokers[0]) != fmt.Sprintf("%+v", want) {
		t.Errorf("brokers: got %+v, want %+v", c.Brokers, want)
	}
}

func TestTheOnlyContactIsToldWhenAnAlertNamesNobody(t *testing.T) {
	c, _, diags := Load(directory(t, "a.hcl", minimal+`broker { allow_anonymous = true }`), Options{})
	if got := phones(c.People.Routes["door"].Everybody()); got != "alice +353871234567" || len(diags) > 0 {
		t.Errorf("got %s and %v, want alice", got, diags)
	}
}

func TestWhatIsNoConfigurationIsSaidSo(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "file.hcl", "")
	tests := []struct{ dir, want string }{
		{filepath.Join(dir, "nowhere"), "it does not exist."},
		{filepath.Join(dir, "file.hcl"), "it is a file"},
		{t.TempDir(), "holds no *.hcl file. Write one, or give the directory that holds yours."},
	}
	for _, tt := range tests {
		_, _, diags := Load(tt.dir, Options{})
		if len(diags) != 1 || !strings.Contains(diags[0].Detail, tt.want) {
			t.Errorf("%s: got %v, want one diagnostic with %q", tt.dir, diags, tt.want)
		}
	}
}

func TestAFileThatCannotBeReadHidesNoMistakeOfOthers(t *testing.T) {
	tests := []struct {
		name, want string
		make       func(path string) error
	}{
		{"binary", "it is not text in UTF-8.", func(p string) error { return os.WriteFile(p, []byte("a\x00b"), 0o600) }},
		{"Latin-1", "it is not text in UTF-8.", func(p string) error { return os.WriteFile(p, []byte("# 20 \xb0C\n"), 0o600) }},
		{"oversized", "it is larger than 1024 KiB.", func(p string) error { return os.WriteFile(p, bytes.Repeat([]byte("#\n"), fileMaxBytes), 0o600) }},
		{"a directory", "it is not a regular file.", func(p string) error { return os.Mkdir(p, 0o700) }},
		{"a link to nothing", "it does not exist.", func(p string) error { return os.Symlink("nowhere", p) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := directory(t, "a.hcl", "contact \"alice\" {\n  phone = \"0871234567\"\n}\nalert \"door\" {\n  when = sensor.door\n  notify = policy.all\n}\n")
			if err := tt.make(filepath.Join(dir, "b.hcl")); err != nil {
				t.Fatal(err)
			}
			_, _, diags := Load(dir, Options{})
			compare(t, []expectation{{"", 2, hcl.DiagError, "has no country code"}, {"", 1, hcl.DiagError, tt.want}}, diags)
		})
	}
}

func TestNestingAndLengthAreBoundedBeforeTheyAreParsed(t *testing.T) {
	const n = 10_000
	wrap := func(open, middle, end string) string {
		return "a \"b\" {\n x = " + strings.Repeat(open, n) + middle + strings.Repeat(end, n) + "\n}\n"
	}
	tests := map[string]string{
		"parentheses":         wrap("(", "1", ")"),
		"ten times as many":   strings.Replace(wrap("(", "1", ")"), "(", strings.Repeat("(", 9*n+1), 1),
		"lists":               wrap("[", "1", "]"),
		"objects":             wrap("{a=", "1", "}"),
		"negations":           wrap("!", "true", ""),
		"minus":               wrap("-", "1", ""),
		"sums":                wrap("1+", "1", ""),
		"sums over lines":     wrap("(1+\n", "1", ")"),
		"conditionals":        wrap("a?b:", "1", ""),
		"indexes":             wrap("", "a", "[b]"),
		"attributes":          wrap("", "a", ".b"),
		"calls":               wrap("f(", "1", ")"),
		"templates":           wrap(`"${`, "1", `}"`),
		"directives":          wrap("", `"`+strings.Repeat("%{if a}", n)+`"`, ""),
		"for expressions":     wrap("[for a in b:", "1", "]"),
		"unclosed":            wrap("(", "", ""),
		"unclosed quotes":     wrap(`"${`, "", ""),
		"blocks":              strings.Repeat("a {\n", n),
		"comments in a chain": wrap("(1+ # one\n", "1", ")"),
	}
	for name, src := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, diags := Load(directory(t, "a.hcl", src), Options{})
			if !strings.Contains(fmt.Sprint(diags.Errs()), "Split it") {
				t.Errorf("got %.200v, want a complaint about its length", diags.Errs())
			}
		})
	}
}

func TestLongListsAreNoNesting(t *testing.T) {
	var list, args strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&list, "    \"%d\",\n", i)
		fmt.Fprintf(&args, "# line %d\nsite {\n}\n", i)
	}
	p := parse([]byte("a {\n  x = [\n"+list.String()+"  ]\n}\n"+args.String()), "a.hcl")
	if len(p.diags) > 0 || !p.whole {
		t.Errorf("got %v", p.diags)
	}
}

func TestDiagnosticsArePrintedUnderTheirSource(t *testing.T) {
	dir := directory(t, "home.hcl", minimal+"broker {\n  allow_anonymous = true\n}\nalert \"slow\" {\n  when = sensor.door\n  for  = \"ten minutes\"\n}\n")
	_, sources, diags := Load(dir, Options{})
	var out bytes.Buffer
	if err := hcl.NewDiagnosticTextWriter(&out, sources, 0, false).WriteDiagnostics(diags); err != nil {
		t.Fatal(err)
	}
	want := `Error: Invalid duration

  on home.hcl line 20, in alert "slow":
  20:   for  = "ten minutes"

"ten minutes" is not a duration. Write a number and a unit, such as "90s", "10m" or "4h".

`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzAnyBytesAreAConfigurationOrDiagnostics(f *testing.F) {
	seed := func(a *txtar.Archive) {
		var own, module, vars []byte
		for _, file := range a.Files {
			switch {
			case strings.HasSuffix(file.Name, varsSuffix):
				vars = file.Data
			case strings.Contains(file.Name, "/"):
				module = file.Data
			default:
				own = bytes.ReplaceAll(file.Data, []byte("./modules/freezer"), []byte("./m"))
			}
		}
		f.Add(own, module, vars)
	}
	files, _ := filepath.Glob("testdata/*/*")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if filepath.Ext(file) == ".txtar" {
			seed(txtar.Parse(b))
		} else {
			f.Add(b, []byte{}, []byte{})
		}
	}
	dir := f.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "m"), 0o700); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, own, module, vars []byte) {
		write(t, dir, "a.hcl", string(own))
		write(t, dir, "m/a.hcl", string(module))
		write(t, dir, "a.vars.hcl", string(vars))
		c, sources, diags := Load(dir, Options{Vars: map[string]string{"x": string(vars)}})
		if err := hcl.NewDiagnosticTextWriter(&bytes.Buffer{}, sources, 78, false).WriteDiagnostics(diags); err != nil {
			t.Error(err)
		}
		for _, d := range diags {
			if d.Summary == "" || d.Detail == "" {
				t.Errorf("a diagnostic without words: %+v", d)
			}
		}
		if !diags.HasErrors() && len(c.Sentences) != len(c.Rules.Alerts) {
			t.Errorf("got %d sentences for %d alerts", len(c.Sentences), len(c.Rules.Alerts))
		}
	})
}

func TestWhoIsToldOfSilentSensorsIsToldOfABrokerOutOfReach(t *testing.T) {
	const house = `
mqtt "main" { url = "mqtt://127.0.0.1" }
modem "main" { port = "/dev/ttyUSB2" }
contact "alice" { phone = "+353871234567" }
contact "bob" { phone = "+353871234568" }
sensor "door" {
  topic         = "door"
  value         = bool
  offline_after = "1h"
}
alert "door" {
  when   = sensor.door
  notify = contact.alice
}
`
	c, _, diags := Load(directory(t, "a.hcl", house+`alert "lost" {
  when   = offline(sensor.door) || age(sensor.door) > "2h"
  notify = [contact.bob, contact.bob]
}
alert "smoke" {
  when   = offline(sensor.door)
  notify = contact.bob
}
`), Options{})
	if got := phones(c.People.Routes[rules.BrokerUnreachable].Everybody()); got != "bob +353871234568" || diags.HasErrors() {
		t.Errorf("got %q and %v, want bob", got, diags)
	}
	c, _, _ = Load(directory(t, "a.hcl", house), Options{})
	if _, ok := c.People.Routes[rules.BrokerUnreachable]; ok {
		t.Error("nobody is told of silent sensors, and yet somebody of their broker")
	}
}
