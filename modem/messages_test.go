package modem

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var besideEachOther = cmp.AllowUnexported(message{}, place{}, notice{}, indication{})

func TestMessagesAreReadOffAListing(t *testing.T) {
	at := func(index, status, length int, pdu ...byte) message {
		return message{place: place{"SM", index}, status: status, length: length, pdu: pdu}
	}
	for name, c := range map[string]struct {
		lines string
		want  []message
	}{
		"two":                 {"+CMGL: 0,1,,2/00040C/+CMGL: 7,3,\"Bob, her\",1/0001", []message{at(0, 1, 2, 0, 4, 12), at(7, 3, 1, 0, 1)}},
		"without <alpha>":     {"+CMGL: 1,0,2/00040c", []message{at(1, 0, 2, 0, 4, 12)}},
		"one, read":           {"+CMGR: 1,,2/00040C", []message{at(0, 1, 2, 0, 4, 12)}},
		"an empty place":      {"+CMGR: 0,,0", nil},
		"no PDU":              {"+CMGL: 1,0,,2/+CMGL: 2,0,,2/00040C", []message{at(2, 0, 2, 0, 4, 12)}},
		"text where a PDU is": {"+CMGL: 1,0,,2/hello/00040C", []message{at(1, 0, 2, 0, 4, 12)}},
		"half an octet":       {"+CMGL: 1,0,,2/00040", []message{at(1, 0, 2, 0, 4)}},
		"no place":            {"+CMGL: x,0,,2/00040C", nil},
		"a PDU by itself":     {"00040C", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, parseMessages(strings.Split(c.lines, "/"), "SM"), besideEachOther); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAFullStoreLosesTheOldestThatOthersSentFirst(t *testing.T) {
	var found []message
	for index, status := range []int{1, statUnsent, statSent, 0, statUnsent, statSent} {
		found = append(found, message{place: place{"SM", index}, status: status})
	}
	var got []int
	for _, m := range expendable(found) {
		got = append(got, m.index)
	}
	if diff := cmp.Diff([]int{2, 5, 1}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAPDUThatLostOctetsOnItsWayIsKnown(t *testing.T) {
	pdu := []byte{1, 0x91, 4, 5, 6}
	for length, want := range map[int]bool{0: false, 2: false, 3: false, 4: true} {
		if got := (message{length: length, pdu: pdu}).isCut(); got != want {
			t.Errorf("of %d octets: cut %v, want %v", length, got, want)
		}
	}
}

func TestCommandsCountInTheOrderInWhichTheyWereSent(t *testing.T) {
	var list []message
	for i, minute := range []int{3, 1, 2} {
		pdu := octets(t, fmt.Sprintf("00040C914477000920220000"+"32505021%d06500"+"02CF25", minute))
		list = append(list, message{place: place{"SM", i}, pdu: pdu})
	}
	list = append(list, message{place: place{"SM", 3}, pdu: octets(t, "0006D60B911326880736F4")})
	sortBySending(list)
	var got []int
	for _, m := range list {
		got = append(got, m.index)
	}
	if diff := cmp.Diff([]int{3, 1, 2, 0}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestStoresAreReadOffWhatModemsSayOfThem(t *testing.T) {
	for line, want := range map[string][][]string{
		`+CPMS: ("SM","ME","MT"),("SM","ME"),("SM")`: {{"SM", "ME", "MT"}, {"SM", "ME"}, {"SM"}},
		`+CPMS: ("SM")`:                   {{"SM"}},
		`+CPMS: "SM","SM"`:                {{"SM"}, {"SM"}},
		`+CPMS: (SM, ME), (SM)`:           {{"SM", "ME"}, {"SM"}},
		`+CPMS: ("SM\";+CFUN=0","ME"),()`: {{"ME"}},
		`+CPMS:`:                          nil,
	} {
		if diff := cmp.Diff(want, parseStoreLists(line)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", line, diff)
		}
	}
	for line, want := range map[string][3]any{
		`+CPMS: 3,20,4,20,3,20`:                {3, 20, true},
		`+CPMS: "SM",3,20,"SM",3,20,"SM",3,20`: {3, 20, true},
		`+CPMS: "SM",0,10`:                     {0, 10, true},
		`+CPMS: "SM"`:                          {0, 0, false},
	} {
		used, total, ok := parseUsage(line)
		if got := [3]any{used, total, ok}; got != want {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
	}
}

func TestHowTheModemTellsIsChosenFromWhatItOffers(t *testing.T) {
	for name, c := range map[string]struct {
		offered string
		direct  bool
		ways    []int
		first   string // what is tried first
		last    string // and last
	}{
		"everything":     {"+CNMI: (0-3),(0-3),(0-3),(0-2),(0,1)", false, []int{1, 2}, "2,1,0,1,0", "3,2,0,0,0"},
		"EC25":           {"+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)", false, []int{1}, "2,1,0,1,0", "1,2,0,0,0"},
		"SIM800":         {"+CNMI: (0-2),(0-3),(0-3),(0-1),(0-1)", false, []int{1, 2}, "2,1,0,1,0", "1,2,0,0,0"},
		"Cinterion":      {"+CNMI: (0,1,2),(0,1),(0,2),(0),(1)", false, []int{1, 2}, "2,1,0,0,1", "1,1,0,0,1"},
		"no mode 2":      {"+CNMI: (0,1),(0,1),(0),(0-2),(1)", false, []int{2}, "1,1,0,2,1", "1,1,0,0,1"},
		"only +CMT":      {"+CNMI: (2),(0,2),(0),(0,1),(0)", false, []int{1, 2}, "2,2,0,1,0", "2,2,0,0,0"},
		"direct":         {"+CNMI: (2),(0-3),(0),(0,1),(0)", true, []int{1}, "2,2,0,1,0", "2,2,0,0,0"},
		"bare":           {"+CNMI: 2,1,0,1,1", false, []int{1, 2}, "2,1,0,1,1", "2,1,0,1,1"},
		"reports always": {"+CNMI: (2),(1),(0),(2),(0)", false, nil, "2,1,0,2,0", "2,1,0,2,0"},
		"nothing told":   {"", false, []int{1, 2}, "2,1,0,1,0", "3,2,0,0,0"},
		"endless":        {"+CNMI: (0-999999999),(0-3),(0),(0),(0)", false, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var offered [][]int
			if c.offered != "" {
				offered = parseIndications(c.offered)
			}
			list := indications(offered, c.direct, c.ways)
			if len(list) == 0 {
				list = []indication{{}}
				c.first, c.last = "0,0,0,0,0", "0,0,0,0,0"
			}
			if first, last := list[0].String(), list[len(list)-1].String(); first != c.first || last != c.last {
				t.Errorf("from %s to %s, want %s to %s", first, last, c.first, c.last)
			}
		})
	}
}

func TestAnAnnouncementNamesStoreAndPlace(t *testing.T) {
	for line, want := range map[string]notice{
		`+CMTI: "SM",3`: {"SM", 3, false}, `+CMTI: ME, 0`: {"ME", 0, false}, `+CDSI: "SR",12`: {"SR", 12, true}, `+CMTI:"ME",7,1`: {"ME", 7, false},
	} {
		if got, ok := parseNotice(line); got != want || !ok {
			t.Errorf("%s: %+v, %v, want %+v", line, got, ok, want)
		}
	}
	for _, line := range []string{`+CMTI: "SM"`, `+CMTI: "SM",x`, `+CMTI: "SM",-1`, `+CMTI: "",1`, `+CMTI: "S";+CFUN=0;",1`, "+CMTI:"} {
		if got, ok := parseNotice(line); ok {
			t.Errorf("%s is read as %+v", line, got)
		}
	}
}

func FuzzWhatAModemSaysOfItsMessages(f *testing.F) {
	f.Add("+CMGL: 0,1,,2\n00040C\n+CMGL: 7,3,\"Bob\",1\n0001")
	f.Add("+CPMS: (\"SM\",\"ME\"),(\"SM\"),(\"SM\")")
	f.Add("+CNMI: (0-2),(0,1,3),(0),(0-2),(1)")
	f.Add("+CMTI: \"SM\",3")
	f.Add("+CMT: ,3\n00040C")
	f.Fuzz(func(t *testing.T, said string) {
		lines := strings.Split(said, "\n")
		for _, m := range parseMessages(lines, "SM") {
			if len(m.pdu) == 0 || m.index < 0 {
				t.Fatalf("%q holds %+v", said, m)
			}
			m.isCut()
		}
		for _, names := range parseStoreLists(lines[0]) {
			for _, name := range names {
				if !isStoreName(name) {
					t.Fatalf("%q names the store %q", said, name)
				}
			}
		}
		parseUsage(lines[0])
		for _, values := range parseIndications(lines[0]) {
			for _, v := range values {
				if v < 0 || v > 9 {
					t.Fatalf("%q offers %d", said, v)
				}
			}
		}
		indications(parseIndications(lines[0]), false, []int{1, 2})
		a := newArrivals()
		for range 2 {
			a.hear(said)
		}
		if notices, handed := a.counts(); notices+handed > 2 {
			t.Fatalf("%q announces %d and hands over %d", said, notices, handed)
		}
	})
}
