package modemtest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Programs by others, which must be able to send and receive through this
// modem: that is the proof that it is not merely agreeable.

// client returns the path of a program that is not ours, or skips the test.
func client(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// gammu sends a text through the link, or returns what it said.
func gammu(t *testing.T, link, to, body string) (said string, err error) {
	t.Helper()
	path := client(t, "gammu")
	rc := write(t, t.TempDir(), "gammurc", gammurc(link))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args := []string{"-c", rc, "--sendsms", "TEXT", to, "-text", body, "-autolen", "1000"}
	if strings.ContainsFunc(body, func(r rune) bool { return r > 0xff }) {
		args = append(args, "-unicode")
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestGammuSends(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"Freezer 3 is at -9 C {garage} €",
		strings.Repeat("A long text in the GSM alphabet. ", 12),
		"Ωμέγα, 日本語 and 🔥 " + strings.Repeat("ж", 80),
	} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			m := New()
			said, err := gammu(t, serve(t, m), alice, body)
			if err != nil {
				t.Fatalf("gammu: %v: %s", err, said)
			}
			accepted(t, m, body)
		})
	}
}

func accepted(t *testing.T, m *Modem, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got, err := m.WaitAccepted(ctx, 1)
	if err != nil {
		t.Fatalf("%v; refused %q; commands %q", err, m.Refused(), m.Commands())
	}
	if len(got) != 1 || got[0].Body != body || got[0].To != alice || got[0].Copies != 1 {
		t.Errorf("accepted %+v, want %q", got, body)
	}
}

func TestGammuSendsThroughAModemWithQuirks(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]Option{
		{Profile("huawei-stick")},
		{Fault("send 1 delay 2s; command * delay 20ms")},
		{Fault("baud 115200; echo on")},
	} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			m := New(opts...)
			said, err := gammu(t, serve(t, m), alice, "smoke")
			if err != nil {
				t.Fatalf("gammu: %v: %s", err, said)
			}
			accepted(t, m, "smoke")
		})
	}
}

func TestGammuIsToldOfARefusal(t *testing.T) {
	t.Parallel()
	m := New(Fault("send * cms 38"))
	said, err := gammu(t, serve(t, m), alice, "smoke")
	if err == nil || m.Stats().Refused == 0 || len(m.Accepted()) != 0 {
		t.Errorf("gammu: %v: %s; refused %q", err, said, m.Refused())
	}
}

// gammurc is the [gammu] section that names the link.
func gammurc(link string) string { return "[gammu]\nconnection = at115200\ndevice = " + link + "\n" }

// write puts a file into dir and returns its name.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGammuReadsAReceivedText(t *testing.T) {
	t.Parallel()
	path := client(t, "gammu")
	m := New()
	m.Text("+447700900222", "OK, coming in 10 {minutes}")
	link := serve(t, m)
	rc := write(t, t.TempDir(), "gammurc", gammurc(link))
	out, err := exec.CommandContext(t.Context(), path, "-c", rc, "--getallsms").CombinedOutput()
	for _, want := range []string{"OK, coming in 10 {minutes}", "+447700900222"} {
		if err != nil || !bytes.Contains(out, []byte(want)) {
			t.Errorf("no %q in what gammu read: %v: %s", want, err, out)
		}
	}
}

// daemon runs a program until the test ends, all its processes with it.
func daemon(t *testing.T, path string, args ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes its time")
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); cmd.Wait() })
}

// spools makes directories in a new one.
func spools(t *testing.T, names ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range names {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// onlyFile waits for a file in a directory of dir that holds want, and returns
// its text.
func onlyFile(t *testing.T, dir, spool, want string) string {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(dir, spool, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte(want)) {
				return string(text)
			}
		}
		if time.Now().After(end) {
			t.Fatalf("no file with %q among %q", want, files)
		}
	}
}

// gammuSMSD runs gammu-smsd on the link until the test ends, and returns its
// configuration and the directory with its spools.
func gammuSMSD(t *testing.T, link string) (rc, dir string) {
	t.Helper()
	path := client(t, "gammu-smsd")
	dir = spools(t, "in", "out", "sent", "error", "log")
	rc = write(t, dir, "smsdrc", gammurc(link)+`
[smsd]
service = files
debuglevel = 1
logfile = `+dir+`/log/smsd
inboxpath = `+dir+`/in/
outboxpath = `+dir+`/out/
sentsmspath = `+dir+`/sent/
errorsmspath = `+dir+`/error/
deliveryreport = log
commtimeout = 1
loopsleep = 1
receivefrequency = 1
checksecurity = 0
statusfrequency = 0
multiparttimeout = 5
`)
	daemon(t, path, "-c", rc)
	return rc, dir
}

func TestGammuSMSDSendsAndTakesTheReports(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"generic", "huawei-stick"} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			inject := client(t, "gammu-smsd-inject")
			m := New(Profile(profile))
			rc, dir := gammuSMSD(t, serve(t, m))
			body := "Freezer 3 is at -9 C {garage}. " + strings.Repeat("It goes on. ", 20)
			out, err := exec.CommandContext(t.Context(), inject, "-c", rc,
				"TEXT", alice, "-report", "-autolen", "1000", "-text", body).CombinedOutput()
			if err != nil {
				t.Fatalf("gammu-smsd-inject: %v: %s", err, out)
			}
			accepted(t, m, body)
			for _, reference := range []string{"0x01", "0x02"} {
				onlyFile(t, dir, "log", "Delivery report: Delivered to "+alice+", message reference "+reference)
			}
		})
	}
}

func TestGammuSMSDReceives(t *testing.T) {
	t.Parallel()
	m := New()
	_, dir := gammuSMSD(t, serve(t, m))
	body := "OK, coming. " + strings.Repeat("Wait for me. ", 20)
	m.Parts("+447700900222", body, 2, 1)
	for _, piece := range []string{body[:153], body[153:]} {
		onlyFile(t, dir, "in", piece)
	}
}

// smsd runs smstools3 on the link until the test ends, with its spools in dir.
func smsd(t *testing.T, link string) (dir string) {
	t.Helper()
	path := client(t, "smsd")
	spool := []string{"outgoing", "checked", "failed", "incoming", "sent", "report"}
	dir = spools(t, spool...)
	config := "devices = SIM1\nterminal = yes\ndelaytime = 1\nerrorsleeptime = 1\nloglevel = 5\n" +
		"logfile = " + filepath.Join(dir, "log") + "\npidfile = " + filepath.Join(dir, "pid") +
		"\ninfofile = " + filepath.Join(dir, "info") + "\n"
	for _, name := range spool {
		config += name + " = " + filepath.Join(dir, name) + "\n"
	}
	config += "[SIM1]\ndevice = " + link + "\nincoming = yes\nreport = yes\nbaudrate = 115200\n" +
		"init = AT+CPMS=\"SM\",\"SM\",\"SM\";+CNMI=2,1,0,2,0\n"
	daemon(t, path, "-c", write(t, dir, "smsd.conf", config))
	return dir
}

// spool gives smstools3 a text to send.
func spool(t *testing.T, dir, body string) {
	t.Helper()
	text := "To: " + strings.TrimPrefix(alice, "+") + "\nAlphabet: UTF-8\nReport: yes\n\n" + body
	// smsd must not see a file that is half written.
	half := write(t, dir, "text", text)
	if err := os.Rename(half, filepath.Join(dir, "outgoing", "text")); err != nil {
		t.Fatal(err)
	}
}

func TestSmstoolsSendsInPartsAndTakesTheReports(t *testing.T) {
	t.Parallel()
	m := New(Fault("report 1 delay 5s"))
	dir := smsd(t, serve(t, m))
	body := "Freezer €: " + strings.Repeat("a long text in the GSM alphabet ", 12) + "."
	spool(t, dir, body)
	accepted(t, m, body)
	report := onlyFile(t, dir, "report", "Message_id: 1\n")
	if !strings.Contains(report, "Status: 0,Ok,short message received by the SME") {
		t.Errorf("smstools read the report as %q", report)
	}
}

func TestSmstoolsReceives(t *testing.T) {
	t.Parallel()
	m := New()
	dir := smsd(t, serve(t, m))
	m.Text("+447700900222", "OK, coming {now}")
	text := onlyFile(t, dir, "incoming", "OK, coming {now}")
	if !strings.Contains(text, "From: 447700900222\n") || !strings.HasSuffix(text, "OK, coming {now}") {
		t.Errorf("smstools read %q", text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := m.WaitFor(ctx, func(s Stats) bool { return s.Deleted == 1 }); err != nil {
		t.Errorf("smstools did not delete the text: %v; commands %q", err, m.Commands())
	}
}
