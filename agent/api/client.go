package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/tocsin-edge/tocsin/agent/status"
)

// Status asks the agent that listens on the socket how it is, and waits for at
// most five seconds.
func Status(ctx context.Context, socket string) (status.Snapshot, error) {
	var s status.Snapshot
	ctx, cancel := context.WithTimeoutCause(ctx, answerMax, errSilent)
	defer cancel()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://tocsin/v1/status", nil)
	if err != nil {
		return s, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return s, unreachable(ctx, socket, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, snapshotBytes))
	if err != nil {
		return s, unreachable(ctx, socket, err)
	}
	if answer.StatusCode != http.StatusOK {
		return s, fmt.Errorf("the agent on %s answers %s: %s", socket, answer.Status, strings.TrimSpace(string(body)))
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return s, fmt.Errorf("the answer on %s is not that of a tocsin agent of this version: %w", socket, err)
	}
	return s, nil
}

var errSilent = fmt.Errorf("does not answer within %s", answerMax)

// unreachable says in words why nobody answers.
func unreachable(ctx context.Context, socket string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("no agent is running on %s; start one with `tocsin run`, or name its socket with --socket", socket)
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
