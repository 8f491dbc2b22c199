// Package metricmath is the language of CloudWatch's metric math: it parses expressions such as
// "100 * SUM(METRICS("errors")) / FILL(requests, 0)" and evaluates them over time series that the caller has, and it
// decides which metrics a SEARCH query means. It reads no metrics itself and does no I/O: an Env hands in series by ID and
// answers searches.
//
// The rules are those of "Metric math syntax and functions" in the CloudWatch user guide. What that leaves open is decided
// here, once:
//
//	TS op TS        a value at every timestamp that either has; what is missing counts as 0
//	x / 0, LOG(0)   and whatever else is no finite number: the data point is dropped
//	AVG, STDDEV     of an array count a series without a value at a timestamp as 0; MIN and MAX leave it out
//	STDDEV          is that of a population
//	AND, OR         bind weaker than comparisons, these weaker than + -, then * /, unary minus and, tightest, ^ (to the right)
//	METRICS("x")    the metrics whose ID contains x
package metricmath

import (
	"fmt"
	"math"
)

// Limits that keep the cost of an expression bounded.
const (
	maxDepth  = 64      // of nesting
	maxSeries = 500     // of an array, as many as a request may have metrics
	maxPoints = 100_800 // of one series, as many as an answer may have
)

// Point is the value of a series at a time.
type Point struct {
	Time  int64 // seconds since 1970-01-01 UTC, the beginning of a period
	Value float64
}

// Series is a time series. Its points ascend in time and have finite values. Evaluation never changes the points of a
// series that it was given, but results may share them.
type Series struct {
	ID     string // of the request's query; METRICS("x") looks at it
	Label  string
	Period int64 // seconds
	Points []Point
}

// Kind is the type of a value.
type Kind uint8

// The types of metric math: S, TS and TS[] in AWS' documentation.
const (
	Scalar Kind = iota
	TimeSeries
	Array
	text // an argument such as the one of METRICS
)

func (k Kind) String() string {
	return [...]string{"Scalar", "Time Series", "Array[Time Series]", "String"}[k]
}

// Value is the result of an expression.
type Value struct {
	Kind   Kind
	Scalar float64  // of a Scalar
	Series []Series // one of a TimeSeries, any number of an Array
	text   string
}

// Env is what an expression is evaluated in.
type Env struct {
	// Start (inclusive) and End (exclusive) bound the grid of the functions that make points where there are none, such as
	// FILL and TIME_SERIES, in seconds.
	Start, End int64
	// Origin is a time at which periods begin. 0: they begin as on the clock.
	Origin int64
	// Period is that of results which come of no series, in seconds. At least 1.
	Period int64
	// Lookup returns the value of a query by its ID.
	Lookup func(id string) (Value, error)
	// Metrics returns the metrics of the request, without expressions. Nil: METRICS is an error.
	Metrics func() ([]Series, error)
	// Search answers SEARCH. period is 0 if it was not given. Nil: SEARCH is an error.
	Search func(query Search, statistic string, period int64) ([]Series, error)
}

// Error is a fault in an expression.
type Error struct {
	Position int // in bytes, from 0
	Message  string
}

func (e *Error) Error() string { return e.Message }

func fault(at int, format string, args ...any) *Error {
	return &Error{Position: at, Message: fmt.Sprintf(format, args...)}
}

// finite reports whether a value can be a data point.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Number makes a Scalar.
func Number(v float64) Value { return Value{Kind: Scalar, Scalar: v} }

// One makes a TimeSeries.
func One(s Series) Value { return Value{Kind: TimeSeries, Series: []Series{s}} }

// Many makes an Array.
func Many(s []Series) Value { return Value{Kind: Array, Series: s} }
