package metricmath

import (
	"math"
	"slices"
	"strings"
	"time"
)

// function is one of the language. eval gets the call with a checked number of arguments.
type function struct {
	least, most int
	eval        func(*Env, *call) (Value, error)
}

// functions are all of them by name.
var functions = map[string]function{
	"ABS":   perPoint(math.Abs),
	"CEIL":  perPoint(math.Ceil),
	"FLOOR": perPoint(math.Floor),
	"LOG":   perPoint(math.Log),
	"LOG10": perPoint(math.Log10),

	"SUM":             aggregate(sum),
	"AVG":             aggregate(avg),
	"MIN":             aggregate(least),
	"MAX":             aggregate(most),
	"STDDEV":          aggregate(stddev),
	"DATAPOINT_COUNT": aggregate(count),

	"DIFF":        perSeries(pairwise(func(a, b Point) float64 { return b.Value - a.Value })),
	"DIFF_TIME":   perSeries(pairwise(func(a, b Point) float64 { return float64(b.Time - a.Time) })),
	"RATE":        perSeries(pairwise(func(a, b Point) float64 { return (b.Value - a.Value) / float64(b.Time-a.Time) })),
	"RUNNING_SUM": perSeries(runningSum),

	"MINUTE": ofTime(func(t time.Time) float64 { return float64(t.Minute()) }),
	"HOUR":   ofTime(func(t time.Time) float64 { return float64(t.Hour()) }),
	"DAY":    ofTime(func(t time.Time) float64 { return float64((int(t.Weekday())+6)%7 + 1) }), // 1 is Monday
	"DATE":   ofTime(func(t time.Time) float64 { return float64(t.Day()) }),
	"MONTH":  ofTime(func(t time.Time) float64 { return float64(t.Month()) }),
	"YEAR":   ofTime(func(t time.Time) float64 { return float64(t.Year()) }),
	"EPOCH":  ofTime(func(t time.Time) float64 { return float64(t.Unix()) }),

	"FILL":         {2, 2, (*Env).fill},
	"FIRST":        {1, 1, (*Env).first},
	"LAST":         {1, 1, (*Env).last},
	"IF":           {2, 3, (*Env).ifElse},
	"METRICS":      {0, 1, (*Env).metrics},
	"METRIC_COUNT": {1, 1, (*Env).metricCount},
	"PERIOD":       {1, 1, (*Env).period},
	"REMOVE_EMPTY": {1, 1, (*Env).removeEmpty},
	"SEARCH":       {2, 3, (*Env).search},
	"SLICE":        {2, 3, (*Env).slice},
	"SORT":         {3, 4, (*Env).sort},
	"TIME_SERIES":  {1, 1, (*Env).timeSeries},
}

// argument evaluates an argument, which must be of one of the kinds.
func (env *Env) argument(c *call, i int, kinds ...Kind) (Value, error) {
	v, err := env.eval(c.args[i])
	if err == nil && !slices.Contains(kinds, v.Kind) {
		err = fault(c.at, "Unsupported argument type '%s' for function %s", v.Kind, c.name)
	}
	return v, err
}

func perPoint(f func(float64) float64) function {
	return function{1, 1, func(env *Env, c *call) (Value, error) {
		v, err := env.argument(c, 0, Scalar, TimeSeries, Array)
		if err != nil {
			return v, err
		}
		return v.each(f), nil
	}}
}

func perSeries(f func([]Point) []Point) function {
	return function{1, 1, func(env *Env, c *call) (Value, error) {
		v, err := env.argument(c, 0, TimeSeries, Array)
		if err != nil {
			return v, err
		}
		return v.map1(func(s Series) Series { return s.with(f(s.Points)) }), nil
	}}
}

// aggregator reduces values. all counts the values that could be there, len(values) those that are.
type aggregator func(values []float64, all int) float64

// aggregate makes a number of one series, over time, and a series of an array, at each time over the series.
func aggregate(f aggregator) function {
	return function{1, 1, func(env *Env, c *call) (Value, error) {
		v, err := env.argument(c, 0, TimeSeries, Array)
		if err != nil {
			return v, err
		}
		if v.Kind == Array {
			return One(across(c.name, v.Series, env.Period, f)), nil
		}
		return Number(over(v.Series[0], f)), nil
	}}
}

// over aggregates one series over time.
func over(s Series, f aggregator) float64 {
	values := make([]float64, len(s.Points))
	for i, p := range s.Points {
		values[i] = p.Value
	}
	return f(values, len(values))
}

func across(name string, all []Series, period int64, f aggregator) Series {
	out := Series{Label: name, Period: period}
	if len(all) > 0 {
		out.Period = all[0].Period
	}
	there := make([]float64, 0, len(all))
	walk(all, func(at int64, values []float64, present []bool) {
		there = there[:0]
		for i, v := range values {
			if present[i] {
				there = append(there, v)
			}
		}
		out.Points = appendFinite(out.Points, at, f(there, len(all)))
	})
	return out
}

func sum(values []float64, _ int) (s float64) {
	for _, v := range values {
		s += v
	}
	return s
}

func avg(values []float64, all int) float64 { return sum(values, all) / float64(all) }

func least(values []float64, _ int) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return slices.Min(values)
}

func most(values []float64, _ int) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return slices.Max(values)
}

func stddev(values []float64, all int) float64 {
	mean := avg(values, all)
	squares := mean * mean * float64(all-len(values)) // of those that count as 0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / float64(all))
}

func count(values []float64, _ int) float64 { return float64(len(values)) }

func pairwise(f func(before, now Point) float64) func([]Point) []Point {
	return func(points []Point) (out []Point) {
		for i := 1; i < len(points); i++ {
			out = appendFinite(out, points[i].Time, f(points[i-1], points[i]))
		}
		return out
	}
}

func runningSum(points []Point) (out []Point) {
	total := 0.0
	for _, p := range points {
		total += p.Value
		out = appendFinite(out, p.Time, total)
	}
	return out
}

// grid calls f for the beginning of every period of the range, beginning with the one that Start is in.
func (env *Env) grid(period int64, f func(at int64)) {
	period = max(period, 1)
	begun := (env.Start - env.Origin) % period // how long the first period runs already
	if begun < 0 {
		begun += period
	}
	n := 0
	for at := env.Start - begun; at < env.End && n < maxPoints; at += period {
		f(at)
		n++
	}
}

func ofTime(f func(time.Time) float64) function {
	return function{1, 1, func(env *Env, c *call) (Value, error) {
		v, err := env.argument(c, 0, TimeSeries)
		if err != nil {
			return v, err
		}
		s := v.Series[0].with(nil)
		env.grid(s.Period, func(at int64) { s.Points = append(s.Points, Point{at, f(time.Unix(at, 0).UTC())}) })
		return One(s), nil
	}}
}

func (env *Env) timeSeries(c *call) (Value, error) {
	v, err := env.argument(c, 0, Scalar)
	if err != nil {
		return v, err
	}
	s := Series{Label: c.name, Period: env.Period}
	if finite(v.Scalar) {
		env.grid(env.Period, func(at int64) { s.Points = append(s.Points, Point{at, v.Scalar}) })
	}
	return One(s), nil
}

func (env *Env) period(c *call) (Value, error) {
	if _, ok := c.args[0].(*ref); !ok {
		return Value{}, fault(c.at, "The argument of function PERIOD must be a metric")
	}
	v, err := env.argument(c, 0, TimeSeries)
	if err != nil {
		return v, err
	}
	return Number(float64(v.Series[0].Period)), nil
}

func (env *Env) metrics(c *call) (Value, error) {
	part := ""
	if len(c.args) == 1 {
		v, err := env.argument(c, 0, text)
		if err != nil {
			return v, err
		}
		part = v.text
	}
	if env.Metrics == nil {
		return Value{}, fault(c.at, "Function METRICS cannot be used here")
	}
	all, err := env.Metrics()
	if err != nil {
		return Value{}, err
	}
	chosen := []Series{}
	for _, s := range all {
		if strings.Contains(s.ID, part) {
			chosen = append(chosen, s)
		}
	}
	return Many(chosen), nil
}

func (env *Env) metricCount(c *call) (Value, error) {
	v, err := env.argument(c, 0, Array, TimeSeries)
	return Number(float64(len(v.Series))), err
}

func (env *Env) search(c *call) (Value, error) {
	var args [3]Value
	kinds := []Kind{text, text, Scalar}
	for i := range c.args {
		v, err := env.argument(c, i, kinds[i])
		if err != nil {
			return v, err
		}
		args[i] = v
	}
	if env.Search == nil {
		return Value{}, fault(c.at, "Function SEARCH cannot be used here")
	}
	query, err := ParseSearch(args[0].text)
	if err != nil {
		return Value{}, fault(c.at, "Invalid search expression: %v", err)
	}
	period := args[2].Scalar
	if len(c.args) == 3 && (period < 1 || period > 1<<31 || period != math.Trunc(period)) {
		return Value{}, fault(c.at, "Invalid period in function SEARCH")
	}
	found, err := env.Search(query, args[1].text, int64(period))
	return Many(found), err
}
