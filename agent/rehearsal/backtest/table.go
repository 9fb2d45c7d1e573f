package backtest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// columnsMax bounds the columns of a table.
const columnsMax = 4096

// timeNames are what columns and members that hold the time are called.
var timeNames = []string{"timestamp", "time", "datetime", "ts", "date", "tst"}

// A table is a CSV file (RFC 4180, save for line ends within quotes) whose first
// line names its columns. Cells are parted by what parts the names: a comma, a
// semicolon, a tab or a bar.
type table struct {
	source    *source
	stamps    *stamps
	separator byte
	columns   []string
	unnamed   int // cells before the first named one; known from the first row on
	begun     bool
	time      int
	messages  []*message
	cells     [][]byte
}

// newTable reads the first line.
func newTable(o Options, stamps *stamps, s *source) (*table, error) {
	line, ok := s.lines.next()
	if !ok || s.lines.cut {
		return nil, errors.Join(errors.New("its first line cannot be read"), s.lines.err)
	}
	t := &table{source: s, stamps: stamps, separator: separator(line)}
	cells, err := split(line, t.separator, nil)
	if err != nil {
		return nil, err
	}
	if len(cells) > columnsMax {
		return nil, fmt.Errorf("it has %d columns, more than %d", len(cells), columnsMax)
	}
	for _, c := range cells {
		t.columns = append(t.columns, string(bytes.TrimSpace(c)))
	}
	if !slices.ContainsFunc(cells, hasLetter) {
		return nil, fmt.Errorf("its first line names no columns, it begins %.40q; write their names there", line)
	}
	if t.time, err = t.timeColumn(o.Time); err != nil {
		return nil, err
	}
	t.messages, err = t.compile(o)
	return t, err
}

// hasLetter tells a name from a number.
func hasLetter(cell []byte) bool {
	return bytes.ContainsFunc(cell, unicode.IsLetter)
}

// separator is the candidate that stands most often in the first line.
func separator(line []byte) byte {
	best, most := byte(','), 0
	for _, c := range []byte(",;\t|") {
		if n := bytes.Count(line, []byte{c}); n > most {
			best, most = c, n
		}
	}
	return best
}

// timeColumn finds the column of that name, or of a usual one when it is "".
func (t *table) timeColumn(name string) (int, error) {
	if name != "" {
		return t.column(name)
	}
	for _, usual := range timeNames {
		for i, c := range t.columns {
			if strings.EqualFold(c, usual) {
				return i, nil
			}
		}
	}
	return 0, fmt.Errorf("no column is called %s; say which holds the time, such as --time %q; its columns are %s",
		strings.Join(timeNames, ", "), t.columns[0], t.list())
}

// column finds a column by its name.
func (t *table) column(name string) (int, error) {
	if i := slices.Index(t.columns, name); i >= 0 {
		return i, nil
	}
	if near := block.Suggest(name, t.columns); near != "" {
		return 0, fmt.Errorf("there is no column %q; did you mean %q?", name, near)
	}
	return 0, fmt.Errorf("there is no column %q; its columns are %s", name, t.list())
}

// columnsListed is how many columns one error lists.
const columnsListed = 20

func (t *table) list() string {
	var all []string
	for i, c := range t.columns {
		if i == columnsListed {
			all = append(all, "…")
			break
		}
		all = append(all, fmt.Sprintf("%q", c))
	}
	return strings.Join(all, ", ")
}

// read takes one row's time and messages out of a line.
func (t *table) read(line []byte) (err error) {
	t.cells, err = split(line, t.separator, t.cells[:0])
	if err != nil {
		return err
	}
	t.begin()
	if want := len(t.columns) + t.unnamed; len(t.cells) != want {
		return fmt.Errorf("it has %d cells where there are %d columns", len(t.cells), want)
	}
	row := t.cells[t.unnamed:]
	if t.source.at, err = t.stamps.parse(bytes.TrimSpace(row[t.time])); err != nil {
		return err
	}
	for _, m := range t.messages {
		if out, ok := m.make(row); ok {
			t.source.messages = append(t.source.messages, out)
		}
	}
	return nil
}

// begin looks at the first row. Some programs number their rows and give that
// column no name.
func (t *table) begin() {
	if !t.begun && len(t.cells) == len(t.columns)+1 {
		t.unnamed = 1
	}
	t.begun = true
}

var errQuote = errors.New("a quotation mark is not closed")

// split appends the cells of a line to into. They are parts of the line, which
// may be changed.
func split(line []byte, separator byte, into [][]byte) ([][]byte, error) {
	for {
		if len(line) > 0 && line[0] == '"' {
			cell, rest, ok := quoted(line)
			if !ok {
				return into, errQuote
			}
			into = append(into, cell)
			if len(rest) == 0 {
				return into, nil
			}
			if rest[0] != separator {
				return into, fmt.Errorf("%.20q stands between a quotation mark and the next cell", rest)
			}
			line = rest[1:]
			continue
		}
		end := bytes.IndexByte(line, separator)
		if end < 0 {
			return append(into, line), nil
		}
		into = append(into, line[:end])
		line = line[end+1:]
	}
}

// quoted cuts a cell in quotation marks off the line and unquotes it in place.
func quoted(line []byte) (cell, rest []byte, ok bool) {
	line = line[1:]
	end := bytes.IndexByte(line, '"')
	if end < 0 {
		return nil, nil, false
	}
	to := end
	for end+1 < len(line) && line[end+1] == '"' { // two stand for one
		line[to] = '"'
		to++
		next := bytes.IndexByte(line[end+2:], '"')
		if next < 0 {
			return nil, nil, false
		}
		to += copy(line[to:], line[end+2:end+2+next])
		end += 2 + next
	}
	return line[:to], line[end+1:], true
}
