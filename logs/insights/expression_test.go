package insights

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// sampleRow is the row that expressions of these tests are about.
func sampleRow(t *testing.T) (columns []string, row []value.Value) {
	t.Helper()
	object, ok := value.ParseJSON(`{"status":"502","a":{"b.c":[10,20]},"flag":true}`)
	if !ok {
		t.Fatal("no JSON")
	}
	cells := []struct {
		name string
		v    value.Value
	}{
		{"@timestamp", value.OfTime(1767261723456)},
		{"@message", value.OfText(`{"path":"/x","Status":200}`)},
		{"status", value.OfText("404")},
		{"path", value.OfText("/api/x")},
		{"bytes", value.OfText("1500")},
		{"limit", value.OfText("999")},
		{"empty", value.OfText("")},
		{"none", value.Value{}},
		{"j", object},
		{"a.b", value.OfText("dotted")},
		{"list", value.OfList([]value.Value{value.OfText("p"), value.OfNumber(2)})},
	}
	for _, cell := range cells {
		columns, row = append(columns, cell.name), append(row, cell.v)
	}
	return columns, row
}

var exprCompiling = compiling{within: TimeRange{From: 1767258000000, To: 1767261600000}, now: 1767261600123}

// columnExpr reads an expression as one of fields; the query's text comes with it.
func columnExpr(t *testing.T, text string) (syntax.Expr, *compiling) {
	t.Helper()
	query, err := syntax.ParseQuery("fields " + text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	c := exprCompiling
	c.text = query.Text
	return query.Commands[0].(*syntax.Fields).Columns[0].Expr, &c
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	columns, row := sampleRow(t)
	f := func(text, want string) {
		t.Helper()
		e, c := columnExpr(t, text)
		eval, err := compileExpression(e, columns, c)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			return
		}
		v := eval(row)
		got := v.Text()
		if v.IsNull() {
			got = "null"
		}
		if got != want {
			t.Errorf("%s = %s, want %s", text, got, want)
		}
		test, err := compileCondition(e, columns, c)
		if err != nil || test(row) != v.Truth() {
			t.Errorf("%s: the condition differs (%v)", text, err)
		}
	}
	f("1 + 2 * 3 ^ 2", "19")
	f("10 % 3", "1")
	f("bytes / 1000", "1.5")
	f("bytes / 0", "null")
	f("-bytes", "-1500")
	f("path + 1", "null")
	f("status", "404")
	f("Status", "null")
	f("none", "null")
	f("j.status", "502")
	f("j.a.`b.c`[1]", "20")
	f("j.a.`b.c`[2]", "null")
	f("j.flag", "1")
	f("j.a", `{"b.c":[10,20]}`)
	f("a.b", "dotted")
	f("list[0]", "p")
	f("@message.path", "null") // text that holds JSON is text

	f("status = 404", "1")
	f("status = '404'", "1")
	f("status = '404.0'", "0")
	f("status = 404.0", "1")
	f("status != 404", "0")
	f("nothing = 1", "0")
	f("nothing != 1", "0")
	f("not nothing = 1", "1")
	f("j = 1", "0")
	f("j != 1", "0")
	f("bytes > limit", "1")
	f("limit >= bytes", "0")
	f("j.flag = 1", "1")
	f("@timestamp > 1767261723455", "1")
	f("status >= 400 and status <= 499", "1")
	f("status < 400 or path = '/api/x'", "1")
	f("empty and status", "0")
	f("!(status = 404)", "0")

	f("path like 'api'", "1")
	f("path like /^.API/", "0")
	f("path like /(?i)^.API/", "1")
	f("path not like 'api'", "0")
	f("path not like /zzz/", "1")
	f("nothing like 'x'", "0")
	f("nothing not like 'x'", "0")
	f("j not like 'x'", "0")
	f(`@message like /(?i)"STATUS":2/`, "1")
	f(`@message =~ /"Status":\d+/`, "1")
	f("status like '40'", "1")
	f("bytes + 1 like '501'", "1")

	f("status in [200, 404]", "1")
	f("status in ['200', '404']", "1")
	f("status in ['404.0']", "0")
	f("status in [404.0]", "1")
	f("status not in [200, 500]", "1")
	f("nothing in [1]", "0")
	f("nothing not in [1]", "0")
	f("status in [limit, status]", "1")
	f("toInt(status) in ['404.0']", "1")
	f("toInt(status) in [1, 2]", "0")
	f("j.flag in [1]", "1")
	f("j.flag in ['true']", "1")
	f("@timestamp in [1767261723456]", "1")
	f("j in [1]", "0")

	f("if(status = 404, 'lost', 'found')", "lost")
	f("case(status = 200, 'a', status = 404, 'b', 'c')", "b")
	f("case(status = 200, 'a')", "null")
	f("coalesce(nothing, none, empty, path)", "")
	f("coalesce(nothing)", "null")
	f("ispresent(none)", "0")
	f("ispresent(j.a)", "1")
	f("strcontains(path, 'x') = 1", "1")
	f("concat(path, ' ', toInt(bytes) + 1)", "/api/x 1501")
	f("substr(path, 1, 3)", "api")
	f("regexReplace(path, /[a-z]+/, '<$0>')", "/<api>/<x>")
	f("regexReplace(path, concat('/', 'x'), '')", "/api")
	f("jsonArraySize(list)", "2")
	f("now()", "1767261600")
	f("queryStartTime()", "1767258000000")
	f("queryEndTime()", "1767261599999")
	f("strftime(@timestamp, '%H:%M', 'Asia/Tokyo')", "19:02")
	f("parseDate('2026-01-01', 'yyyy-MM-dd')", "1767225600000")

	f("bin(5m)", "2026-01-01 10:00:00.000")
	f("bin(300s)", "2026-01-01 10:02:00.000")
	f("datefloor(@timestamp, 1h)", "2026-01-01 10:00:00.000")
	f("dateceil(@timestamp, 1d)", "2026-01-02 00:00:00.000")
	f("datefloor(path, 1h)", "null")
	f("datefloor(fromMillis(1), 1h)", "1970-01-01 00:00:00.000")
}

func TestBinWithoutTimestamp(t *testing.T) {
	t.Parallel()
	e, c := columnExpr(t, "bin(5m)")
	eval, err := compileExpression(e, []string{"n"}, c)
	if err != nil || !eval([]value.Value{value.OfNumber(1)}).IsNull() {
		t.Errorf("error %v, or a value", err)
	}
}

func TestExpressionErrors(t *testing.T) {
	t.Parallel()
	f := func(text, place, message string) {
		t.Helper()
		e, c := columnExpr(t, text)
		_, err := compileExpression(e, []string{"x"}, c)
		var wrong *syntax.Error
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", text, err)
			return
		}
		if got := c.text[wrong.Start:wrong.End]; got != place || !strings.Contains(wrong.Message, message) {
			t.Errorf("%s: %q at %q", text, wrong.Message, got)
		}
	}
	f("concat('a', regexReplace(x, '(', 'y'))", "'('", "missing closing")
	f("isIpInSubnet(x, '10.0.0.0')", "'10.0.0.0'", "subnet")
	f("parseDate(x, 'QQ')", "'QQ'", "not supported")
	f("parseDate(x, 'yyyy', 'Nowhere')", "'Nowhere'", "time zone")
}

// An aggregate, which the parser allows in stats alone, is no function of a row.
func TestAggregatesAreRefused(t *testing.T) {
	t.Parallel()
	call := &syntax.Call{Name: "sum", Args: []syntax.Expr{&syntax.Field{Name: "x", Steps: []string{"x"}}}}
	if _, err := compileExpression(call, nil, &exprCompiling); err == nil {
		t.Error("no error")
	}
	sub := &syntax.In{X: call.Args[0], Query: &syntax.Query{}}
	if _, err := compileExpression(sub, nil, &exprCompiling); err == nil {
		t.Error("no error for a sub-query")
	}
}

// Units are converted by their number.
func TestUnitsAgree(t *testing.T) {
	t.Parallel()
	pairs := map[syntax.Unit]syntax.Unit{
		syntax.Millisecond: syntax.Millisecond, syntax.Second: syntax.Second, syntax.Minute: syntax.Minute, syntax.Hour: syntax.Hour,
		syntax.Day: syntax.Day, syntax.Week: syntax.Week, syntax.Month: syntax.Month, syntax.Quarter: syntax.Quarter,
		syntax.Year: syntax.Year,
	}
	for s, v := range pairs {
		if syntax.Unit(s) != v {
			t.Errorf("%v is %d here and %d there", s, s, v)
		}
	}
}

// Every function that the parser takes for a row can be computed, with each number of arguments.
func TestAllFunctionsExist(t *testing.T) {
	t.Parallel()
	for _, f := range syntax.Functions() {
		if f.Aggregate {
			continue
		}
		for n := f.Min; n <= min(f.Max, f.Min+3); n++ {
			call := &syntax.Call{Name: f.Name}
			for i := range n {
				call.Args = append(call.Args, &syntax.Field{Name: fmt.Sprint("x", i)})
				if i == f.Period {
					call.Args[i] = &syntax.Period{N: 1, Unit: syntax.Hour}
				}
			}
			eval, err := compileExpression(call, []string{"x0", "x1", "x2"}, &exprCompiling)
			if err != nil {
				t.Errorf("%s of %d: %v", f.Name, n, err)
				continue
			}
			for _, v := range []value.Value{{}, value.OfText("a"), value.OfNumber(-1), value.OfTime(0), value.OfList(nil), value.OfMap(nil, nil)} {
				eval([]value.Value{v, v, v})
				eval([]value.Value{value.OfText("a"), v, v})
			}
		}
	}
}

func TestRequiredLiterals(t *testing.T) {
	t.Parallel()
	f := func(pattern string, want ...string) {
		t.Helper()
		if got := requiredLiterals(pattern); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
	f("error", "error")
	f("(?i)error")
	f(`(?i)"status":"5`, `":"5`)
	f(`"status":"5\d\d".*timeout`, `"status":"5`, "timeout")
	f(`^GET\b/(api|web)`, "GET/")
	f("(abc)(def)", "abcdef")
	f("(abc)+d", "abc")
	f("abc+d", "abc")
	f("(?:abc)+d", "abc", "abcd")
	f("(abc)*def?")
	f("abc{2}def", "abccdef")
	f(`"status":(?i)ok`, `"status":`)
	f("abc(xy|z)def", "abc", "def")
	f("abc((de+f)+)+", "abcde")
	f(strings.Repeat("(", 200)+"abc"+strings.Repeat(")+", 200), "abc")
	f("abc(x|y)?def", "abc", "def")
	f("x\uFFFDabc")
	f("ab|cd")
	f("ab")
	f("(")
}

func TestMatcher(t *testing.T) {
	t.Parallel()
	for _, pattern := range matcherPatterns {
		for _, s := range matcherTexts {
			checkMatcher(t, pattern, s)
		}
	}
}

var matcherPatterns = []string{
	"error", "(error)", "(?i)error", "(?i)sk", "error|warn", "(error|warn)", "^err", "err$", "(?i)\"st\":", "e.*r", `\d+`, "", "(?i)é",
	"a{2,3}b", "(?:x)?error", "\uFFFD", "(?i)k", "(ab)+c", "(?i)error|warn", "(?i)(error|exception|sick)", "err(or|ant|)", "A(?i)b",
	"(?i)ask|tusk|12 er", "err(?i)OR", "^(error|an .*here)$", "(?i)é|error", "a|(error)",
}

var matcherTexts = []string{
	"", "error", "an ERROR here", "warn", "\u017F\u212A", "SK", "sk", "é", "É", "\xff", "aab", "ababc", `{"ST":1}`, "K", "e r", "err", "12",
	"Exception", "SICK", "si\u212a", "AB", "ab",
	"errOR", "ERRor", "a\u017fk",
}
