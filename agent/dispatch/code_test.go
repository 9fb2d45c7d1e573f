package dispatch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
)

// guarded is a burning house where alice has to confirm with a code.
func guarded(t testing.TB) *house {
	h := burning(t, func(o *Options) { o.People.Contacts[0].RequireCode = true })
	h.says("alice", "AWAY")
	h.texts = nil
	return h
}

func (h *house) wantsHome(body, did string) {
	h.t.Helper()
	h.wants("alice", body, did, "alice: Rosewood: Alice: away is off", "bob: Rosewood: Alice: away is off", "neighbour: Rosewood: Alice: away is off")
}

func TestCommandsThatLowerProtectionAskForAOneTimeCode(t *testing.T) {
	h := guarded(t)
	h.wants("alice", "HOME", "sent alice a code to confirm HOME", "alice: Rosewood: Reply 1001 to confirm HOME")
	if !h.d.isOn("away") {
		t.Error("it was done without the code")
	}
	h.wantsHome("1001", "set away off, with its code")
	h.wants("alice", "1001", "nothing: a code, and nothing waits for one",
		"alice: Rosewood: You can text: OK, 17, OK ALL; STATUS, LIST, WHY 17; MUTE 17 2h, UNMUTE; STOP; AWAY, HOME")
}

func TestACodeMayBeAppendedToItsCommand(t *testing.T) {
	h := guarded(t)
	h.says("alice", "HOME")
	h.wantsHome("home 1001", "set away off, with its code")
}

func TestOnlyWhatLowersProtectionAsksForACode(t *testing.T) {
	h := guarded(t)
	h.publish("water/cellar", "2")
	for body, asks := range map[string]bool{
		"AWAY": false, "UNMUTE": false, "OK": false, "MUTE 3 2h": false, "STATUS": false,
		"MUTE 1 2h": true, "MUTE ALL": true, "MUTE 4": true /* it has a critical level */, "MUTE": true, "HOME": true, "MUTE ALL CLEAR": true,
	} {
		if did, _ := h.says("alice", body); strings.HasPrefix(did, "sent alice a code") != asks {
			t.Errorf("%s: did %q, want a code: %v", body, did, asks)
		}
	}
	h.says("alice", "MUTE ALL")
	h.wants("alice", fmt.Sprint(1000+h.codes), "muted for 4 h: everything, with its code", "alice: Rosewood: Muted until 14:04: everything. UNMUTE ends it")
	h = guarded(t)
	h.options.People.Contacts[0].RequireCode = false
	h.wantsHome("HOME", "set away off")
}

func TestARepeatedCommandReplacesTheCode(t *testing.T) {
	h := guarded(t)
	h.says("alice", "HOME")
	h.says("alice", "HOME")
	h.wants("alice", "1001", "nothing: a wrong code for HOME", "alice: Rosewood: That is not the code for HOME")
	h.wantsHome("1002", "set away off, with its code")
}

func TestACodeIsForItsCommandOnly(t *testing.T) {
	h := guarded(t)
	h.says("alice", "MUTE ALL")
	h.wants("alice", "HOME 1001", "sent alice a code to confirm HOME", "alice: Rosewood: Reply 1002 to confirm HOME")
	if !h.d.isOn("away") {
		t.Error("the code of another command was taken")
	}
}

func TestACodeIsValidForTenMinutes(t *testing.T) {
	h := guarded(t)
	h.says("alice", "HOME")
	h.advance(codeLife - time.Second)
	h.restart(rules.Restart{At: h.now.At})
	h.wantsHome("1001", "set away off, with its code")
	h.says("alice", "AWAY")
	h.says("alice", "HOME")
	h.advance(codeLife)
	if did, _ := h.says("alice", "1002"); did != "nothing: a code, and nothing waits for one" {
		t.Errorf("after ten minutes: did %q", did)
	}
}

func TestThreeWrongCodesVoidItHoweverOftenItIsAskedFor(t *testing.T) {
	h := guarded(t)
	for range codeWrongMax - 1 {
		h.says("alice", "HOME")
		h.says("alice", "0000")
	}
	h.says("alice", "HOME")
	h.wants("alice", "HOME 0000", "nothing: 3 wrong codes for HOME; the code is void", "alice: Rosewood: Too many wrong codes. HOME was not done")
	h.wants("alice", "HOME", "nothing: no code for HOME, wrong ones came", "alice: Rosewood: Not now: too many wrong codes. Try again in 10 min")
	if forged := h.d.Forged(h.now.At); !slices.Equal(forged, []string{"alice"}) {
		t.Errorf("wrong codes came in the name of %q", forged)
	}
	h.advance(codeBarredFor)
	h.wants("alice", "HOME", "sent alice a code to confirm HOME", "alice: Rosewood: Reply 1004 to confirm HOME")
}

func TestNoCodeWaitsThatWasNotSent(t *testing.T) {
	h := guarded(t)
	for range answersMax {
		h.says("alice", "STATUS")
	}
	if did, texts := h.says("alice", "HOME"); len(texts) > 0 || !strings.HasPrefix(did, "nothing: no code for HOME") {
		t.Errorf("did %q, texts %q", did, texts)
	}
	h.says("alice", "1001")
	if !h.d.isOn("away") {
		t.Error("a code counts that nobody was sent")
	}
}

func TestARightThatIsGoneIsNotConfirmed(t *testing.T) {
	h := guarded(t)
	h.says("alice", "HOME")
	h.options.People.Contacts[0].Allow = notify.MayAck
	h.wants("alice", "1001", "nothing: alice may not do that any more")
}
