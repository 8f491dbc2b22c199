package insights

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// TestScripts runs testdata/queries, whose README tells the format. Each query is run on blocks of two sizes.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/queries/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var world scriptWorld
			at := 1
			for block := range strings.SplitSeq(string(text), "\n---\n") {
				s := readScript(t, block)
				if len(s.groups) > 0 {
					world = newScriptWorld(t, s.groups)
				}
				if s.query != "" {
					t.Run(fmt.Sprintf("line %d", at), func(t *testing.T) {
						for _, data := range world.sizes {
							s.check(t, data)
						}
					})
				}
				at += strings.Count(block, "\n") + 2
			}
		})
	}
}

// script is a block of a file.
type script struct {
	groups  map[string][]string // lines of events
	query   string
	rows    []string // of the answer, fields sorted
	ordered bool
	failure []string // message, text of its span
}

func readScript(t *testing.T, block string) *script {
	t.Helper()
	s := &script{groups: map[string][]string{}}
	var title string
	sections := map[string][]string{}
	for line := range strings.SplitSeq(block, "\n") {
		switch {
		case strings.HasPrefix(line, "# ") && title != "query:":
		case isTitle(line):
			title = line
			sections[title] = []string{}
		case strings.TrimSpace(line) != "" || title == "query:":
			sections[title] = append(sections[title], line)
		}
	}
	for title, lines := range sections {
		switch {
		case title == "query:":
			s.query = strings.Trim(strings.Join(lines, "\n"), "\n")
		case title == "rows:" || title == "ordered rows:":
			s.ordered = title == "ordered rows:"
			for _, line := range lines {
				s.rows = append(s.rows, sortedFields(line))
			}
		case title == "error:":
			s.failure = append(lines, "")
		case strings.HasPrefix(title, "events"):
			name := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(title, "events"), ":"))
			if name == "" {
				name = "g"
			}
			s.groups[name] = lines
		default:
			t.Fatalf("lines without a title: %q", lines)
		}
	}
	return s
}

func isTitle(line string) bool {
	return slices.Contains([]string{"query:", "rows:", "ordered rows:", "error:", "events:"}, line) ||
		strings.HasPrefix(line, "events ") && strings.HasSuffix(line, ":")
}

func sortedFields(line string) string {
	if line == "-" {
		return ""
	}
	fields := strings.Split(line, " ; ")
	slices.Sort(fields)
	return strings.Join(fields, " ; ")
}

// scriptWorld is the events of a script, in blocks of different sizes.
type scriptWorld struct{ sizes []*scriptData }

type scriptData struct{ groups map[string]*memData }

func newScriptWorld(t *testing.T, groups map[string][]string) (w scriptWorld) {
	t.Helper()
	for _, size := range []int{2, 1000} {
		data := &scriptData{map[string]*memData{}}
		for name, lines := range groups {
			var events []memEvent
			for i, line := range lines {
				at, message, _ := strings.Cut(line, " ")
				time, err := time.Parse("2006-01-02T15:04:05.000Z", at)
				if err != nil {
					t.Fatal(err)
				}
				ms := time.UnixMilli()
				events = append(events, memEvent{timestamp: ms, ingestion: ms, arrival: uint64(i), stream: "s", message: message})
			}
			data.groups[name] = newMemData(t, size, events)
			data.groups[name].groups = []string{"111111111111:" + name, "-"}
		}
		w.sizes = append(w.sizes, data)
	}
	return w
}

// joined are the events of several groups.
func (d *scriptData) joined(names []string) (*memData, error) {
	all := &memData{}
	for _, name := range names {
		of, ok := d.groups[name]
		if !ok {
			return nil, fmt.Errorf("no log group %s", name)
		}
		for _, b := range of.blocks {
			events := slices.Clone(b.events)
			for i := range events {
				events[i].group = len(all.groups)
			}
			all.blocks = append(all.blocks, memBlock{b.block, events})
			all.events = append(all.events, events...)
		}
		all.groups = append(all.groups, "111111111111:"+name)
	}
	sortEvents(all.events)
	return all, nil
}

// open finds groups by the names and prefixes of a SOURCE.
func (d *scriptData) open(_ context.Context, s *syntax.Source) (Data, error) {
	names := slices.Clone(s.Groups)
	if s.ByRule {
		for name := range d.groups {
			if len(s.NamePrefixes) == 0 || slices.ContainsFunc(s.NamePrefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
	}
	return d.joined(names)
}

func (s *script) check(t *testing.T, d *scriptData) {
	t.Helper()
	r, err := s.ask(t, d)
	if len(s.failure) > 0 {
		var wrong *syntax.Error
		if !errors.As(err, &wrong) {
			t.Fatalf("%s\nerror is %v, want %s", s.query, err, s.failure[0])
		}
		text := string([]rune(s.query)[wrong.Start:wrong.End])
		if wrong.Message != s.failure[0] || text != s.failure[1] {
			t.Errorf("%s\nerror is %s at %q, want %s at %q", s.query, wrong.Message, text, s.failure[0], s.failure[1])
		}
		return
	}
	if err != nil {
		t.Fatalf("%s\n%v", s.query, err)
	}
	var got []string
	for _, row := range r.Rows {
		var fields []string
		for i, v := range row {
			if !v.IsNull() && r.Columns[i] != "@ptr" {
				fields = append(fields, r.Columns[i]+"="+v.Text())
			}
		}
		slices.Sort(fields)
		got = append(got, strings.Join(fields, " ; "))
	}
	want := slices.Clone(s.rows)
	if !s.ordered {
		slices.Sort(got)
		slices.Sort(want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n-want +got:\n%s", s.query, diff)
	}
}

func (s *script) ask(t *testing.T, d *scriptData) (Result, error) {
	t.Helper()
	parsed, err := syntax.ParseQuery(s.query)
	if err != nil {
		return Result{}, err
	}
	day := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	q, err := Compile(parsed, Options{Within: TimeRange{day, day + 24*3600_000}, Now: day + 12*3600_000})
	if err != nil {
		return Result{}, err
	}
	var data Data
	if parsed.Source == nil {
		if data, err = d.joined([]string{"g"}); err != nil {
			return Result{}, err
		}
	}
	return q.Run(t.Context(), data, d.open, nil)
}
