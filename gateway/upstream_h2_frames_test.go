package gateway_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/tollbook/tollbook/gateway"
)

// frameServer is a back end that speaks HTTP/2 frame by frame. It keeps the methods of the requests that it has read.
type frameServer struct {
	url      string
	settings []http2.Setting
	// answer is told of each request, and how many came before it on how manieth connection; if it says no, the connection
	// is closed.
	answer func(w frameWriter, nthConn, nth int) bool

	mu  sync.Mutex
	got []string
}

// frameWriter writes to the stream of one request.
type frameWriter struct {
	*http2.Framer
	stream uint32
}

// ok answers with a status and a body.
func (w frameWriter) ok() bool {
	w.head(hpack.HeaderField{Name: ":status", Value: "200"})
	return w.WriteData(w.stream, true, []byte("ok")) == nil
}

func (w frameWriter) head(list ...hpack.HeaderField) {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range list {
		_ = encoder.WriteField(field)
	}
	_ = w.WriteHeaders(http2.HeadersFrameParam{StreamID: w.stream, BlockFragment: block.Bytes(), EndHeaders: true})
}

func (f *frameServer) start(t *testing.T) *frameServer {
	t.Helper()
	conf := &tls.Config{Certificates: []tls.Certificate{*issue(t, "localhost", nil)}, NextProtos: []string{"h2"}}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	f.url = "https://" + listener.Addr().String()
	go func() {
		for n := 0; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go f.serve(conn, n)
		}
	}()
	return f
}

func (f *frameServer) serve(conn net.Conn, nthConn int) {
	defer conn.Close()
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if framer.WriteSettings(f.settings...) != nil || framer.WriteWindowUpdate(0, 16<<20) != nil {
		return
	}
	for nth := 0; ; {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = framer.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			f.mu.Lock()
			f.got = append(f.got, frame.PseudoValue("method"))
			f.mu.Unlock()
			if !f.answer(frameWriter{framer, frame.StreamID}, nthConn, nth) {
				return
			}
			nth++
		}
	}
}

func (f *frameServer) seen() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.got, " ")
}

// bench starts a gateway in front of it.
func (f *frameServer) bench(t *testing.T, timeout time.Duration) *bench {
	t.Helper()
	route := proxy("ANY", "/", f.url, nil)
	route.Integration.InsecureSkipVerification, route.Integration.Timeout = true, timeout
	return startWith(t, gateway.Config{UpstreamHTTP2: true}, stageOf(route))
}

// TestHTTP2Retries: what the back end says that it has not looked at is sent again, whatever it is; what it may have looked
// at only if that does no harm.
func TestHTTP2Retries(t *testing.T) {
	t.Parallel()
	reset := func(code http2.ErrCode) func(frameWriter) bool {
		return func(w frameWriter) bool { return w.WriteRSTStream(w.stream, code) == nil }
	}
	goAway := func(last uint32, then func(frameWriter) bool) func(frameWriter) bool {
		return func(w frameWriter) bool { return w.WriteGoAway(last, http2.ErrCodeNo, nil) == nil && then(w) }
	}
	notLookedAt := func(w frameWriter) bool { return w.WriteGoAway(max(w.stream, 2)-2, http2.ErrCodeNo, nil) == nil }
	closes := func(frameWriter) bool { return false }
	for _, c := range []struct {
		name, method string
		second       func(frameWriter) bool // what becomes of the second request on a connection
		anew         bool                   // new connections take requests
		status       int
		seen         string
		retried      uint64
	}{
		{"refused", "POST", reset(http2.ErrCodeRefusedStream), true, 200, "GET POST POST", 1},
		{"refused for ever", "POST", reset(http2.ErrCodeRefusedStream), false, 504, "GET POST POST", 1},
		{"not looked at", "POST", notLookedAt, true, 200, "GET POST POST", 1},
		{"never looked at", "POST", notLookedAt, false, 504, "GET POST POST POST POST POST POST", 5},
		{"the last one", "POST", goAway(3, frameWriter.ok), true, 200, "GET POST", 0},
		{"looked at and dropped", "POST", goAway(3, closes), true, 504, "GET POST", 0},
		{"looked at and dropped, but harmless", "GET", goAway(3, closes), true, 200, "GET GET GET", 1},
		{"reset", "POST", reset(http2.ErrCodeInternal), true, 504, "GET POST", 0},
		{"reset, but harmless", "PUT", reset(http2.ErrCodeInternal), true, 200, "GET PUT PUT", 1},
		{"closed", "POST", closes, true, 504, "GET POST", 0},
		{"closed, but harmless", "DELETE", closes, true, 200, "GET DELETE DELETE", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := (&frameServer{answer: func(w frameWriter, nthConn, nth int) bool {
				if nth == 0 && (nthConn == 0 || c.anew) {
					return w.ok()
				}
				return c.second(w)
			}}).start(t)
			b := f.bench(t, 20*time.Second)
			if got := b.do("GET", "/prod", ""); got.status != 200 || got.body != "ok" {
				t.Fatalf("first: %d %s", got.status, got.body)
			}
			if got := b.do(c.method, "/prod", ""); got.status != c.status {
				t.Errorf("second: %d %s, want %d; %s", got.status, got.body, c.status, b.lines(group))
			}
			if n := b.gw.Metrics().UpstreamRetries; f.seen() != c.seen || n != c.retried {
				t.Errorf("the back end has seen %s, want %s; %d counted", f.seen(), c.seen, n)
			}
		})
	}
}

// TestHTTP2GoesAway: requests under way when the back end takes no new ones end there, those after them go to another
// connection, and the old one is let go.
func TestHTTP2GoesAway(t *testing.T) {
	t.Parallel()
	waiting := make(chan frameWriter, 1)
	f := (&frameServer{answer: func(w frameWriter, nthConn, nth int) bool {
		switch {
		case nthConn > 0:
			return w.ok()
		case nth == 0:
			_ = w.WriteGoAway(w.stream, http2.ErrCodeNo, nil)
			waiting <- w
		}
		return true // and nothing more is looked at
	}}).start(t)
	b := f.bench(t, 20*time.Second)
	answers := make(chan answer)
	go func() { answers <- b.do("POST", "/prod", "") }()
	w := <-waiting
	for range 3 {
		if got := b.do("POST", "/prod", ""); got.status != 200 {
			t.Errorf("after it: %d %s", got.status, got.body)
		}
	}
	w.ok()
	if got := <-answers; got.status != 200 || got.body != "ok" {
		t.Errorf("under way: %d %s", got.status, got.body)
	}
	if b.do("GET", "/prod", ""); b.gw.Metrics().UpstreamConns != 1 {
		t.Errorf("%+v", b.gw.Metrics())
	}
}

// TestHTTP2Malformed: what is no HTTP/2 is a malformed response.
func TestHTTP2Malformed(t *testing.T) {
	t.Parallel()
	status := hpack.HeaderField{Name: ":status", Value: "200"}
	for name, answer := range map[string]func(frameWriter) bool{
		"data before a head": func(w frameWriter) bool { return w.WriteData(w.stream, true, []byte("x")) == nil },
		"frame of no stream": func(w frameWriter) bool { return w.WriteRawFrame(http2.FrameData, 0, 0, []byte("x")) == nil },
		"no status":          func(w frameWriter) bool { w.head(hpack.HeaderField{Name: "x", Value: "y"}); return true },
		"name in capitals":   func(w frameWriter) bool { w.head(status, hpack.HeaderField{Name: "X-Y", Value: "y"}); return true },
		"value with line ends": func(w frameWriter) bool {
			w.head(status, hpack.HeaderField{Name: "x", Value: "a\r\nb: c"})
			return true
		},
		"status of two digits": func(w frameWriter) bool { w.head(hpack.HeaderField{Name: ":status", Value: "20"}); return true },
		"status 600": func(w frameWriter) bool {
			w.head(hpack.HeaderField{Name: ":status", Value: "600"})
			return w.WriteData(w.stream, true, nil) == nil
		},
		"more than it said": func(w frameWriter) bool {
			w.head(status, hpack.HeaderField{Name: "content-length", Value: "1"})
			return w.WriteData(w.stream, true, []byte("two")) == nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := (&frameServer{answer: func(w frameWriter, _, _ int) bool { return answer(w) }}).start(t)
			b := f.bench(t, 20*time.Second)
			if got := b.do("POST", "/prod", "x"); got.status != 502 || got.body != `{"message": "Internal server error"}` {
				t.Errorf("%d %s", got.status, got.body)
			}
			if lines := strings.Join(b.lines(group), "\n"); !strings.Contains(lines, "Malformed endpoint response") || f.seen() != "POST" {
				t.Errorf("seen %s, entries %s", f.seen(), lines)
			}
		})
	}
}

// TestHTTP2HeadLimit: a back end says how large heads may be.
func TestHTTP2HeadLimit(t *testing.T) {
	t.Parallel()
	f := (&frameServer{
		settings: []http2.Setting{{ID: http2.SettingMaxHeaderListSize, Val: 2000}},
		answer:   func(w frameWriter, _, _ int) bool { return w.ok() },
	}).start(t)
	b := f.bench(t, 20*time.Second)
	if got := b.do("GET", "/prod", ""); got.status != 200 { // it is known after this
		t.Errorf("small: %d %s", got.status, got.body)
	}
	if got := b.do("GET", "/prod", "", "X-Large", strings.Repeat("x", 4000)); got.status != 502 {
		t.Errorf("large: %d %s", got.status, got.body)
	}
	if lines := strings.Join(b.lines(group), "\n"); !strings.Contains(lines, "does not take headers of this size") || f.seen() != "GET" {
		t.Errorf("seen %s, entries %s", f.seen(), lines)
	}
}

// TestHTTP2StandsStill: a back end that reads no more holds up nobody beyond the integration's timeout, and is called on
// another connection soon.
func TestHTTP2StandsStill(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	defer close(end)
	f := (&frameServer{
		settings: []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 16 << 20}},
		answer: func(w frameWriter, nthConn, _ int) bool {
			if nthConn == 0 {
				<-end
			}
			return w.ok()
		},
	}).start(t)
	b := f.bench(t, 200*time.Millisecond)
	begin := time.Now()
	if got := b.do("POST", "/prod", strings.Repeat("x", 9<<20)); got.body != `{"message": "Endpoint request timed out"}` || time.Since(begin) > 5*time.Second {
		t.Errorf("%d %s after %v", got.status, got.body, time.Since(begin))
	}
	for b.do("GET", "/prod", "").status != 200 {
		if time.Since(begin) > 20*time.Second {
			t.Fatal("no other connection")
		}
	}
}
