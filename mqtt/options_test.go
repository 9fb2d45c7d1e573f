package mqtt

import (
	"strings"
	"testing"
	"time"
)

func TestEveryWrongOptionIsNamedWithWhatToWriteInstead(t *testing.T) {
	good := func() Options { return Options{URL: "mqtt://host", ClientID: "gateway"} }
	for _, c := range []struct {
		change func(*Options)
		want   string
	}{
		{func(o *Options) {}, ""},
		{func(o *Options) { o.URL = "mqtts://[::1]:8884"; o.TLS = TLSFiles{Cert: "c", Key: "k"} }, ""},
		{func(o *Options) { o.URL = "unix:///run/mosquitto.sock" }, ""},
		{func(o *Options) { o.URL = "wss://host/mqtt?x=1" }, ""},
		{func(o *Options) { o.URL = "" }, "url: is empty; write mqtt://host"},
		{func(o *Options) { o.URL = "tcp://host" }, "url: begins with tcp://; write mqtt:// instead"},
		{func(o *Options) { o.URL = "ssl://host" }, "url: begins with ssl://; write mqtts:// instead"},
		{func(o *Options) { o.URL = "host:1883" }, "url: begins with none of"},
		{func(o *Options) { o.URL = "mqtt://user:hunter2@host" }, "url: holds a user name or password"},
		{func(o *Options) { o.URL = "mqtt://user:hunter2@ho st" }, "url: is not a URL"},
		{func(o *Options) { o.URL = "mqtt://host:99999" }, "url: port 99999"},
		{func(o *Options) { o.URL = "mqtt://host/topic" }, "url: has a path"},
		{func(o *Options) { o.URL = "mqtt:///" }, "url: names no host"},
		{func(o *Options) { o.URL = "unix://run/sock" }, "url: names no socket"},
		{func(o *Options) { o.ClientID = "" }, "client_id: is empty"},
		{func(o *Options) { o.PasswordFile = "x" }, "password_file: is given without a username"},
		{func(o *Options) { o.KeepAlive = time.Second }, "keepalive: is 1s; write whole seconds between 5s and 10m0s"},
		{func(o *Options) { o.KeepAlive = 5500 * time.Millisecond }, "keepalive: is 5.5s"},
		{func(o *Options) { o.TLS.CA = "x" }, "tls: has no effect on a mqtt:// url; write mqtts:// in the url"},
		{func(o *Options) { o.URL = "mqtts://h"; o.TLS.Key = "x" }, "tls: a certificate and its key"},
		{func(o *Options) { o.Filters = []Filter{{"a/#/b", 0}} }, "filter: \"a/#/b\": # is only possible as the last level"},
		{func(o *Options) { o.Filters = []Filter{{"a/b+", 0}} }, "filter: \"a/b+\": a wildcard must be a whole level"},
		{func(o *Options) { o.Filters = []Filter{{"", 0}} }, "is empty [MQTT-4.7.3-1]"},
		{func(o *Options) { o.Filters = []Filter{{"a", 3}} }, "quality of service 3"},
		{func(o *Options) { o.Filters = []Filter{{"$share/g/a", 1}} }, "shared subscription"},
		{func(o *Options) { o.Filters = []Filter{{"a\x00", 1}} }, "is not text"},
		{func(o *Options) { o.Filters = []Filter{{strings.Repeat("a", 70000), 1}} }, "is 70000 bytes long"},
	} {
		o := good()
		c.change(&o)
		_, err := New(o)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v:\ngot  %q\nwant %q", o, got, c.want)
		}
		if strings.Contains(got, "hunter2") {
			t.Errorf("the complaint repeats a password: %s", got)
		}
	}
}
