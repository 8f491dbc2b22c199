package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// resultTable is the rows of a query under their columns, in the order in which the fields first came.
type resultTable struct {
	columns []string
	rows    [][]string // "" where a row has no value
	has     [][]bool   // whether it has one
}

func newResultTable(rows [][]types.ResultField, pointers bool) resultTable {
	var t resultTable
	at := map[string]int{}
	for _, row := range rows {
		for _, f := range row {
			name := aws.ToString(f.Field)
			if _, known := at[name]; !known && (pointers || name != "@ptr") {
				at[name] = len(t.columns)
				t.columns = append(t.columns, name)
			}
		}
	}
	for _, row := range rows {
		cells, has := make([]string, len(t.columns)), make([]bool, len(t.columns))
		for _, f := range row {
			if i, shown := at[aws.ToString(f.Field)]; shown {
				cells[i], has[i] = aws.ToString(f.Value), true
			}
		}
		t.rows, t.has = append(t.rows, cells), append(t.has, has)
	}
	return t
}

func (t resultTable) print(out io.Writer, format string) error {
	switch format {
	case "csv":
		w := csv.NewWriter(out)
		if err := w.Write(t.columns); err != nil {
			return err
		}
		return w.WriteAll(t.rows)
	case "json":
		return t.printJSON(out)
	case "chart":
		return t.printChart(out)
	}
	return t.printTable(out)
}

// printJSON writes an object for each row, with its columns in order and without those that it has no value for.
func (t resultTable) printJSON(out io.Writer) error {
	for k, row := range t.rows {
		var members []string
		for i, cell := range row {
			if !t.has[k][i] {
				continue
			}
			name, err := json.Marshal(t.columns[i])
			if err != nil {
				return err
			}
			value, err := json.Marshal(cell)
			if err != nil {
				return err
			}
			members = append(members, string(name)+":"+string(value))
		}
		if _, err := fmt.Fprintf(out, "{%s}\n", strings.Join(members, ",")); err != nil {
			return err
		}
	}
	return nil
}

func (t resultTable) printTable(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(t.columns, "\t"))
	for _, row := range t.rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = oneLine(cell)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// oneLine keeps a value from breaking the table.
func oneLine(text string) string {
	return strings.NewReplacer("\n", "⏎", "\r", "", "\t", " ").Replace(strings.TrimRight(text, "\r\n"))
}

// chartWidth is the length of the longest bar, in characters.
const chartWidth = 40

// printChart writes a bar for each number in the last column that has numbers, under its row's other cells.
func (t resultTable) printChart(out io.Writer) error {
	column, most := t.charted()
	if column < 0 {
		return t.printTable(out)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(t.columns, "\t"))
	for _, row := range t.rows {
		cells := make([]string, len(row), len(row)+1)
		for i, cell := range row {
			cells[i] = oneLine(cell)
		}
		n, _ := strconv.ParseFloat(row[column], 64)
		fmt.Fprintln(w, strings.Join(append(cells, bar(n, most)), "\t"))
	}
	return w.Flush()
}

// charted returns the last column all of whose values are numbers, and the greatest of them; -1 if there is none.
func (t resultTable) charted() (column int, most float64) {
	for i := len(t.columns) - 1; i >= 0; i-- {
		most, numbers := 0.0, 0
		for _, row := range t.rows {
			if row[i] == "" {
				continue
			}
			n, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				numbers = -1
				break
			}
			most, numbers = max(most, n), numbers+1
		}
		if numbers > 0 {
			return i, most
		}
	}
	return -1, 0
}

// bar draws a number in eighths of characters.
func bar(n, most float64) string {
	if n <= 0 || most <= 0 {
		return ""
	}
	eighths := int(math.Round(n / most * chartWidth * 8))
	full := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		full += string(rune('█' + 8 - rest))
	}
	if utf8.RuneCountInString(full) == 0 {
		return "▏" // there is something
	}
	return full
}
