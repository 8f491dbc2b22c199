package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tollbook/tollbook/gateway/endpoint"
)

// functionHub answers Lambda's Invoke for the functions of all tests, by name.
type functionHub struct {
	serve     func() *httptest.Server
	functions sync.Map // name to http.HandlerFunc
	count     atomic.Int64
}

var hub = newHub()

func newHub() *functionHub {
	h := &functionHub{}
	h.serve = sync.OnceValue(func() *httptest.Server { return httptest.NewServer(h) })
	return h
}

func (h *functionHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, "/2015-03-31/functions/")
	name, isInvoke := strings.CutSuffix(name, "/invocations")
	f, known := h.functions.Load(name)
	if !ok || !isInvoke || !known || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"Type":"User","Message":"Function not found: %s"}`, name)
		return
	}
	f.(http.HandlerFunc)(w, r)
}

// serveFunction makes a function and returns its URI as integrations and authorizers have it.
func serveFunction(t testing.TB, f http.HandlerFunc) (uri string) {
	t.Helper()
	name := fmt.Sprintf("function-%d", hub.count.Add(1))
	hub.functions.Store(name, f)
	t.Cleanup(func() { hub.functions.Delete(name) })
	return functionURI(name)
}

func functionURI(name string) string {
	return "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:" + name + "/invocations"
}

var testKey = credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")

// hubEndpoints has every function called at the hub.
func hubEndpoints(t testing.TB) *endpoint.Endpoints {
	t.Helper()
	e, err := endpoint.New(endpoint.Options{Lambda: hub.serve().URL, Credentials: testKey})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
