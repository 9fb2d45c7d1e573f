package status

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	pageColumns = 80
	markColumns = 9 // of what stands before the text of a line
)

// A page is text for a terminal: a mark, and beside it what is said, broken
// between words. Sensors, modems and networks have a say in what is written,
// so nothing that a terminal obeys gets through.
type page struct{ strings.Builder }

// section is a line with an empty one before it.
func (p *page) section(mark, text string) {
	p.WriteByte('\n')
	p.line(mark, text)
}

// paragraph writes text at the margin, nothing when there is none.
func (p *page) paragraph(text string) {
	if text != "" {
		p.line("", text)
	}
}

// more goes on below a line's text. It writes nothing when there is nothing.
func (p *page) more(text string) {
	if text != "" {
		p.line(" ", text)
	}
}

// omitted says that a list goes on, if it does.
func (p *page) omitted(n int, what string) {
	if n > listedMax {
		p.section("", fmt.Sprintf("… and %d more %s; --json lists all.", n-listedMax, what))
	}
}

// line writes text behind a mark; without one at the margin.
func (p *page) line(mark, text string) {
	if mark == "" {
		p.words(0, 0, text)
		return
	}
	fmt.Fprintf(p, "%-*s", markColumns, mark)
	p.words(markColumns, markColumns, text)
}

// The columns by which a line of a tree stands further in than the one it is
// below, and its second line than its first.
const (
	treeColumns = 2
	hangColumns = 4
	treeMax     = 16 // deeper lines stand no further in
)

// branch writes text as a line of a tree, so deep inside it.
func (p *page) branch(depth int, text string) {
	indent := treeColumns * min(depth, treeMax)
	fmt.Fprintf(p, "%*s", indent, "")
	p.words(indent, indent+hangColumns, text)
}

// words writes text from a column on, with the lines it takes besides further
// in.
func (p *page) words(column, indent int, text string) { words(p, column, indent, text) }

// Fill writes text behind a head, broken between words, its further lines below
// the first word.
func Fill(w io.Writer, head, text string) {
	indent := utf8.RuneCountInString(head)
	fmt.Fprint(w, head)
	words(w, indent, indent, text)
}

func words(w io.Writer, column, indent int, text string) {
	for i, word := range strings.Fields(strings.Map(visible, text)) {
		width := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+width > pageColumns:
			fmt.Fprintf(w, "\n%-*s", indent, "")
			column = indent
		default:
			fmt.Fprint(w, " ")
			column++
		}
		fmt.Fprint(w, word)
		column += width
	}
	fmt.Fprintln(w)
}

func visible(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}
