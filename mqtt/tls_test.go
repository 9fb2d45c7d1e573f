package mqtt

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/listeners"
)

// authority signs certificates and keeps them as files.
type authority struct {
	t    testing.TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t testing.TB) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	template := a.template("authority", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	a.key = newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.file = a.write("ca.pem", "CERTIFICATE", der)
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) template(name string, from, to time.Time) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		a.t.Fatal(err)
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
}

func (a *authority) write(name, kind string, der []byte) string {
	path := filepath.Join(a.dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

// issue returns certificate and key files for name, valid from from to to.
func (a *authority) issue(name string, from, to time.Time) (cert, key string) {
	k := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, a.template(name, from, to), a.cert, k.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write(name+".pem", "CERTIFICATE", der), a.write(name+".key", "EC PRIVATE KEY", private)
}

func (a *authority) issueNow(name string) (cert, key string) {
	return a.issue(name, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
}

// mosquittoTLS is a mosquitto that wants to see a certificate signed by a.
func mosquittoTLS(t testing.TB, a *authority, cert, key string) (m *mosquitto, addr string) {
	addr = freeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	m = newMosquitto(t, "listener "+port+" 127.0.0.1", "cafile "+a.file, "certfile "+cert, "keyfile "+key, "require_certificate true")
	return m.start(), addr
}

func TestTLSWithClientCertificatesReachesMosquitto(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issueNow("server")
	m, addr := mosquittoTLS(t, a, cert, key)
	ourCert, ourKey := a.issueNow("gateway")
	s, out, _ := openSession(t, Options{
		URL: "mqtts://" + addr, TLS: TLSFiles{CA: a.file, Cert: ourCert, Key: ourKey}, Filters: []Filter{{"#", 1}},
	})
	subscribed(t, s)
	publish(t, publisher(t, "sensor", dialTCP(m.addr)), "a", 1, false, strings.Repeat("x", 300<<10))
	if got := take(t, out); got.Oversize != 300<<10 {
		t.Errorf("got oversize %d, want %d", got.Oversize, 300<<10)
	}
}

func TestWhatIsWrongWithTLSIsSaidInWords(t *testing.T) {
	t.Parallel()
	a, stranger := newAuthority(t), newAuthority(t)
	cert, key := a.issueNow("server")
	m, addr := mosquittoTLS(t, a, cert, key)
	ourCert, ourKey := a.issueNow("gateway")
	_, port, _ := net.SplitHostPort(addr)
	for _, c := range []struct {
		url           string
		tls           TLSFiles
		cause, remedy string
	}{
		{"mqtts://" + addr, TLSFiles{CA: stranger.file}, "do not trust whoever signed", "ca_file"},
		{"mqtts://" + addr, TLSFiles{CA: a.file}, "broke off TLS", "cert_file and key_file"},
		{"mqtts://127.0.0.2:" + port, TLSFiles{CA: a.file}, "nothing listens at", ""},
		{"mqtts://" + m.addr, TLSFiles{CA: a.file}, "closed the connection", "not want it"},
		{"mqtt://" + addr, TLSFiles{}, "closed the connection", "mqtts://"},
		{"mqtts://" + addr, TLSFiles{CA: ourKey}, "holds no certificate", ""},
		{"mqtts://" + addr, TLSFiles{CA: a.file, Cert: ourCert, Key: key}, "private key does not match", ""},
	} {
		s, _, stop := openSession(t, Options{URL: c.url, TLS: c.tls})
		wantCause(t, s, c.cause, c.remedy)
		if s.State().Connected {
			t.Errorf("%s connected, want %q", c.url, c.cause)
		}
		stop()
	}
}

// TestABrokerThatRefusesOurCertificateIsUnderstoodThoughItHasHungUp: the alert and
// the end of the connection are there before our CONNECT, which therefore fails.
func TestABrokerThatRefusesOurCertificateIsUnderstoodThoughItHasHungUp(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	cert, key := a.issueNow("server")
	strict, err := TLSFiles{CA: a.file, Cert: cert, Key: key}.server()
	if err != nil {
		t.Fatal(err)
	}
	ours, err := TLSFiles{CA: a.file}.client("localhost")
	if err != nil {
		t.Fatal(err)
	}
	hungUp := hangUpAfterHandshake(t, strict)
	s, _, _ := openSession(t, Options{Dial: func(ctx context.Context) (net.Conn, error) {
		conn, err := (&tls.Dialer{Config: ours}).DialContext(ctx, "tcp", hungUp.addr)
		<-hungUp.done
		return conn, err
	}})
	wantCause(t, s, "broke off TLS: certificate required", "cert_file and key_file")
}

// rude is a TLS server that resets every connection after its handshake.
type rude struct {
	addr string
	done chan struct{} // receives once for each connection
}

func hangUpAfterHandshake(t *testing.T, config *tls.Config) rude {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	r := rude{addr: l.Addr().String(), done: make(chan struct{}, 1)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = tls.Server(conn, config).Handshake()
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
			r.done <- struct{}{}
		}
	}()
	return r
}

func TestAClockBeforeTheCertificateIsSaidInWords(t *testing.T) {
	a := newAuthority(t)
	pair := func(from, to time.Time) *x509.Certificate {
		cert, key := a.issue("server", from, to)
		loaded, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		return loaded.Leaf
	}
	boot := time.Date(1970, 1, 1, 0, 2, 0, 0, time.UTC)
	for _, c := range []struct {
		from, to, now time.Time
		cause, remedy string
	}{
		{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), boot,
			"valid from 2026-01-01, but this gateway's clock says 1970-01-01 00:02", "set the gateway's clock"},
		{time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC),
			"valid until 2021-01-01", "renew"},
	} {
		roots := x509.NewCertPool()
		roots.AddCert(a.cert)
		_, err := pair(c.from, c.to).Verify(x509.VerifyOptions{Roots: roots, CurrentTime: c.now, DNSName: "localhost"})
		var invalid x509.CertificateInvalidError
		if !errors.As(err, &invalid) {
			t.Fatalf("the library accepted the certificate: %v", err)
		}
		got := explain(&tls.CertificateVerificationError{Err: err}, "mqtts://x", c.now)
		if !strings.Contains(got.cause, c.cause) || !strings.Contains(got.remedy, c.remedy) {
			t.Errorf("got %+v, want %q, %q", got, c.cause, c.remedy)
		}
	}
}

func TestASecureWebSocketDropsOversizedPayloadsToo(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issueNow("server")
	secure, err := TLSFiles{Cert: cert, Key: key}.server()
	if err != nil {
		t.Fatal(err)
	}
	b := openBroker(t, BrokerOptions{AllowAnonymous: true})
	addr := freeAddr(t)
	<-b.started
	if err := b.server.AddListener(listeners.NewWebsocket(listeners.Config{ID: networkID, Address: addr, TLSConfig: secure})); err != nil {
		t.Fatal(err)
	}
	b.server.Listeners.Serve(networkID, b.server.EstablishConnection)

	s, out, stop := openSession(t, Options{URL: "wss://" + addr, TLS: TLSFiles{CA: a.file}, Filters: []Filter{{"#", 1}}})
	defer stop()
	subscribed(t, s)
	p := publisher(t, "camera", b.Dial)
	publish(t, p, "a", 1, false, strings.Repeat("x", 300<<10))
	publish(t, p, "a", 1, false, "small")
	big := take(t, out)
	big.Ack()
	if got := takeAcked(t, out); big.Oversize != 300<<10 || got != "small" {
		t.Errorf("got oversize %d, then %q; want %d, small", big.Oversize, got, 300<<10)
	}
}
