package metricmath

// ifElse chooses, at each timestamp of the condition, between two series or numbers. What is missing in the series for
// true is 0; what is missing in that for false, or in the condition, makes no data point.
func (env *Env) ifElse(c *call) (Value, error) {
	condition, err := env.argument(c, 0, Scalar, TimeSeries)
	if err != nil {
		return condition, err
	}
	yes, err := env.argument(c, 1, Scalar, TimeSeries)
	if err != nil {
		return yes, err
	}
	no := One(Series{Label: c.name, Period: env.Period})
	if len(c.args) == 3 {
		if no, err = env.argument(c, 2, Scalar, TimeSeries); err != nil {
			return no, err
		}
	}
	if condition.Kind == Scalar {
		if condition.Scalar != 0 {
			return yes, nil
		}
		return no, nil
	}
	s := condition.Series[0]
	if yes.Kind == TimeSeries {
		s.Label = yes.Series[0].Label
	}
	return One(s.with(choose(condition.Series[0].Points, yes, no))), nil
}

func choose(condition []Point, yes, no Value) (points []Point) {
	for _, p := range condition {
		from := yes
		if p.Value == 0 {
			from = no
		}
		v, ok := from.Scalar, true
		if from.Kind == TimeSeries {
			v, ok = from.Series[0].at(p.Time)
		}
		if ok || p.Value != 0 {
			points = appendFinite(points, p.Time, v)
		}
	}
	return points
}
