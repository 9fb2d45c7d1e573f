package modemtest

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"syscall"
)

// hubPortsMax is how many names a hub can give out.
const hubPortsMax = 64

// Hub is a host's USB: it names the ports of the modems plugged into it as
// Linux does, by the lowest number nobody has. A modem that goes and comes back
// may find its old name taken: by another modem, or by a host that still holds
// the port that is gone. The zero Hub has no modems.
type Hub struct {
	mu    sync.Mutex
	ports []hubPort // by number
}

// hubPort is a name, which is taken while a modem has it or a host holds a line
// opened by it.
type hubPort struct {
	modem *Modem
	held  int
}

// OnHub plugs the modem into h.
func OnHub(h *Hub) Option { return func(c *config) { c.hub = h } }

func hubName(n int) string { return fmt.Sprintf("/dev/ttyUSB%d", n) }

// Open opens the port of that name, as [Modem.Open] does.
func (h *Hub) Open(ctx context.Context, name string) (io.ReadWriteCloser, error) {
	m := h.modemAt(name)
	if m == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOENT}
	}
	return m.Open(ctx)
}

// Ports returns the names there are now, in order.
func (h *Hub) Ports() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var names []string
	for n, p := range h.ports {
		if p.modem != nil {
			names = append(names, hubName(n))
		}
	}
	return names
}

// Swap takes both modems out and puts them in the other way round, so that each
// comes back under the other's name if these are the lowest and nobody holds them.
func (h *Hub) Swap(a, b *Modem) {
	first, second := a, b
	if h.number(a) < h.number(b) {
		first, second = b, a
	}
	a.Unplug()
	b.Unplug()
	first.Plug()
	second.Plug()
}

func (h *Hub) modemAt(name string) *Modem {
	h.mu.Lock()
	defer h.mu.Unlock()
	for n, p := range h.ports {
		if hubName(n) == name {
			return p.modem
		}
	}
	return nil
}

// number is that of the modem's port, negative when it has none.
func (h *Hub) number(m *Modem) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.IndexFunc(h.ports, func(p hubPort) bool { return p.modem == m })
}

// attach gives the modem a name. A modem on no hub has the same one always.
func (h *Hub) attach(m *Modem) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	n := slices.IndexFunc(h.ports, func(p hubPort) bool { return p.modem == nil && p.held == 0 })
	if n < 0 && len(h.ports) < hubPortsMax {
		n = len(h.ports)
		h.ports = append(h.ports, hubPort{})
	}
	if n >= 0 {
		h.ports[n].modem = m
		m.port = hubName(n)
	}
}

func (h *Hub) detach(m *Modem) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for n := range h.ports {
		if h.ports[n].modem == m {
			h.ports[n].modem = nil
		}
	}
}

// hold counts who has opened the port of that name: change is 1 or -1.
func (h *Hub) hold(name string, change int) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for n := range h.ports {
		if hubName(n) == name {
			h.ports[n].held += change
		}
	}
}

// Port returns the name of the modem's port now, or the last one it had.
func (m *Modem) Port() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.port
}
