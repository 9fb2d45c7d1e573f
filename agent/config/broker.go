package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/mqtt"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// embeddedName is the name of the session with the embedded broker.
const embeddedName = "broker"

// brokers reads the mqtt blocks and gives each its filters.
func (l *loader) brokers() {
	for _, b := range l.blocks["mqtt"] {
		l.config.Brokers = append(l.config.Brokers, l.mqtt(b))
	}
	switch {
	case len(l.blocks["mqtt"]) > 0 || l.partial:
	case len(l.blocks["broker"]) > 0:
		o := mqtt.Options{Name: embeddedName, ClientID: l.clientID(), Filters: l.filters(embeddedName)}
		l.config.Brokers = append(l.config.Brokers, o)
	default:
		l.add(wholeMistake("Missing block", `Tocsin has nothing to listen to. Write mqtt "main" { url = "mqtt://127.0.0.1" } for a broker that is there, or broker { allow_anonymous = true } for one of its own.`))
	}
	l.checkClientIDs()
}

func (l *loader) mqtt(b *hclsyntax.Block) mqtt.Options {
	r := block.Open(b, l.ctx)
	r.Need("url", `Write where the broker is, such as url = "mqtt://127.0.0.1".`)
	o := mqtt.Options{
		Name:         r.Label(),
		URL:          r.String("url"),
		ClientID:     l.clientID(),
		Username:     r.String("username"),
		PasswordFile: l.file(r, "password_file", checkSecret),
		KeepAlive:    r.Duration("keepalive", mqtt.KeepAliveMin, mqtt.KeepAliveMax),
		Filters:      l.filters(r.Label()),
		Publish:      publishes(r),
	}
	if id, ok := r.Text("client_id"); ok {
		o.ClientID = id
	}
	tlsBlock := r.Block("tls")
	o.TLS = l.tls(tlsBlock)
	for _, p := range o.Check() {
		addProblem(r, tlsBlock, p)
	}
	l.found(b, r.Close()...)
	return o
}

// publishes reads what is published to keep publishers talking.
func publishes(r *block.Reader) []mqtt.Publish {
	var all []mqtt.Publish
	for _, n := range r.Blocks("publish") {
		n.Need("topic", `Write the topic to publish to, such as topic = "R/<portal id>/keepalive".`)
		n.Need("every", `Write how often, such as every = "30s".`)
		p := mqtt.Publish{
			Topic:   n.String("topic"),
			Every:   n.Duration("every", mqtt.PublishEveryMin, mqtt.PublishEveryMax),
			Payload: n.String("payload"),
		}
		switch err := p.Check(); {
		case !n.Has("topic") || !n.Has("every") || n.Wrong("topic") || n.Wrong("every") || n.Wrong("payload"):
		case err != nil:
			n.Add(block.Mistake(n.Header(), "Invalid publish", sentence(capital(err.Error()))))
		default:
			all = append(all, p)
		}
	}
	return all
}

// addProblem reports what the mqtt package refuses at the argument it speaks
// of, unless that is absent or already known to be wrong.
func addProblem(r, tlsBlock *block.Reader, p mqtt.Problem) {
	rng := r.Header()
	switch p.Argument {
	case "filter", "publish": // said where they are written
	case "tls":
		rng = tlsBlock.Header()
	default:
		if !r.Has(p.Argument) || r.Wrong(p.Argument) {
			return
		}
		rng = r.Range(p.Argument)
	}
	detail := p.Argument + " " + p.Fact
	if p.Remedy != "" {
		detail += "; " + p.Remedy
	}
	r.Add(block.Mistake(rng, "Invalid "+p.Argument, sentence(detail)))
}

// tls reads a tls block, which may be absent. A certificate without its key is
// reported and left out.
func (l *loader) tls(r *block.Reader) mqtt.TLSFiles {
	if r == nil {
		return mqtt.TLSFiles{}
	}
	f := mqtt.TLSFiles{
		CA:   l.file(r, "ca_file", checkCertificates),
		Cert: l.file(r, "cert_file", checkCertificates),
		Key:  l.file(r, "key_file", nil),
	}
	switch {
	case r.Wrong("cert_file") || r.Wrong("key_file"):
	case r.Has("cert_file") && r.Has("key_file"):
		checkPair(r, f)
		return f
	case r.Has("cert_file"):
		r.Add(block.Mistake(r.Range("cert_file"), "Missing argument", "A certificate is of no use without its key. Write key_file as well."))
	case r.Has("key_file"):
		r.Add(block.Mistake(r.Range("key_file"), "Missing argument", "A key is of no use without its certificate. Write cert_file as well."))
	}
	f.Cert, f.Key = "", ""
	return f
}

func checkPair(r *block.Reader, f mqtt.TLSFiles) {
	if _, err := tls.LoadX509KeyPair(f.Cert, f.Key); err != nil {
		r.Add(block.Mistake(r.Range("key_file"), "Unusable key", fmt.Sprintf(
			"%s and %s do not go together: %s.", f.Cert, f.Key, strings.TrimPrefix(err.Error(), "tls: "))))
	}
}

func checkCertificates(b []byte) error {
	if !x509.NewCertPool().AppendCertsFromPEM(b) {
		return errors.New("it holds no certificate. Write the path of a PEM file")
	}
	return nil
}

// checkSecret refuses a file without a secret in it.
func checkSecret(b []byte) error {
	if strings.TrimRight(string(b), "\r\n") == "" {
		return errors.New("it is empty. Write the secret into it")
	}
	return nil
}

// switchQoS is at least once: what sets a switch is not said again.
const switchQoS = 1

// filters are the subscriptions of the broker of that name: the topics of the
// sensors that name it, of those that name none, and of the switches.
func (l *loader) filters(name string) []mqtt.Filter {
	var filters []mqtt.Filter
	for _, s := range l.config.Rules.Sensors {
		if s.MQTT != name && s.MQTT != "" {
			continue
		}
		for _, topic := range s.Filters() {
			if topic != "" { // it has a mistake
				filters = append(filters, mqtt.Filter{Topic: topic, QoS: s.QoS})
			}
		}
	}
	for _, s := range l.config.Rules.Switches {
		if s.Topic != "" {
			filters = append(filters, mqtt.Filter{Topic: s.Topic, QoS: switchQoS})
		}
	}
	return filters
}

// clientID is the name a broker keeps this gateway's messages under when the
// configuration gives none: "tocsin-" and the site's name, or that of the host,
// in lower case. It must not change while messages wait there, and the site's
// name is what people change least.
func (l *loader) clientID() string {
	name := l.config.Site.Name
	if slug(name, "-") == "" {
		name, _ = os.Hostname()
	}
	return strings.TrimSuffix("tocsin-"+slug(name, "-"), "-")
}

// checkClientIDs complains about two sessions that would throw each other out.
func (l *loader) checkClientIDs() {
	seen := map[[2]string]bool{}
	for i, o := range l.config.Brokers {
		key := [2]string{o.URL, o.ClientID}
		if o.URL != "" && seen[key] {
			l.add(block.Mistake(l.blocks["mqtt"][i].DefRange(), "Duplicate client", fmt.Sprintf(
				"mqtt %q connects to the same broker under the same name, %s, as another block; the broker would throw out one of them again and again. Give it a client_id of its own.", o.Name, o.ClientID)))
		}
		seen[key] = true
	}
}

// broker reads the broker block, if there is one.
func (l *loader) broker() {
	for _, b := range l.blocks["broker"] {
		r := block.Open(b, l.ctx)
		l.config.Broker = &mqtt.BrokerOptions{
			Listen:         listen(r),
			Users:          users(r),
			AllowAnonymous: r.Bool("allow_anonymous", false),
			TLS:            l.serverTLS(r),
		}
		checkAccess(r, l.config.Broker)
		l.found(b, r.Close()...)
	}
}

// listenDefault is MQTT's registered port, on the gateway itself only.
const listenDefault = "127.0.0.1:1883"

func listen(r *block.Reader) string {
	address, ok := r.Text("listen")
	if !ok {
		return listenDefault
	}
	_, port, err := net.SplitHostPort(address)
	if n, portErr := strconv.Atoi(port); err != nil || portErr != nil || n < 1 || n > 65535 {
		r.Add(block.Mistake(r.Range("listen"), "Invalid address", fmt.Sprintf(
			`%q is not an address to listen on. Write host and port, such as "127.0.0.1:1883", or ":1883" for every interface.`, address)))
	}
	return address
}

// users reads who may connect: a password by name.
func users(r *block.Reader) map[string]string {
	all := map[string]string{}
	for _, p := range r.Pairs("users") {
		password, ok := r.StringOf(p.Value, "the password of "+p.Key)
		if ok && password == "" {
			r.Add(block.Mistake(p.Value.Range(), "Invalid value", fmt.Sprintf("The password of %s is empty. Write one, or allow_anonymous = true.", p.Key)))
		}
		all[p.Key] = password
	}
	return all
}

func checkAccess(r *block.Reader, o *mqtt.BrokerOptions) {
	switch {
	case o.AllowAnonymous && r.Has("users"):
		r.Add(block.Mistake(r.Range("allow_anonymous"), "Conflicting arguments",
			"Who may connect without a password needs none. Keep users or allow_anonymous, not both."))
	case !o.AllowAnonymous && !r.Has("users") && !r.Wrong("allow_anonymous"):
		r.Add(block.Mistake(r.Header(), "Missing argument",
			`Nobody may connect to this broker. Write users = { sensors = env("BROKER_PASSWORD") }, or allow_anonymous = true on a network you trust.`))
	case r.Has("users") && len(o.Users) == 0 && !r.Wrong("users"):
		r.Add(block.Mistake(r.Range("users"), "Invalid value",
			`users is empty, so nobody may connect. Write users = { sensors = env("BROKER_PASSWORD") }.`))
	}
}

// serverTLS reads the tls block of the embedded broker, which has to show a
// certificate.
func (l *loader) serverTLS(r *block.Reader) mqtt.TLSFiles {
	t := r.Block("tls")
	if t == nil {
		return mqtt.TLSFiles{}
	}
	if !t.Has("cert_file") && !t.Has("key_file") {
		t.Need("cert_file", "Write cert_file and key_file: the broker's certificate and its key, PEM files.")
	}
	return l.tls(t)
}
