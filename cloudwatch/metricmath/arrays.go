package metricmath

import (
	"cmp"
	"math"
	"slices"
)

// fill gives values to the periods that have none, over the whole range.
func (env *Env) fill(c *call) (Value, error) {
	v, err := env.argument(c, 0, TimeSeries, Array)
	if err != nil {
		return v, err
	}
	if err := env.roomFor(c, v.Series); err != nil {
		return v, err
	}
	if w, ok := c.args[1].(*word); ok {
		switch w.name {
		case "REPEAT":
			return v.map1(func(s Series) Series { return env.filled(s, repeated(s)) }), nil
		case "LINEAR":
			return v.map1(func(s Series) Series { return env.filled(s, interpolated(s)) }), nil
		}
	}
	with, err := env.argument(c, 1, Scalar, TimeSeries)
	if err != nil {
		return with, err
	}
	filler := func(int64) (float64, bool) { return with.Scalar, finite(with.Scalar) }
	if with.Kind == TimeSeries {
		filler = with.Series[0].at
	}
	return v.map1(func(s Series) Series { return env.filled(s, filler) }), nil
}

// roomFor refuses what would fill memory: grids of many series.
func (env *Env) roomFor(c *call, all []Series) error {
	var points int64
	for _, s := range all {
		points += min((env.End-env.Start)/max(s.Period, 1), maxPoints)
	}
	if points > 20*maxPoints {
		return fault(c.at, "Function %s would make too many data points", c.name)
	}
	return nil
}

// filled keeps the series' own points and asks missing for those of the grid that it lacks.
func (env *Env) filled(s Series, missing func(at int64) (float64, bool)) Series {
	var points []Point
	own := s.Points
	env.grid(s.Period, func(at int64) {
		for len(own) > 0 && own[0].Time < at {
			points, own = append(points, own[0]), own[1:]
		}
		if len(own) > 0 && own[0].Time == at {
			return // the next step, or the end, takes it
		}
		if v, ok := missing(at); ok {
			points = append(points, Point{at, v})
		}
	})
	return s.with(append(points, own...))
}

// repeated gives the value before.
func repeated(s Series) func(int64) (float64, bool) {
	i := 0
	return func(at int64) (float64, bool) {
		for i < len(s.Points) && s.Points[i].Time < at {
			i++
		}
		if i == 0 {
			return 0, false
		}
		return s.Points[i-1].Value, true
	}
}

// interpolated gives the line between the values around. Before the first and behind the last there is none.
func interpolated(s Series) func(int64) (float64, bool) {
	i := 0
	return func(at int64) (float64, bool) {
		for i < len(s.Points) && s.Points[i].Time < at {
			i++
		}
		if i == 0 || i == len(s.Points) {
			return 0, false
		}
		a, b := s.Points[i-1], s.Points[i]
		v := a.Value + (b.Value-a.Value)*float64(at-a.Time)/float64(b.Time-a.Time)
		return v, finite(v)
	}
}

func (env *Env) first(c *call) (Value, error) {
	return env.pick(c, func(all []Series) Series { return all[0] })
}

func (env *Env) last(c *call) (Value, error) {
	return env.pick(c, func(all []Series) Series { return all[len(all)-1] })
}

// pick takes one series of an array; of an empty one, a series without points.
func (env *Env) pick(c *call, f func([]Series) Series) (Value, error) {
	v, err := env.argument(c, 0, Array)
	if err != nil {
		return v, err
	}
	if len(v.Series) == 0 {
		return One(Series{Label: c.name, Period: env.Period}), nil
	}
	return One(f(v.Series)), nil
}

func (env *Env) removeEmpty(c *call) (Value, error) {
	v, err := env.argument(c, 0, Array)
	if err != nil {
		return v, err
	}
	return Many(slices.DeleteFunc(slices.Clone(v.Series), func(s Series) bool { return len(s.Points) == 0 })), nil
}

// slice takes the series from an index on, or up to another.
func (env *Env) slice(c *call) (Value, error) {
	v, err := env.argument(c, 0, Array)
	if err != nil {
		return v, err
	}
	bounds := []int{0, len(v.Series)}
	for i := 1; i < len(c.args); i++ {
		n, err := env.argument(c, i, Scalar)
		if err != nil {
			return n, err
		}
		if bounds[i-1], err = index(c, n.Scalar, len(v.Series)); err != nil {
			return n, err
		}
	}
	return Many(v.Series[min(bounds[0], bounds[1]):bounds[1]]), nil
}

// index turns a number into an index; beyond the end is the end.
func index(c *call, n float64, size int) (int, error) {
	if !(n >= 0) || n != math.Trunc(n) {
		return 0, fault(c.at, "Function %s needs whole numbers of 0 or more", c.name)
	}
	return int(min(n, float64(size))), nil
}

// sort orders an array by an aggregate of each series. Series without points come last, and equal ones stay in order.
func (env *Env) sort(c *call) (Value, error) {
	v, err := env.argument(c, 0, Array)
	if err != nil {
		return v, err
	}
	by, order := map[string]aggregator{"AVG": avg, "MIN": least, "MAX": most, "SUM": sum}[wordOf(c.args[1])], wordOf(c.args[2])
	if by == nil || order != "ASC" && order != "DESC" {
		return v, fault(c.at, "Function SORT needs AVG, MIN, MAX or SUM, and ASC or DESC")
	}
	limit := len(v.Series)
	if len(c.args) == 4 {
		n, err := env.argument(c, 3, Scalar)
		if err != nil {
			return n, err
		}
		if limit, err = index(c, n.Scalar, limit); err != nil {
			return n, err
		}
	}
	return Many(sorted(v.Series, by, order == "DESC")[:limit]), nil
}

func sorted(all []Series, by aggregator, descending bool) []Series {
	type ranked struct {
		series Series
		key    float64
	}
	ranks := make([]ranked, len(all))
	for i, s := range all {
		ranks[i] = ranked{s, over(s, by)}
	}
	slices.SortStableFunc(ranks, func(a, b ranked) int {
		switch {
		case len(a.series.Points) == 0 || len(b.series.Points) == 0:
			return cmp.Compare(len(b.series.Points), 0) - cmp.Compare(len(a.series.Points), 0)
		case descending:
			return cmp.Compare(b.key, a.key)
		}
		return cmp.Compare(a.key, b.key)
	})
	out := make([]Series, len(ranks))
	for i, r := range ranks {
		out[i] = r.series
	}
	return out
}

// wordOf returns the name of a bare word; "" for anything else.
func wordOf(n node) string {
	if w, ok := n.(*word); ok {
		return w.name
	}
	return ""
}
