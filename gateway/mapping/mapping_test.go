package mapping_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tollbook/tollbook/gateway/mapping"
)

var update = flag.Bool("update", false, "write what templates print into the files of testdata")

// inputOf is what the templates of the suite can read beside their body.
func inputOf(body string) *mapping.Input {
	context := map[string]any{
		"requestId": "1aa0d9a8", "stage": "prod", "httpMethod": "POST", "requestTimeEpoch": int64(1583238000123),
		"identity.sourceIp": "192.0.2.1", "identity.userAgent": "curl/8",
		"authorizer.principalId": "user|a1", "authorizer.tier": "gold", "authorizer.claims.sub": "s-1",
	}
	return &mapping.Input{
		Body: []byte(body),
		Params: func() mapping.Params {
			return mapping.Params{
				Path:   []mapping.Param{{Name: "id", Value: "7"}, {Name: "both", Value: "path"}},
				Query:  []mapping.Param{{Name: "q", Value: "a b"}, {Name: "both", Value: "query"}, {Name: "o'q", Value: `"x"`}},
				Header: []mapping.Param{{Name: "Content-Type", Value: "application/json"}, {Name: "X-Both", Value: "h"}},
			}
		},
		Context: func(name string) any { return context[name] },
		ContextNames: func(group string) []string {
			var names []string
			for name := range context {
				if rest, ok := strings.CutPrefix(name, group+"."); ok && !strings.Contains(rest, ".") {
					names = append(names, rest)
				}
			}
			slices.Sort(names)
			return names
		},
		StageVariables: map[string]string{"table": "pets", "v2": "yes"},
		Overrides:      &mapping.Overrides{},
	}
}

// TestSuite renders the templates of testdata. A file has sections NAME.vtl, each followed by NAME.want; a section body.json
// is the body of all cases after it. An error is written "error: …" with its text.
func TestSuite(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			runSuite(t, archive)
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func runSuite(t *testing.T, archive *txtar.Archive) {
	body, template := "", ""
	for i := range archive.Files {
		section := &archive.Files[i]
		data := strings.TrimSuffix(string(section.Data), "\n")
		switch filepath.Ext(section.Name) {
		case ".json":
			body = data
		case ".vtl":
			template = data
		case ".want":
			got := render(template, body)
			if *update {
				section.Data = []byte(got + "\n")
			} else if got != data {
				t.Errorf("%s:\n%s\ngot:\n%s\nwant:\n%s", section.Name, template, got, data)
			}
		default:
			t.Errorf("unknown section %s", section.Name)
		}
	}
}

// render is a template's text, with its overrides if there are any, or its error.
func render(template, body string) string {
	in := inputOf(body)
	parsed, err := mapping.Parse(template)
	if err != nil {
		return "error: " + err.Error()
	}
	out, err := parsed.Render(nil, in)
	if err != nil {
		return "error: " + err.Error()
	}
	return string(out) + overrides(in.Overrides)
}

func overrides(o *mapping.Overrides) string {
	var b strings.Builder
	for _, group := range []struct {
		name   string
		params []mapping.Param
	}{{"header", o.Header}, {"path", o.Path}, {"querystring", o.Query}, {"response header", o.ResponseHeader}} {
		for _, p := range group.params {
			b.WriteString("\n" + group.name + " " + p.Name + ": " + p.Value)
		}
	}
	if o.Status != 0 {
		b.WriteString("\nstatus " + string(rune('0'+o.Status/100)) + "xx")
	}
	if o.Repeated != "" {
		b.WriteString("\nrepeated " + o.Repeated)
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	t.Parallel()
	nested := func(open, close string, n int) string { return strings.Repeat(open, n) + strings.Repeat(close, n) }
	for name, template := range map[string]string{
		"loop":          "#foreach($i in [1..1001])x#end",
		"loops":         nested("#foreach($i in [1..1000])#set($x=$i)", "#end", 4),
		"range":         "#set($x = [1..2000000000])",
		"recursion":     "#macro(m)#m()#end#m()",
		"wide":          "#macro(m)#m()#m()#end#m()",
		"define":        "#define($d)$d#end$d",
		"evaluate":      `#set($e = '#evaluate($e)')#evaluate($e)`,
		"output":        "#set($s='0123456789012345678901234567890123456789')" + strings.Repeat("#set($s=$s+$s)", 19) + "$s",
		"concat":        "#set($s='0123456789')" + strings.Repeat("#set($s=$s+$s)", 40),
		"interpolation": "#set($s='0123456789')" + strings.Repeat(`#set($s="$s$s$s$s")`, 20),
		"repeat":        `#set($s='x')$s.repeat(2000000000)`,
		"replace":       `#set($s='xxxxxxxxxxxxxxxx')` + strings.Repeat(`#set($s=$s.replace('x','xxxxxxxxxxxxxxxx'))`, 8),
		"cycle":         `#set($m={})#set($m.m=$m)$m`,
		"cycle equal":   `#set($m={})#set($n={})#set($m.m=$m)#set($n.m=$n)#if($m==$n)#end`,
		"doubling":      `#set($l=['x'])#foreach($i in [1..60])#set($l=[$l,$l])#end$l`,
		"backtracking":  `#set($s='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.matches('(?=a)(a|a)*(a+)+$')`,
		"add all":       `#set($l=[1..1000])#foreach($i in [1..1000])#set($x=$l.addAll($l))#end`,
		"path":          `#set($m=$input.path('$'))#set($m.m=$m)$input.json('$..x')`,
		"numbers":       `#set($n=99999999999)#foreach($i in [1..1000])#set($n=$n*$n)#end#foreach($i in [1..1000])#foreach($j in [1..1000])#set($x=$n+$j)#end#end$x.x` + strings.Repeat("#foreach($i in [1..1000])", 3) + strings.Repeat("#end", 3),
		"search":        `#set($s='x')#set($s=$s.repeat(5000000))#foreach($i in [1..1000])#foreach($j in [1..1000])#if($s.contains('y'))#end#end#end`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed, err := mapping.Parse(template)
			if err != nil {
				t.Fatal(err)
			}
			_, err = parsed.Render(nil, inputOf(`{"a":[1,2,{"x":1}]}`))
			if err == nil {
				t.Error("no error")
			} else if name != "backtracking" && !mapping.IsLimit(err) {
				t.Error(err)
			}
		})
	}
}

func TestParseLimits(t *testing.T) {
	t.Parallel()
	for name, template := range map[string]string{
		"size":        strings.Repeat("x", mapping.MaxTemplateBytes+1),
		"parentheses": "#set($x = " + strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000) + ")",
		"not":         "#if(" + strings.Repeat("!", 100000) + "true)#end",
		"lists":       "#set($x = " + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + ")",
		"blocks":      strings.Repeat("#if(true)", 1000) + strings.Repeat("#end", 1000),
		"indexes":     strings.Repeat("$a[", 1000) + "1" + strings.Repeat("]", 1000),
	} {
		_, err := mapping.Parse(template)
		var syntax *mapping.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A template is used by many requests at a time, and keeps nothing of one for the next.
func TestReuse(t *testing.T) {
	t.Parallel()
	parsed, err := mapping.Parse(`$!x#set($x = $input.path('$.a'))$x#macro(m $a)$a#end#m("v")$!a$!foreach.index` +
		"#evaluate('#macro(e)e#end$!leak#set($leak = 1)#e()')")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan string)
	for i := range 4 {
		go func() {
			for range 100 {
				body := string(rune('0' + i))
				out, err := parsed.Render([]byte(">"), inputOf(`{"a":"`+body+`"}`))
				if err != nil || string(out) != ">"+body+"ve" {
					done <- string(out)
					return
				}
			}
			done <- ""
		}()
	}
	for range 4 {
		if bad := <-done; bad != "" {
			t.Error(bad)
		}
	}
}
