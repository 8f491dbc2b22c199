package value

import "math"

var numberFunctions = []Function{
	{"abs", ofNumber(func(n float64) Value { return OfNumber(math.Abs(n)) })},
	{"ceil", ofNumber(func(n float64) Value { return OfNumber(math.Ceil(n)) })},
	{"floor", ofNumber(func(n float64) Value { return OfNumber(math.Floor(n)) })},
	{"log", ofNumber(func(n float64) Value { return OfNumber(math.Log(n)) })},
	{"sqrt", ofNumber(func(n float64) Value { return OfNumber(math.Sqrt(n)) })},
	{"round", plain(round)},
	{"greatest", plain(greatest)},
	{"least", plain(least)},
	{"haversine", plain(haversine)},
	{"toNumber", ofNumber(OfNumber)},
	{"toDouble", ofNumber(OfNumber)},
	{"toInt", ofNumber(toInt)},
	{"toLong", ofNumber(toInt)},
}

// toInt cuts off the fraction. Beyond 64 bits there is no integer.
func toInt(n float64) Value {
	if math.Abs(n) >= 1<<63 {
		return Value{}
	}
	return OfNumber(math.Trunc(n))
}

// round rounds to a number of decimals, at first none, and halves away from zero. Beyond 15 decimals nothing is rounded;
// a negative number of decimals rounds to tens, hundreds and so on.
func round(_ *Context, args []Value) Value {
	n, ok := args[0].AsNumber()
	if !ok || len(args) == 1 {
		return calculate(args[0], OfNumber(0), func(n, _ float64) float64 { return math.Round(n) })
	}
	decimals, ok := args[1].AsNumber()
	if !ok {
		return Value{}
	}
	if decimals = math.Trunc(decimals); decimals > 15 || decimals > 0 && math.Abs(n) > maxExact {
		return OfNumber(n)
	}
	if decimals < 0 {
		unit := math.Pow(10, -decimals)
		return OfNumber(math.Round(n/unit) * unit)
	}
	unit := math.Pow(10, decimals)
	return OfNumber(math.Round(n*unit) / unit)
}

func greatest(_ *Context, args []Value) Value { return extreme(args, math.Max) }
func least(_ *Context, args []Value) Value    { return extreme(args, math.Min) }

// extreme is of those arguments that are numbers.
func extreme(args []Value, choose func(x, y float64) float64) Value {
	best := Value{}
	for _, arg := range args {
		n, ok := arg.AsNumber()
		if !ok {
			continue
		}
		if best.kind == Number {
			n = choose(best.num, n)
		}
		best = OfNumber(n)
	}
	return best
}

// earthKilometres is the mean radius of the Earth.
const earthKilometres = 6371

// haversine is the great-circle distance in kilometres between two points given as latitude and longitude in degrees.
func haversine(_ *Context, args []Value) Value {
	var radians [4]float64
	for i := range radians {
		degrees, ok := args[i].AsNumber()
		if limit := 90 * float64(1+i%2); !ok || math.Abs(degrees) > limit {
			return Value{}
		}
		radians[i] = degrees * math.Pi / 180
	}
	lat1, lon1, lat2, lon2 := radians[0], radians[1], radians[2], radians[3]
	a := squared(math.Sin((lat2-lat1)/2)) + math.Cos(lat1)*math.Cos(lat2)*squared(math.Sin((lon2-lon1)/2))
	return OfNumber(2 * earthKilometres * math.Asin(math.Min(1, math.Sqrt(a))))
}

func squared(x float64) float64 { return x * x }
