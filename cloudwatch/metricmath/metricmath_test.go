package metricmath_test

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/cloudwatch/metricmath"
)

const missing = math.MaxFloat64 // in want and in series: no data point

// series makes one of a value a minute from 0 on.
func series(id string, values ...float64) metricmath.Series {
	s := metricmath.Series{ID: id, Label: id, Period: 60}
	for i, v := range values {
		if v != missing {
			s.Points = append(s.Points, metricmath.Point{Time: int64(i) * 60, Value: v})
		}
	}
	return s
}

const x = missing

func testEnv() *metricmath.Env {
	metrics := []metricmath.Series{
		series("m1", 30, 20, 0, 0, x), series("m2", 20, x, 20, x, x), series("m3", 0, 0, 20, x, 20),
		series("c1", 1, 1, 0, 0, x), series("c2", 30, x, 0, 0, 30), series("empty"), series("gap", x, 1, x, x, 4),
	}
	env := &metricmath.Env{Start: 0, End: 300, Period: 60}
	env.Lookup = func(id string) (metricmath.Value, error) {
		for _, s := range metrics {
			if s.ID == id {
				return metricmath.One(s), nil
			}
		}
		if id == "arr" {
			return metricmath.Many(metrics[:2]), nil
		}
		return metricmath.Value{}, errors.New("undefined " + id)
	}
	env.Metrics = func() ([]metricmath.Series, error) { return metrics, nil }
	env.Search = func(q metricmath.Search, stat string, period int64) ([]metricmath.Series, error) {
		return []metricmath.Series{series(fmt.Sprintf("%s/%s/%d", q.Namespace, stat, period), 1, 2)}, nil
	}
	return env
}

// show prints a value a minute, "-" for none, and several series with "|" between them.
func show(v metricmath.Value) string {
	if v.Kind == metricmath.Scalar {
		return strconv.FormatFloat(v.Scalar, 'g', 6, 64)
	}
	var all []string
	for _, s := range v.Series {
		line := []string{"-", "-", "-", "-", "-"}
		for _, p := range s.Points {
			line[p.Time/60] = strconv.FormatFloat(p.Value, 'g', 6, 64)
		}
		all = append(all, strings.Join(line, " "))
	}
	return strings.Join(all, " | ")
}

func TestEval(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"2 + 3 * 4":      "14",
		"-2 ^ 2":         "-4",
		"2 ^ 3 ^ 2":      "512",
		"(2 + 3) * -4":   "-20",
		"7 - 2 - 1":      "4",
		"1e2 / .5":       "200",
		"1 < 2 AND 3>=4": "0",
		"1 < 2 || 3>=4":  "1",
		"1 == 1 != 0":    "1",
		// AWS' own examples
		"m1 < m2":                                "0 0 1 0 -",
		"m1 >= 30":                               "1 0 0 0 -",
		"m1 > 15 AND m2 > 15":                    "1 0 0 0 -",
		"IF(c1, c2, m3)":                         "30 0 20 - -",
		"IF(c1, 5, m3)":                          "5 5 20 - -",
		"IF(c1, c2, 5)":                          "30 0 5 5 -",
		"IF(m1 < 25, m1)":                        "- 20 0 0 -",
		"IF(1, m1, m2)":                          "30 20 0 0 -",
		"IF(0, m1)":                              "- - - - -",
		"IF(m1<25, 10, 2)":                       "2 10 10 10 -",
		"SUM(100/[c2, m2])":                      "8.33333 - 5 - 3.33333",
		"AVG([m1,m2]/m3)":                        "- - 0.5 - 0",
		"5 * m1":                                 "150 100 0 0 -",
		"-m1":                                    "-30 -20 0 0 -",
		"m1 - m2":                                "10 20 -20 0 -",
		"m1 / m2":                                "1.5 - 0 - -",
		"m1 - AVG(m1)":                           "17.5 7.5 -12.5 -12.5 -",
		"PERIOD(m1)/60 * m1":                     "30 20 0 0 -",
		"m1/METRIC_COUNT(arr)":                   "15 10 0 0 -",
		"SUM([m1,m2])":                           "50 20 20 0 -",
		"AVG([m1,m2])":                           "25 10 10 0 -",
		"MIN([m1,m2])":                           "20 20 0 0 -",
		"MAX(arr)":                               "30 20 20 0 -",
		"STDDEV([m1,m2])":                        "5 10 10 0 -",
		"DATAPOINT_COUNT(arr)":                   "2 1 2 1 -",
		"SUM(m1)":                                "50",
		"STDDEV(m1)":                             "12.9904",
		"DATAPOINT_COUNT(m2)":                    "2",
		"MAX(empty)":                             "NaN",
		"FILL(m2, 7)":                            "20 7 20 7 7",
		"FILL(m2, REPEAT)":                       "20 20 20 20 20",
		"FILL(gap, REPEAT)":                      "- 1 1 1 4",
		"FILL(gap, LINEAR)":                      "- 1 2 3 4",
		"FILL([m2,gap], 0)":                      "20 0 20 0 0 | 0 1 0 0 4",
		"FILL(m2, m1)":                           "20 20 20 0 -",
		"FILL(m2, MIN(m2))":                      "20 20 20 20 20",
		"RATE(m1)":                               "- -0.166667 -0.333333 0 -",
		"DIFF(m2)":                               "- - 0 - -",
		"DIFF_TIME(m2)":                          "- - 120 - -",
		"RUNNING_SUM(m1)":                        "30 50 50 50 -",
		"ABS(-m1)":                               "30 20 0 0 -",
		"CEIL(m1/7)":                             "5 3 0 0 -",
		"FLOOR([m1/7])":                          "4 2 0 0 -",
		"LOG10(m1*0+100)":                        "2 2 2 2 -",
		"LOG(m2)":                                "2.99573 - 2.99573 - -",
		"METRICS(\"c\")":                         "1 1 0 0 - | 30 - 0 0 30",
		"SUM(METRICS('m'))":                      "50 20 40 0 20",
		"FIRST(arr)":                             "30 20 0 0 -",
		"LAST(arr)":                              "20 - 20 - -",
		"SLICE(METRICS(), 1, 2)":                 "20 - 20 - -",
		"SLICE(METRICS(), 6)":                    "- 1 - - 4",
		"SLICE(METRICS(), 3, 1)":                 "",
		"SORT(METRICS('m'), SUM, ASC)":           "20 - 20 - - | 0 0 20 - 20 | 30 20 0 0 - | - - - - -",
		"FIRST(SORT(METRICS('m'), MAX, DESC))":   "30 20 0 0 -",
		"SORT(METRICS('m'), AVG, DESC, 1)":       "20 - 20 - -",
		"REMOVE_EMPTY([empty, gap])":             "- 1 - - 4",
		"TIME_SERIES(MAX(m1))":                   "30 30 30 30 30",
		"MINUTE(m1)":                             "0 1 2 3 4",
		"HOUR(m1)":                               "0 0 0 0 0",
		"DAY(m1)":                                "4 4 4 4 4", // 1970 began on a Thursday
		"DATE(m1) + MONTH(m1)":                   "2 2 2 2 2",
		"YEAR(m1)":                               "1970 1970 1970 1970 1970",
		"EPOCH(m1)":                              "0 60 120 180 240",
		"SUM(SEARCH('{N,D} x', 'Sum', 300)) * 2": "2 4 - - -",
		"SEARCH(' {N} ', 'Sum')":                 "1 2 - - -",
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			e, err := metricmath.Parse(expression)
			if err != nil {
				t.Fatal(err)
			}
			v, err := e.Eval(testEnv())
			if err != nil {
				t.Fatal(err)
			}
			if got := show(v); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"":                          "Unexpected end of expression",
		"m1 +":                      "Unexpected end of expression",
		"m1 m2":                     `Unexpected "m2" at position 4`,
		"(m1":                       "Unexpected end of expression",
		"m1 $ 2":                    "Unexpected character at position 4",
		"'a":                        "Unterminated string at position 1",
		"1.2.3":                     "Invalid number 1.2.3 at position 1",
		"sum(m1)":                   `Unexpected "(" at position 4`,
		"NOPE(m1)":                  "Unsupported function name NOPE",
		"ANOMALY_DETECTION_BAND(m)": "Function ANOMALY_DETECTION_BAND is not supported by this server",
		"SUM(m1, m2)":               "Wrong number of arguments for function SUM",
		"SUM(1)":                    "Unsupported argument type 'Scalar' for function SUM",
		"arr + arr":                 "Unsupported operand type(s) for +: 'Array[Time Series]' and 'Array[Time Series]'",
		"'a' + 1":                   "Unexpected string at position 5",
		"[1]":                       "An array can have time series only, but has a Scalar",
		"REPEAT":                    "Undefined name REPEAT",
		"FILL(m1, NEVER)":           "Undefined name NEVER",
		"PERIOD(m1+1)":              "The argument of function PERIOD must be a metric",
		"SORT(arr, STDDEV, ASC)":    "Function SORT needs AVG, MIN, MAX or SUM, and ASC or DESC",
		"SLICE(arr, -1)":            "Function SLICE needs whole numbers of 0 or more",
		"SEARCH('', 'Sum')":         "Invalid search expression: it has neither a metric schema nor a search term",
		"SEARCH('a', 'Sum', 0)":     "Invalid period in function SEARCH",
		"nope * 2":                  "undefined nope",
		strings.Repeat("(", 200):    "The expression is nested too deeply",
		strings.Repeat("-", 200):    "The expression is nested too deeply",
	} {
		e, err := metricmath.Parse(expression)
		if err == nil {
			_, err = e.Eval(testEnv())
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", expression, err, want)
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	e, err := metricmath.Parse("SUM([m1, m2]) / m1 + FILL(METRICS(), 0)")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(e.References(), e.Calls("METRICS"), e.Calls("SEARCH")); got != "[m1 m2] true false" {
		t.Error(got)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	m := func(namespace, name string, dims ...string) *metricmath.Metric {
		out := &metricmath.Metric{Namespace: namespace, Name: name}
		for i := 0; i < len(dims); i += 2 {
			out.Dimensions = append(out.Dimensions, metricmath.Dimension{Name: dims[i], Value: dims[i+1]})
		}
		return out
	}
	count := m("AWS/ApiGateway", "Count", "ApiName", "notes", "Stage", "prod")
	custom := m("My App", "CustomCount1", "InstanceType", "t2.micro")
	network := m("N", "Network-Errors-2")
	for _, c := range []struct {
		query  string
		metric *metricmath.Metric
		want   bool
	}{
		{`{AWS/ApiGateway,ApiName,Stage} MetricName="Count"`, count, true},
		{`{AWS/ApiGateway, Stage, ApiName}, MetricName="Count"`, count, true},
		{`{AWS/ApiGateway,ApiName} MetricName="Count"`, count, false},
		{`{AWS/ApiGateway} Count`, count, true},
		{`{AWS/ApiGateway}`, count, true},
		{`{"My App",InstanceType} count`, custom, true},
		{`COUNT`, custom, true},
		{`couNT`, custom, false},
		{`CustomCount`, custom, true},
		{`Count1`, custom, true},
		{`customcount`, custom, false},
		{`customcount1`, custom, true},
		{`"CustomCount1"`, custom, true},
		{`"customcount1"`, custom, false},
		{`InstanceType=micro`, custom, true},
		{`InstanceType="t2.micro" Namespace="My App"`, custom, true},
		{`InstanceType=large`, custom, false},
		{`NOT Namespace=AWS`, custom, true},
		{`NOT Namespace=AWS`, count, false},
		{`(nope OR micro) AND MetricName=Count`, custom, true},
		{`notes prod`, count, true},
		{`notes NOT prod`, count, false},
		{`nope OR notes prod`, count, true},
		{`network/errors`, network, true},
		{`Network_Errors`, network, true},
		{`"Network_Errors_2"`, network, false},
		{`"Network-Errors-2"`, network, true},
		{`"Europe\\France Traffic\(Network\)"`, m("N", `Europe\France Traffic(Network)`), true},
		{`Project2`, m("N", "Project2-trial333"), true},
		{`failure sdb`, m("N", "SDBFailure"), true},
	} {
		q, err := metricmath.ParseSearch(c.query)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
		} else if got := q.Matches(c.metric); got != c.want {
			t.Errorf("%s on %s: got %v", c.query, c.metric.Name, got)
		}
	}
	for query, want := range map[string]string{
		"{":                       "it ends too early",
		"{a b}":                   "the schema is not closed",
		`"a`:                      "a quotation mark is not closed",
		"(a":                      "a parenthesis is not closed",
		"a)":                      `unexpected ")"`,
		"a=":                      "it ends too early",
		"a OR":                    "it ends too early",
		strings.Repeat("(", 100):  "it is nested too deeply",
		strings.Repeat("a", 1025): "it is longer than 1024 characters",
	} {
		if _, err := metricmath.ParseSearch(query); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", query, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"100*SUM(METRICS('e'))/FILL(m1,0)", "IF(m1>1 AND m2<=3, -m1^2, [m1,m2])", "SORT(METRICS(), AVG, DESC, 3)",
		`SEARCH(' {AWS/ApiGateway,ApiName} MetricName="Count" ', 'p99', 300)`, "SLICE(arr, 0, 1)", "FILL(gap, LINEAR)/1e-3",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 2048 {
			return // no request has longer ones
		}
		e, err := metricmath.Parse(src)
		if err != nil {
			return
		}
		printed := e.String()
		again, err := metricmath.Parse(printed)
		if err != nil {
			var fault *metricmath.Error
			if errors.As(err, &fault) && strings.Contains(fault.Message, "too deeply") {
				return // printing adds parentheses
			}
			t.Fatalf("%q prints as %q: %v", src, printed, err)
		}
		if again.String() != printed {
			t.Fatalf("%q prints as %q, then as %q", src, printed, again)
		}
		v, err := e.Eval(testEnv())
		if err != nil {
			return
		}
		for _, s := range v.Series {
			for i, p := range s.Points {
				if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) || i > 0 && p.Time <= s.Points[i-1].Time {
					t.Fatalf("%q: bad point %d of %v", src, i, s.Points)
				}
			}
		}
	})
}
