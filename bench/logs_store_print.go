package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const tableNotes = `"again" is the same question a second time: ClickHouse remembers where nothing was found.
VictoriaLogs and the JSON column keep fields, not messages: "anywhere" is in requestId there, and – what cannot be asked.
`

// print prints what was measured: a column a database, Tollbook's first, and behind each other number how many times
// larger Tollbook's is.
func (c *comparison) print() {
	fmt.Printf("\nlog store: %s entries of %.0f bytes, 300 streams; %d interleaved rounds, medians; in brackets Tollbook's number divided by it\n",
		thousands(c.entries), float64(c.entryBytes)/float64(c.entries), c.rounds)
	fmt.Printf("%-46s", "")
	for _, db := range c.databases {
		fmt.Printf("%24s", db.name())
	}
	fmt.Println()
	n := float64(c.entries)
	c.printRow("CPU per entry taken in", "%.2f µs", func(l loaded) float64 { return float64(l.cpu.Nanoseconds()) / 1e3 / n })
	c.printRow("on disk per entry", "%.1f B", func(l loaded) float64 { return float64(l.diskBytes) / n })
	c.printRow("memory after that", "%.0f MB", func(l loaded) float64 { return l.resident })
	c.printRow("memory at its peak", "%.0f MB", func(l loaded) float64 { return l.peak })
	for kind, title := range questionTitles {
		c.printTimes(title, c.times[kind][0])
		if questionKind(kind).askedAgain() {
			c.printTimes(title+", again", c.times[kind][1])
		}
	}
	fmt.Print(tableNotes)
}

func (c *comparison) printRow(title, format string, value func(loaded) float64) {
	cells, first := []string{}, 0.0
	for i, l := range c.loaded {
		v := value(l)
		if i == 0 {
			first = v
		}
		cells = append(cells, cell(fmt.Sprintf(format, v), i, first, v))
	}
	printCells(title, cells)
}

func (c *comparison) printTimes(title string, times []timing) {
	cells, first := []string{}, 0.0
	for i, t := range times {
		if len(t.took) == 0 {
			cells = append(cells, whyNot(t.why))
			continue
		}
		took := median(t.took)
		if i == 0 {
			first = float64(took)
		}
		cells = append(cells, cell(formatTime(took), i, first, float64(took)))
	}
	printCells(title, cells)
}

func whyNot(why error) string {
	if errors.Is(why, errNotBuilt) {
		return why.Error()
	}
	return "–"
}

// cell is a number with the ratio of Tollbook's to it.
func cell(text string, column int, tollbook, value float64) string {
	switch {
	case value == 0:
		return "–"
	case column == 0 || tollbook == 0:
		return text
	}
	return fmt.Sprintf("%s (%.2f)", text, tollbook/value)
}

func printCells(title string, cells []string) {
	fmt.Printf("%-46s", title)
	for _, c := range cells {
		fmt.Printf("%24s", c)
	}
	fmt.Println()
}

func formatTime(d time.Duration) string {
	if ms := float64(d.Nanoseconds()) / 1e6; ms < 10 {
		return fmt.Sprintf("%.2f ms", ms)
	}
	return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
}

func thousands(n int) string {
	digits := []byte(fmt.Sprint(n))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = slices.Insert(digits, i, ',')
	}
	return string(digits)
}

// count is how many entries share a value.
type count struct {
	value string
	n     int64
}

// countsAnswer brings counts into the form in which answers are compared: the largest first, at most limit of them.
func countsAnswer(counts []count, limit int) string {
	slices.SortFunc(counts, func(a, b count) int {
		if a.n != b.n {
			return int(b.n - a.n)
		}
		return strings.Compare(a.value, b.value)
	})
	var lines strings.Builder
	for _, c := range counts[:min(limit, len(counts))] {
		fmt.Fprintf(&lines, "%s\t%d\n", c.value, c.n)
	}
	return lines.String()
}

// answerLimit is how many counts are asked for.
func (k questionKind) answerLimit() int {
	if k == countByClient {
		return 10
	}
	return 1000
}

// eventsAnswer is the answer to a question for entries.
func eventsAnswer(n int) string { return fmt.Sprintf("%d entries", n) }
