package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// print writes the story as text, or as one JSON object.
func (s *story) print(out io.Writer, format string) error {
	if format == "json" {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(s)
	}
	fmt.Fprintf(out, "request %s%s\n", s.RequestID, s.headline())
	if s.APIID != "" {
		fmt.Fprintf(out, "API %s (%s), stage %s\n", s.APIName, s.APIID, s.Stage)
	}
	fmt.Fprintln(out)
	for _, h := range s.Timeline {
		text := strings.ReplaceAll(h.Text, "\n", "\n"+strings.Repeat(" ", 46))
		fmt.Fprintf(out, "%s  %+7d ms  %-9s  %s\n", clock(h.Timestamp), h.After, h.Source, text)
	}
	s.printSources(out)
	s.Metrics.print(out)
	return nil
}

// headline is what the request was for.
func (s *story) headline() string {
	text := ""
	if method := s.value("httpMethod"); method != "" {
		text = "  " + method + " " + s.value("path", "resourcePath")
	}
	if status, ok := s.status(); ok {
		text += fmt.Sprintf("  %d", status)
	}
	return text
}

func (s *story) printSources(out io.Writer) {
	if s.Entry != nil {
		fmt.Fprintf(out, "\naccess log entry, in %s, stream %s\n  %s\n", s.Entry.Group, s.Entry.Stream, s.Entry.Message)
	} else {
		fmt.Fprintf(out, "\nno access log entry found\n")
	}
	if len(s.Execution) > 0 {
		fmt.Fprintf(out, "\nexecution log, in %s, stream %s\n", s.Execution[0].Group, s.Execution[0].Stream)
	}
}

func (m *countedIn) print(out io.Writer) {
	if m == nil {
		return
	}
	fmt.Fprintf(out, "\ncounted in %s, minute %s\n", m.Namespace, m.Minute.Format("2006-01-02T15:04Z"))
	for _, set := range m.Dimensions {
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(set)) {
			parts = append(parts, name+"="+set[name])
		}
		fmt.Fprintf(out, "  %s\n", strings.Join(parts, ", "))
	}
	var values []string
	for _, name := range []string{"Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"} {
		if v, ok := m.Values[name]; ok {
			values = append(values, fmt.Sprintf("%s %d", name, v))
		}
	}
	fmt.Fprintf(out, "  as %s\n", strings.Join(values, ", "))
}
