package accesslog_test

import (
	"strings"
	"testing"

	"github.com/tollbook/tollbook/accesslog"
)

func TestValidateREST(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, format, want string }{
		{"request ID", "$context.requestId", ""},
		{"extended request ID", "x $context.extendedRequestId", ""},
		{"braces", "${context.requestId}", ""},
		{"line break at the end", "$context.requestId\n", ""},
		{"unknown variables", "$context.requestId $context.nosuch $input.path", ""},
		{"3 KB", "$context.requestId " + strings.Repeat("x", 3072-19), ""},
		{"empty", "", "Access Log value must not be empty"},
		{"only a line break", "\n", "Access Log value must not be empty"},
		{"line break inside", "$context.requestId\nx", "Access Log format must be single line, new line character is allowed only at end of the format: '$context.requestId\nx'"},
		{"two at the end", "$context.requestId\n\n", "Access Log format must be single line, new line character is allowed only at end of the format: '$context.requestId\n\n'"},
		{"no request ID", "$context.stage", "Access Log format must include either $context.requestId or $context.extendedRequestId : '$context.stage'"},
		{"longer name", "$context.requestIdentity", "Access Log format must include either $context.requestId or $context.extendedRequestId : '$context.requestIdentity'"},
		{"too long", "$context.requestId " + strings.Repeat("x", 3072-18), "Access Log format must not be larger than 3072 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := accesslog.ValidateREST(tt.format); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	oneLine := `{ "requestId":"$context.requestId", "ip": "$context.identity.sourceIp", "caller":"$context.identity.caller", ` +
		`"user":"$context.identity.user", "requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod", ` +
		`"resourcePath":"$context.resourcePath", "status":"$context.status", "protocol":"$context.protocol", ` +
		`"responseLength":"$context.responseLength" }`
	for _, tt := range []struct{ name, in, want string }{
		{"the guide's", guideFormat, oneLine},
		{"with DOS line ends", strings.ReplaceAll(guideFormat, "\n", "\r\n"), oneLine},
		{"with backslashes", strings.ReplaceAll(guideFormat, ",\n", ", \\\n"), oneLine},
		{"one line", "  $context.requestId  x \n", "$context.requestId  x"},
		{"inside a string", "{\"a\":\"b  \\\\ c\",\n\"d\":\"e\n  f\"}", "{\"a\":\"b  \\\\ c\", \"d\":\"e   f\"}"},
		{"csv", "$context.requestId,\\\n$context.stage,\n$context.status", "$context.requestId,$context.stage,$context.status"},
		{"clf", "$context.requestId \\\n  [$context.requestTime] \\\n$context.status", "$context.requestId [$context.requestTime] $context.status"},
		{"xml", "<a> \\\n  <b>$context.requestId</b> \\\n</a>", "<a> <b>$context.requestId</b> </a>"},
		{"blank lines", "a\n\n\nb", "a b"},
		{"empty", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := accesslog.Fold(tt.in); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
