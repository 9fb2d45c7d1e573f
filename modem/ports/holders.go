package ports

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
)

// Holder is a process that has a port open.
type Holder struct {
	PID  int
	Name string // of its program, at most 15 characters
}

func (h Holder) String() string { return fmt.Sprintf("%s (process %d)", h.Name, h.PID) }

const modemManager = "ModemManager"

// remedies are what to do about programs that are known to hold modems.
var remedies = map[string]string{
	modemManager: `stop it for good (systemctl disable --now ModemManager), or write backend = "modemmanager" in the modem block`,
	"pppd":       "end the data call, or let it use another port of the modem",
	"gpsd":       "take the port out of the configuration of gpsd",
	"smsd":       "stop it; one program at a time can send texts through a modem",
	"gammu-smsd": "stop it; one program at a time can send texts through a modem",
	"agetty":     "stop the login prompt on this port (systemctl disable --now serial-getty@…)",
	"getty":      "take the login prompt on this port out of /etc/inittab",
	"minicom":    "leave it",
	"picocom":    "leave it",
	"screen":     "leave it",
}

// Remedy says what to do so that the port is free.
func (h Holder) Remedy() string {
	if r, known := remedies[h.Name]; known {
		return r
	}
	return "stop " + h.Name + ", or forbid it this port"
}

// Holders returns the other processes that have the device at path open, as far
// as this one may see: those of other users need root. path is the device itself
// and no link to it. The error says that /proc cannot be read.
func Holders(root fs.FS, device string) ([]Holder, error) {
	entries, err := fs.ReadDir(root, "proc")
	if err != nil {
		return nil, err
	}
	self, _ := fs.ReadLink(root, "proc/self")
	var all []Holder
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && entry.Name() != self && hasOpen(root, pid, device) {
			all = append(all, Holder{pid, comm(root, pid)})
		}
	}
	return all, nil
}

func hasOpen(root fs.FS, pid int, device string) bool {
	dir := path.Join("proc", strconv.Itoa(pid), "fd")
	entries, err := fs.ReadDir(root, dir)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		target, err := fs.ReadLink(root, path.Join(dir, e.Name()))
		return err == nil && target == device
	})
}

func comm(root fs.FS, pid int) string {
	return text(root, path.Join("proc", strconv.Itoa(pid), "comm"))
}

// ModemManager returns the process of ModemManager, which opens every port that
// could be a modem's, and whether it runs.
func ModemManager(root fs.FS) (Holder, bool) {
	entries, err := fs.ReadDir(root, "proc")
	if err != nil {
		return Holder{}, false
	}
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && comm(root, pid) == modemManager {
			return Holder{pid, modemManager}, true
		}
	}
	return Holder{}, false
}
