package modem

import "testing"

func TestANumberIsTheSameSubscribersInEveryFormItIsGivenIn(t *testing.T) {
	const alice = "+353871234567"
	for _, form := range []string{alice, "353871234567", "00353871234567", "0871234567", "871234567"} {
		if !SameSubscriber(alice, form) || !SameSubscriber(form, alice) {
			t.Errorf("%q is not taken for %s", form, alice)
		}
	}
	for _, pair := range [][2]string{{alice, "+353867654321"}, {"50123", "150123"}, {"4567", alice}, {"", alice}} {
		if SameSubscriber(pair[0], pair[1]) {
			t.Errorf("%q and %q are taken for one", pair[0], pair[1])
		}
	}
}
