package buffer

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Badger writes through mappings of sparse files: when the disk is full, the
// kernel answers with SIGBUS and the process is gone. So space is looked at
// before every commit, and Badger never runs out of it:
//
//   - below floorBytes the ballast is released and nothing new is taken in,
//     until there is room for the ballast again;
//   - below hardFloorBytes, which covers the flush of a memory table and its
//     next log, nothing at all is written;
//   - the log of the memory table, written by every commit, is preallocated.
//
// What remains is another process that fills the disk between the look and the
// end of a table's flush or compaction, within milliseconds. The agent then dies,
// loses nothing, and its next start works from memory until there is room.
//
// The preallocated log also covers a file system whose journal was aborted:
// writing to blocks that are there does no harm, and the sync then says that the
// file system is read-only. Since Linux 6.15 ext4's statfs does not.
const (
	floorBytes     = 4 << 20
	hardFloorBytes = 2 << 20

	ballastName  = "ballast"
	ballastBytes = 8 << 20
	ballastShare = 8 // at most this part of the file system

	logBytes = 2 * memTableSize // as Badger makes it
)

var (
	// ErrFull says that the disk is full. Nothing was written.
	ErrFull = errors.New("disk full")
	// ErrReadOnly says that the file system has become read-only. Nothing was written.
	ErrReadOnly = errors.New("file system is read-only")
)

// space is what a file system says about itself.
type space struct {
	total, free uint64 // bytes; free to a process without privileges
	readOnly    bool
}

func statfs(dir string) (space, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return space{}, fmt.Errorf("%s: space: %w", dir, err)
	}
	return space{
		total:    uint64(st.Blocks) * uint64(st.Bsize),
		free:     uint64(st.Bavail) * uint64(st.Bsize),
		readOnly: st.Flags&unix.ST_RDONLY != 0,
	}, nil
}

// A disk is the directory the store lives in and the ballast in it. It is safe
// for use by several goroutines.
type disk struct {
	dir    string
	statfs func(string) (space, error)

	mu      sync.Mutex
	ballast bool // it is there
	wanted  bool // and should be: false on file systems too small for one
	refuses bool // the last attempt to write found it read-only
}

// admit decides whether something may be written now. Taking in is refused
// earlier than striking off and receipts. It releases the ballast when needed.
func (d *disk) admit(intake bool) error {
	sp, err := d.statfs(d.dir)
	if err != nil {
		return err
	}
	if sp.free < floorBytes && !sp.readOnly && d.release() {
		if sp, err = d.statfs(d.dir); err != nil {
			return err
		}
	}
	if sp.readOnly {
		return ErrReadOnly
	}
	return d.fits(sp, intake)
}

// admitMore decides whether a copy of so many bytes may be written besides.
func (d *disk) admitMore(bytes uint64) error {
	sp, err := d.statfs(d.dir)
	if err == nil && sp.free < hardFloorBytes+bytes && d.release() {
		sp, err = d.statfs(d.dir)
	}
	if err == nil && sp.free < hardFloorBytes+bytes {
		err = fmt.Errorf("%w: %d KiB free, %d KiB needed", ErrFull, sp.free>>10, (hardFloorBytes+bytes)>>10)
	}
	return err
}

// check is admit for those who only want to know.
func (d *disk) check(sp space, intake bool) error {
	if sp.readOnly || d.refused() {
		return ErrReadOnly
	}
	return d.fits(sp, intake)
}

func (d *disk) fits(sp space, intake bool) error {
	if need := d.need(sp, intake); sp.free < need {
		return fmt.Errorf("%w: %d KiB free, %d KiB needed", ErrFull, sp.free>>10, need>>10)
	}
	return nil
}

func (d *disk) need(sp space, intake bool) uint64 {
	switch {
	case !intake:
		return hardFloorBytes
	case d.lacksBallast():
		return floorBytes + ballastSize(sp)
	}
	return floorBytes
}

func ballastSize(sp space) uint64 {
	const unit = 1 << 20
	return min(ballastBytes, sp.total/ballastShare/unit*unit)
}

func (d *disk) refused() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.refuses
}

// heard keeps whether the file system has just said that it is read-only.
func (d *disk) heard(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuses = errors.Is(err, ErrReadOnly)
}

// knock asks in the one way that tells: it makes a file and removes it.
func (d *disk) knock() error {
	path := filepath.Join(d.dir, "knock")
	err := os.WriteFile(path, nil, 0o600)
	if err == nil {
		err = os.Remove(path)
	}
	err = inWords(err)
	d.heard(err)
	return err
}

// inWords makes what the system says about a disk what this package says.
func inWords(err error) error {
	switch {
	case err == nil, errors.Is(err, ErrReadOnly), errors.Is(err, ErrFull):
		return err
	case says(err, unix.EROFS):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case says(err, unix.ENOSPC), says(err, unix.EDQUOT):
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// says looks at the text too: Badger and a child process pass on no more.
func says(err error, e syscall.Errno) bool {
	return errors.Is(err, e) || strings.Contains(err.Error(), e.Error())
}

func (d *disk) lacksBallast() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.wanted && !d.ballast
}

func (d *disk) setBallast(there, wanted bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ballast, d.wanted = there, wanted
}

// release gives the ballast back and reports whether there was any.
func (d *disk) release() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.ballast {
		return false
	}
	d.ballast = false
	return os.Remove(filepath.Join(d.dir, ballastName)) == nil
}

// restore puts the ballast back when there is room for it above the floor.
func (d *disk) restore() error {
	sp, err := d.statfs(d.dir)
	if err != nil || sp.readOnly {
		return err
	}
	size := ballastSize(sp)
	path := filepath.Join(d.dir, ballastName)
	there := size > 0 && allocated(path) >= size
	if !there && size > 0 && sp.free >= floorBytes+size {
		if err := fill(path, int64(size)); err != nil {
			os.Remove(path)
			return fmt.Errorf("ballast: %w", err)
		}
		there = true
	}
	d.setBallast(there, size > 0)
	return nil
}

// fill makes a file that really occupies size bytes. Where the file system
// cannot preallocate it is written full, with noise, because some compress.
func fill(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	err = unix.Fallocate(int(f.Fd()), 0, 0, size)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		_, err = io.CopyN(f, rand.Reader, size)
	}
	if err != nil {
		return err
	}
	return f.Sync()
}

// reserve makes sure that writing to the log at path needs no new space. Where
// the file system cannot preallocate, the floors have to be enough.
func reserve(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_CLOEXEC, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil // it has just been replaced by the next one
	}
	if err != nil {
		return err
	}
	defer f.Close()
	err = unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, logBytes)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return nil
	}
	return err
}

// allocated is what a file occupies, 0 when it is not there.
func allocated(path string) uint64 {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return 0
	}
	const blockBytes = 512 // st_blocks counts these whatever the file system's own
	return uint64(st.Blocks) * blockBytes
}

// occupied is what the files below dir occupy.
func occupied(dir string) (sum uint64) {
	names, _ := os.ReadDir(dir)
	for _, n := range names {
		path := filepath.Join(dir, n.Name())
		if n.IsDir() {
			sum += occupied(path)
			continue
		}
		sum += allocated(path)
	}
	return sum
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
