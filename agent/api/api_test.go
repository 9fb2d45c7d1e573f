package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/agent/status"
)

// A desk is an agent that says what the test lets it say.
type desk struct {
	snapshot func(context.Context) (status.Snapshot, error)
	alerts   func(context.Context) (status.Alerts, error)
	why      func(context.Context, Question) (status.Why, error)
	switches func(context.Context) ([]status.Switch, error)
	turn     func(context.Context, Turn) (status.Turned, error)
	ack      func(context.Context, Ack) (status.Acked, error)
	queue    func(context.Context) (status.Queue, error)
	send     func(context.Context, Send) (status.Enqueued, error)
	text     func(context.Context, uint64) (status.TextFate, error)

	silences  func(context.Context) ([]status.Silence, error)
	silence   func(context.Context, Silence) (status.Silenced, error)
	unsilence func(context.Context, Unsilence) (status.Unsilenced, error)
}

func (d desk) Alerts(ctx context.Context) (status.Alerts, error)            { return d.alerts(ctx) }
func (d desk) Snapshot(ctx context.Context) (status.Snapshot, error)        { return d.snapshot(ctx) }
func (d desk) Why(ctx context.Context, q Question) (status.Why, error)      { return d.why(ctx, q) }
func (d desk) Switches(ctx context.Context) ([]status.Switch, error)        { return d.switches(ctx) }
func (d desk) SetSwitch(ctx context.Context, t Turn) (status.Turned, error) { return d.turn(ctx, t) }

func (d desk) Ack(ctx context.Context, a Ack) (status.Acked, error)         { return d.ack(ctx, a) }
func (d desk) Queue(ctx context.Context) (status.Queue, error)              { return d.queue(ctx) }
func (d desk) Send(ctx context.Context, s Send) (status.Enqueued, error)    { return d.send(ctx, s) }
func (d desk) Text(ctx context.Context, id uint64) (status.TextFate, error) { return d.text(ctx, id) }

func (d desk) Silences(ctx context.Context) ([]status.Silence, error) { return d.silences(ctx) }
func (d desk) Silence(ctx context.Context, s Silence) (status.Silenced, error) {
	return d.silence(ctx, s)
}
func (d desk) Unsilence(ctx context.Context, u Unsilence) (status.Unsilenced, error) {
	return d.unsilence(ctx, u)
}

// well is an agent without a problem.
var well = desk{snapshot: func(context.Context) (status.Snapshot, error) {
	return status.Snapshot{Version: "1.2.3", Site: "Rosewood", PID: 17, Sent: 4}, nil
}}

// A server is Serve on a socket, and how it ended.
type server struct {
	socket string
	stop   context.CancelFunc
	ended  <-chan error
}

// serve returns once the socket answers.
func serve(t *testing.T, agent Agent) server {
	t.Helper()
	return serveOn(t, filepath.Join(t.TempDir(), "socket"), agent)
}

func serveOn(t *testing.T, socket string, agent Agent) server {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, socket, agent) }()
	for !answers(socket) {
		select {
		case err := <-ended:
			t.Fatalf("the server ended: %v", err)
		default:
		}
	}
	t.Cleanup(stop)
	return server{socket, stop, ended}
}

func answers(socket string) bool {
	c, err := net.Dial("unix", socket)
	if err == nil {
		c.Close()
	}
	return err == nil
}

// ask sends a request as it stands and returns the answer.
func (s server) ask(t *testing.T, request string) *http.Response {
	t.Helper()
	c, err := net.Dial("unix", s.socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestWhatTheAgentSaysOfItselfReachesWhoAsks(t *testing.T) {
	s := serve(t, well)
	got, err := Status(t.Context(), s.socket)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := well.Snapshot(t.Context())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
}

func TestHowTheAlertsStandReachesWhoAsks(t *testing.T) {
	want := status.Alerts{Instances: []status.Standing{{Instance: "smoke", State: "ok"}}, Unheard: []status.Unheard{{Alert: "leak", Topics: "water/+"}}}
	s := serve(t, desk{alerts: func(context.Context) (status.Alerts, error) { return want, nil }})
	got, err := Alerts(t.Context(), s.socket)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
}

func TestAQuestionReachesTheAgentAsItWasAsked(t *testing.T) {
	want := Question{Alert: "oil & gas", Labels: []Label{{"machine", "m=7"}, {"n", ""}, {"", "a=b"}, {"", "x&y"}}}
	answer := status.Why{Omitted: 3}
	var got Question
	s := serve(t, desk{why: func(_ context.Context, q Question) (status.Why, error) {
		got = q
		return answer, nil
	}})
	why, err := Why(t.Context(), s.socket, want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("question (-asked +received):\n%s", diff)
	}
	if diff := cmp.Diff(answer, why); diff != "" {
		t.Errorf("answer (-given +received):\n%s", diff)
	}
}

func TestWhatTheAgentRefusesIsSaidAsItSaysIt(t *testing.T) {
	s := serve(t, desk{why: func(context.Context, Question) (status.Why, error) {
		return status.Why{}, fmt.Errorf("%w", &Refusal{errors.New("there is no alert \"oli\"; did you mean oil?")})
	}})
	_, err := Why(t.Context(), s.socket, Question{Alert: "oli"})
	if want := `there is no alert "oli"; did you mean oil?`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAnAgentOfAnotherVersionIsToldApart(t *testing.T) {
	s := serve(t, well)
	request, err := http.NewRequest(http.MethodGet, host+"/v9/moon", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "the agent on " + s.socket + " does not know of this; it runs another version"
	if err := do(t.Context(), s.socket, request, nil); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestASocketThatAKilledAgentLeftBehindIsReplaced(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "socket")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	s := serveOn(t, socket, well)
	if _, err := Status(t.Context(), s.socket); err != nil {
		t.Error(err)
	}
}

func TestASocketInUseIsRefusedAndStaysInUse(t *testing.T) {
	s := serve(t, well)
	err := Serve(t.Context(), s.socket, well)
	if err == nil || !strings.Contains(err.Error(), "another agent answers there; name a different one with --socket") {
		t.Errorf("a second server on the socket: got %v, want that another agent answers there", err)
	}
	if _, err := Status(t.Context(), s.socket); err != nil {
		t.Errorf("the first server afterwards: %v", err)
	}
}

func TestWhatIsNotASocketIsNeverRemoved(t *testing.T) {
	dir := t.TempDir()
	file, empty, link := filepath.Join(dir, "file"), filepath.Join(dir, "empty"), filepath.Join(dir, "link")
	err := errors.Join(os.WriteFile(file, []byte("precious"), 0o600), os.Mkdir(empty, 0o700), os.Symlink(file, link))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, empty, link} {
		if err := Serve(t.Context(), path, well); err == nil || !strings.Contains(err.Error(), "not a socket") {
			t.Errorf("%s: got %v, want that it is not a socket", filepath.Base(path), err)
		}
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("%s afterwards: %v", filepath.Base(path), err)
		}
	}
}

func TestOnlyOwnerAndGroupMayUseTheSocket(t *testing.T) {
	s := serve(t, well)
	// The mode is set between listening and answering.
	if _, err := Status(t.Context(), s.socket); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(s.socket)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.Mode(), fs.ModeSocket|0o660; got != want {
		t.Errorf("mode %v, want %v", got, want)
	}
}

func TestAPathTooLongForASocketIsNamedAsSuch(t *testing.T) {
	socket := "/tmp/" + strings.Repeat("x", socketPathMax)
	err := Serve(t.Context(), socket, well)
	if want := "the path has 112 bytes, a socket's may have 107"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	longest := filepath.Join(t.TempDir(), "")
	if n := socketPathMax - len(longest) - 1; n > 0 {
		serveOn(t, longest+"/"+strings.Repeat("x", n), well)
	}
}

func TestTheDirectoryOfTheSocketIsMade(t *testing.T) {
	serveOn(t, filepath.Join(t.TempDir(), "run", "tocsin", "socket"), well)
}

func TestOnlyTheStatusCanBeAskedFor(t *testing.T) {
	s := serve(t, well)
	for request, want := range map[string]int{
		"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n":                                                   http.StatusOK,
		"GET /v1/status?site=all HTTP/1.0\r\n\r\n":                                                     http.StatusOK,
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n":                                                            http.StatusNotFound,
		"GET /v1/ HTTP/1.1\r\nHost: x\r\n\r\n":                                                         http.StatusNotFound,
		"GET /v2/status HTTP/1.1\r\nHost: x\r\n\r\n":                                                   http.StatusNotFound,
		"GET /v1/status/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n":                                  http.StatusTemporaryRedirect,
		"POST /v1/status HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n":                             http.StatusMethodNotAllowed,
		"DELETE /v1/status HTTP/1.1\r\nHost: x\r\n\r\n":                                                http.StatusMethodNotAllowed,
		"GET /v1/status HTTP/1.1\r\nHost: x\r\nX-Padding: " + strings.Repeat("x", 64<<10) + "\r\n\r\n": http.StatusRequestHeaderFieldsTooLarge,
		"AT+CMGS=21\r\n\r\n":                                                                           http.StatusBadRequest,
	} {
		if got := s.ask(t, request).StatusCode; got != want {
			t.Errorf("%.60q: got %d, want %d", request, got, want)
		}
	}
}

func TestAServerEndsWithItsContextAndTakesItsSocketAlong(t *testing.T) {
	s := serve(t, well)
	s.stop()
	if err := <-s.ended; err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if _, err := os.Lstat(s.socket); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket afterwards: %v, want none", err)
	}
}

func TestAServerEndsWhileItIsBeingAsked(t *testing.T) {
	asked := make(chan struct{})
	s := serve(t, desk{snapshot: func(ctx context.Context) (status.Snapshot, error) {
		close(asked)
		<-ctx.Done()
		return status.Snapshot{}, ctx.Err()
	}})
	answer := make(chan error, 1)
	go func() {
		_, err := Status(t.Context(), s.socket)
		answer <- err
	}()
	<-asked
	s.stop()
	if err := <-s.ended; err != nil {
		t.Errorf("the server: got %v, want nil", err)
	}
	want := "the agent on " + s.socket + " ended before it had answered"
	if err := <-answer; err == nil || err.Error() != want {
		t.Errorf("the client: got %v, want %s", err, want)
	}
}

func TestAnAgentThatBreaksOffItsAnswerHasEnded(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"version\": \"1.2")
		}
	}()
	want := "the agent on " + socket + " ended before it had answered"
	if _, err := Status(t.Context(), socket); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWhoAsksNobodyHearsHowToStartAnAgent(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, socket := range []string{filepath.Join(dir, "none"), file, filepath.Join(file, "below")} {
		want := fmt.Sprintf("no agent is running on %s; start one with `tocsin run`, or name its socket with --socket", socket)
		if _, err := Status(t.Context(), socket); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestRulesThatDoNotAnswerAreSaidNotToAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("takes three seconds")
	}
	t.Parallel()
	s := serve(t, desk{snapshot: func(ctx context.Context) (status.Snapshot, error) {
		<-ctx.Done()
		return status.Snapshot{}, ctx.Err()
	}})
	_, err := Status(t.Context(), s.socket)
	if want := "503 Service Unavailable: its rules do not answer within 3s; look at its log"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAnAgentThatHangsIsNotWaitedForForEver(t *testing.T) {
	if testing.Short() {
		t.Skip("takes five seconds")
	}
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", socket) // nobody accepts
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	want := "the agent on " + socket + " does not answer within 5s; look at its log"
	if _, err := Status(t.Context(), socket); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAStrangersAnswerIsNotTakenForASnapshot(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	stranger := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") })}
	go stranger.Serve(l)
	defer stranger.Close()
	want := "is not that of a tocsin agent of this version"
	if _, err := Status(t.Context(), socket); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
