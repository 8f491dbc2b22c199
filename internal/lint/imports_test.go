package lint_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/tollbook/tollbook/"

// layers lists the packages from the bottom up; a package imports only packages of the layers below its own. A name that
// ends in / stands for all packages below it.
var layers = [][]string{
	{"internal/", "awsapi/", "awsapi"},
	{"iam/policy", "iam/sigv4", "state", "gateway/endpoint", "logfile", "logs/condition", "logs/insights/syntax", "cloudwatch/metricmath", "apigateway/openapi"},
	{"logs/filterpattern", "logs/columnar", "logs/insights/value", "config"},
	{"logs/insights"},
	{"accesslog", "gateway/mapping"},
	{"gateway/"},
	{"gateway"},
	{"logs", "apigateway", "iam", "sts", "cloudwatch"},
	{"logs/storetest", "logs/delivery"},
	{"logs/embedded"},
	{"awswire", "console"},
	{"server"},
	{"cli"},
	{"cmd/"},
}

func layer(path string) int {
	path = strings.TrimPrefix(path, module)
	found, length := -1, 0
	for i, names := range layers {
		for _, name := range names {
			if path == name || strings.HasSuffix(name, "/") && strings.HasPrefix(path, name) {
				if len(name) >= length {
					found, length = i, len(name)
				}
			}
		}
	}
	return found
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if strings.HasPrefix(p.ImportPath, module+"conformance") || strings.HasPrefix(p.ImportPath, module+"bench") || strings.HasPrefix(p.ImportPath, module+"internal/") {
			continue // tests of the whole; leaves that import each other
		}
		own := layer(p.ImportPath)
		if own < 0 {
			t.Errorf("%s stands in no layer: add it to the list", p.ImportPath)
		}
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, module) || own == 0 && layer(imp) == 0 {
				continue
			}
			if layer(imp) >= own {
				t.Errorf("%s imports %s, which does not stand below it", p.ImportPath, imp)
			}
		}
	}
}

// Leaves import nothing of the product.
func TestInternalIsLeaves(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.ImportPath, module+"internal/") {
			continue
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, module) && layer(imp) > 0 {
				t.Errorf("%s imports %s, which stands above it", p.ImportPath, imp)
			}
		}
	}
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
