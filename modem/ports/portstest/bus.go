// Package portstest simulates what the kernel shows of a host's serial ports, for
// tests: devices are plugged in and out, and processes hold their ports.
package portstest

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"
	"sync"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// Bus is one host. Its methods are safe from any goroutine; a look at it sees it
// as it is at that moment.
type Bus struct {
	mu    sync.Mutex
	files fstest.MapFS
}

// New makes a host without ports.
func New() *Bus {
	return &Bus{files: fstest.MapFS{
		"sys/class/tty":       {Mode: fs.ModeDir | 0o755},
		"sys/bus/usb/devices": {Mode: fs.ModeDir | 0o755},
		"proc/self":           link("1"),
	}}
}

// Device is a device on USB.
type Device struct {
	VID, PID               uint16
	Maker, Product, Serial string
	Interfaces             []Interface
}

// Interface is one interface of a device.
type Interface struct {
	Number                    uint8
	Class, Subclass, Protocol uint8
	Driver                    string
	TTY                       string // name of its serial port; "" has none
}

// Serial lists vendor-specific interfaces numbered from 0 with one port each.
func Serial(ttys ...string) []Interface {
	var all []Interface
	for n, tty := range ttys {
		all = append(all, Interface{Number: uint8(n), Class: 0xff, Subclass: 0xff, Protocol: 0xff, Driver: "option", TTY: tty})
	}
	return all
}

const hub = "sys/devices/platform/soc/3f980000.usb/usb1/1-1"

// Plug plugs d in at a place such as "1-1.2".
func (b *Bus) Plug(place string, d Device) {
	b.mu.Lock()
	defer b.mu.Unlock()
	dir := path.Join(hub, place)
	b.write(dir, map[string]string{
		"idVendor": fmt.Sprintf("%04x", d.VID), "idProduct": fmt.Sprintf("%04x", d.PID),
		"manufacturer": d.Maker, "product": d.Product, "serial": d.Serial,
	})
	b.files["sys/bus/usb/devices/"+place] = link(up(3) + strings.TrimPrefix(dir, "sys/"))
	for _, i := range d.Interfaces {
		b.plugInterface(path.Join(dir, fmt.Sprintf("%s:1.%d", place, i.Number)), i)
	}
}

func (b *Bus) plugInterface(dir string, i Interface) {
	b.write(dir, map[string]string{
		"bInterfaceNumber": fmt.Sprintf("%02x", i.Number), "bInterfaceClass": fmt.Sprintf("%02x", i.Class),
		"bInterfaceSubClass": fmt.Sprintf("%02x", i.Subclass), "bInterfaceProtocol": fmt.Sprintf("%02x", i.Protocol),
	})
	if i.Driver != "" {
		b.files[dir+"/driver"] = link(up(9) + "bus/usb/drivers/" + i.Driver)
	}
	if i.TTY != "" {
		b.tty(i.TTY, path.Join(dir, i.TTY))
	}
}

// PlugUART adds a UART of the host itself.
func (b *Bus) PlugUART(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tty(name, "sys/devices/platform/soc/3f215040.serial")
}

func (b *Bus) tty(name, device string) {
	dir := path.Join(device, "tty", name)
	b.write(dir, map[string]string{"dev": "188:2"})
	b.files["sys/class/tty/"+name] = link(up(2) + strings.TrimPrefix(dir, "sys/"))
}

// Unplug takes out what is plugged in at place.
func (b *Bus) Unplug(place string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	dir := strings.TrimPrefix(path.Join(hub, place), "sys/") + "/"
	maps.DeleteFunc(b.files, func(name string, f *fstest.MapFile) bool {
		isLink := f.Mode&fs.ModeSymlink != 0 && strings.Contains(string(f.Data)+"/", dir)
		return isLink || strings.HasPrefix(name, "sys/"+dir)
	})
}

// Run lets a process run that has these devices open.
func (b *Bus) Run(pid int, name string, devices ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	dir := fmt.Sprint("proc/", pid)
	b.write(dir, map[string]string{"comm": name})
	for fd, device := range devices {
		b.files[fmt.Sprint(dir, "/fd/", fd+3)] = link(device)
	}
}

// Kill ends a process.
func (b *Bus) Kill(pid int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.files, func(name string, _ *fstest.MapFile) bool {
		return strings.HasPrefix(name, fmt.Sprint("proc/", pid, "/"))
	})
}

// Open makes a Bus an fs.FS.
func (b *Bus) Open(name string) (fs.File, error) { return b.snapshot().Open(name) }

// ReadLink makes a Bus an fs.ReadLinkFS.
func (b *Bus) ReadLink(name string) (string, error) { return b.snapshot().ReadLink(name) }

// Lstat makes a Bus an fs.ReadLinkFS.
func (b *Bus) Lstat(name string) (fs.FileInfo, error) { return b.snapshot().Lstat(name) }

func (b *Bus) snapshot() fstest.MapFS {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.files)
}

func (b *Bus) write(dir string, files map[string]string) {
	for name, content := range files {
		b.files[path.Join(dir, name)] = &fstest.MapFile{Data: []byte(content + "\n"), Mode: 0o444}
	}
}

func link(target string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
}

func up(levels int) string { return strings.Repeat("../", levels) }

// Tree is the files of a txtar archive. A file called "a -> b" is a symbolic link.
func Tree(archive *txtar.Archive) fs.FS {
	files := fstest.MapFS{}
	for _, f := range archive.Files {
		if name, target, isLink := strings.Cut(f.Name, " -> "); isLink {
			files[name] = link(target)
			continue
		}
		files[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o444}
	}
	return files
}
