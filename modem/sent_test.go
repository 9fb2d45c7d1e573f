package modem

import "testing"

func TestATextIsShownAsItIsSent(t *testing.T) {
	tests := []struct{ text, want string }{
		{"Freezer -11 C", "Freezer -11 C"},
		{"Freezer −11 °C", "Freezer -11 C"},
		{"Wind 90°", "Wind 90 deg"},
		{"“Küche” — Zażółć", `"Küche" - Zazolc`},
		{"Кухня 21 °C", "Кухня 21 °C"},
		{"\t", ""},
	}
	for _, tt := range tests {
		if got := AsSent(tt.text); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
		if _, encoding := Segments(tt.text); encoding == EncodingGSM && tt.text != "\t" {
			if parts, err := Split("+353871234567", tt.text, 0, SplitOptions{}); err != nil || len(parts) == 0 {
				t.Errorf("%q: %v", tt.text, err)
			}
		}
	}
}
