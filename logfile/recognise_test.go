package logfile_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/tollbook/tollbook/logfile"
)

// fallback is the time of lines that have none in these tests.
const fallback = 1_700_000_000_000

func at(t *testing.T, text string) int64 {
	t.Helper()
	if text == "" {
		return fallback
	}
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return when.UnixMilli()
}

func TestRecogniseOneLine(t *testing.T) {
	t.Parallel()
	const noon = "2026-04-09T12:34:56Z"
	for name, tt := range map[string]struct {
		format logfile.Format
		line   string
		want   string // RFC 3339; empty for the fallback
	}{
		"combined":              {logfile.Auto, `1.2.3.4 - - [09/Apr/2026:12:34:56 +0000] "GET / HTTP/1.1" 200 5 "-" "curl"`, noon},
		"another zone":          {logfile.CLF, `1.2.3.4 - - [09/Apr/2026:14:04:56 +0130] "GET / HTTP/1.1" 200 5`, noon},
		"west":                  {logfile.CLF, `1.2.3.4 - - [09/Apr/2026:04:34:56 -0800] "GET / HTTP/1.1" 200 5`, noon},
		"brackets in the user":  {logfile.CLF, `::1 - [a] [09/Apr/2026:12:34:56 +0000] "GET /"`, noon},
		"no such day":           {logfile.CLF, `1.2.3.4 - - [31/Apr/2026:12:34:56 +0000] "GET /"`, ""},
		"no such month":         {logfile.CLF, `1.2.3.4 - - [09/Anf/2026:12:34:56 +0000] "GET /"`, ""},
		"cut in the time":       {logfile.Auto, `1.2.3.4 - - [09/Apr/2026:12:34:5`, ""},
		"RFC 3339":              {logfile.JSON, `{"level":"info","time":"2026-04-09T12:34:56Z"}`, noon},
		"fraction and zone":     {logfile.Auto, `{"ts":"2026-04-09T14:34:56.789012+02:00"}`, "2026-04-09T12:34:56.789Z"},
		"seconds":               {logfile.Auto, `{"ts":1775738096}`, noon},
		"seconds, fraction":     {logfile.Auto, `{"ts":1775738096.25}`, "2026-04-09T12:34:56.25Z"},
		"milliseconds":          {logfile.Auto, `{"timestamp":1775738096250,"time":"2020-01-01T00:00:00Z"}`, "2026-04-09T12:34:56.25Z"},
		"milliseconds in text":  {logfile.Auto, `{"requestTimeEpoch":"1775738096250"}`, "2026-04-09T12:34:56.25Z"},
		"microseconds":          {logfile.Auto, `{"ts":1775738096250123}`, "2026-04-09T12:34:56.25Z"},
		"nanoseconds":           {logfile.Auto, `{"ts":1775738096250123456}`, "2026-04-09T12:34:56.25Z"},
		"the guide's format":    {logfile.Auto, `{ "requestId":"1", "requestTime":"09/Apr/2026:12:34:56 +0000"}`, noon},
		"escaped slashes":       {logfile.Auto, `{"requestTime":"09\/Apr\/2026:12:34:56 +0000"}`, noon},
		"a duration is no time": {logfile.Auto, `{"time":0.042,"ts":"2026-04-09T12:34:56Z"}`, noon},
		"only nested":           {logfile.Auto, `{"a":{"time":"2026-04-09T12:34:56Z"}}`, ""},
		"JSON that was cut":     {logfile.Auto, `{"time":"2026-04-09T12:34:56Z","path":"/not`, noon},
		"JSON for CLF":          {logfile.JSON, `1.2.3.4 - - [09/Apr/2026:12:34:56 +0000] "GET /"`, ""},
		"text with a time":      {logfile.Text, `2026-04-09 12:34:56,789 INFO started`, "2026-04-09T12:34:56.789Z"},
		"syslog":                {logfile.Auto, `<34>1 2026-04-09T12:34:56Z host app - - - hello`, noon},
		"bracketed RFC 3339":    {logfile.Auto, `[2026-04-09T12:34:56+00:00] hello`, noon},
		"plain text":            {logfile.Auto, `Exception in thread "main"`, ""},
		"leap second":           {logfile.Auto, `2016-12-31T23:59:60Z x`, "2017-01-01T00:00:00Z"},
		"hour 24":               {logfile.Auto, `2016-12-31T24:00:00Z x`, ""},
		"byte order mark":       {logfile.Auto, "\xef\xbb\xbf{\"time\":\"2026-04-09T12:34:56Z\"}", noon},
		"no times wanted":       {"", `{"time":"2026-04-09T12:34:56Z"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := logfile.NewRecogniser(tt.format, fallback).Recognise([]byte(tt.line))
			if want := at(t, tt.want); e.Timestamp != want {
				t.Errorf("time is %s, want %s", time.UnixMilli(e.Timestamp).UTC(), time.UnixMilli(want).UTC())
			}
			if (e.Source == logfile.FromFallback) != (tt.want == "") {
				t.Errorf("source is %v", e.Source)
			}
			if string(e.Message) != tt.line {
				t.Errorf("message is %q", e.Message)
			}
		})
	}
}

func TestRecogniseTakesThePreviousTime(t *testing.T) {
	t.Parallel()
	r := logfile.NewRecogniser(logfile.Auto, fallback)
	for i, tt := range []struct {
		line   string
		time   int64
		source logfile.TimeSource
	}{
		{"first", fallback, logfile.FromFallback},
		{"2026-04-09T12:34:56Z boom", 1775738096000, logfile.FromLine},
		{"\tat main.go:12", 1775738096000, logfile.FromPrevious},
	} {
		if e := r.Recognise([]byte(tt.line)); e.Timestamp != tt.time || e.Source != tt.source {
			t.Errorf("line %d: %d from %v", i, e.Timestamp, e.Source)
		}
	}
}

func TestRecogniseExport(t *testing.T) {
	t.Parallel()
	r := logfile.NewRecogniser(logfile.Export, fallback)
	e := r.Recognise([]byte(`{"timestamp":5,"ingestionTime":6,"logStream":"s","message":"a\n\"b\" \u00e9"}`))
	if e.Timestamp != 5 || string(e.Message) != "a\n\"b\" é" {
		t.Errorf("%+v %q", e, e.Message)
	}
	for _, line := range []string{
		`{"timestamp":5,"message":"a","more":1}`, `{"timestamp":5}`, `{"timestamp":-5,"message":"a"}`, `{"timestamp":7,"message":"a"} x`, `text`,
	} {
		if e := r.Recognise([]byte(line)); string(e.Message) != line || e.Timestamp != 5 {
			t.Errorf("%s: %+v %q", line, e, e.Message)
		}
	}
}

func FuzzRecognise(f *testing.F) {
	for _, line := range []string{
		`1.2.3.4 - - [09/Apr/2026:12:34:56 +0000] "GET / HTTP/1.1" 200 5`, `{"ts":1775738096.25}`, `{"time":"2026-04-09T12:34:56,7+0200"}`,
		`<34>1 2026-04-09T12:34:56Z x`, "\xff\xfe", `{"timestamp":5,"message":"a"}`, `[[[[[[[[[`, `{"date":"9999-99-99 99:99:99"}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		before := bytes.Clone(line)
		for _, format := range []logfile.Format{logfile.Auto, logfile.CLF, logfile.JSON, logfile.Text, logfile.Export} {
			r := logfile.NewRecogniser(format, fallback)
			e := r.Recognise(line)
			if !bytes.Equal(line, before) || format != logfile.Export && !bytes.Equal(e.Message, line) {
				t.Fatalf("%s: changed the line", format)
			}
			if e.Timestamp < 0 || format != logfile.Export && e.Source == logfile.FromLine && (e.Timestamp < 631_152_000_000 || e.Timestamp >= 7_258_118_400_000) {
				t.Fatalf("%s: time %d", format, e.Timestamp)
			}
			if again := logfile.NewRecogniser(format, fallback).Recognise(line); again.Timestamp != e.Timestamp || again.Source != e.Source {
				t.Fatalf("%s: %+v, then %+v", format, e, again)
			}
		}
	})
}
