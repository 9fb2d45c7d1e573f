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
	"strings"
	"syscall"

	"github.com/tocsin-edge/tocsin/agent/status"
)

// Status asks the agent that listens on the socket how it is.
func Status(ctx context.Context, socket string) (status.Snapshot, error) {
	var s status.Snapshot
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
		return s, unreachable(socket, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, snapshotBytes))
	if err != nil {
		return s, fmt.Errorf("socket %s: %w", socket, err)
	}
	if answer.StatusCode != http.StatusOK {
		return s, fmt.Errorf("the agent answers %s: %s", answer.Status, strings.TrimSpace(string(body)))
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return s, fmt.Errorf("the agent's answer: %w", err)
	}
	return s, nil
}

// unreachable says in words why nobody answers.
func unreachable(socket string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("no agent is running on %s; start one with `tocsin run`, or name its socket with --socket", socket)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("socket %s: permission denied; run this as root or as a member of the group tocsin", socket)
	}
	return fmt.Errorf("socket %s: %w", socket, err)
}
