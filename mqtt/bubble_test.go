package mqtt

import (
	"runtime"
	"testing"
	"testing/synctest"
)

// inBubble is [synctest.Test] on one processor. With more, two threads may run
// timers of one bubble at once, and Go 1.26's race detector then ends the
// process (https://go.dev/issue/78156). What it finds does not depend on them.
func inBubble(t *testing.T, f func(*testing.T)) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, f)
}
