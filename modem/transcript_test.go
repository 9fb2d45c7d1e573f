package modem

import (
	"io"
	"strings"
	"testing"
)

func TestATranscriptTellsNoSecrets(t *testing.T) {
	for line, want := range map[string]string{
		`AT+CPIN="1234"`:                       `AT+CPIN=…`,
		`AT+CLCK="SC",0,"1234"`:                `AT+CLCK=…`,
		`+CSCA: "+353868002000",145`:           `+CSCA: "+…000",145`,
		`8988211000000000007`:                  `…007`,
		`0011000C915353886701F000000AC8329BFD`: `PDU of 18 octets`,
		`+CSQ: 20,99`:                          `+CSQ: 20,99`,
		"OK\x00\xff":                           "OK??",
	} {
		if got := redactLine(line); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

func TestATranscriptHasBothSidesLineByLine(t *testing.T) {
	var out strings.Builder
	near, far := io.Pipe()
	line := NewTranscript(&out).Of(struct {
		io.Reader
		io.Writer
		io.Closer
	}{near, io.Discard, near})
	io.WriteString(line, "AT+CMGS=18\r")
	io.WriteString(line, "0011000C915353886701F000000AC8329BFD")
	io.WriteString(line, ctrlZ)
	go func() { io.WriteString(far, "\r\n+CMGS: 7\r\n\r\nOK\r\n"); far.Close() }()
	io.Copy(io.Discard, line)
	var got []string
	for row := range strings.Lines(out.String()) {
		_, text, _ := strings.Cut(strings.TrimSpace(row), " ")
		got = append(got, text)
	}
	want := "-- the line is opened|> AT+CMGS=18|> PDU of 18 octets|> Ctrl-Z|< +CMGS: 7|< OK|-- the line ended: EOF"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

func TestATranscriptIsBounded(t *testing.T) {
	var out strings.Builder
	transcript := NewTranscript(&out)
	for range 3 * transcriptMaxBytes / lineMaxBytes {
		transcript.note("<", strings.Repeat("x", lineMaxBytes))
	}
	if out.Len() > transcriptMaxBytes+2*lineMaxBytes {
		t.Errorf("got %d bytes, want at most about %d", out.Len(), transcriptMaxBytes)
	}
	if !strings.HasSuffix(out.String(), "limit of 4 MiB\n") {
		t.Errorf("it does not say that it ends: %q", out.String()[out.Len()-100:])
	}
}
