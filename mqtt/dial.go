package mqtt

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

const (
	// dialTimeout covers DNS, TCP and TLS or WebSocket, over a slow cellular line.
	dialTimeout = 30 * time.Second

	// secretMaxBytes is how much of a password or certificate file is read.
	secretMaxBytes = 1 << 20

	// webSocketPath is where brokers serve WebSockets when the URL has no path.
	webSocketPath = "/mqtt"
)

// dial opens the transport that o asks for.
func (o Options) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if o.Dial != nil {
		return o.Dial(ctx)
	}
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, err
	}
	var secure *tls.Config
	if overTLS(u.Scheme) {
		if secure, err = o.TLS.client(u.Hostname()); err != nil {
			return nil, err
		}
	}
	switch u.Scheme {
	case "unix":
		return new(net.Dialer).DialContext(ctx, "unix", u.Path)
	case "mqtts":
		return (&tls.Dialer{Config: secure}).DialContext(ctx, "tcp", hostPort(u))
	case "ws", "wss":
		return dialWebSocket(ctx, u, secure)
	default:
		return new(net.Dialer).DialContext(ctx, "tcp", hostPort(u))
	}
}

// dialWebSocket opens a WebSocket (§6). The library's dialer knows no context: it
// is left behind when ctx ends, and whatever it still opens is closed.
func dialWebSocket(ctx context.Context, u *url.URL, secure *tls.Config) (net.Conn, error) {
	to := *u
	if to.Path == "" {
		to.Path = webSocketPath
	}
	type opened struct {
		conn net.Conn
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		conn, err := paho.NewWebsocket(to.String(), secure, dialTimeout, nil, nil)
		done <- opened{conn, err}
	}()
	select {
	case o := <-done:
		return o.conn, o.err
	case <-ctx.Done():
		go func() {
			if o := <-done; o.err == nil {
				_ = o.conn.Close()
			}
		}()
		return nil, context.Cause(ctx)
	}
}

// client is how we behave towards a server called host: TLS 1.2 or later, with
// the server's certificate verified.
func (f TLSFiles) client(host string) (*tls.Config, error) {
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	var err error
	if f.CA != "" {
		if c.RootCAs, err = readCertificates(f.CA); err != nil {
			return nil, err
		}
	}
	if f.Cert != "" {
		c.Certificates, err = f.pair()
	}
	return c, err
}

// server is how we behave towards clients. With a CA they must show a
// certificate that it signed.
func (f TLSFiles) server() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	var err error
	if c.Certificates, err = f.pair(); err != nil || f.CA == "" {
		return c, err
	}
	c.ClientAuth = tls.RequireAndVerifyClientCert
	c.ClientCAs, err = readCertificates(f.CA)
	return c, err
}

func (f TLSFiles) pair() ([]tls.Certificate, error) {
	cert, err := readSecret(f.Cert)
	if err != nil {
		return nil, err
	}
	key, err := readSecret(f.Key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, &fileError{path: f.Cert + " with " + f.Key, fact: err.Error()}
	}
	return []tls.Certificate{pair}, nil
}

func readCertificates(path string) (*x509.CertPool, error) {
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, &fileError{path: path, fact: "holds no certificate in PEM form"}
	}
	return pool, nil
}

// fileError is a file whose content is of no use.
type fileError struct{ path, fact string }

func (e *fileError) Error() string { return e.path + ": " + e.fact }

// readPassword is the content of the file without trailing line ends.
func readPassword(path string) (string, error) {
	text, err := readSecret(path)
	if err != nil {
		return "", err
	}
	text = bytes.TrimRight(text, "\r\n")
	if len(text) > stringMaxBytes {
		return "", &fileError{path: path, fact: fmt.Sprintf("holds %d bytes, a password has at most %d", len(text), stringMaxBytes)}
	}
	return string(text), nil
}

func readSecret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, secretMaxBytes))
}
