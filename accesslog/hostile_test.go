package accesslog_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tollbook/tollbook/accesslog"
)

// nasties are put into every variable that a client can reach, one after the other.
var nasties = []string{
	`"`, `\`, `\"`, `""`, `"""`, `,`, `","`, `a,b`, "'", "\n", "\r\n", "\t", "\x00", "\x1f", "\x7f", "\x1b[0m",
	"<", ">", "&", "]]>", "<!--", "-->", "<![CDATA[", "</request>", "&#0;", "\xff", "\xc3\x28", "\xed\xa0\x80", "\ufffe",
	"\u0085", "\u2028", "\ufeff", "\\u0000", `"},{"a":"b`, `{"a":1}`, "$context.stage", "${context.path}", "%00", "%s",
	" leading", "trailing ", strings.Repeat(`"`, 300), "null", "true", "200", "-", "ü€😀",
}

func entryOf(s string) *accesslog.Entry {
	e := ordinary()
	e.Path, e.Method, e.UserAgent, e.DomainName, e.ResourcePath, e.Protocol = s, s, s, s, s, s
	e.Error.Message, e.Error.ValidationError, e.Integration.Error, e.TraceID = s, s, s, s
	return e
}

// readable is what a reader of the entry must find where s was put. XML and CSV cannot carry everything.
func readable(kind accesslog.Kind, s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\xed\xa0\x80", "\ufffd\ufffd\ufffd"), "\ufffd")
	return strings.Map(func(r rune) rune {
		switch {
		case kind == accesslog.CSV && r < ' ':
			return ' '
		case r == 0xfffe, kind == accesslog.XML && r < ' ' && r != '\t' && r != '\n' && r != '\r':
			return '\ufffd'
		}
		return r
	}, s)
}

func TestHostileValues(t *testing.T) {
	t.Parallel()
	formats := map[string]func(t *testing.T, line, want string){
		`{"id":"$context.requestId","path":"$context.path","bare":$context.path,"n":$context.status,"msg":$context.error.messageString,"in":"x $context.error.message y"}`: parseJSON,
		`{"a\"":"\"$context.path\"","path":"$context.path","bare":$context.path,"in":"x $context.path y"}`:                                                                 parseJSON,
		`<e id="$context.requestId" path='$context.path'><p>$context.path</p><m>$context.error.messageString</m></e>`:                                                      parseXML,
		`$context.requestId,$context.path,"$context.path",x $context.path,$context.status`:                                                                                 parseCSV,
		`$context.requestId [$context.path] "$context.path $context.identity.userAgent" $context.status`:                                                                   parseText,
	}
	for format, parse := range formats {
		f, err := accesslog.Compile(format)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range nasties {
			line := string(f.Append(nil, entryOf(s)))
			if strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
				t.Errorf("%q is not one line of UTF-8: %q", s, line)
			}
			parse(t, line, readable(f.Kind(), s))
		}
	}
}

func parseJSON(t *testing.T, line, want string) {
	t.Helper()
	var got struct{ Path, Bare, In string }
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Errorf("%v: %s", err, line)
		return
	}
	if got.Path != want || got.Bare != want || got.In != "x "+want+" y" {
		t.Errorf("%q became %+v in %s", want, got, line)
	}
}

func parseXML(t *testing.T, line, want string) {
	t.Helper()
	var got struct {
		ID   string `xml:"id,attr"`
		Path string `xml:"path,attr"`
		P    string `xml:"p"`
		M    string `xml:"m"`
	}
	decoder := xml.NewDecoder(strings.NewReader(line))
	if err := decoder.Decode(&got); err != nil {
		t.Errorf("%v: %s", err, line)
		return
	}
	if _, err := decoder.Token(); err != io.EOF {
		t.Errorf("text after the entry: %s", line)
	}
	if got.Path != want || got.P != want || got.M != `"`+want+`"` || got.ID != ordinary().RequestID {
		t.Errorf("%q became %+v in %s", want, got, line)
	}
}

func parseCSV(t *testing.T, line, want string) {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(line)).ReadAll()
	if err != nil || len(records) != 1 || len(records[0]) != 5 {
		t.Errorf("%v, %d records: %s", err, len(records), line)
		return
	}
	if got := records[0]; got[1] != want || got[2] != want || got[3] != "x "+want || got[4] != "200" {
		t.Errorf("%q became %q in %s", want, got, line)
	}
}

// parseText undoes Apache's escaping, which is Go's but for what Go does to \x bytes that form UTF-8.
func parseText(t *testing.T, line, _ string) {
	t.Helper()
	var id, status string
	if _, err := fmt.Sscanf(line, "%s", &id); err != nil || id != ordinary().RequestID {
		t.Errorf("request ID %q: %s", id, line)
	}
	quotes := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			quotes++
		}
	}
	if status = line[strings.LastIndexByte(line, ' ')+1:]; quotes != 2 || status != "200" {
		t.Errorf("%d quotation marks, status %q: %s", quotes, status, line)
	}
}

func TestPredefinedHostile(t *testing.T) {
	t.Parallel()
	var anything any
	for _, s := range nasties {
		if err := json.Unmarshal([]byte(render(t, accesslog.Predefined("json"), entryOf(s))), &anything); err != nil {
			t.Errorf("json with %q: %v", s, err)
		}
		if err := xml.Unmarshal([]byte(render(t, accesslog.Predefined("xml"), entryOf(s))), new(struct{})); err != nil {
			t.Errorf("xml with %q: %v", s, err)
		}
		line := render(t, accesslog.Predefined("csv"), entryOf(s))
		if fields, err := csv.NewReader(strings.NewReader(line)).Read(); err != nil || len(fields) != 11 {
			t.Errorf("csv with %q: %d fields, %v", s, len(fields), err)
		}
	}
}

// TestDanglingBackslash: the format's own backslash before a variable must not undo the escaping of a value.
func TestDanglingBackslash(t *testing.T) {
	t.Parallel()
	line := render(t, `{"a":"\$context.path"}`, entryOf(`","b":"`))
	var got map[string]string
	if err := json.Unmarshal([]byte(line), &got); err != nil || len(got) != 1 {
		t.Errorf("%v %v: %s", got, err, line)
	}
}

func FuzzCompile(f *testing.F) {
	for _, name := range []string{"json", "clf", "xml", "csv"} {
		f.Add(accesslog.Predefined(name), `"`)
	}
	f.Add(`{"a":"\\\"${context.path}","b":$context.path}`, "\n")
	f.Add(`a$context.path,"b$context.path",$context.path`, `,"`)
	f.Fuzz(func(t *testing.T, format, value string) {
		compiled, err := accesslog.Compile(format)
		if err != nil {
			return
		}
		if line := compiled.Append(nil, entryOf(value)); strings.ContainsAny(string(line), "\r\n") {
			t.Errorf("%q with %q gives several lines: %q", format, value, line)
		}
		_ = accesslog.ValidateREST(format)
		if folded := accesslog.Fold(format); strings.Contains(folded, "\n") {
			t.Errorf("Fold(%q) = %q", format, folded)
		}
		quoted := `{"x":"` + strings.NewReplacer("\\", "", `"`, "").Replace(format) + `$context.path"}`
		requireJSON(t, quoted, value)
	})
}

// requireJSON wants an entry of a format to be JSON whatever the value, if the format is JSON with a harmless one.
func requireJSON(t *testing.T, format, value string) {
	t.Helper()
	if harmless := render(t, format, entryOf("a")); !json.Valid([]byte(harmless)) {
		return
	}
	if line := render(t, format, entryOf(value)); !json.Valid([]byte(line)) {
		t.Errorf("%q with %q is not JSON: %q", format, value, line)
	}
}
