package mqtt

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestNetworkErrorsAreSaidInWords(t *testing.T) {
	dial := func(e syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", e)}
	}
	for _, c := range []struct {
		err           error
		cause, remedy string
	}{
		{&net.DNSError{Err: "no such host", Name: "brokr", IsNotFound: true}, `no address is known for the host name "brokr"`, "spelled"},
		{&net.DNSError{Err: "server misbehaving", Name: "broker"}, `the name server gave no answer for "broker"`, "IP address"},
		{dial(syscall.ECONNREFUSED), "nothing listens at mqtt://broker", "start the broker"},
		{dial(syscall.ENOENT), "there is no socket at", "correct the path"},
		{dial(syscall.EACCES), "we may not use", "agent's user"},
		{dial(syscall.ENETUNREACH), "there is no route to", "network"},
		{dial(syscall.ETIMEDOUT), "does not answer", "firewall"},
		{context.DeadlineExceeded, "does not answer", "firewall"},
		{dial(syscall.ECONNRESET), "closed the connection", "mqtts://"},
		{fmt.Errorf("network Error : %w", errors.New("websocket: bad handshake")), "does not serve MQTT over WebSocket", "/mqtt"},
		{errors.New("something new"), "mqtt://broker: something new", "broker's log"},
	} {
		got := explain(c.err, "mqtt://broker", time.Now())
		if !strings.Contains(got.cause, c.cause) || !strings.Contains(got.remedy, c.remedy) {
			t.Errorf("%v: got %q, %q; want %q, %q", c.err, got.cause, got.remedy, c.cause, c.remedy)
		}
	}
}
