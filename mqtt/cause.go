package mqtt

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// advice is an error in the words of the person who has to mend it.
type advice struct{ cause, remedy string }

// progress is no error: it is what a session is about to do.
func progress(what string) advice { return advice{cause: what} }

// explain says what err means for a session that connects to where.
func explain(err error, where string, now time.Time) advice {
	for _, look := range []func(error, string) (advice, bool){
		explainOwn, explainFile, explainRefusal, explainNetwork,
		func(err error, where string) (advice, bool) { return explainTLS(err, where, now) },
		explainEnd,
	} {
		if a, ok := look(err, where); ok {
			return a
		}
	}
	return advice{fmt.Sprintf("%s: %v", where, err), "look into the broker's log"}
}

func explainOwn(err error, where string) (advice, bool) {
	var violation *protocolError
	switch {
	case errors.Is(err, errSilent):
		return advice{fmt.Sprintf("%s does not answer any more: %v", where, err), "look whether the broker still runs and the line to it still works"}, true
	case errors.Is(err, errNoSuback):
		return advice{fmt.Sprintf("%s did not confirm our subscriptions: %v", where, err), "look into the broker's log"}, true
	case errors.Is(err, net.ErrClosed):
		return advice{"the MQTT library gave up the connection to " + where, "look into the agent's log"}, true
	case errors.Is(err, errBrokerStopped):
		return progress(err.Error()), true
	case errors.As(err, &violation):
		return advice{fmt.Sprintf("%s does not speak MQTT 3.1.1: it sent %v", where, violation), "look whether the url points at an MQTT broker"}, true
	}
	return advice{}, false
}

func explainFile(err error, _ string) (advice, bool) {
	var content *fileError
	if errors.As(err, &content) {
		return advice{content.Error(), "put the right file there"}, true
	}
	var path *fs.PathError
	if !errors.As(err, &path) {
		return advice{}, false
	}
	remedy := "look whether the path is right"
	if errors.Is(err, fs.ErrPermission) {
		remedy = "let the agent's user read it"
	}
	return advice{fmt.Sprintf("%s cannot be read: %v", path.Path, path.Err), remedy}, true
}

// explainRefusal knows the return codes of CONNACK (§3.2.2.3).
func explainRefusal(err error, where string) (advice, bool) {
	switch {
	case errors.Is(err, packets.ErrorRefusedBadProtocolVersion):
		return advice{where + " does not accept MQTT 3.1.1", "allow protocol version 4 in the broker"}, true
	case errors.Is(err, packets.ErrorRefusedIDRejected):
		return advice{where + " does not accept our client id", "choose another client_id: 1 to 23 letters and digits are allowed everywhere"}, true
	case errors.Is(err, packets.ErrorRefusedServerUnavailable):
		return advice{where + " says that it is unavailable", "look into the broker's log"}, true
	case errors.Is(err, packets.ErrorRefusedBadUsernameOrPassword):
		return advice{where + " does not accept our user name or password", "correct username and password_file"}, true
	case errors.Is(err, packets.ErrorRefusedNotAuthorised):
		return advice{where + " does not let us in: not authorised", "correct username and password_file, or allow our user in the broker"}, true
	}
	return advice{}, false
}

func explainNetwork(err error, where string) (advice, bool) {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return advice{fmt.Sprintf("no address is known for the host name %q", dns.Name), "look whether the name in url is spelled right"}, true
	case errors.As(err, &dns):
		return advice{fmt.Sprintf("the name server gave no answer for %q", dns.Name), "look at the gateway's network and name server, or write an IP address in url"}, true
	case errors.Is(err, syscall.ECONNREFUSED):
		return advice{"nothing listens at " + where, "start the broker, or correct host and port in url"}, true
	case errors.Is(err, syscall.ENOENT):
		return advice{"there is no socket at " + where, "start the broker, or correct the path in url"}, true
	case errors.Is(err, syscall.EACCES):
		return advice{"we may not use " + where, "let the agent's user use the socket"}, true
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.ENETDOWN):
		return advice{"there is no route to " + where, "look at the gateway's network"}, true
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return advice{where + " does not answer", "look whether the broker runs, and whether a firewall is in between"}, true
	case strings.Contains(err.Error(), "websocket: bad handshake"): // the library does not export the error
		return advice{where + " does not serve MQTT over WebSocket", "correct the path in url: many brokers use /mqtt"}, true
	}
	return advice{}, false
}

func explainTLS(err error, where string, now time.Time) (advice, bool) {
	var (
		invalid x509.CertificateInvalidError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return explainValidity(invalid.Cert, where, now), true
	case errors.As(err, &invalid):
		return advice{fmt.Sprintf("the certificate of %s is not valid: %v", where, invalid), "give the broker another certificate"}, true
	case errors.As(err, &unknown):
		return advice{"we do not trust whoever signed the certificate of " + where, "name the certificate of the signer in ca_file"}, true
	case errors.As(err, &host):
		return advice{fmt.Sprintf("the certificate of %s is for another name: %v", where, host), "write the name from the certificate in url"}, true
	case errors.As(err, &record):
		return advice{where + " does not speak TLS", "correct the port, or write mqtt:// or ws://"}, true
	}
	return explainAlert(err, where)
}

// explainAlert is what the broker says of our part of the handshake.
func explainAlert(err error, where string) (advice, bool) {
	var alert *net.OpError
	if !errors.As(err, &alert) || alert.Op != "remote error" {
		return advice{}, false
	}
	return advice{fmt.Sprintf("%s broke off TLS: %s", where, strings.TrimPrefix(alert.Err.Error(), "tls: ")),
		"if it wants to see a certificate of ours, name one it trusts in cert_file and key_file"}, true
}

// explainValidity tells a gateway without a clock from a broker with an old
// certificate.
func explainValidity(cert *x509.Certificate, where string, now time.Time) advice {
	const day = "2006-01-02"
	if now.Before(cert.NotBefore) {
		return advice{
			fmt.Sprintf("the certificate of %s is valid from %s, but this gateway's clock says %s", where, cert.NotBefore.Format(day), now.Format("2006-01-02 15:04")),
			"set the gateway's clock: time comes from NTP, the cell network or a battery-backed clock",
		}
	}
	return advice{
		fmt.Sprintf("the certificate of %s was valid until %s, and this gateway's clock says %s", where, cert.NotAfter.Format(day), now.Format("2006-01-02 15:04")),
		"renew the broker's certificate; if the clock is wrong, set it",
	}
}

func explainEnd(err error, where string) (advice, bool) {
	if !endedByPeer(err) {
		return advice{}, false
	}
	return advice{where + " closed the connection", "look into the broker's log; it may want TLS (mqtts://), or not want it"}, true
}

// endedByPeer says whether the other side ended the connection.
func endedByPeer(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		strings.HasPrefix(err.Error(), "websocket: close ") // the library does not export the type
}

// explainListen says why the embedded broker cannot have its address.
func explainListen(err error, addr string) advice {
	if a, ok := explainFile(err, addr); ok {
		return a
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return advice{addr + " is in use: another broker listens there", "stop it, or choose another listen address"}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return advice{addr + " is not an address of this gateway", "correct listen"}
	case errors.Is(err, syscall.EACCES):
		return advice{"we may not listen on " + addr, "choose a port above 1023"}
	}
	return advice{fmt.Sprintf("cannot listen on %s: %v", addr, err), "choose another listen address"}
}
