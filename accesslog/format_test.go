package accesslog_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/tollbook/tollbook/accesslog"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// guideFormat is the format of the guide, as people paste it.
const guideFormat = `{ "requestId":"$context.requestId",
  "ip": "$context.identity.sourceIp",
  "caller":"$context.identity.caller",
  "user":"$context.identity.user",
  "requestTime":"$context.requestTime",
  "httpMethod":"$context.httpMethod",
  "resourcePath":"$context.resourcePath",
  "status":"$context.status",
  "protocol":"$context.protocol",
  "responseLength":"$context.responseLength"
}
`

func ordinary() *accesslog.Entry {
	return &accesslog.Entry{
		Stage: &accesslog.Stage{
			AccountID: "123456789012", APIID: "a1b2c3d4e5", Name: "prod", DeploymentID: "d3p10y", EndpointType: "EDGE",
		},
		RequestID:            "1aa0d9a8-3a34-4b68-9d6c-2f6f2b0a9a8e",
		ExtendedRequestID:    "Vts2fFmArPEFh8g=",
		TimeMillis:           1713481524_321,
		Method:               "GET",
		Path:                 "/prod/pets/7",
		Protocol:             "HTTP/1.1",
		DomainName:           "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
		SourceIP:             "203.0.113.7",
		UserAgent:            "curl/8.5.0",
		ResourceID:           "abc123",
		ResourcePath:         "/pets/{id}",
		Status:               200,
		ResponseLength:       26,
		ResponseLatencyMilli: 12,
		Integration:          accesslog.Integration{Called: true, Status: 200, LatencyMilli: 9},
	}
}

// hostile holds values that try to end the field or the line they stand in.
func hostile() *accesslog.Entry {
	e := ordinary()
	e.Path = "/prod/\"},{\"status\":\"200\r\n\x00\xff</path><status>,\"\"\\"
	e.Method = `GE"T,`
	e.ResourcePath = "/a&b<c>,'\"\\"
	e.DomainName = "x\u2028y\ufffe\x1b[31m"
	e.UserAgent = `Mozilla "5.0" \" , <script>alert('x')</script> ]]> &amp; ` + "\t\x7f\xc3\x28"
	e.Error = accesslog.Failure{Message: "a \"quoted\"\nfailure, \\ <b>", ResponseType: "DEFAULT_4XX"}
	e.Status = 403
	e.Integration = accesslog.Integration{}
	return e
}

func render(t *testing.T, format string, e *accesslog.Entry) string {
	t.Helper()
	f, err := accesslog.Compile(format)
	if err != nil {
		t.Fatal(err)
	}
	return string(f.Append(nil, e))
}

// TestGolden renders each testdata/*.txtar, with the sections "format", "ordinary" and "hostile".
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			golden(t, file)
		})
	}
}

func golden(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	format := string(archive.Files[0].Data)
	want := map[string]string{}
	for _, f := range archive.Files {
		want[f.Name] = string(f.Data)
	}
	got := map[string]string{
		"format":   format,
		"ordinary": render(t, format, ordinary()) + "\n",
		"hostile":  render(t, format, hostile()) + "\n",
		"missing":  render(t, format, &accesslog.Entry{}) + "\n",
	}
	if *update {
		archive.Files = []txtar.File{
			{Name: "format", Data: []byte(got["format"])}, {Name: "ordinary", Data: []byte(got["ordinary"])},
			{Name: "hostile", Data: []byte(got["hostile"])}, {Name: "missing", Data: []byte(got["missing"])},
		}
		if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestPredefinedFiles keeps the golden files of the predefined formats at what Predefined returns.
func TestPredefinedFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"json", "clf", "xml", "csv"} {
		archive, err := txtar.ParseFile("testdata/predefined_" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSuffix(string(archive.Files[0].Data), "\n"); got != accesslog.Predefined(name) {
			t.Errorf("%s: %q", name, accesslog.Predefined(name))
		}
	}
	if got := accesslog.Predefined("yaml"); got != "" {
		t.Errorf("yaml: %q", got)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, format, want string }{
		{"bare", "$context.stage", "prod"},
		{"braces", "${context.stage}x", "prodx"},
		{"brace left open", "${context.stage!", "prod!"},
		{"dot at the end", "$context.stage.", "prod."},
		{"stops at punctuation", "$context.stage:$context.apiId", "prod:a1b2c3d4e5"},
		{"unknown", "$context.nosuch $context.routeKey", "- -"},
		{"case matters", "$context.Stage", "-"},
		{"no reference", "$context $context. ${context} $input.body $stageVariables.x $5", "$context $context. ${context} $input.body $stageVariables.x $5"},
		{"claims", "$context.authorizer.claims.cognito:username|", "-|"},
		{"open families", "$context.authorizer.key $context.requestOverride.header.x $context.responseOverride.header.y", "- - -"},
		{"line break at the end", "$context.stage\n", "prod"},
		{"line breaks inside", "a\nb\r\nc", "a b c"},
		{"numbers", "$context.status $context.responseLength $context.responseLatency $context.requestTimeEpoch", "200 26 12 1713481524321"},
		{"latencies", "$context.integrationLatency $context.integration.latency $context.integration.status", "9 9 200"},
		{"message string", "$context.error.messageString", `"-"`},
		{"domain", "$context.domainPrefix", "a1b2c3d4e5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := render(t, tt.format, ordinary()); got != tt.want {
				t.Errorf("%q gives %q, want %q", tt.format, got, tt.want)
			}
		})
	}
}

func TestKind(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]accesslog.Kind{
		accesslog.Predefined("clf"):                             accesslog.Text,
		accesslog.Predefined("json"):                            accesslog.JSON,
		accesslog.Predefined("xml"):                             accesslog.XML,
		accesslog.Predefined("csv"):                             accesslog.CSV,
		guideFormat:                                             accesslog.JSON,
		`"$context.path","$context.status"`:                     accesslog.CSV,
		`$context.httpMethod $context.path,$context.status`:     accesslog.CSV,
		`$context.requestId`:                                    accesslog.Text,
		`$context.path $context.status $context.stage, the end`: accesslog.Text,
	} {
		f, err := accesslog.Compile(format)
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind() != want {
			t.Errorf("%q is %v, want %v", format, f.Kind(), want)
		}
	}
}

// TestEveryVariable holds the table against the names that the reference lists.
func TestEveryVariable(t *testing.T) {
	t.Parallel()
	names, err := os.ReadFile("testdata/variables.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(names)) {
		if _, ok := accesslog.LookupVariable(name); !ok {
			t.Errorf("$context.%s is not known", name)
		}
	}
	for _, name := range []string{"routeKey", "connectionId", "nosuch", ""} {
		if _, ok := accesslog.LookupVariable(name); ok {
			t.Errorf("$context.%s is known", name)
		}
	}
}

func TestLookupVariable(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"stage": "prod", "status": "200", "identity.sourceIp": "203.0.113.7", "requestTime": "18/Apr/2024:23:05:24 +0000",
		"identity.user": "", "error.message": "",
	} {
		v, _ := accesslog.LookupVariable(name)
		got, present := v.Append(nil, ordinary())
		if string(got) != want || present != (want != "") {
			t.Errorf("%s: %q %v, want %q", name, got, present, want)
		}
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	f, err := accesslog.Compile(guideFormat)
	if err != nil {
		t.Fatal(err)
	}
	e, buf := ordinary(), make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { buf = f.Append(buf[:0], e) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppend(b *testing.B) {
	f, err := accesslog.Compile(guideFormat)
	if err != nil {
		b.Fatal(err)
	}
	e, buf := ordinary(), make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = f.Append(buf[:0], e)
	}
}

// A log shows the end of an API key; a mapping template gets all of it.
func TestAPIKeyIsMasked(t *testing.T) {
	t.Parallel()
	e := ordinary()
	for key, want := range map[string]string{"0123456789": "****456789", "short": "short", "": "-"} {
		e.Identity.APIKey = key
		if got := render(t, "$context.identity.apiKey", e); got != want {
			t.Errorf("%q is logged as %s", key, got)
		}
		v, ok := accesslog.LookupVariable("identity.apiKey")
		if got, present := v.Append(nil, e); !ok || string(got) != key || present != (key != "") {
			t.Errorf("%q is mapped as %s", key, got)
		}
	}
}
