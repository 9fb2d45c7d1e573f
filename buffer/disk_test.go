package buffer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// fakeDisk is a disk that says of itself what the test wants.
type fakeDisk struct {
	free     atomic.Uint64
	readOnly atomic.Bool
}

const fakeTotal = 256 << 20

func (d *fakeDisk) statfs(string) (space, error) {
	return space{total: fakeTotal, free: d.free.Load(), readOnly: d.readOnly.Load()}, nil
}

func openFake(t *testing.T, dir string, d *fakeDisk) *Store {
	t.Helper()
	s, r, err := Open(dir, Options{statfs: d.statfs})
	if err != nil || !r.empty() {
		t.Fatalf("%v, %v", err, r)
	}
	return s
}

func newFakeDisk() *fakeDisk {
	d := new(fakeDisk)
	d.free.Store(100 << 20)
	return d
}

func TestOnAFullDiskReceiptsAreWrittenAndNothingNewIsTakenUntilThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFakeDisk()
		s := openFake(t, t.TempDir(), d)
		defer s.Close()
		ballast := filepath.Join(s.dir, ballastName)
		if got := allocated(ballast); got < ballastBytes {
			t.Errorf("ballast occupies %d bytes, want %d", got, ballastBytes)
		}
		ids := commit(t, s, Batch{Texts: []Text{text("+1", "x")}, Records: []Record{{"alert/a", []byte("1")}}})

		d.free.Store(floorBytes - 1)
		_, err := s.Commit(Batch{Texts: []Text{text("+1", "y")}})
		if !errors.Is(err, ErrFull) {
			t.Errorf("below the floor: got %v, want %v", err, ErrFull)
		}
		if allocated(ballast) > 0 {
			t.Error("the ballast was not released")
		}
		if st := s.State(); !st.Full || st.Cause == "" || st.Remedy == "" {
			t.Errorf("state %+v does not say that the disk is full", st)
		}
		begin(t, s, ids[0], 1, 1)
		must(t, s.Settle(ids[0], 1, receipt(7)))
		commit(t, s, Batch{Records: []Record{{Key: "alert/a"}}})

		d.free.Store(floorBytes + ballastBytes - 1) // what the release gave back is not ours to fill
		if _, err := s.Commit(Batch{Texts: []Text{text("+1", "y")}}); !errors.Is(err, ErrFull) {
			t.Errorf("in the room of the ballast: got %v, want %v", err, ErrFull)
		}

		d.free.Store(100 << 20)
		commit(t, s, Batch{Texts: []Text{text("+1", "y")}})
		time.Sleep(ballastEvery + time.Second)
		synctest.Wait()
		if got := allocated(ballast); got < ballastBytes {
			t.Errorf("ballast occupies %d bytes after there was room again, want %d", got, ballastBytes)
		}
		if st := s.State(); st.Full || st.Cause != "" {
			t.Errorf("state %+v, want all well", st)
		}
	})
}

func TestWithoutAnyRoomTextsMoveOnInMemoryAndOnDiskLater(t *testing.T) {
	for _, tt := range []struct {
		name   string
		stop   func(*fakeDisk)
		resume func(*fakeDisk)
		want   error
	}{
		{"full", func(d *fakeDisk) { d.free.Store(hardFloorBytes - 1) }, func(d *fakeDisk) { d.free.Store(100 << 20) }, ErrFull},
		{"read-only", func(d *fakeDisk) { d.readOnly.Store(true) }, func(d *fakeDisk) { d.readOnly.Store(false) }, ErrReadOnly},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newFakeDisk()
			s := openFake(t, t.TempDir(), d)
			ids := commit(t, s, Batch{Texts: []Text{text("+1", "a"), text("+1", "b"), text("+1", "c")}})
			tt.stop(d)
			for _, err := range []error{s.Begin(ids[0], 1, 1, "stick"), s.Settle(ids[0], 1, receipt(9)), s.Begin(ids[1], 1, 2, "stick")} {
				if !errors.Is(err, tt.want) || !Remembered(err) {
					t.Errorf("got %v, want %v, remembered", err, tt.want)
				}
			}
			_, err := s.Commit(Batch{Records: []Record{{Key: "alert/a"}}})
			if !errors.Is(err, tt.want) || Remembered(err) {
				t.Errorf("commit: got %v, want %v", err, tt.want)
			}
			if x, ok := s.Next(0); ok {
				t.Errorf("yields %d, with a part of %d at the modem", x.ID, ids[1])
			}
			tt.resume(d)
			must(t, s.Drop(ids[2], 0, "test"))
			if got := len(s.debt); got != 0 {
				t.Errorf("still owes %d", got)
			}
			must(t, s.Close())
			s = openFake(t, s.dir, d)
			defer s.Close()
			if got := s.Texts(); len(got) != 1 || got[0].ID != ids[1] || got[0].Parts[0].Interrupted != 1 {
				t.Errorf("on disk %+v, want text %d, interrupted", got, ids[1])
			}
		})
	}
}

func TestAStoreThatCannotBeOpenedYetYieldsItsTextsFromMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFakeDisk()
		s := openFake(t, t.TempDir(), d)
		ids := commit(t, s, Batch{Texts: []Text{text("+1", "a"), text("+2", "b")}, Records: []Record{{"alert/a", []byte("1")}}})
		must(t, s.Close())

		d.readOnly.Store(true)
		s = openFake(t, s.dir, d)
		defer s.Close()
		if st := s.State(); !st.Down || !st.ReadOnly || st.Texts != 2 {
			t.Errorf("state %+v", st)
		}
		if got := records(s, ""); got["alert/a"] != "1" {
			t.Errorf("records %v", got)
		}
		if x, ok := s.Next(0); !ok || x.ID != ids[0] {
			t.Errorf("yields %v, want text %d", x, ids[0])
		}
		if err := s.Begin(ids[0], 1, 1, "stick"); !Remembered(err) {
			t.Errorf("begin: %v", err)
		}
		if err := s.Settle(ids[0], 1, receipt(1)); !Remembered(err) {
			t.Errorf("settle: %v", err)
		}

		d.readOnly.Store(false)
		time.Sleep(2 * backoffMax)
		commit(t, s, Batch{Records: []Record{{"alert/b", []byte("2")}}})
		if st := s.State(); st.Down || st.Reopened != 1 || st.Cause != "" {
			t.Errorf("state %+v", st)
		}
		must(t, s.Close())
		s = openFake(t, s.dir, d)
		if got := bodies(s); len(got) != 1 || got[0] != "b" {
			t.Errorf("on disk %v, want b", got)
		}
		if got := records(s, ""); len(got) != 2 {
			t.Errorf("records %v", got)
		}
		must(t, s.Close())
	})
}

func TestADamagedStoreIsRepairedOnlyWhenThereIsRoomForTheCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, m := filled(t)
		overwrite(t, youngest(t, dir, ".sst"), 4096, make([]byte, 64))
		d := newFakeDisk()
		d.free.Store(hardFloorBytes + 1000)
		s, r, err := Open(dir, Options{statfs: d.statfs})
		must(t, err)
		if st := s.State(); !r.empty() || !st.Down || st.Texts == 0 || len(s.broken()) > 0 {
			t.Errorf("without room: recovery %v, state %+v, set aside %v", r, st, s.broken())
		}
		d.free.Store(100 << 20)
		time.Sleep(backoffMax)
		commit(t, s, Batch{Records: []Record{{"told/a", []byte("1")}}})
		if st := s.State(); st.Down || st.Recovery.empty() || len(s.broken()) != 1 {
			t.Errorf("with room: state %+v, set aside %v", st, s.broken())
		}
		if got := len(s.Texts()); got < len(m.texts)/2 {
			t.Errorf("%d texts of %d", got, len(m.texts))
		}
		must(t, s.Close())
	})
}

// mount makes a file system of its own for the test, or skips.
func mount(t *testing.T, data string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tocsin-test", dir, "tmpfs", 0, data); err != nil {
		t.Skipf("cannot mount a file system here: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// TestARealDiskRunsFull fills a file system through the store until it takes no
// more, then to the last byte from outside, and expects no crash.
func TestARealDiskRunsFull(t *testing.T) {
	dir := mount(t, "size=24m")
	s, _, err := Open(dir, Options{TextsMax: 1 << 20})
	must(t, err)
	var accepted []uint64
	for i := 0; ; i++ {
		b := Batch{Texts: []Text{text("+1", fmt.Sprint(i))}}
		for k := range 5 {
			b.Records = append(b.Records, Record{fmt.Sprint("series/", i, "/", k), make([]byte, 2000)})
		}
		ids, err := s.Commit(b)
		if errors.Is(err, ErrFull) {
			break
		}
		must(t, err)
		accepted = append(accepted, ids...)
	}
	t.Logf("%d batches fit", len(accepted))
	atRest(t, s, func() { fillUp(t, filepath.Join(dir, "other")) })
	for _, id := range accepted[:len(accepted)/2] {
		if err := s.Drop(id, 0, "test"); err != nil && !Remembered(err) {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil && !errors.Is(err, ErrFull) {
		t.Errorf("close: got %v, want nil or %v", err, ErrFull)
	}

	s, r, err := Open(dir, Options{TextsMax: 1 << 20})
	must(t, err)
	if !r.empty() {
		t.Errorf("recovery on a full disk: %v", r)
	}
	if got := len(s.Texts()); got < len(accepted)-len(accepted)/2 {
		t.Errorf("%d texts, want at least %d", got, len(accepted)-len(accepted)/2)
	}
	must(t, s.Close())

	must(t, os.Remove(filepath.Join(dir, "other")))
	s, r, err = Open(dir, Options{TextsMax: 1 << 20})
	must(t, err)
	defer s.Close()
	if st := s.State(); !r.empty() || st.Down {
		t.Errorf("recovery %v, state %+v", r, st)
	}
	for _, x := range s.Texts() {
		must(t, s.Drop(x.ID, 0, "test"))
	}
}

// fillUp writes until there is no room for another byte.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	defer f.Close()
	for n := 1 << 20; n > 0; {
		if _, err := f.Write(make([]byte, n)); err != nil {
			n /= 2
		}
	}
}

// mountExt4 makes an ext4 file system in a file, or skips. Its second result
// makes it read-only as a worn card does: by an error in the journal.
func mountExt4(t *testing.T) (dir string, wearOut func()) {
	t.Helper()
	dir, image := t.TempDir(), filepath.Join(t.TempDir(), "image")
	must(t, os.WriteFile(image, nil, 0o600))
	must(t, os.Truncate(image, 64<<20))
	for _, argv := range [][]string{{"mkfs.ext4", "-q", image}, {"mount", "-o", "loop,errors=remount-ro", image, dir}} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Skipf("cannot mount a file system here: %v: %v: %s", argv, err, out)
		}
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	var st unix.Stat_t
	must(t, unix.Stat(dir, &st))
	device, err := os.Readlink(fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev)))
	must(t, err)
	return dir, func() {
		must(t, os.WriteFile(filepath.Join("/sys/fs/ext4", filepath.Base(device), "trigger_fs_error"), []byte("test"), 0))
	}
}

func TestARealFileSystemWithAnAbortedJournalIsSaidToBeReadOnlyAndKillsNobody(t *testing.T) {
	dir, wearOut := mountExt4(t)
	s, _, err := Open(dir, Options{})
	must(t, err)
	ids := commit(t, s, Batch{Texts: []Text{text("+1", "a"), text("+1", "b")}})
	wearOut()
	if err := s.Begin(ids[0], 1, 1, "stick"); !errors.Is(err, ErrReadOnly) || !Remembered(err) {
		t.Errorf("begin: got %v, want %v", err, ErrReadOnly)
	}
	if err := s.Settle(ids[0], 1, receipt(1)); !errors.Is(err, ErrReadOnly) || !Remembered(err) {
		t.Errorf("settle: got %v, want %v", err, ErrReadOnly)
	}
	if _, err := s.Commit(Batch{Records: []Record{{"alert/a", []byte("1")}}}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("commit: got %v, want %v", err, ErrReadOnly)
	}
	if st := s.State(); !st.ReadOnly || st.Cause == "" {
		t.Errorf("state %+v does not say read-only", st)
	}
	must(t, s.Close())

	s, r, err := Open(dir, Options{})
	must(t, err)
	if st := s.State(); !st.ReadOnly || !st.Down || st.Texts != 2 || !r.empty() {
		t.Errorf("opened while read-only: %+v, %v", st, r)
	}
	must(t, s.Close())
}
