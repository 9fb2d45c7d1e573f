package modem

import (
	"slices"
	"strconv"
	"strings"
)

// Stored is a store of received messages in the modem or on the SIM.
type Stored struct {
	Name  string `json:"name"`  // "SM" on the SIM, "ME" in the modem, "SR" for status reports (3GPP 27.005 clause 3.1)
	Used  int    `json:"used"`  // places
	Total int    `json:"total"` // 0 when the modem does not tell
	Cause string `json:"cause"` // what is wrong, in plain words; "" when nothing is
}

// storeAlarm is the share of a store, in percent, from which it counts as filling up.
const storeAlarm = 80

func (s Stored) full() bool { return s.Total > 0 && s.Used >= s.Total }

// judge gives s its cause.
func (s Stored) judge() Stored {
	s.Cause = ""
	switch {
	case s.full():
		s.Cause = "full: further texts and reports wait in the network or are lost"
	case s.Total > 0 && 100*s.Used >= storeAlarm*s.Total:
		s.Cause = "nearly full: " + strconv.Itoa(s.Used) + " of " + strconv.Itoa(s.Total) + " places are taken"
	}
	return s
}

// textStores are the stores that texts are received into, the best first: the
// modem's own mostly has more places than the SIM. "MT" only shows these two as
// one, and "BM" holds broadcasts.
var textStores = []string{"ME", "SM", "TA"}

const usualReportStore = "SR"

// isStoreName keeps what a modem says from being typed to it as a command.
func isStoreName(name string) bool {
	const nameMax = 8
	return name != "" && len(name) <= nameMax && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == ""
}

// parseStoreLists reads the answer to +CPMS=?: for reading, for writing and for
// receiving the names of the stores that may be chosen. Modems that know fewer
// parameters give fewer lists.
func parseStoreLists(line string) [][]string {
	var lists [][]string
	for _, group := range groups(line) {
		var names []string
		for name := range strings.SplitSeq(group, ",") {
			if name = strings.Trim(name, `" `); isStoreName(name) {
				names = append(names, name)
			}
		}
		if names != nil {
			lists = append(lists, names)
		}
	}
	return lists
}

// groups divides what follows a line's prefix at the commas outside
// parentheses, and takes the parentheses off.
func groups(line string) []string {
	_, values, _ := strings.Cut(line, ":")
	var list []string
	depth, start := 0, 0
	for i, c := range values + "," {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth = max(0, depth-1)
		case c == ',' && depth == 0 || i == len(values):
			list = append(list, strings.Trim(values[start:i], "() "))
			start = i + 1
		}
	}
	return list
}

// parseUsage reads the places that are taken in the first store of an answer to
// +CPMS, whether or not it names the stores.
func parseUsage(line string) (used, total int, ok bool) {
	var numbers []int
	for _, field := range fields(line) {
		if n, err := strconv.Atoi(field); err == nil && n >= 0 {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) < 2 {
		return 0, 0, false
	}
	return numbers[0], numbers[1], true
}

// stores is how the stores of a modem are chosen among. The zero value is that
// of a modem whose stores are not known yet.
type stores struct {
	readable  []string // to be swept; one without a name when they cannot be chosen
	writing   string   // <mem2>
	receiving string   // <mem3>; "" when it cannot be chosen
	arguments int      // how many +CPMS takes
	open      string   // <mem1> as far as known, else ""
}

// chooseStores finds out what stores there are and has texts received into the
// best of them (3GPP 27.005 clause 3.2.2).
func (s *session) chooseStores() error {
	lines, err := s.ask("+CPMS=?", cardTimeout)
	if err != nil && !isRefusal(err) {
		return err
	}
	var lists [][]string
	for _, line := range lines {
		if prefix(line) == "+CPMS" {
			lists = parseStoreLists(line)
		}
	}
	s.stores = stores{readable: s.storesToRead(lists)}
	for _, name := range among(textStores, lists, 2) {
		chosen, err := s.receiveInto(name, lists)
		if err != nil || chosen {
			return err
		}
	}
	if s.stores.receiving == "" {
		s.stores.readable = []string{""}
	}
	return nil
}

// among returns those of names that the list of the parameter has, and all of
// them when there is no such list.
func among(names []string, lists [][]string, parameter int) []string {
	if parameter >= len(lists) {
		return names
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(lists[parameter], name) })
}

func (s *session) storesToRead(lists [][]string) []string {
	names := slices.Concat(textStores[:2], []string{usualReportStore})
	if lists != nil {
		names = slices.Concat(textStores, []string{usualReportStore})
	} else if s.profile().ReportStore == "" {
		names = textStores[:2]
	}
	return among(names, lists, 0)
}

// receiveInto chooses the store for all three parameters, or as many as the
// modem takes. A store without a place is none.
func (s *session) receiveInto(name string, lists [][]string) (chosen bool, err error) {
	next := stores{readable: s.stores.readable, receiving: name, writing: name}
	if writable := among([]string{name}, lists, 1); len(writable) == 0 {
		next.writing = lists[1][0]
	}
	before := s.stores
	for next.arguments = 3; next.arguments > 0; next.arguments-- {
		s.stores = next
		opened, err := s.openStore(name)
		if err != nil {
			return false, err
		}
		if stored, told := s.usage(name); opened && (stored.Total > 0 || !told) {
			return true, nil
		}
	}
	s.stores = before
	return false, nil
}

// openStore makes the store the one that messages are read and deleted in, and
// reports whether the modem can. The store without a name is always open.
func (s *session) openStore(name string) (bool, error) {
	if name == s.stores.open || s.stores.arguments == 0 {
		return true, nil
	}
	names := []string{name, s.stores.writing, s.stores.receiving}[:s.stores.arguments]
	lines, err := s.ask(`+CPMS="`+strings.Join(names, `","`)+`"`, cardTimeout)
	if err != nil {
		return false, unlessRefused(err)
	}
	s.stores.open = name
	return true, s.noteUsage(name, lines)
}

// unlessRefused is err unless the modem has just said no.
func unlessRefused(err error) error {
	if isRefusal(err) {
		return nil
	}
	return err
}

// noteUsage notes how many places of the open store are taken. Some modems say
// so only when they are asked.
func (s *session) noteUsage(name string, lines []string) error {
	for _, ask := range []bool{false, true} {
		if ask {
			var err error
			if lines, err = s.ask("+CPMS?", cardTimeout); err != nil {
				return unlessRefused(err)
			}
		}
		for _, line := range lines {
			if used, total, ok := parseUsage(line); ok && prefix(line) == "+CPMS" {
				s.noteStore(Stored{Name: name, Used: used, Total: total})
				return nil
			}
		}
	}
	return nil
}

// noteStore shows a store in the state, and logs it when it begins to fill up.
func (s *session) noteStore(now Stored) {
	now = now.judge()
	before, _ := s.usage(now.Name)
	s.m.update(func(st *State) {
		list := slices.Clone(st.Stores) // a state that was given away stays as it is
		if i := slices.IndexFunc(list, now.sameStore); i >= 0 {
			list[i] = now
		} else {
			list = append(list, now)
		}
		st.Stores = list
	})
	if now.Cause != "" && before.Cause == "" {
		s.log.Warn("store for received texts fills up", "store", now.Name, "used", now.Used, "total", now.Total)
	}
}

func (s Stored) sameStore(o Stored) bool { return s.Name == o.Name }

// usage is what the modem told of the store, if it did.
func (s *session) usage(name string) (stored Stored, told bool) {
	stored.Name = name
	list := s.m.State().Stores
	if i := slices.IndexFunc(list, stored.sameStore); i >= 0 {
		return list[i], true
	}
	return stored, false
}
