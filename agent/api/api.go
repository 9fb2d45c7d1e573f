// Package api answers questions about the running agent on a unix socket.
package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
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
