package cloudwatch

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// statistic is what a request wants of each period: one of AWS' five statistics, or one of its extended ones.
//
//	p99  p99.9                          percentile
//	tm99 TM(10%:90%) TM(150:1000)       mean, tc count and ts sum of the samples between the bounds
//	wm98 WM(10%:90%)                    mean with the samples outside taken for the bounds
//	PR(:300) PR(100:2000)               percentage of samples between the bounds
//	IQM                                 TM(25%:75%)
//
// Bounds by value exclude the lower one and include the upper one. Of n samples, the
// lowest p% are the ceil(n·p/100) lowest; what bounds by percentage cut off, at either end, is rounded down.
type statistic struct {
	name    string
	kind    string // name of a plain one, else P, TM, TC, TS, WM or PR
	percent bool   // the bounds are percentages
	low     float64
	high    float64
}

var plainStatistics = []string{"SampleCount", "Average", "Sum", "Minimum", "Maximum"}

var (
	shortStatistic = regexp.MustCompile(`^(p|tm|tc|ts|wm)(\d{1,3}(?:\.\d{0,10})?)$`)
	rangeStatistic = regexp.MustCompile(`^(TM|TC|TS|WM|PR)\((-?[\d.]+(?:e[+-]?\d+)?)?(%?):(-?[\d.]+(?:e[+-]?\d+)?)?(%?)\)$`)
)

// parseStatistic reads the name of a statistic; false if it is none.
func parseStatistic(name string) (statistic, bool) {
	for _, plain := range plainStatistics {
		if name == plain {
			return statistic{name: name, kind: name}, true
		}
	}
	if name == "IQM" {
		return statistic{name: name, kind: "TM", percent: true, low: 25, high: 75}, true
	}
	if m := shortStatistic.FindStringSubmatch(name); m != nil {
		high, err := strconv.ParseFloat(m[2], 64)
		return statistic{name: name, kind: strings.ToUpper(m[1]), percent: true, high: high}, err == nil && high <= 100
	}
	if m := rangeStatistic.FindStringSubmatch(name); m != nil {
		return parseRange(name, m)
	}
	return statistic{}, false
}

// parseRange reads the two bounds, of which one may be left out.
func parseRange(name string, m []string) (statistic, bool) {
	s := statistic{name: name, kind: m[1], percent: m[3] == "%" || m[5] == "%"}
	s.low, s.high = math.Inf(-1), math.Inf(1)
	if s.percent {
		s.low, s.high = 0, 100
	}
	for i, bound := range []*float64{&s.low, &s.high} {
		number, sign := m[2+2*i], m[3+2*i]
		if number == "" {
			if sign != "" {
				return s, false
			}
			continue
		}
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || s.percent != (sign == "%") {
			return s, false
		}
		*bound = v
	}
	given := m[2] != "" || m[4] != ""
	fits := !s.percent || s.low >= 0 && s.high <= 100 && s.kind != "PR"
	return s, given && fits && s.low <= s.high
}

// isPlain reports whether the statistic is one of the five that need no distribution.
func (st statistic) isPlain() bool { return st.kind == st.name }

// of computes the statistic; false if the samples do not have it.
func (st statistic) of(s *summary) (float64, bool) {
	switch st.kind {
	case "SampleCount":
		return s.count, true
	case "Average":
		return s.sum / s.count, s.count > 0
	case "Sum":
		return s.sum, true
	case "Minimum":
		return s.min, true
	case "Maximum":
		return s.max, true
	}
	if !s.known() || s.count <= 0 {
		return 0, false
	}
	dist := s.distribution()
	if st.kind == "P" {
		return s.percentile(dist, st.high), true
	}
	return st.trimmed(dist, s.count)
}

// percentile takes the ends from what is known exactly, even where the distribution is not.
func (s *summary) percentile(dist []weighted, p float64) float64 {
	switch at := rank(s.count, p); {
	case at <= 1:
		return s.min
	case at >= s.count:
		return s.max
	default:
		return valueAt(dist, at)
	}
}

// rank is how many of n samples are the lowest p%. The tolerance keeps 0.29 of 100 from being 29.000000000000004.
func rank(n, p float64) float64 { return math.Ceil(n*p/100 - 1e-9*n) }

// valueAt returns the value of the sample at a rank, counted from 1.
func valueAt(dist []weighted, rank float64) float64 {
	seen := 0.0
	for _, w := range dist {
		if seen += w.count; seen >= rank {
			return w.value
		}
	}
	return dist[len(dist)-1].value
}

// trimmed computes what is left between the bounds.
func (st statistic) trimmed(dist []weighted, total float64) (float64, bool) {
	var count, sum, below, above float64
	from, to := total-rank(total, 100-st.low), rank(total, st.high)
	seen := 0.0
	for _, w := range dist {
		inside := w.count
		if st.percent {
			inside = max(0, min(seen+w.count, to)-max(seen, from))
			below += max(0, min(seen+w.count, from)-seen)
		} else if w.value <= st.low || w.value > st.high {
			inside = 0
			if w.value <= st.low {
				below += w.count
			}
		}
		seen += w.count
		count += inside
		sum += inside * w.value
	}
	above = total - count - below
	switch st.kind {
	case "TC":
		return count, true
	case "TS":
		return sum, true
	case "PR":
		return 100 * count / total, true
	case "WM":
		low, high := st.edges(dist, from, to)
		return (sum + low*below + high*above) / total, total > 0
	}
	return sum / count, count > 0
}

// edges are the values that samples outside of the bounds are taken for.
func (st statistic) edges(dist []weighted, from, to float64) (low, high float64) {
	low, high = st.low, st.high
	if st.percent {
		low, high = valueAt(dist, from+1), valueAt(dist, max(to, 1))
	}
	if math.IsInf(low, 0) {
		low = 0 // nothing is below
	}
	if math.IsInf(high, 0) {
		high = 0
	}
	return low, high
}
