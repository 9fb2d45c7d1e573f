package modemtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// messages is the stores for received texts (27.005 3.1).
type messages struct {
	stores     map[string][]*message // a slot without a message is nil
	full       map[string]bool       // it was said that a message found no room
	chosen     [3]string             // mem1 to read, mem2 to write, mem3 to receive
	indication [5]int                // +CNMI
}

// newMessages makes empty stores with that many slots, or with 0 as many as the
// family has.
func newMessages(p profile, slots int) messages {
	if slots == 0 {
		slots = p.slots
	}
	ms := messages{stores: map[string][]*message{}, full: map[string]bool{}}
	for i, names := range parseLists(p.memories) {
		for j := i; j < len(ms.chosen); j++ { // with fewer lists than stores the last counts for the rest
			ms.chosen[j] = names[0]
		}
		for _, name := range names {
			ms.stores[name] = make([]*message, slots)
		}
	}
	return ms
}

func used(store []*message) int {
	n := 0
	for _, msg := range store {
		if msg != nil {
			n++
		}
	}
	return n
}

// needsMessages is what keeps a command from the stores.
func (m *Modem) needsMessages(c command) final {
	if c.form == test {
		return ok
	}
	return m.card.textTrouble()
}

// storesCommand is +CPMS (27.005 3.2.2).
func (m *Modem) storesCommand(c command) ([]string, final) {
	if trouble := m.needsMessages(c); trouble != ok {
		return nil, trouble
	}
	switch c.form {
	case test:
		return []string{"+CPMS: " + m.profile.memories}, ok
	case read:
		return []string{"+CPMS: " + m.storesText(true)}, ok
	}
	chosen := m.messages.chosen
	lists := parseLists(m.profile.memories)
	if len(c.args) == 0 || len(c.args) > len(lists) {
		return nil, cms(cmsNotSupported)
	}
	for i := range c.args {
		if !slices.Contains(lists[i], c.text(i)) {
			return nil, cms(cmsNotSupported)
		}
		chosen[i] = c.text(i)
	}
	m.messages.chosen = chosen
	return []string{"+CPMS: " + m.storesText(false)}, ok
}

func (m *Modem) storesText(named bool) string {
	var fields []string
	for _, name := range m.messages.chosen[:len(parseLists(m.profile.memories))] {
		if named {
			fields = append(fields, strconv.Quote(name))
		}
		store := m.messages.stores[name]
		fields = append(fields, strconv.Itoa(used(store)), strconv.Itoa(len(store)))
	}
	return strings.Join(fields, ",")
}

// indicationCommand is +CNMI (27.005 3.4.1): which numbers are allowed is the
// profile's.
func (m *Modem) indicationCommand(c command) ([]string, final) {
	switch c.form {
	case test:
		return []string{"+CNMI: " + m.indications()}, ok
	case read:
		return []string{"+CNMI: " + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(m.messages.indication)), ","), "[]")}, ok
	}
	wanted := m.messages.indication
	ranges := parseRanges(m.indications())
	if len(c.args) > len(wanted) {
		return nil, cms(cmsNotSupported)
	}
	for i := range c.args {
		n, isNumber := c.number(i, wanted[i])
		if !isNumber || !slices.Contains(ranges[i], n) {
			return nil, cms(cmsNotSupported)
		}
		wanted[i] = n
	}
	m.messages.indication = wanted
	return nil, ok
}

// indications is +CNMI=?, the script's or the family's.
func (m *Modem) indications() string { return firstOf(m.script.indications, m.profile.indications) }

// parseLists reads `("ME","SM"),("SM")` as the names in each.
func parseLists(text string) [][]string {
	var lists [][]string
	for group := range strings.SplitSeq(strings.Trim(text, "()"), "),(") {
		lists = append(lists, strings.Split(strings.ReplaceAll(group, `"`, ""), ","))
	}
	return lists
}

// parseRanges reads "(0-2),(0,1)" as the numbers it allows.
func parseRanges(text string) [][]int {
	var ranges [][]int
	for group := range strings.SplitSeq(strings.Trim(text, "()"), "),(") {
		var numbers []int
		for item := range strings.SplitSeq(group, ",") {
			from, to, isRange := strings.Cut(item, "-")
			if !isRange {
				to = from
			}
			first, _ := strconv.Atoi(from)
			last, _ := strconv.Atoi(to)
			for n := first; n <= last; n++ {
				numbers = append(numbers, n)
			}
		}
		ranges = append(ranges, numbers)
	}
	return ranges
}

// wantedStatus reads the parameter of +CMGL in either mode: 0 to 4, or its
// word (27.005 3.1). Nothing is ever stored unsent here.
func (m *Modem) wantedStatus(c command) (unread, read, valid bool) {
	status := c.text(0)
	if m.settings["+CMGF"] == 1 {
		words := []string{"REC UNREAD", "REC READ", "STO UNSENT", "STO SENT", "ALL"}
		status = strconv.Itoa(slices.Index(words, strings.ToUpper(status)))
		if c.form == execute {
			status = "0"
		}
	}
	switch status {
	case "0", "":
		return true, false, true
	case "1":
		return false, true, true
	case "2", "3":
		return false, false, true
	case "4":
		return true, true, true
	}
	return false, false, false
}

// listCommand is +CMGL (27.005 3.4.2, 4.1).
func (m *Modem) listCommand(c command) ([]string, final) {
	if trouble := m.needsMessages(c); trouble != ok {
		return nil, trouble
	}
	if c.form == test {
		return []string{"+CMGL: (0-4)"}, ok
	}
	unread, read, valid := m.wantedStatus(c)
	if !valid {
		return nil, cms(cmsNotSupported)
	}
	var info []string
	for i, msg := range m.messages.stores[m.messages.chosen[0]] {
		if msg == nil || msg.read && !read || !msg.read && !unread {
			continue
		}
		info = append(info, fmt.Sprintf("+CMGL: %d,%s", i+m.profile.firstIndex, m.messageText(msg)))
		msg.read = true
	}
	return info, ok
}

// messageText is a message as +CMGL and +CMGR show it from its status on.
func (m *Modem) messageText(msg *message) string {
	if m.settings["+CMGF"] == 1 {
		status := map[bool]string{false: "REC UNREAD", true: "REC READ"}[msg.read]
		return fmt.Sprintf("%q,%s", status, msg.plain)
	}
	status := map[bool]int{true: 1}[msg.read]
	return fmt.Sprintf("%d,,%d\r\n%X", status, msg.tpdu, msg.pdu)
}

// slot returns where the index of a command points to.
func (m *Modem) slot(c command) (slot **message, end final) {
	store := m.messages.stores[m.messages.chosen[0]]
	i, isNumber := c.number(0, -1)
	i -= m.profile.firstIndex
	if !isNumber || i < 0 || i >= len(store) {
		return nil, cms(cmsInvalidIndex)
	}
	return &store[i], ok
}

// readCommand is +CMGR (27.005 3.4.3, 4.2).
func (m *Modem) readCommand(c command) ([]string, final) {
	if trouble := m.needsMessages(c); trouble != ok || c.form == test {
		return nil, trouble
	}
	slot, end := m.slot(c)
	switch {
	case end != ok:
		return nil, end
	case *slot == nil:
		return nil, cms(cmsInvalidIndex)
	}
	info := []string{"+CMGR: " + m.messageText(*slot)}
	(*slot).read = true
	return info, ok
}

// deleteCommand is +CMGD (27.005 3.5.4): an index, or with a flag of 1 to 4
// every message that is read, or, with 4, every message.
func (m *Modem) deleteCommand(c command) ([]string, final) {
	if trouble := m.needsMessages(c); trouble != ok {
		return nil, trouble
	}
	if c.form == test {
		return []string{m.deletable()}, ok
	}
	flag, isNumber := c.number(1, 0)
	if !isNumber || flag > 4 {
		return nil, cms(cmsNotSupported)
	}
	if flag == 0 {
		slot, end := m.slot(c)
		if end == ok {
			m.discard(slot)
		}
		return nil, end
	}
	store := m.messages.stores[m.messages.chosen[0]]
	for i, msg := range store {
		if msg != nil && (msg.read || flag == 4) {
			m.discard(&store[i])
		}
	}
	return nil, ok
}

func (m *Modem) discard(slot **message) {
	if *slot != nil {
		m.stats.Deleted++
		clear(m.messages.full)
	}
	*slot = nil
}

func (m *Modem) deletable() string {
	var indices []string
	for i, msg := range m.messages.stores[m.messages.chosen[0]] {
		if msg != nil {
			indices = append(indices, strconv.Itoa(i+m.profile.firstIndex))
		}
	}
	return "+CMGD: (" + strings.Join(indices, ",") + "),(0-4)"
}
