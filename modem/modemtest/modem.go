package modemtest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// portName is the port of a modem on no hub.
const portName = "/dev/simulated-modem"

// Bounds of what a modem remembers for its tests.
const (
	commandsMax = 2000
	acceptedMax = 10_000
	refusedMax  = 1000
)

// Modem is a simulated modem, its SIM card and the network behind it. All its
// methods may be called from any goroutine. It starts no goroutine: the host's
// writes and timers of package time drive it, so it runs in a synctest bubble
// (made by New inside the bubble) as well as in real time.
type Modem struct {
	mu         sync.Mutex
	changed    *sync.Cond // broadcast after every change
	callbacks  []func()   // to be made in order while mu is free
	inCallback bool       // somebody makes them

	log     *slog.Logger
	onText  func(Text)
	onCall  func(Call)
	profile profile
	script  *script

	plugged   bool
	unpowered bool // its power line is off
	dark      bool // without power, or switched off
	storage   bool // on the bus as storage, and not yet as a modem
	life      int  // counts power-ups: a timer of an earlier life does nothing
	booting   bool // deaf until the firmware runs
	hung      bool // deaf until the power goes
	stalled   bool // reads nothing, so the host's writes wait
	resting   bool // a slow wire has not yet brought the next octet
	started   bool // the script's clock runs
	line      *line
	hub       *Hub // nil: none
	port      string

	imei     string
	byteTime time.Duration // 0: the wire takes no time
	terminal terminal
	settings map[string]int // the value of every simple setting, by command
	card     card
	account  account
	radio    radio
	ims      ims
	clock    clock
	call     *call // in progress
	placed   []*Call
	messages messages
	network  *Network
	arrivals []arrival // that wait in the network
	// unacknowledged was handed straight to the host, which owes its +CNMA.
	unacknowledged *arrival
	faults         faults

	commands []string
	refused  []string
	stats    Stats
}

// IMEI returns the modem's.
func (m *Modem) IMEI() string { return m.imei }

// Stats counts what happened since New.
type Stats struct {
	Opened    int // lines opened
	Linked    int // pseudo-terminals a link led to
	Commands  int // command lines carried out
	Attempts  int // +CMGS that got as far as a prompt
	Submitted int // PDUs ended by Ctrl-Z
	Accepted  int // PDUs the network took
	Refused   int // PDUs the modem or the network refused
	Texts     int // whole texts the network took
	Calls     int // voice calls dialled
	Received  int // parts and reports that were stored
	Deleted   int // parts and reports the host deleted
	Reported  int // status reports the service centre made
	LostTexts int // parts and reports from outside that nobody has any more
	LostBytes int // octets said to a host that did not read
	LostURCs  int // unsolicited lines held back for too long
}

// Option is one choice for New.
type Option func(*config)

type config struct {
	profile    string
	script     string
	log        *slog.Logger
	onText     func(Text)
	onCall     func(Call)
	pin        string
	pinTries   int
	registered bool
	delay      time.Duration
	centre     string
	network    *Network
	hub        *Hub
	imei       string
	sim        Card
}

// Profile picks the family of modem: one of Profiles. The default is
// "generic".
func Profile(name string) Option { return func(c *config) { c.profile = name } }

// Fault gives a script of faults, as the package's comment explains it. It
// may be given more than once; the scripts add up.
func Fault(script string) Option { return func(c *config) { c.script += script + "\n" } }

// SendDelay is how long the network takes to accept a part.
func SendDelay(d time.Duration) Option { return func(c *config) { c.delay = d } }

// PIN locks the SIM with a PIN of which tries attempts are left, 0 to 3.
func PIN(pin string, tries int) Option {
	return func(c *config) { c.pin, c.pinTries = pin, tries }
}

// Registered tells whether the modem is registered in its home network from
// the start, which is the default; otherwise it searches.
func Registered(yes bool) Option { return func(c *config) { c.registered = yes } }

// OnText is called with each whole text the network took, in order and one
// at a time, from the goroutine of a host's write or of a timer. It may call
// the modem's methods.
func OnText(f func(Text)) Option { return func(c *config) { c.onText = f } }

// OnCall is called when a voice call begins and when it ends, as OnText is.
func OnCall(f func(Call)) Option { return func(c *config) { c.onCall = f } }

// Log tells l, at debug level, each command line and why a PDU was refused.
// PINs are left out.
func Log(l *slog.Logger) Option { return func(c *config) { c.log = l } }

// IMEI is the modem's; without it each modem of a network has another.
func IMEI(imei string) Option { return func(c *config) { c.imei = imei } }

// SIM is the card in the modem; without it each modem of a network has another.
func SIM(card Card) Option { return func(c *config) { c.sim = card } }

// ServiceCentre is the number the SIM holds for +CSCA?; "" is a SIM without
// one.
func ServiceCentre(number string) Option { return func(c *config) { c.centre = number } }

// New makes a modem that is plugged in, has booted and, unless the options
// say otherwise, is ready to send. It panics on a profile that does not exist
// and on a fault script with a mistake: Build gives the error instead.
func New(opts ...Option) *Modem {
	m, err := Build(opts...)
	if err != nil {
		panic("modemtest: " + err.Error())
	}
	return m
}

// Build is New for options that came from outside the program.
func Build(opts ...Option) (*Modem, error) {
	c := config{profile: "generic", pinTries: pinTriesMax, registered: true, centre: defaultCentre, log: slog.New(slog.DiscardHandler)}
	for _, o := range opts {
		o(&c)
	}
	p, ok := profiles[c.profile]
	if !ok {
		return nil, fmt.Errorf("no profile %q; there are %v", c.profile, Profiles())
	}
	script, err := parseScripts(p.faults, c.script)
	if err != nil {
		return nil, err
	}
	m := &Modem{log: c.log, onText: c.onText, onCall: c.onCall, profile: p, script: script, plugged: true, hub: c.hub, port: portName}
	m.changed = sync.NewCond(&m.mu)
	m.identify(c)
	m.radio = newRadio(c, p)
	m.messages = newMessages(p, script.slots)
	m.faults = newFaults(script, c.delay)
	m.account = script.account
	m.ims = script.ims
	m.clock = newClock(time.Now())
	m.byteTime = script.byteTime
	m.reset()
	m.hub.attach(m)
	return m, nil
}

// identify puts the modem into its network, with what tells it from others.
func (m *Modem) identify(c config) {
	m.network = c.network
	if m.network == nil {
		m.network = NewNetwork()
	}
	n := m.network.join(m)
	m.imei = firstOf(c.imei, imeiOf(n))
	if c.sim == (Card{}) {
		c.sim = cardOf(n)
	}
	m.card = newCard(c)
	m.network.subscribe(m, m.card.Number)
}

// reset gives every setting the value it has after power-up.
func (m *Modem) reset() {
	m.terminal = terminal{echo: true}
	m.settings = initialSettings(m.profile)
	m.messages.indication = [5]int{}
	m.giveBack()
	m.stalled, m.hung, m.resting, m.dark = false, false, false, false
}

// with runs f while it owns the modem, lets the modem read what was typed and
// take what waits in the network, wakes everybody who waits, and makes the calls that f asked for.
func (m *Modem) with(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
	m.digest()
	m.handOver()
	m.changed.Broadcast()
	m.runCallbacks()
}

// runCallbacks makes the calls that wait, unless a goroutine further down the stack or
// another one is at it, who will then make these too: they keep their order.
func (m *Modem) runCallbacks() {
	for !m.inCallback && len(m.callbacks) > 0 {
		next := m.callbacks[0]
		m.callbacks = m.callbacks[1:]
		m.unlocked(next)
	}
}

// unlocked runs f while mu is free, and has it again even if f never returns:
// a test may end its goroutine there.
func (m *Modem) unlocked(f func()) {
	m.inCallback = true
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.inCallback = false
	}()
	f()
}

// wait returns once met says so; met runs while it owns the modem.
func (m *Modem) wait(met func() bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for !met() {
		m.changed.Wait()
	}
}

// after runs f when d has passed, unless the power went in between. With no
// time to pass it runs at once.
func (m *Modem) after(d time.Duration, f func()) {
	if d <= 0 {
		f()
		return
	}
	life := m.life
	time.AfterFunc(d, func() {
		m.with(func() {
			if life == m.life {
				f()
			}
		})
	})
}

// Unplug takes the modem out: the line ends and Open fails until Plug.
func (m *Modem) Unplug() { m.with(m.unplug) }

// Plug puts the modem back in. It boots, and its SIM keeps its PIN counter.
func (m *Modem) Plug() { m.with(m.plug) }

// Reboot is the firmware starting over by itself. Families on USB drop their
// port meanwhile, the others keep the line open.
func (m *Modem) Reboot() { m.with(m.reboot) }

// Commands returns the last command lines the modem carried out, as typed,
// oldest first; at most 2000.
func (m *Modem) Commands() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.commands...)
}

// Refused returns why PDUs were refused, oldest first; at most 1000.
func (m *Modem) Refused() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.refused...)
}

// Stats returns the counters.
func (m *Modem) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stats
}

// WaitFor returns when met holds, or with the context's error. met must not
// call the modem.
func (m *Modem) WaitFor(ctx context.Context, met func(Stats) bool) error {
	stop := context.AfterFunc(ctx, func() { m.with(func() {}) })
	defer stop()
	held := false
	m.wait(func() bool {
		held = met(m.stats)
		return held || ctx.Err() != nil
	})
	if held {
		return nil
	}
	return ctx.Err()
}

// WaitAccepted returns the texts the network took once there are n of them.
func (m *Modem) WaitAccepted(ctx context.Context, n int) ([]Text, error) {
	err := m.WaitFor(ctx, func(s Stats) bool { return s.Texts >= n })
	return m.Accepted(), err
}

// remember appends to a list of which only the last most are kept.
func remember[T any](list []T, entry T, most int) []T {
	if len(list) >= most {
		list = append(list[:0], list[1:]...)
	}
	return append(list, entry)
}
