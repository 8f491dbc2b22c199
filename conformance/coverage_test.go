package conformance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// TestEveryApiGatewayOperationHasACase fails when an operation of REST APIs is served that no case calls, in Go
// (apigateway.GetRestApiInput), in Python (gw.get_rest_api) or on the command line (apigateway get-rest-api). Names alone
// would not do: other services have operations of the same.
func TestEveryApiGatewayOperationHasACase(t *testing.T) {
	t.Parallel()
	sources := readSources(t, "*_test.go") + readSources(t, "testdata/*.py") + readSources(t, "testdata/scenarios/*.py") +
		readSources(t, "testdata/*.sh")
	for _, op := range awsapigateway.Operations(nil).Operations {
		if op.Handle == nil {
			continue
		}
		snake := strings.ToLower(capital.ReplaceAllString(op.Name, "_$0")[1:])
		kebab := strings.ReplaceAll(snake, "_", "-")
		call := regexp.MustCompile(`\bapigateway\.` + op.Name + `Input\b|\bgw\.` + snake + `\b|\bapigateway ` + kebab + ` `)
		if !call.MatchString(sources) {
			t.Errorf("no case calls %s", op.Name)
		}
	}
}

var capital = regexp.MustCompile(`[A-Z]`)

func readSources(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
