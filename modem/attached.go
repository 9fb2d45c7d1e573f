package modem

import (
	"cmp"
	"os"
	"slices"

	"github.com/tocsin-edge/tocsin/modem/ports"
)

// Attached returns the modems on USB that the table of families knows, each by the
// best of its ports for AT commands. Nothing is opened. The error is that of
// reading /sys.
func Attached() ([]ports.Port, error) {
	all, err := ports.List(os.DirFS("/"))
	return attached(all), err
}

func attached(all []ports.Port) []ports.Port {
	best := map[string]ports.Port{} // by device
	ranks := map[string]int{}
	for _, p := range all {
		_, u, known := byUSB(p.VID, p.PID)
		rank, off := u.rank(p)
		if !p.OnUSB() || !known || off || rank >= unknownRank {
			continue
		}
		if first, ok := ranks[p.Device]; !ok || rank < first {
			best[p.Device], ranks[p.Device] = p, rank
		}
	}
	list := make([]ports.Port, 0, len(best))
	for _, p := range best {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b ports.Port) int { return cmp.Compare(a.SysPath, b.SysPath) })
	return list
}
