package modem

import (
	"slices"
	"strings"
)

// sendCommand starts the command line that sends a PDU (3GPP 27.005 clause
// 3.5.1).
const sendCommand = "AT+CMGS="

// vendorFinals end a command on some modems though no standard has them.
var vendorFinals = []string{"COMMAND NOT SUPPORT", "TOO MANY PARAMETERS"}

// finalResult returns the final result that line is of the command asked, in the
// form the AT engine knows, or false.
func finalResult(line, asked string) (string, bool) {
	switch {
	case line == "OK", line == "ERROR":
		return line, true
	case strings.HasPrefix(asked, "ATD") && slices.Contains(callWords, line):
		return line, true
	case strings.HasPrefix(line, "+CMS ERROR"), strings.HasPrefix(line, "+CME ERROR"):
		kind, detail := line[:len("+CMS ERROR")], line[len("+CMS ERROR"):]
		return kind + ": " + strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(detail), ":")), true
	}
	for _, vendor := range vendorFinals {
		if strings.HasPrefix(line, vendor) {
			return "ERROR", true
		}
	}
	return "", false
}

// bareNews are unsolicited lines that have no prefix.
var bareNews = []string{
	"RDY", "SMS DONE", "PB DONE", "SMS Ready", "Call Ready", "START",
	"RING", "NO CARRIER", "NO ANSWER", "NO DIALTONE", "BUSY", "NORMAL POWER DOWN", "POWERED DOWN", "UNDER-VOLTAGE", "OVER-VOLTAGE",
}

// unsolicited reports whether line cannot belong to the answer to the command
// asked: it has a prefix that is not the command's, or is known to come unasked.
func unsolicited(line, asked string) bool {
	if strings.ContainsRune("+^*$%", rune(line[0])) {
		return prefix(line) != commandName(asked)
	}
	for _, news := range bareNews {
		if strings.HasPrefix(line, news) {
			return true
		}
	}
	return false
}

// bringsPDU reports whether the line after line is a PDU that the modem hands
// over unasked: a text, a status report or a broadcast (3GPP 27.005 clauses
// 3.4.1 and 4.1).
func bringsPDU(line string) bool {
	switch prefix(line) {
	case "+CMT", "+CDS", "+CBM":
		return true
	}
	return false
}

// fullSigns are in the lines with which modems say that a store is full:
// ^SMMEMFULL of Huawei, +QIND: "smsfull" of Quectel, "SMS FULL" of SIMCom, ^SMGO of
// Cinterion, #SMOV of Telit.
var fullSigns = []string{"SMMEMFULL", "SMSFULL", "SMS FULL", "^SMGO:", "#SMOV:"}

// saysStoreIsFull reports whether the modem says unasked that a store for
// received texts is full.
func saysStoreIsFull(line string) bool {
	line = strings.ToUpper(line)
	for _, sign := range fullSigns {
		if strings.Contains(line, sign) {
			return true
		}
	}
	return false
}

// isHex reports whether line has nothing but hexadecimal digits, as a PDU.
func isHex(line string) bool {
	return strings.Trim(line, "0123456789abcdefABCDEF") == ""
}

// restarted reports whether line says that the modem has just started, and so
// has forgotten what it was told.
func restarted(line string) bool {
	return line == "RDY" || line == "^SYSSTART" || strings.HasPrefix(line, "*ATREADY")
}

// prefix is the part of a line that names what it tells: "+CREG" of "+CREG: 1".
func prefix(line string) string {
	name, _, _ := strings.Cut(line, ":")
	return strings.TrimSpace(name)
}

// commandName is the name in a command line: "+CREG" of "AT+CREG?".
func commandName(command string) string {
	name := strings.TrimPrefix(command, "AT")
	if i := strings.IndexAny(name, "=?"); i >= 0 {
		name = name[:i]
	}
	return name
}

// fields divides what follows a line's prefix at the commas outside quotes,
// and takes the quotes off. There is always one, which may be empty.
func fields(line string) []string {
	_, values, _ := strings.Cut(line, ":")
	var list []string
	var field strings.Builder
	quoted := false
	for _, r := range values {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			list = append(list, strings.TrimSpace(field.String()))
			field.Reset()
		default:
			field.WriteRune(r)
		}
	}
	return append(list, strings.TrimSpace(field.String()))
}
