// Package api answers questions about the running agent on a unix socket.
package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/tocsin-edge/tocsin/agent/status"
)

const (
	socketMode    = 0o660
	socketPathMax = 107 // bytes: what sun_path of unix(7) holds besides its NUL
	requestMax    = 5 * time.Second
	lookMax       = 3 * time.Second // for the agent to look at itself
	answerMax     = 5 * time.Second // for a client to wait
	headerMax     = 8 << 10
	answerBytes   = 16 << 20 // of an answer, at most, that a client takes in; a full queue is some 4 MiB
)

// Agent is what answers.
type Agent interface {
	Snapshot(context.Context) (status.Snapshot, error)
	Why(context.Context, Question) (status.Why, error)
}

// A Question asks why instances of an alert stand as they do: those that have
// all of the labels.
type Question struct {
	Alert  string
	Labels []Label
}

// A Label is one label of an instance. Without a name it is one of any name.
type Label struct{ Name, Value string }

// A Refusal is returned by an Agent for what was understood and cannot be. Its
// cause is for whoever asked.
type Refusal struct{ Cause error }

func (r *Refusal) Error() string { return r.Cause.Error() }
func (r *Refusal) Unwrap() error { return r.Cause }

// Serve answers on the socket until ctx is done. A socket that nobody listens
// on any more is replaced, one that is in use is an error.
func Serve(ctx context.Context, socket string, agent Agent) error {
	l, err := listen(socket)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: routes(agent), MaxHeaderBytes: headerMax,
		ReadTimeout: requestMax, WriteTimeout: requestMax, IdleTimeout: requestMax,
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("socket %s: %w", socket, err)
	}
	return nil
}

func routes(agent Agent) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+statusPath, answer(func(ctx context.Context, _ *http.Request) (status.Snapshot, error) {
		return agent.Snapshot(ctx)
	}))
	mux.Handle("GET "+whyPath, answer(func(ctx context.Context, r *http.Request) (status.Why, error) {
		return agent.Why(ctx, questionOf(r.URL.Query()))
	}))
	return mux
}

// The paths of what can be asked.
const (
	statusPath = "/v1/status"
	whyPath    = "/v1/why"
)

// answer handles a request by what ask returns, as JSON, or says why it returns
// nothing.
func answer[T any](ask func(context.Context, *http.Request) (T, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeoutCause(r.Context(), lookMax, errBusy)
		defer cancel()
		v, err := ask(ctx, r)
		if err != nil {
			refuse(ctx, w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v) // the client may be gone
	})
}

// refuse tells the client why it gets no answer.
func refuse(ctx context.Context, w http.ResponseWriter, err error) {
	if _, ok := errors.AsType[*Refusal](err); ok {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	http.Error(w, cmp.Or(context.Cause(ctx), err).Error(), http.StatusServiceUnavailable)
}

// The parameters of a Question. A label is given as NAME=VALUE, or as a value
// alone.
const (
	alertParameter = "alert"
	labelParameter = "label"
	valueParameter = "value"
)

func questionOf(v url.Values) Question {
	q := Question{Alert: v.Get(alertParameter)}
	for _, label := range v[labelParameter] {
		name, value, _ := strings.Cut(label, "=")
		q.Labels = append(q.Labels, Label{name, value})
	}
	for _, value := range v[valueParameter] {
		q.Labels = append(q.Labels, Label{Value: value})
	}
	return q
}

// values are q as parameters.
func (q Question) values() url.Values {
	v := url.Values{alertParameter: {q.Alert}}
	for _, l := range q.Labels {
		if l.Name == "" {
			v.Add(valueParameter, l.Value)
		} else {
			v.Add(labelParameter, l.Name+"="+l.Value)
		}
	}
	return v
}

var errBusy = fmt.Errorf("its rules do not answer within %s; look at its log", lookMax)

func listen(socket string) (net.Listener, error) {
	if n := len(socket); n > socketPathMax {
		return nil, fmt.Errorf("socket %s: the path has %d bytes, a socket's may have %d", socket, n, socketPathMax)
	}
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	if err := vacate(socket); err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	if err := os.Chmod(socket, socketMode); err != nil {
		l.Close()
		return nil, fmt.Errorf("socket: %w", err)
	}
	return l, nil
}

// vacate removes a socket that an agent left behind when it was killed. It
// touches nothing that is in use, and nothing that is not a socket: connecting
// to a plain file is refused just like connecting to a socket without listener.
func vacate(socket string) error {
	switch info, err := os.Lstat(socket); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("socket: %w", err)
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("socket %s: something that is not a socket is there; name a different path with --socket", socket)
	}
	c, err := net.Dial("unix", socket)
	switch {
	case err == nil:
		c.Close()
		return fmt.Errorf("socket %s: another agent answers there; name a different one with --socket", socket)
	case errors.Is(err, syscall.ECONNREFUSED):
		err = os.Remove(socket)
	}
	if err != nil {
		return fmt.Errorf("socket %s: %w", socket, err)
	}
	return nil
}
