package config

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"golang.org/x/sys/unix"
)

func TestAPermissionThatLacksIsNamed(t *testing.T) {
	likeAnyUser(t)
	dir := directory(t, "a.hcl", "")
	if err := os.Chmod(filepath.Join(dir, "a.hcl"), 0); err != nil {
		t.Fatal(err)
	}
	_, _, diags := Load(dir, Options{})
	compare(t, []expectation{{"", 1, hcl.DiagError, "it may not be read by this user"}}, diags)
}

// likeAnyUser takes from the test's goroutine what lets root read everything, see
// capabilities(7). Its thread ends with it.
func likeAnyUser(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var mine [2]unix.CapUserData
	if err := unix.Capget(&header, &mine[0]); err != nil {
		t.Fatal(err)
	}
	mine[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
	if err := unix.Capset(&header, &mine[0]); err != nil {
		t.Fatal(err)
	}
}
