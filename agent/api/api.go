// Package api answers questions about the running agent on a unix socket.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tocsin-edge/tocsin/agent/status"
)

const (
	socketMode    = 0o660
	requestMax    = 5 * time.Second
	headerMax     = 8 << 10
	snapshotBytes = 4 << 20 // of an answer, at most, that a client takes in
)

// Serve answers on the socket until ctx is done. A socket that nobody listens
// on any more is replaced, one that is in use is an error.
func Serve(ctx context.Context, socket string, snapshot func(context.Context) (status.Snapshot, error)) error {
	l, err := listen(socket)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, r *http.Request) {
		s, err := snapshot(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s) // the client may be gone
	})
	server := &http.Server{
		Handler: mux, MaxHeaderBytes: headerMax,
		ReadTimeout: requestMax, WriteTimeout: requestMax, IdleTimeout: requestMax,
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("socket %s: %w", socket, err)
	}
	return nil
}

func listen(socket string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	if c, err := net.Dial("unix", socket); err == nil {
		c.Close()
		return nil, fmt.Errorf("socket %s: another agent answers there; name a different one with --socket", socket)
	} else if errors.Is(err, syscall.ECONNREFUSED) {
		_ = os.Remove(socket) // left behind by an agent that was killed
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
