package insights

import (
	"strings"

	"github.com/tollbook/tollbook/logs/insights/value"
)

// lambdaFields are the fields that AWS discovers in the lines that Lambda writes around an invocation, and the labels that
// stand before them (spec/cloudwatch-logs §6.3). Such a line is
//
//	REPORT RequestId: 8f50…⇥Duration: 12.34 ms⇥Billed Duration: 13 ms⇥Memory Size: 128 MB⇥Max Memory Used: 35 MB⇥…
//
// or one of START and END, which have the request ID only. Durations are in milliseconds, memory is in bytes.
var lambdaFields = map[string]string{
	"@type": "", "@requestId": "RequestId", "@duration": "Duration", "@billedDuration": "Billed Duration",
	"@initDuration": "Init Duration", "@memorySize": "Memory Size", "@maxMemoryUsed": "Max Memory Used",
	"@xrayTraceId": "XRAY TraceId", "@xraySegmentId": "SegmentId",
}

const bytesPerMB = 1_000_000 // as AWS counts memory here

// lambdaField is the value behind a label in a message, or the kind of the line where the label is empty; null if there is
// none. It copies what it keeps.
func lambdaField(message, label string) value.Value {
	kind, rest, _ := strings.Cut(message, " ")
	if kind != "START" && kind != "END" && kind != "REPORT" || !strings.HasPrefix(rest, "RequestId: ") {
		return value.Value{}
	}
	if label == "" {
		return value.OfText(strings.Clone(kind))
	}
	for part := range strings.SplitSeq(rest, "\t") {
		name, text, _ := strings.Cut(strings.TrimSpace(part), ": ")
		if name != label {
			continue
		}
		text, unit, _ := strings.Cut(text, " ")
		if n, ok := value.ParseNumber(text); ok && unit == "MB" {
			return value.OfNumber(n * bytesPerMB)
		}
		return value.OfText(strings.Clone(text))
	}
	return value.Value{}
}

// fillLambda reads a field of Lambda's lines in each message.
func (b *batch) fillLambda(s *slot, v *vector) error {
	v.form, v.rows = vectorRows, make([]value.Value, b.block.Len())
	message := &vector{form: vectorMessage, text: b.messageOf}
	return b.eachText(message, func(row int, text string, _ bool) { v.rows[row] = lambdaField(text, s.path) })
}
