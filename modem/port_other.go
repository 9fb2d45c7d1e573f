//go:build !linux

package modem

import (
	"errors"
	"io"
)

// openPort opens nothing: modems are driven on Linux only. Rules, scenarios and
// the simulated modem work everywhere.
func openPort(string, int) (io.ReadWriteCloser, error) {
	return nil, errors.New("a serial modem needs Linux")
}
