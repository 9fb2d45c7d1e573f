package mqtt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The bounds of Options.KeepAlive. MQTT allows up to 18 h 12 min 15 s (§3.1.2.10);
// a broker that died must be noticed long before that.
const (
	KeepAliveMin     = 5 * time.Second
	KeepAliveMax     = 10 * time.Minute
	KeepAliveDefault = 20 * time.Second
)

// stringMaxBytes is the longest UTF-8 string MQTT can carry (§1.5.3).
const stringMaxBytes = math.MaxUint16

// TLSFiles names PEM files. They are read at every connection, so that a renewed
// certificate needs no restart.
type TLSFiles struct {
	CA   string // certificates to trust instead of the system's
	Cert string // our own certificate, when the other side wants to see one
	Key  string // its key
}

// Filter is one subscription: a topic filter (§4.7) and the highest quality of
// service wanted, 0 to 2.
type Filter struct {
	Topic string
	QoS   byte
}

// Options say which broker to connect to and what to subscribe to.
type Options struct {
	Name     string // in logs
	URL      string // mqtt://host[:1883] mqtts://host[:8883] ws://host[:80]/path wss://host[:443]/path unix:///path
	ClientID string // who the broker keeps unacknowledged messages for: fixed, and unique at the broker

	// Clean makes the broker forget us with the connection (CleanSession 1,
	// §3.1.2.4): what is published while there is none is lost to us.
	Clean bool

	Username     string
	PasswordFile string // its content without trailing line ends; read at every connection

	KeepAlive time.Duration // 0 means KeepAliveDefault; whole seconds
	TLS       TLSFiles      // only with mqtts:// and wss://

	Filters []Filter  // New reduces them to a set in which none covers another
	Publish []Publish // what we publish ourselves, now and then

	// Dial, when set, opens the connection instead of URL, which may then be
	// empty. Broker.Dial is such a function.
	Dial func(ctx context.Context) (net.Conn, error)

	// Changed, when set, is called whenever the session connects or loses its
	// connection. It must neither block nor call the session.
	Changed func()

	Log *slog.Logger // nil discards
}

// Problem is one option that New refuses.
type Problem struct {
	Argument string // as in the configuration: url, client_id, username, password_file, keepalive, tls, filter, publish
	Fact     string // what is wrong with it
	Remedy   string // what to write instead; may be empty
}

// Error says the argument, the fact and the remedy.
func (p Problem) Error() string {
	if p.Remedy == "" {
		return p.Argument + ": " + p.Fact
	}
	return p.Argument + ": " + p.Fact + "; " + p.Remedy
}

func joinProblems(found []Problem) error {
	errs := make([]error, len(found))
	for i, p := range found {
		errs[i] = p
	}
	return errors.Join(errs...)
}

// Check lists everything New would refuse, without touching files or network.
func (o Options) Check() []Problem {
	var found []Problem
	add := func(argument, fact, remedy string) {
		found = append(found, Problem{argument, fact, remedy})
	}
	if o.Dial == nil {
		found = append(found, checkURL(o.URL)...)
	}
	if o.ClientID == "" {
		add("client_id", "is empty, so the broker could not keep messages for us [MQTT-3.1.3-8]", "write a name that no other client of this broker uses")
	}
	if n := len(o.ClientID); n > stringMaxBytes {
		add("client_id", fmt.Sprintf("is %d bytes long, at most %d are possible", n, stringMaxBytes), "")
	}
	if n := len(o.Username); n > stringMaxBytes {
		add("username", fmt.Sprintf("is %d bytes long, at most %d are possible", n, stringMaxBytes), "")
	}
	if o.PasswordFile != "" && o.Username == "" {
		add("password_file", "is given without a username [MQTT-3.1.2-22]", "give username as well")
	}
	if k := o.KeepAlive; k != 0 && (k < KeepAliveMin || k > KeepAliveMax || k%time.Second != 0) {
		add("keepalive", fmt.Sprintf("is %v", k), fmt.Sprintf("write whole seconds between %v and %v", KeepAliveMin, KeepAliveMax))
	}
	found = append(found, o.checkTLS()...)
	for _, f := range o.Filters {
		if err := checkFilter(f); err != nil {
			add("filter", err.Error(), "")
		}
	}
	for _, p := range o.Publish {
		if err := p.Check(); err != nil {
			add("publish", err.Error(), "")
		}
	}
	return found
}

func (o Options) checkTLS() []Problem {
	var found []Problem
	if found = o.TLS.check(); o.TLS == (TLSFiles{}) || o.Dial != nil {
		return found
	}
	if u, err := url.Parse(o.URL); err == nil && !overTLS(u.Scheme) {
		secure := map[string]string{"mqtt": "mqtts", "ws": "wss"}[u.Scheme]
		remedy := "leave tls out"
		if secure != "" {
			remedy = fmt.Sprintf("write %s:// in the url", secure)
		}
		found = append(found, Problem{"tls", fmt.Sprintf("has no effect on a %s:// url", u.Scheme), remedy})
	}
	return found
}

func (f TLSFiles) check() []Problem {
	if (f.Cert == "") != (f.Key == "") {
		return []Problem{{"tls", "a certificate and its key only work together", "give both cert_file and key_file, or neither"}}
	}
	return nil
}

func overTLS(scheme string) bool { return scheme == "mqtts" || scheme == "wss" }

// schemes and the port each stands for; "" for none.
var schemes = map[string]string{"mqtt": "1883", "mqtts": "8883", "ws": "80", "wss": "443", "unix": ""}

// foreignSchemes are how other programs write ours.
var foreignSchemes = map[string]string{"tcp": "mqtt", "ssl": "mqtts", "tls": "mqtts", "tcps": "mqtts", "http": "ws", "https": "wss"}

const urlRemedy = "write mqtt://host, mqtts://host, ws://host/path, wss://host/path or unix:///path"

func checkURL(text string) []Problem {
	complain := func(fact, remedy string) []Problem { return []Problem{{"url", fact, remedy}} }
	if text == "" {
		return complain("is empty", urlRemedy)
	}
	u, err := url.Parse(text)
	if err != nil {
		// The text of a url.Error repeats the whole URL, and with it a password.
		var syntax *url.Error
		if errors.As(err, &syntax) {
			err = syntax.Err
		}
		return complain("is not a URL: "+err.Error(), urlRemedy)
	}
	if ours, ok := foreignSchemes[u.Scheme]; ok {
		return complain(fmt.Sprintf("begins with %s://", u.Scheme), fmt.Sprintf("write %s:// instead", ours))
	}
	if _, ok := schemes[u.Scheme]; !ok {
		return complain("begins with none of mqtt:// mqtts:// ws:// wss:// unix://", urlRemedy)
	}
	if u.User != nil {
		return complain("holds a user name or password, which would end up in logs", "use username and password_file")
	}
	if u.Scheme == "unix" {
		return checkSocketURL(u)
	}
	return checkHostURL(u)
}

func checkSocketURL(u *url.URL) []Problem {
	if u.Host != "" || u.Path == "" || u.Path == "/" {
		return []Problem{{"url", "names no socket", "write unix:///path/to/socket, with three slashes"}}
	}
	return nil
}

func checkHostURL(u *url.URL) []Problem {
	if u.Hostname() == "" {
		return []Problem{{"url", "names no host", fmt.Sprintf("write %s://host", u.Scheme)}}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > math.MaxUint16 {
			return []Problem{{"url", fmt.Sprintf("port %s is not between 1 and 65535", port), ""}}
		}
	}
	if strings.HasPrefix(u.Scheme, "mqtt") && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "") {
		return []Problem{{"url", fmt.Sprintf("has a path, which %s:// has no use for", u.Scheme), "topics belong into sensor blocks"}}
	}
	return nil
}

// hostPort is the address to dial for an mqtt or mqtts URL.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = schemes[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
