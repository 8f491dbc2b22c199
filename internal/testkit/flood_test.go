package testkit_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tollbook/tollbook/internal/testkit"
)

// TestFlood: every request that reaches the server is in the reports as what it was answered, in each of the ways to send.
func TestFlood(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]testkit.Flood{
		"asks again": {Conns: 4},
		"pours":      {Conns: 4, PerSecond: 2000, Depth: 4},
		"new ones":   {NewPerSecond: 1000, NewConns: 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var came, shed, logged atomic.Uint64
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				n := came.Add(1)
				if n == 300 {
					cancel()
				}
				if n%2 == 0 {
					logged.Add(1)
					w.Header().Set("x-amzn-RequestId", "a")
				}
				if n%3 == 0 {
					shed.Add(1)
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			}))
			defer s.Close()
			f.Address, f.Request, f.Every = strings.TrimPrefix(s.URL, "http://"), "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 10*time.Millisecond
			var parts uint64
			r := f.Run(ctx, func(part testkit.FloodReport) { parts += part.Answered() })
			if r.Answered() != came.Load() || parts != came.Load() || r.Unavailable != shed.Load() || r.Logged != logged.Load() || r.Other+r.Broken+r.Refused != 0 {
				t.Errorf("%d came, %d were shed, %d had an ID: %+v", came.Load(), shed.Load(), logged.Load(), r)
			}
			if r.P50 == 0 || r.P99 < r.P50 {
				t.Errorf("times %v and %v", r.P50, r.P99)
			}
		})
	}
}
