package mapping_test

import (
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/tollbook/tollbook/gateway/mapping"
)

// FuzzTemplate: no template and no body makes Parse or Render panic, or run for long.
func FuzzTemplate(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		body := ""
		for _, section := range archive.Files {
			switch filepath.Ext(section.Name) {
			case ".json":
				body = string(section.Data)
			case ".vtl":
				f.Add(string(section.Data), body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, template, body string) {
		parsed, err := mapping.Parse(template)
		if err != nil {
			return
		}
		begin := time.Now()
		out, err := parsed.Render(nil, inputOf(body))
		if err == nil && len(out) > 10<<20 {
			t.Errorf("%d bytes", len(out))
		}
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// FuzzPath: no path and no document makes ParsePath or Find panic.
func FuzzPath(f *testing.F) {
	for _, path := range []string{"$.a", "$..a[?(@.b =~ /x/i && @.c in ['d'])]", "$['a','b'][1:-1]", "$.a.length()", "$[?(!(@.a || $.b > 1))]"} {
		f.Add(path, `{"a":[1,{"b":"x","c":"d"}],"b":2}`)
	}
	f.Fuzz(func(_ *testing.T, path, body string) {
		if p, err := mapping.ParsePath(path); err == nil {
			p.Find([]byte(body))
		}
	})
}
