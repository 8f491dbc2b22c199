package delivery_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	otlplogs "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tollbook/tollbook/logs"
)

// collector is an OTLP receiver.
type collector struct {
	*httptest.Server
	answer []byte

	mu       sync.Mutex
	requests []*otlplogs.LogsData
	paths    []string
}

func newCollector(t *testing.T) *collector {
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		data := &otlplogs.LogsData{}
		if err := proto.Unmarshal(unzip(t, body), data); err != nil || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("request %v: %v", r.Header, err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.requests, c.paths = append(c.requests, data), append(c.paths, r.URL.Path)
		w.Header().Set("Content-Type", "application/x-protobuf")
		_, _ = w.Write(c.answer)
	}))
	t.Cleanup(c.Close)
	return c
}

func TestOTLP(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	r := dial(t, "otlp+"+c.URL)
	deliver(t, r, control())
	deliver(t, r, payload("a", "1", "2\xff"), payload("b", "3"))
	if diff := cmp.Diff([]string{"/v1/logs", "/v1/logs"}, c.paths); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	if n := len(c.requests[0].ResourceLogs); n != 0 {
		t.Errorf("the control message has %d resources", n)
	}
	resource := func(stream, records string) string {
		return `{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"/aws/g"}},` +
			`{"key":"cloud.account.id","value":{"stringValue":"111111111111"}},{"key":"cloud.region","value":{"stringValue":"us-east-1"}},` +
			`{"key":"aws.log.group.names","value":{"arrayValue":{"values":[{"stringValue":"/aws/g"}]}}},` +
			`{"key":"aws.log.stream.names","value":{"arrayValue":{"values":[{"stringValue":"` + stream + `"}]}}}]},` +
			`"scopeLogs":[{"scope":{"name":"tollbook","attributes":[{"key":"tollbook.subscription_filter","value":{"stringValue":"f é"}}]},` +
			`"logRecords":[` + records + `]}]}`
	}
	record := func(id, millis, message string) string {
		return `{"timeUnixNano":"` + millis + `000000","observedTimeUnixNano":"1700000000500000000","body":{"stringValue":"` + message + `"},` +
			`"attributes":[{"key":"log.record.uid","value":{"stringValue":"` + id + `"}}]}`
	}
	want := &otlplogs.LogsData{}
	text := `{"resourceLogs":[` + resource("a", record("0", "1700000000000", "1")+","+record("1", "1700000000001", "2\uFFFD")) + "," +
		resource("b", record("0", "1700000000000", "3")) + `]}`
	if err := protojson.Unmarshal([]byte(text), want); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(want, c.requests[1]) {
		t.Errorf("got %s\nwant %s", protojson.Format(c.requests[1]), protojson.Format(want))
	}
}

// Large payloads go with requests of their own.
func TestOTLPRequests(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	large := strings.Repeat("x", 600_000)
	deliver(t, dial(t, "otlp+"+c.URL+"/custom"), payload("a", large), payload("b", large), payload("c", "small"), payload("d", large))
	if len(c.requests) != 3 || c.paths[0] != "/custom" {
		t.Errorf("%d requests to %v", len(c.requests), c.paths)
	}
}

// A receiver can take a request and reject records of it, which are not to be sent again.
func TestOTLPPartialSuccess(t *testing.T) {
	t.Parallel()
	field := func(n protowire.Number, value []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), value)
	}
	rejected := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 2)
	for name, a := range map[string]struct {
		answer  []byte
		refused bool
	}{
		"empty":      {nil, false},
		"a warning":  {field(1, field(2, []byte("slow down"))), false},
		"rejected":   {field(1, append(rejected, field(2, []byte("too old"))...)), true},
		"not OTLP":   {[]byte("OK"), false},
		"cut short":  {field(1, rejected)[:3], false},
		"wrong type": {rejected, false},
	} {
		c := newCollector(t)
		c.answer = a.answer
		err := send(t, dial(t, "otlp+"+c.URL), payload("a", "m"))[0]
		if errors.Is(err, logs.ErrRefused) != a.refused || (err != nil) != a.refused {
			t.Errorf("%s: %v", name, err)
		}
		if a.refused && !strings.Contains(err.Error(), "2 log records were rejected: too old") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
