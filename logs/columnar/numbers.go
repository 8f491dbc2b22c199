package columnar

// A transform turns a column's integers into residuals, which are small, and back. All arithmetic wraps, so that every
// 64-bit value survives.
type transform struct {
	kind transformKind
	unit timeUnit // of transformTimed
	base uint64   // of transformPlain and transformTimed: the least residual
	rate uint64   // of transformFollow: arrivals a millisecond, times 2^followShift
}

type transformKind uint8

const (
	transformPlain  transformKind = iota // the value
	transformDelta                       // difference to the row before, zigzag; a chunk begins with its first value
	transformTimed                       // difference to the row's timestamp
	transformFollow                      // as delta, less what the timestamps' difference makes probable
	transformKinds

	followShift = 20
)

// timeUnit is what a column counts that follows the rows' timestamps.
type timeUnit uint8

const (
	unitMillis timeUnit = iota
	unitSeconds
	unitMicros
	unitNanos
	timeUnits
)

// of is the timestamp ts, in milliseconds, in the unit.
func (u timeUnit) of(ts int64) uint64 {
	switch u {
	case unitSeconds:
		q, _ := floorDiv(ts, 1000)
		return uint64(q)
	case unitMicros:
		return uint64(ts) * 1000
	case unitNanos:
		return uint64(ts) * 1000_000
	}
	return uint64(ts)
}

// timeUnitOf is the unit in which a format's values count time, if they do.
func (f format) timeUnit() (timeUnit, bool) {
	digits := 0
	switch f.kind {
	case formatISO:
		digits = isoLayout(f.param).digits()
	case formatFixed:
		digits = int(f.param)
	case formatIPv4:
		return 0, false
	}
	switch digits {
	case 0:
		return unitSeconds, true
	case 3:
		return unitMillis, true
	case 6:
		return unitMicros, true
	case 9:
		return unitNanos, true
	}
	return 0, false
}

// expected is how far arrivals go while timestamps go by delta.
func (t *transform) expected(delta uint64) uint64 {
	return uint64(int64(delta*t.rate) >> followShift)
}

// columnTraits is what an encoder may know of a column's values beside themselves.
type columnTraits struct {
	times []int64 // timestamps of the rows; nil if the values cannot follow them
	units []timeUnit
}
