package logfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/tollbook/tollbook/logfile"
)

func write(t *testing.T, w logfile.EventWriter, events ...logfile.StoredEvent) {
	t.Helper()
	for _, e := range events {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestExportLines(t *testing.T) {
	t.Parallel()
	e := logfile.StoredEvent{Timestamp: 1775738096250, IngestionTime: 1775738097000, LogStream: "s/1", Message: "a \"b\"\nc"}
	for name, tt := range map[string]struct {
		form func(io.Writer) logfile.EventWriter
		want string
	}{
		"JSON lines": {logfile.ExportJSONLines, `{"timestamp":1775738096250,"ingestionTime":1775738097000,"logStream":"s/1","message":"a \"b\"\nc"}` + "\n"},
		"text":       {logfile.ExportText, "2026-04-09T12:34:56.250Z s/1 a \"b\"\nc\n"},
		"messages":   {logfile.ExportMessages, "a \"b\"\nc\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got, twice bytes.Buffer
			write(t, tt.form(&got), e)
			write(t, tt.form(&twice), e, e)
			if got.String() != tt.want || twice.String() != tt.want+tt.want {
				t.Errorf("wrote\n%s%s", got.String(), twice.String())
			}
		})
	}
}

// What JSON lines are written from is what is read from them, whatever the message.
func FuzzExportedAgain(f *testing.F) {
	for _, message := range []string{"a", "a\nb\r\n", "\x00\x1f\u2028", `{"a":"\u0000"}`, "é\U0001f600", strings.Repeat("\\\"", 50)} {
		f.Add(int64(1775738096250), message)
	}
	f.Fuzz(func(t *testing.T, when int64, message string) {
		if when < 0 || message == "" || strings.ToValidUTF8(message, "") != message {
			t.Skip("no event")
		}
		var line bytes.Buffer
		write(t, logfile.ExportJSONLines(&line), logfile.StoredEvent{Timestamp: when, LogStream: "s", Message: message})
		if bytes.Count(line.Bytes(), []byte("\n")) != 1 {
			t.Fatalf("not one line: %q", line.Bytes())
		}
		e := logfile.NewRecogniser(logfile.Export, fallback).Recognise(bytes.TrimSuffix(line.Bytes(), []byte("\n")))
		if e.Timestamp != when || string(e.Message) != message {
			t.Fatalf("%d %q became %d %q", when, message, e.Timestamp, e.Message)
		}
	})
}

// readParquet returns the column names and each row as text, as the library reads them back.
func readParquet(t *testing.T, file []byte) (columns []string, rows [][]string) {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.Root().Columns() {
		columns = append(columns, c.Name()+" "+c.Type().String())
	}
	for _, group := range f.RowGroups() {
		in := group.Rows()
		buf := make([]parquet.Row, 100)
		for {
			n, err := in.ReadRows(buf)
			for _, row := range buf[:n] {
				var texts []string
				for _, v := range row {
					texts = append(texts, v.String())
				}
				rows = append(rows, texts)
			}
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return columns, rows
}

const (
	timeColumn = "TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS)"
	textColumn = "STRING"
)

func TestExportParquet(t *testing.T) {
	t.Parallel()
	fixed := []string{"timestamp " + timeColumn, "ingestion_time " + timeColumn, "log_stream " + textColumn, "message " + textColumn}
	for name, tt := range map[string]struct {
		columns  bool
		messages []string
		want     []string // columns of fields
		values   [][]string
	}{
		"no events":    {true, nil, nil, nil},
		"text":         {true, []string{"a", "b"}, nil, [][]string{{}, {}}},
		"not asked":    {false, []string{`{"a":1}`}, nil, [][]string{{}}},
		"fields":       {true, []string{`{"z":1,"a":"x"}`, `{"z":2.5,"b":{"c":[1]}}`, `text`}, []string{"z DOUBLE", "a " + textColumn, "b " + textColumn}, [][]string{{"1", "x", "<null>"}, {"2.5", "<null>", `{"c":[1]}`}, {"<null>", "<null>", "<null>"}}},
		"mixed":        {true, []string{`{"a":1}`, `{"a":"x"}`, `{"a":true}`, `{"a":null}`}, []string{"a " + textColumn}, [][]string{{"1"}, {"x"}, {"true"}, {"<null>"}}},
		"names taken":  {true, []string{`{"Message":"x","message_":"y","":"z"}`}, []string{"Message_ " + textColumn, "message__ " + textColumn}, [][]string{{"x", "y"}}},
		"named twice":  {true, []string{`{"a":1,"a":null}`}, []string{"a DOUBLE"}, [][]string{{"<null>"}}},
		"broken JSON":  {true, []string{`{"a":1}`, `{"a":2`}, []string{"a DOUBLE"}, [][]string{{"1"}, {"<null>"}}},
		"out of range": {true, []string{`{"a":1e999}`}, []string{"a DOUBLE"}, [][]string{{"<null>"}}},
		"escapes":      {true, []string{`{"a":"\u00e9\n"}`}, []string{"a " + textColumn}, [][]string{{"é\n"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var events []logfile.StoredEvent
			var want [][]string
			for i, m := range tt.messages {
				e := logfile.StoredEvent{Timestamp: 1775738096250 + int64(i), IngestionTime: 1775738097000, LogStream: "s", Message: m}
				events = append(events, e)
				want = append(want, append([]string{fmt.Sprint(e.Timestamp), fmt.Sprint(e.IngestionTime), "s", m}, tt.values[i]...))
			}
			var file bytes.Buffer
			write(t, logfile.ExportParquet(&file, tt.columns), events...)
			columns, rows := readParquet(t, file.Bytes())
			if diff := cmp.Diff(append(fixed[:4:4], tt.want...), columns); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(want, rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Beyond the sample every event is there once, in order; a field that comes later has no column.
func TestExportParquetMany(t *testing.T) {
	t.Parallel()
	const events = 2500
	var file bytes.Buffer
	w := logfile.ExportParquet(&file, true)
	for i := range events {
		if err := w.Write(logfile.StoredEvent{Timestamp: int64(i), LogStream: "s", Message: fmt.Sprintf(`{"n":%d,"late%d":1}`, i, i/2000)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	columns, rows := readParquet(t, file.Bytes())
	if len(rows) != events || len(columns) != 6 {
		t.Fatalf("%d rows, columns %v", len(rows), columns)
	}
	for i, row := range rows {
		late := "1"
		if i >= 2000 {
			late = "<null>"
		}
		if row[0] != fmt.Sprint(i) || row[4] != fmt.Sprint(i) || row[5] != late {
			t.Fatalf("row %d: %.200v", i, row)
		}
	}
}

// Row groups end by the size of messages, which bounds the memory.
func TestExportParquetRowGroups(t *testing.T) {
	t.Parallel()
	message := strings.Repeat("x", 1<<20)
	var file bytes.Buffer
	w := logfile.ExportParquet(&file, false)
	for range 80 {
		if err := w.Write(logfile.StoredEvent{LogStream: "s", Message: message}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var rows []int64
	for _, g := range f.RowGroups() {
		rows = append(rows, g.NumRows())
	}
	if diff := cmp.Diff([]int64{32, 32, 16}, rows); diff != "" {
		t.Error(diff)
	}
}
