package modemtest

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds what a client of flesh and real time may take.
const patience = 90 * time.Second

// serve offers m on a pseudo-terminal for as long as the test runs.
func serve(t *testing.T, m *Modem) (link string) {
	t.Helper()
	link = filepath.Join(t.TempDir(), "modem")
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- m.ServePTY(ctx, link) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(link); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the link is left behind: %v", err)
		}
	})
	linked(t, m, link, 1)
	return link
}

// linked waits for the n-th pseudo-terminal and returns its name.
func linked(t *testing.T, m *Modem, link string, n int) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := m.WaitFor(ctx, func(s Stats) bool { return s.Linked >= n }); err != nil {
		t.Fatal(err)
	}
	target, err := os.Readlink(link)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

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
	rc := filepath.Join(t.TempDir(), "gammurc")
	config := "[gammu]\nconnection = at115200\ndevice = " + link + "\n"
	if err := os.WriteFile(rc, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
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

func TestGammuReadsAReceivedText(t *testing.T) {
	t.Parallel()
	path := client(t, "gammu")
	m := New()
	m.Text("+447700900222", "OK, coming in 10 {minutes}")
	link := serve(t, m)
	rc := filepath.Join(t.TempDir(), "gammurc")
	if err := os.WriteFile(rc, []byte("[gammu]\nconnection = at115200\ndevice = "+link+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "-c", rc, "--getallsms").CombinedOutput()
	for _, want := range []string{"OK, coming in 10 {minutes}", "+447700900222"} {
		if err != nil || !bytes.Contains(out, []byte(want)) {
			t.Errorf("no %q in what gammu read: %v: %s", want, err, out)
		}
	}
}

// smsd runs smstools3 on the link until the test ends, with its spool
// directories in dir.
func smsd(t *testing.T, link string) (dir string) {
	t.Helper()
	path := client(t, "smsd")
	dir = t.TempDir()
	config := "devices = SIM1\nterminal = yes\ndelaytime = 1\nerrorsleeptime = 1\nloglevel = 5\n" +
		"logfile = " + filepath.Join(dir, "log") + "\npidfile = " + filepath.Join(dir, "pid") +
		"\ninfofile = " + filepath.Join(dir, "info") + "\n"
	for _, spool := range []string{"outgoing", "checked", "failed", "incoming", "sent"} {
		if err := os.Mkdir(filepath.Join(dir, spool), 0o700); err != nil {
			t.Fatal(err)
		}
		config += spool + " = " + filepath.Join(dir, spool) + "\n"
	}
	config += "[SIM1]\ndevice = " + link + "\nincoming = yes\nbaudrate = 115200\ninit = AT+CPMS=\"SM\",\"SM\",\"SM\"\n"
	file := filepath.Join(dir, "smsd.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "-c", file)
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); cmd.Wait() })
	return dir
}

// ownGroup lets the cancellation of a command reach the processes it forked.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
}

// spool gives smstools3 a text to send.
func spool(t *testing.T, dir, body string) {
	t.Helper()
	text := "To: " + strings.TrimPrefix(alice, "+") + "\nAlphabet: UTF-8\n\n" + body
	// smsd must not see a file that is half written.
	half := filepath.Join(dir, "text")
	if err := os.WriteFile(half, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(half, filepath.Join(dir, "outgoing", "text")); err != nil {
		t.Fatal(err)
	}
}

func TestSmstoolsSendsInParts(t *testing.T) {
	t.Parallel()
	m := New()
	dir := smsd(t, serve(t, m))
	body := "Freezer €: " + strings.Repeat("a long text in the GSM alphabet ", 12) + "."
	spool(t, dir, body)
	accepted(t, m, body)
}

func TestSmstoolsReceives(t *testing.T) {
	t.Parallel()
	m := New()
	dir := smsd(t, serve(t, m))
	m.Text("+447700900222", "OK, coming {now}")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := m.WaitFor(ctx, func(s Stats) bool { return s.Deleted == 1 }); err != nil {
		t.Fatalf("smstools did not fetch the text: %v; commands %q", err, m.Commands())
	}
	files, err := filepath.Glob(filepath.Join(dir, "incoming", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("incoming holds %q, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil || !bytes.Contains(text, []byte("From: 447700900222")) || !bytes.HasSuffix(text, []byte("OK, coming {now}")) {
		t.Errorf("smstools read %q, %v", text, err)
	}
}

func TestAnUnpluggedTerminalIsGoneAndComesBackUnderAnotherName(t *testing.T) {
	m := New()
	link := serve(t, m)
	first := linked(t, m, link, 1)
	held, err := os.OpenFile(link, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	m.Unplug()
	if _, err := held.Read(make([]byte, 1)); err == nil {
		t.Error("the held descriptor still reads")
	}
	if _, err := held.WriteString("AT\r"); !errors.Is(err, unix.EIO) {
		t.Errorf("the held descriptor writes: %v, want EIO", err)
	}
	if _, err := os.Stat(link); err == nil {
		t.Error("the link still leads somewhere")
	}
	held.Close() // or else the kernel would not give its number out again
	m.Plug()
	second := linked(t, m, link, 2)
	if first == second {
		t.Errorf("it came back as %s", second)
	}
}

func TestAFileThatIsNoLinkIsLeftAlone(t *testing.T) {
	precious := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(precious, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := New().ServePTY(t.Context(), precious)
	if err == nil || !strings.Contains(err.Error(), "is not a symbolic link") {
		t.Errorf("got %v", err)
	}
	if text, err := os.ReadFile(precious); string(text) != "mine" {
		t.Errorf("the file now holds %q, %v", text, err)
	}
}
