package cli

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// TestEmptyTextInJSON tells a text without characters from a value that is not there.
func TestEmptyTextInJSON(t *testing.T) {
	t.Parallel()
	field := func(name, text string) types.ResultField {
		return types.ResultField{Field: aws.String(name), Value: aws.String(text)}
	}
	var out strings.Builder
	table := newResultTable([][]types.ResultField{{field("a", ""), field("b", "x"), field("@ptr", "p")}, {field("b", "y")}}, false)
	if err := table.print(&out, "json"); err != nil {
		t.Fatal(err)
	}
	if want := `{"a":"","b":"x"}` + "\n" + `{"b":"y"}` + "\n"; out.String() != want {
		t.Errorf("%s, want %s", out.String(), want)
	}
}
