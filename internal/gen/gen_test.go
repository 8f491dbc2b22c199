package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the generated files in testdata")

// TestGolden generates from the small models in testdata: model.json in, Go files out.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := golden(t, a)
			if *update {
				if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := txtar.Format(a); !bytes.Equal(txtar.Format(got), want) {
				t.Errorf("generated:\n%s\nwant:\n%s", txtar.Format(got), want)
			}
		})
	}
}

// golden returns the archive as it should be: the served operations and the model, then what they make.
func golden(t *testing.T, a *txtar.Archive) *txtar.Archive {
	t.Helper()
	out := &txtar.Archive{Comment: a.Comment, Files: a.Files[:2:2]}
	svc := service{Package: "awstest", Title: "AWS Test", Served: strings.Fields(string(a.Files[0].Data))}
	files, err := generate(svc, parseModel(t, a.Files[1].Data))
	if err != nil {
		out.Files = append(out.Files, txtar.File{Name: "error", Data: []byte(err.Error() + "\n")})
		return out
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		out.Files = append(out.Files, txtar.File{Name: name, Data: files[name]})
	}
	return out
}

func parseModel(t *testing.T, data []byte) *Model {
	t.Helper()
	m := new(Model)
	if err := json.Unmarshal(data, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestUpToDate fails when the packages below awsapi are not what the generator makes of the models.
func TestUpToDate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := generateAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, svc := range services {
		want, err := filepath.Glob(filepath.Join(dir, "awsapi", svc.Package, "*.go"))
		if err != nil || len(want) == 0 {
			t.Fatalf("nothing generated for %s: %v", svc.Package, err)
		}
		for _, file := range want {
			name := filepath.Join("awsapi", svc.Package, filepath.Base(file))
			if !bytes.Equal(read(t, file), read(t, filepath.Join("..", "..", name))) {
				t.Errorf("%s is stale: run go generate ./...", name)
			}
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestTrim checks that trimming drops what is not read, keeps the rest, and that a trimmed model trims to itself.
func TestTrim(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src, once, twice := filepath.Join(dir, "src.json"), filepath.Join(dir, "once.json"), filepath.Join(dir, "twice.json")
	err := os.WriteFile(src, []byte(`{"version":"2.0","metadata":{"apiVersion":"1","protocol":"json","serviceId":"T","uid":"x"},
		"operations":{"B":{"name":"B","http":{"method":"POST","requestUri":"/"},"input":{"shape":"In"},"documentation":"<p>long</p>"}},
		"shapes":{"Z":{"type":"string","pattern":"<&>"},"In":{"type":"structure","members":{"z":{"shape":"Z","documentation":"d"},"a":{"shape":"Z"}}},
		"Unused":{"type":"string"},"Oops":{"type":"structure","members":{"m":{"shape":"Z"}},"exception":true}}}`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := trim(src, once); err != nil {
		t.Fatal(err)
	}
	want := `{"metadata": {"apiVersion":"1","endpointPrefix":"","protocol":"json","serviceId":"T"},
"operations": {
"B": {"name":"B","http":{"method":"POST","requestUri":"/"},"input":{"shape":"In"}}
},
"shapes": {
"Z": {"type":"string","pattern":"<&>"},
"In": {"type":"structure","members":{"z":{"shape":"Z"},"a":{"shape":"Z"}}},
"Oops": {"type":"structure","exception":true}
}}
`
	if got := string(read(t, once)); got != want {
		t.Errorf("trimmed:\n%s\nwant:\n%s", got, want)
	}
	if err := trim(once, twice); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, once), read(t, twice)) {
		t.Error("trimming a trimmed model changes it")
	}
}

func TestTranslatePattern(t *testing.T) {
	t.Parallel()
	for java, want := range map[string]string{
		`[\u0009\u000A -\u00FF]+`: `[\x{0009}\x{000A} -\x{00FF}]+`,
		`(\u002F)|x`:              `(\x{002F})|x`,
		`[\w+=,.@-]+`:             `[\w+=,.@-]+`,
	} {
		if got := translatePattern(java); got != want {
			t.Errorf("%s becomes %s, want %s", java, got, want)
		}
	}
}
