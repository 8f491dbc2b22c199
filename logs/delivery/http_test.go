package delivery_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs"
)

func TestHTTP(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		mu.Lock()
		defer mu.Unlock()
		got = append(got, strings.Join([]string{
			r.Method, r.URL.String(), r.Header.Get("Content-Type"), r.Header.Get("Content-Encoding"), user, password,
			r.Header.Get("X-Tollbook-Log-Group"), r.Header.Get("X-Tollbook-Filter"), r.Header.Get("X-Tollbook-Delivery-Id"), said(t, body),
		}, "|"))
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	r := dial(t, "http://u:p@"+server.Listener.Addr().String()+"/in?x=1")
	deliver(t, r, control())
	deliver(t, r, payload("a", "1", "2"), payload("b", "<é>"))
	slices.Sort(got)
	const common = "POST|/in?x=1|application/json|gzip|u|p|%2Faws%2Fg|f%20%C3%A9|1-f%20%C3%A9-"
	want := []string{
		common + "CWL%20CONTROL%20MESSAGE|CONTROL_MESSAGE  CWL CONTROL MESSAGE",
		common + "a1|DATA_MESSAGE a 1 2",
		common + "b%3C%C3%A9%3E|DATA_MESSAGE b <é>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What an answer means: arrived, refused, or to be tried again.
func TestHTTPAnswers(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		200: "arrived", 202: "arrived", 204: "arrived",
		301: "again", 302: "again", 307: "again", 401: "again", 403: "again", 404: "again", 408: "again", 429: "again", 500: "again", 503: "again",
		400: "refused", 413: "refused", 422: "refused",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				return
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			if status != http.StatusNoContent {
				_, _ = w.Write([]byte("because\xff" + strings.Repeat("x", 10_000)))
			}
		}))
		err := send(t, dial(t, server.URL), payload("a", "m"))[0]
		got := "again"
		switch {
		case err == nil:
			got = "arrived"
		case errors.Is(err, logs.ErrRefused):
			got = "refused"
		}
		if got != want {
			t.Errorf("%d: %s (%v), want %s", status, got, err, want)
		}
		if err != nil && (!strings.Contains(err.Error(), "because") || len(err.Error()) > 400) {
			t.Errorf("%d: %v", status, err)
		}
		server.Close()
	}
}

// Some payloads arrive, others do not.
func TestHTTPInPart(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(said(t, body), "bad") {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer server.Close()
	var payloads []*logs.Delivery
	for _, m := range strings.Fields("a bad c d bad f g h i j k bad") {
		payloads = append(payloads, payload(m, m))
	}
	for i, err := range send(t, dial(t, server.URL), payloads...) {
		if bad := payloads[i].Stream == "bad"; bad != (err != nil) {
			t.Errorf("payload %d, %s: %v", i, payloads[i].Stream, err)
		}
	}
}
