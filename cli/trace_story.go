package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/tollbook/tollbook/accesslog"
)

// story is all that one request has left, in one timeline.
type story struct {
	RequestID string            `json:"requestId"`
	APIID     string            `json:"apiId,omitempty"`
	APIName   string            `json:"apiName,omitempty"`
	Stage     string            `json:"stage,omitempty"`
	Values    map[string]string `json:"values,omitempty"` // what the entry says, by the names of $context variables
	Entry     *loggedLine       `json:"entry,omitempty"`
	Execution []loggedLine      `json:"execution,omitempty"`
	Timeline  []happening       `json:"timeline"`
	Metrics   *countedIn        `json:"metrics,omitempty"`

	stage *stageOfAPI // nil: not known
}

// loggedLine is a log event.
type loggedLine struct {
	Group     string `json:"logGroup"`
	Stream    string `json:"logStream"`
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

func (h hit) line() loggedLine {
	return loggedLine{h.group, aws.ToString(h.event.LogStreamName), aws.ToInt64(h.event.Timestamp), aws.ToString(h.event.Message)}
}

// happening is one thing that happened. After is in milliseconds since the request arrived.
type happening struct {
	Timestamp int64  `json:"timestamp"`
	After     int64  `json:"afterMillis"`
	Source    string `json:"source"` // access or execution
	Text      string `json:"text"`
}

// takeEntry finds the entry among events that mention the request, and reads it by the format of the stage that it is of.
func (s *story) takeEntry(hits []hit, stages []stageOfAPI) {
	for _, h := range hits {
		line := h.line()
		for i := range stages {
			if values, ok := stages[i].read(line); ok && values["requestId"] == s.RequestID {
				s.Entry, s.Values = &line, values
				s.setStage(&stages[i])
				return
			}
		}
	}
	for _, h := range hits { // of a stage that is gone, or has another format now
		line := h.line()
		if values := looseValues(line.Message); values["requestId"] == s.RequestID || s.Entry == nil {
			s.Entry, s.Values = &line, values
		}
	}
}

// read takes a line apart, if it is an entry of the stage.
func (s *stageOfAPI) read(line loggedLine) (values map[string]string, ok bool) {
	if group := s.accessGroup(); group == "" || line.Group != group && line.Group != group+"/Canary" {
		return nil, false
	}
	if values, ok = accesslog.Read(aws.ToString(s.AccessLogSettings.Format), line.Message); !ok {
		return nil, false
	}
	return values, cmp.Or(values["apiId"], s.apiID) == s.apiID &&
		cmp.Or(values["stage"], aws.ToString(s.StageName)) == aws.ToString(s.StageName)
}

// looseValues are the fields of a line that is a JSON object. Most formats name fields as the variables are named.
func looseValues(line string) map[string]string {
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil {
		return nil
	}
	values := map[string]string{}
	for name, value := range fields {
		if text := fmt.Sprint(value); text != "-" && value != nil {
			values[name] = text
		}
	}
	return values
}

func (s *story) setStage(stage *stageOfAPI) {
	s.stage = stage
	s.APIID, s.APIName, s.Stage = stage.apiID, stage.apiName, aws.ToString(stage.StageName)
}

// takeExecution keeps the lines of the request's execution log and puts everything in order.
func (s *story) takeExecution(hits []hit, stages []stageOfAPI) {
	for _, h := range hits {
		line := h.line()
		api, stage, ok := h.executionOf()
		other := s.stage != nil && (api != s.APIID || stage != s.Stage)
		if !ok || other || !strings.HasPrefix(line.Message, "("+s.RequestID+") ") {
			continue
		}
		s.Execution = append(s.Execution, line)
		if s.stage == nil {
			s.APIID, s.Stage = api, stage
			if i := slices.IndexFunc(stages, func(of stageOfAPI) bool { return of.apiID == api && aws.ToString(of.StageName) == stage }); i >= 0 {
				s.setStage(&stages[i])
			}
		}
	}
	if s.Entry != nil || len(s.Execution) > 0 {
		s.order()
	}
}

// order makes the timeline.
func (s *story) order() {
	arrival, known := s.arrival()
	if known {
		text := "request arrived"
		if ip := s.value("identity.sourceIp", "ip"); ip != "" {
			text += " from " + ip
		}
		s.add(arrival, "access", text)
	}
	for _, line := range s.Execution {
		s.add(line.Timestamp, "execution", strings.TrimPrefix(line.Message, "("+s.RequestID+") "))
	}
	if s.Entry != nil {
		s.add(s.Entry.Timestamp, "access", s.answered())
	}
	for i := range s.Timeline {
		s.Timeline[i].After = s.Timeline[i].Timestamp - arrival
	}
}

func (s *story) add(timestamp int64, source, text string) {
	s.Timeline = append(s.Timeline, happening{Timestamp: timestamp, Source: source, Text: text})
}

// arrival is when the request arrived. Without the entry's latency it is not known but taken for the first line's time.
func (s *story) arrival() (ms int64, known bool) {
	if took, ok := s.number("responseLatency"); ok && s.Entry != nil {
		return s.Entry.Timestamp - took, true
	}
	if len(s.Execution) > 0 {
		return s.Execution[0].Timestamp, false
	}
	return s.Entry.Timestamp, false
}

// answered says how the request ended, with the back end's time.
func (s *story) answered() string {
	text := "answered"
	if status := s.value("status"); status != "" {
		text += " " + status
	}
	if length := s.value("responseLength"); length != "" {
		text += ", " + length + " bytes"
	}
	if took, ok := s.integrationLatency(); ok {
		text += fmt.Sprintf("; the back end took %d ms", took)
		if status := s.value("integrationStatus", "integration.status"); status != "" {
			text += " for its " + status
		}
		if all, ok := s.number("responseLatency"); ok {
			text += fmt.Sprintf(" of %d ms", all)
		}
	}
	for _, name := range []string{"error.message", "integration.error"} {
		if reason := s.value(name); reason != "" {
			text += "; " + reason
		}
	}
	return text
}

var (
	receivedForm  = regexp.MustCompile(`\) Received response\. Status: \d+, Integration latency: (\d+) ms$`)
	completedForm = regexp.MustCompile(`\) Method completed with status: (\d+)$`)
)

func (s *story) integrationLatency() (ms int64, ok bool) {
	if ms, ok = s.number("integrationLatency", "integration.latency"); ok {
		return ms, ok
	}
	return s.fromExecution(receivedForm)
}

func (s *story) status() (status int64, ok bool) {
	if status, ok = s.number("status"); ok {
		return status, ok
	}
	return s.fromExecution(completedForm)
}

// value is the first of the variables that the entry tells.
func (s *story) value(names ...string) string {
	for _, name := range names {
		if v := s.Values[name]; v != "" {
			return v
		}
	}
	return ""
}
