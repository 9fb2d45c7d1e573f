package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"github.com/tocsin-edge/tocsin/agent/status"
)

// Status asks the agent that listens on the socket how it is, and waits for at
// most five seconds, as all that asks it does.
func Status(ctx context.Context, socket string) (s status.Snapshot, err error) {
	err = get(ctx, socket, statusPath, &s)
	return s, err
}

// Alerts asks the agent how each of its alerts stands.
func Alerts(ctx context.Context, socket string) (a status.Alerts, err error) {
	err = get(ctx, socket, alertsPath, &a)
	return a, err
}

// Why asks the agent how instances of an alert stand, and why.
func Why(ctx context.Context, socket string, q Question) (w status.Why, err error) {
	err = get(ctx, socket, whyPath+"?"+q.values().Encode(), &w)
	return w, err
}

// Switches asks the agent how its switches stand.
func Switches(ctx context.Context, socket string) (s []status.Switch, err error) {
	err = get(ctx, socket, switchesPath, &s)
	return s, err
}

// SetSwitch has the agent turn a switch on or off.
func SetSwitch(ctx context.Context, socket string, t Turn) (done status.Turned, err error) {
	err = post(ctx, socket, switchPath, t, &done)
	return done, err
}

// AckIncidents has the agent take down that somebody has seen to incidents.
func AckIncidents(ctx context.Context, socket string, a Ack) (done status.Acked, err error) {
	err = post(ctx, socket, ackPath, a, &done)
	return done, err
}

// Queue asks the agent for every text that waits, that was sent, and that came.
func Queue(ctx context.Context, socket string) (q status.Queue, err error) {
	err = get(ctx, socket, queuePath, &q)
	return q, err
}

// SendText has the agent put a text into its queue.
func SendText(ctx context.Context, socket string, s Send) (done status.Enqueued, err error) {
	err = post(ctx, socket, sendPath, s, &done)
	return done, err
}

// Text asks the agent how one text stands.
func Text(ctx context.Context, socket string, id uint64) (f status.TextFate, err error) {
	err = get(ctx, socket, textPath+"?"+url.Values{idParameter: {strconv.FormatUint(id, 10)}}.Encode(), &f)
	return f, err
}

// Silences asks the agent which alerts are silenced.
func Silences(ctx context.Context, socket string) (s []status.Silence, err error) {
	err = get(ctx, socket, silencesPath, &s)
	return s, err
}

// SilenceAlerts has the agent tell people nothing of some alerts for a while.
func SilenceAlerts(ctx context.Context, socket string, s Silence) (done status.Silenced, err error) {
	err = post(ctx, socket, silencePath, s, &done)
	return done, err
}

// EndSilences has the agent end silences.
func EndSilences(ctx context.Context, socket string, u Unsilence) (done status.Unsilenced, err error) {
	err = post(ctx, socket, unsilencePath, u, &done)
	return done, err
}

func get(ctx context.Context, socket, path string, into any) error {
	request, err := http.NewRequest(http.MethodGet, host+path, nil)
	if err != nil {
		return err
	}
	return do(ctx, socket, request, into)
}

func post(ctx context.Context, socket, path string, order, into any) error {
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, host+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", jsonType)
	return do(ctx, socket, request, into)
}

// host stands where a URL has a host; a socket has none.
const host = "http://tocsin"

// do has the agent answer the request into a value.
func do(ctx context.Context, socket string, request *http.Request, into any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, answerMax, errSilent)
	defer cancel()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	answer, err := client.Do(request.WithContext(ctx))
	if err != nil {
		return unreachable(ctx, socket, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerBytes))
	if err != nil {
		return unreachable(ctx, socket, err)
	}
	switch said := strings.TrimSpace(string(body)); answer.StatusCode {
	case http.StatusOK:
	case http.StatusUnprocessableEntity:
		return errors.New(said)
	case http.StatusNotFound:
		return fmt.Errorf("the agent on %s does not know of this; it runs another version", socket)
	default:
		return fmt.Errorf("the agent on %s answers %s: %s", socket, answer.Status, said)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("the answer on %s is not that of a tocsin agent of this version: %w", socket, err)
	}
	return nil
}

// ErrNoAgent says that nobody listens on the socket.
var ErrNoAgent = errors.New("no agent is running")

var errSilent = fmt.Errorf("does not answer within %s", answerMax)

// unreachable says in words why nobody answers.
func unreachable(ctx context.Context, socket string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w on %s; start one with `tocsin run`, or name its socket with --socket", ErrNoAgent, socket)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("socket %s: permission denied; run this as root or as a member of the group tocsin", socket)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("the agent on %s ended before it had answered", socket)
	case errors.Is(context.Cause(ctx), errSilent):
		return fmt.Errorf("the agent on %s %w; look at its log", socket, errSilent)
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // the rest names an address nobody has typed
	}
	return fmt.Errorf("socket %s: %w", socket, err)
}
