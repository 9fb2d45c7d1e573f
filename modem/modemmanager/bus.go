package modemmanager

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// Time limits of the bus.
const (
	connectTimeout = 15 * time.Second
	callTimeout    = 30 * time.Second // ModemManager answers from memory, or starts first
	tidyTimeout    = 5 * time.Second  // to drop what is ours, also when Run ends
)

// news is the signal handler of a connection: it notes that something changed
// and drops what, since everything is read anew. Its channel has capacity 1.
type news chan struct{}

// DeliverSignal is called by the connection's reader.
func (n news) DeliverSignal(_, _ string, _ *dbus.Signal) {
	select {
	case n <- struct{}{}:
	default:
	}
}

// bus is one connection to the system bus, of which a call's error never ends
// more than the call.
type bus struct {
	*dbus.Conn
	news news
}

// connect connects to the bus at address, "" for the system's, and listens to
// ModemManager. The connection outlives ctx, so that what is ours can be dropped.
func connect(ctx context.Context, address string) (*bus, error) {
	b := &bus{news: make(news, 1)}
	limited, stop := context.WithTimeout(ctx, connectTimeout)
	defer stop()
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	inTime := context.AfterFunc(limited, cancel)
	var err error
	if address == "" {
		b.Conn, err = dbus.ConnectSystemBus(dbus.WithContext(ctx), dbus.WithSignalHandler(b.news))
	} else {
		b.Conn, err = dbus.Connect(address, dbus.WithContext(ctx), dbus.WithSignalHandler(b.news))
	}
	if err == nil {
		err = b.listen(ctx)
	}
	if !inTime() && err == nil {
		err = fmt.Errorf("no connection within %v: %w", connectTimeout, limited.Err())
	}
	if err != nil {
		cancel()
		return nil, err
	}
	context.AfterFunc(b.Context(), cancel)
	return b, nil
}

func (b *bus) listen(ctx context.Context) error {
	for _, what := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(service)},
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, service)},
	} {
		if err := b.AddMatchSignalContext(ctx, what...); err != nil {
			return err
		}
	}
	return nil
}

// call gives one method of an object of ModemManager timeout to answer.
func (b *bus) call(ctx context.Context, timeout time.Duration, path dbus.ObjectPath, method string, arguments ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return b.Object(service, path).CallWithContext(ctx, method, 0, arguments...)
}

// tidy calls a method that drops what is ours, whatever ends meanwhile.
func (b *bus) tidy(path dbus.ObjectPath, method string, arguments ...any) error {
	return b.call(context.Background(), tidyTimeout, path, method, arguments...).Err
}

// properties are those of one interface of an object. Reading one that is not
// there, or of another type than expected, gives its zero value.
type properties = map[string]dbus.Variant

func (b *bus) properties(ctx context.Context, path dbus.ObjectPath, of string) (p properties, err error) {
	err = b.call(ctx, callTimeout, path, getAllProperties, of).Store(&p)
	return p, err
}

func property[T any](p properties, name string) (value T) {
	if v, ok := p[name]; ok && v.Store(&value) != nil {
		var zero T
		return zero
	}
	return value
}
