package insights

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// slowRow is an event, or what commands have made of it, as the slow evaluator sees it.
type slowRow map[string]value.Value

// slowly answers a query of filter, fields, display, parse, sort, limit, dedup and stats in the plainest way: each event
// becomes a map of all its fields, and each command goes over all rows. Expressions alone are evaluated as in queries.
func slowly(t *testing.T, d *memData, q *syntax.Query, within TimeRange) (columns []string, rows []slowRow) {
	t.Helper()
	s := &slow{t: t, c: &compiling{text: q.Text, within: within}}
	for i := len(d.events) - 1; i >= 0; i-- {
		e := &d.events[i]
		if e.timestamp >= within.From && e.timestamp < within.To {
			s.rows = append(s.rows, slowEvent(d, e))
		}
	}
	s.shown = []string{"@timestamp", "@message"}
	for _, cmd := range q.Commands {
		s.command(cmd)
	}
	if !s.grouped && !slices.Contains(s.shown, "@ptr") {
		s.shown = append(s.shown, "@ptr")
	}
	return s.shown, s.rows
}

func slowEvent(d *memData, e *memEvent) slowRow {
	row := slowRow{
		"@timestamp": value.OfTime(e.timestamp), "@ingestionTime": value.OfTime(e.ingestion), "@message": value.OfText(e.message),
		"@logStream": value.OfText(e.stream), "@log": value.OfText(d.groups[e.group]), "@ptr": value.OfText(e.pointer()),
	}
	n := 0
	if at := strings.IndexByte(e.message, '{'); at >= 0 {
		dec := json.NewDecoder(strings.NewReader(e.message[at:]))
		dec.UseNumber()
		found := slowRow{}
		if slowFlatten(dec, "", found, &n) {
			for name, v := range found {
				row[name] = v
			}
		}
	}
	return row
}

// slowFlatten reads one JSON value, token by token, so that keys that stand twice are seen twice.
func slowFlatten(dec *json.Decoder, name string, found slowRow, n *int) bool {
	token, err := dec.Token()
	if err != nil {
		return false
	}
	under := func(step string) string {
		if name == "" {
			return step
		}
		return name + "." + step
	}
	switch token := token.(type) {
	case json.Delim:
		for i := 0; dec.More(); i++ {
			step := strconv.Itoa(i)
			if token == '{' {
				key, err := dec.Token()
				if err != nil {
					return false
				}
				step = key.(string)
			}
			if !slowFlatten(dec, under(step), found, n) {
				return false
			}
		}
		_, err := dec.Token()
		return err == nil
	case nil:
		return true
	case string:
		slowAdd(found, name, value.OfText(token), n)
	case json.Number:
		slowAdd(found, name, value.OfText(token.String()), n)
	case bool:
		slowAdd(found, name, value.OfBool(token), n)
	}
	return true
}

func slowAdd(found slowRow, name string, v value.Value, n *int) {
	if *n++; *n <= 200 {
		found[FieldName(name)] = v
	}
}

type slow struct {
	t       *testing.T
	c       *compiling
	rows    []slowRow
	shown   []string
	chosen  bool // shown was said by a command
	display bool
	grouped bool
}

// eval evaluates an expression on a row, compiled for this row alone.
func (s *slow) eval(e syntax.Expr, row slowRow) value.Value {
	s.t.Helper()
	var names []string
	var values []value.Value
	for name, v := range row {
		names, values = append(names, name), append(values, v)
	}
	x, err := compileExpression(e, names, s.c)
	if err != nil {
		s.t.Fatal(err)
	}
	return x(values)
}

func (s *slow) show(name string) {
	if !s.display && !slices.Contains(s.shown, name) {
		s.shown = append(s.shown, name)
	}
}

func (s *slow) command(cmd syntax.Command) {
	switch cmd := cmd.(type) {
	case *syntax.Filter:
		s.rows = slices.DeleteFunc(s.rows, func(r slowRow) bool { return !s.eval(cmd.Cond, r).Truth() })
	case *syntax.Fields:
		s.fields(cmd)
	case *syntax.Parse:
		s.parse(cmd)
	case *syntax.Sort:
		slices.SortStableFunc(s.rows, func(a, b slowRow) int { return s.compare(cmd, a, b) })
	case *syntax.Limit:
		s.rows = s.rows[:min(int(cmd.N), len(s.rows))]
	case *syntax.Dedup:
		s.dedup(cmd)
	case *syntax.Stats:
		s.stats(cmd)
	default:
		s.t.Fatalf("the slow evaluator has no %T", cmd)
	}
}

func (s *slow) fields(cmd *syntax.Fields) {
	if cmd.Display || !s.chosen && !s.grouped {
		s.shown = nil
	}
	s.chosen = true
	if cmd.Display {
		s.display = false
	}
	for _, column := range cmd.Columns {
		s.show(column.Name)
		for _, row := range s.rows {
			row[column.Name] = s.eval(column.Expr, row)
		}
	}
	s.display = s.display || cmd.Display
}

func (s *slow) parse(cmd *syntax.Parse) {
	s.chosen = true
	for _, name := range cmd.Names {
		s.show(name)
	}
	var pattern string
	if cmd.Glob != nil {
		literals := strings.Split(cmd.Glob.Value, "*")
		for i, literal := range literals {
			if pattern += regexp.QuoteMeta(literal); i < len(literals)-1 {
				pattern += "(.*?)"
			}
		}
		if strings.HasSuffix(cmd.Glob.Value, "*") {
			pattern += "$"
		}
		pattern = "(?s)" + pattern
	} else {
		pattern = cmd.Regex.Pattern
	}
	re := regexp.MustCompile(pattern)
	for _, row := range s.rows {
		from := row["@message"]
		if cmd.From != nil {
			from = s.eval(cmd.From, row)
		}
		found := []int(nil)
		if from.IsScalar() {
			found = re.FindStringSubmatchIndex(from.Text())
		}
		for i, name := range cmd.Names {
			if row[name] = (value.Value{}); found != nil && found[2*i+2] >= 0 {
				row[name] = value.OfText(from.Text()[found[2*i+2]:found[2*i+3]])
			}
		}
	}
}

func (s *slow) compare(cmd *syntax.Sort, a, b slowRow) int {
	for _, key := range cmd.Keys {
		x, y := s.eval(key.Expr, a), s.eval(key.Expr, b)
		order := value.Compare(x, y)
		if key.Desc {
			order = value.CompareDescending(x, y)
		}
		if order != 0 {
			return order
		}
	}
	if !s.grouped && len(cmd.Keys) == 1 && isTimestamp(cmd.Keys[0].Expr) && !cmd.Keys[0].Desc {
		return strings.Compare(a["@ptr"].Text(), b["@ptr"].Text()) // events of one time come oldest first
	}
	return 0
}

func isTimestamp(e syntax.Expr) bool {
	f, ok := e.(*syntax.Field)
	return ok && f.Name == "@timestamp"
}

func (s *slow) dedup(cmd *syntax.Dedup) {
	seen := map[string]bool{}
	s.rows = slices.DeleteFunc(s.rows, func(row slowRow) bool {
		key := ""
		for _, f := range cmd.Fields {
			v := s.eval(f, row)
			if v.IsNull() {
				return false
			}
			key += v.Text() + "\x00"
		}
		again := seen[key]
		seen[key] = true
		return again
	})
}

func (s *slow) stats(cmd *syntax.Stats) {
	groups := map[string][]slowRow{}
	var order []string
	for _, row := range s.rows {
		key := ""
		for _, by := range cmd.By {
			key += fmt.Sprintf("%q", s.key(by.Expr, row)) + ";"
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], row)
	}
	s.rows, s.shown, s.grouped, s.display = nil, nil, true, false
	for _, key := range order {
		out := slowRow{}
		for _, by := range cmd.By {
			out[by.Name] = s.eval(by.Expr, groups[key][0])
		}
		for _, column := range cmd.Aggs {
			call := column.Expr.(*syntax.Call)
			out[column.Name] = s.aggregate(call, groups[key])
		}
		s.rows = append(s.rows, out)
	}
	for _, column := range slices.Concat(cmd.By, cmd.Aggs) {
		s.shown = append(s.shown, column.Name)
	}
}

func (s *slow) key(e syntax.Expr, row slowRow) string {
	v := s.eval(e, row)
	if v.IsNull() {
		return "null"
	}
	return "=" + v.Text()
}

// aggregate computes one aggregate of the rows of a group, which are in order, the newest first.
func (s *slow) aggregate(call *syntax.Call, rows []slowRow) value.Value {
	var present []value.Value
	var numbers []float64
	distinct := map[string]bool{}
	for _, row := range rows {
		if call.Star || len(call.Args) == 0 {
			present = append(present, value.OfNumber(1))
			continue
		}
		v := s.eval(call.Args[0], row)
		if v.IsNull() {
			continue
		}
		present = append(present, v)
		distinct[v.Text()] = true
		if n, ok := v.AsNumber(); ok {
			numbers = append(numbers, n)
		}
	}
	switch call.Name {
	case "count":
		return value.OfNumber(float64(len(present)))
	case "count_distinct":
		return value.OfNumber(float64(len(distinct)))
	case "earliest", "latest":
		return s.edge(call.Name, present)
	case "sortsFirst", "sortsLast":
		return slowExtreme(present, call.Name == "sortsLast")
	}
	if len(numbers) == 0 {
		if call.Name == "min" || call.Name == "max" {
			return slowExtreme(present, call.Name == "max")
		}
		return value.Value{}
	}
	n := slowNumber(call, numbers)
	if call.Name == "min" || call.Name == "max" {
		for _, v := range present { // a time stays one
			if v.Kind() == value.Time && value.Equal(v, n) {
				return v
			}
		}
	}
	return n
}

func (s *slow) edge(name string, present []value.Value) value.Value {
	switch {
	case len(present) == 0:
		return value.Value{}
	case name == "latest":
		return present[0]
	}
	return present[len(present)-1]
}

func slowExtreme(values []value.Value, last bool) value.Value {
	if len(values) == 0 {
		return value.Value{}
	}
	if last {
		return slices.MaxFunc(values, value.Compare)
	}
	return slices.MinFunc(values, value.Compare)
}

func slowNumber(call *syntax.Call, numbers []float64) value.Value {
	sum, squares := 0.0, 0.0
	for _, n := range numbers {
		sum += n
	}
	mean := sum / float64(len(numbers))
	for _, n := range numbers {
		squares += (n - mean) * (n - mean)
	}
	slices.Sort(numbers)
	switch call.Name {
	case "sum":
		return value.OfNumber(sum)
	case "avg":
		return value.OfNumber(mean)
	case "min":
		return value.OfNumber(numbers[0])
	case "max":
		return value.OfNumber(numbers[len(numbers)-1])
	case "variance":
		return value.OfNumber(squares / float64(len(numbers)))
	case "stddev":
		return value.OfNumber(math.Sqrt(squares / float64(len(numbers)-1)))
	case "pct", "median":
		p := 50.0
		if call.Name == "pct" {
			p = call.Args[1].(*syntax.Number).Value
		}
		rank := 1
		for rank < len(numbers) && float64(rank)*1000 < math.Round(p*10)*float64(len(numbers)) {
			rank++
		}
		return value.OfNumber(numbers[rank-1])
	}
	return value.Value{}
}
