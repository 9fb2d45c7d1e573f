package modem

import "testing"

func TestOnly0x00Confirms(t *testing.T) {
	for status := range 256 {
		r := Report{Status: uint8(status)}
		var want Fate
		switch {
		case status == 0:
			want = FateDelivered
		case status < 0x20:
			want = FateUnconfirmed
		case status < 0x40:
			want = FatePending
		default:
			want = FateFailed
		}
		if got := r.Fate(); got != want {
			t.Errorf("status 0x%02X is %v, want %v", status, got, want)
		}
		if (r.Cause() == "") != (want == FateDelivered) {
			t.Errorf("status 0x%02X, %v, has the cause %q", status, want, r.Cause())
		}
	}
}

func TestAFailedReportSaysWhyInWords(t *testing.T) {
	for status, want := range map[uint8]string{
		0x01: "passed on, but the network cannot say whether it arrived",
		0x0a: "not confirmed (status 0x0A)",
		0x22: "not delivered yet: the phone does not answer; it may be off or out of coverage",
		0x30: "not delivered yet (status 0x30)",
		0x46: "expired before it could be delivered",
		0x5f: "the network gave up (status 0x5F)",
		0x62: "given up: the phone does not answer; it may be off or out of coverage",
		0xff: "the network gave up (status 0xFF)",
	} {
		if got := (Report{Status: status}).Cause(); got != want {
			t.Errorf("status 0x%02X: %q, want %q", status, got, want)
		}
	}
}
