package cloudwatch

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A label may hold dynamic parts, such as "${LABEL} max ${MAX} at ${MAX_TIME}" or "${PROP('Dim.Stage')}".
var dynamicPart = regexp.MustCompile(`\$\{([A-Z_]+)(?:\(\s*['"]([^'"]*)['"]\s*\))?\}`)

// dynamicLabel fills in the dynamic parts of a label. What it does not know, it leaves as it is; what there is no data for
// becomes "--".
func (e *evaluation) dynamicLabel(label string, q *metricQuery, points []dataValue) string {
	if !strings.Contains(label, "${") {
		return label
	}
	return dynamicPart.ReplaceAllStringFunc(label, func(part string) string {
		m := dynamicPart.FindStringSubmatch(part)
		text, ok := q.property(e.at, m[1], m[2])
		if !ok {
			text, ok = e.labelValue(m[1], points)
		}
		if !ok {
			return part
		}
		return text
	})
}

// property is what a label can say of its query.
func (q *metricQuery) property(at place, part, name string) (string, bool) {
	if part == "LABEL" {
		return q.defaultLabel(), true
	}
	if part != "PROP" {
		return "", false
	}
	switch name {
	case "AccountId":
		return at.account, true
	case "Region":
		return at.region, true
	case "MetricName":
		return q.name, true
	case "Namespace":
		return q.namespace, true
	case "Stat":
		return q.statistic.name, true
	case "Period":
		return strconv.FormatInt(q.period, 10), true
	}
	for _, d := range q.dimensions {
		if name == "Dim."+d.Name {
			return d.Value, true
		}
	}
	return "", false
}

// labelValue is what a label can say of the data: MAX and MAX_TIME and their like.
func (e *evaluation) labelValue(part string, points []dataValue) (string, bool) {
	name, timed := strings.CutSuffix(part, "_TIME")
	of, ok := labelPoints[name]
	switch {
	case part == "DATAPOINT_COUNT":
		return strconv.Itoa(len(points)), true
	case !timed && (part == "SUM" || part == "AVG"):
		return labelTotal(part, points), true
	case !ok:
		return "", false
	case len(points) == 0:
		return "--", true
	}
	at := points[0]
	for _, p := range points[1:] {
		if of(at, p) {
			at = p
		}
	}
	if timed {
		return time.Unix(at.time, 0).In(e.zone).Format("2006-01-02 15:04:05"), true
	}
	return labelNumber(at.value), true
}

// labelPoints tell whether b goes before a, the one chosen from those before it.
var labelPoints = map[string]func(a, b dataValue) bool{
	"MAX":   func(a, b dataValue) bool { return b.value > a.value },
	"MIN":   func(a, b dataValue) bool { return b.value < a.value },
	"FIRST": func(_, _ dataValue) bool { return false },
	"LAST":  func(_, _ dataValue) bool { return true },
}

func labelTotal(part string, points []dataValue) string {
	if len(points) == 0 {
		return "--"
	}
	total := 0.0
	for _, p := range points {
		total += p.value
	}
	if part == "AVG" {
		total /= float64(len(points))
	}
	return labelNumber(total)
}

func labelNumber(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
