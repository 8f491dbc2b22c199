package conformance_test

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// hostile is a back end that breaks HTTP in the way that the path of the request names: /{act}/{token}. Acts are in
// chaosActs; "healthy" answers with healthyBody(token, body) and keeps the connection.
type hostile struct {
	url  string
	done chan struct{} // closed when the test is over; acts that wait for nothing wait for it

	mu      sync.Mutex
	calls   map[string]int           // requests that arrived, by token
	arrived map[string]chan struct{} // closed at the first, by token
	acted   map[string]chan struct{} // closed when an act that goes on behind its answer is over, by token
}

// wire is a connection of a hostile back end with one request on it, whose head has been read.
type wire struct {
	*net.TCPConn
	r     *bufio.Reader
	req   *http.Request
	token string
	h     *hostile
}

// act answers a request, or does not. The connection carries further requests if it returns true.
type act func(*wire) bool

func startHostile(t *testing.T) *hostile {
	t.Helper()
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	h := &hostile{
		url: "http://" + listener.Addr().String(), done: make(chan struct{}),
		calls: map[string]int{}, arrived: map[string]chan struct{}{}, acted: map[string]chan struct{}{},
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { h.serve(conn.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() { close(h.done); listener.Close(); conns.Wait() })
	return h
}

func (h *hostile) serve(conn *net.TCPConn) {
	defer conn.Close()
	over := make(chan struct{})
	defer close(over)
	go func() { // whatever an act is waiting for ends with the test
		select {
		case <-h.done:
			conn.Close()
		case <-over:
		}
	}()
	r := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		name, token, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
		h.arrive(token)
		act := chaosActs[name]
		if act == nil || !act(&wire{conn, r, req, token, h}) {
			return
		}
	}
}

func (h *hostile) arrive(token string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.calls[token]++; h.calls[token] == 1 {
		closeOnce(h.channel(h.arrived, token))
	}
}

// channel finds or makes a token's channel. The caller holds h.mu.
func (h *hostile) channel(of map[string]chan struct{}, token string) chan struct{} {
	if of[token] == nil {
		of[token] = make(chan struct{})
	}
	return of[token]
}

func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

func (h *hostile) signal(token string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	closeOnce(h.channel(h.acted, token))
}

// await waits until the act of a token is over, or has begun.
func (h *hostile) await(t *testing.T, of map[string]chan struct{}, token string) {
	t.Helper()
	h.mu.Lock()
	c := h.channel(of, token)
	h.mu.Unlock()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatalf("nothing of %s within 10 s", token)
	}
}

func (h *hostile) callsOf(token string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls[token]
}

// healthyBody is what a healthy request is answered with: nobody else's answer looks like it.
func healthyBody(token, body string) string {
	sum := fnv.New32a()
	io.WriteString(sum, token)
	return fmt.Sprintf("<%s|%d|%s>", token, len(body), strings.Repeat(token+".", int(sum.Sum32()%400)))
}

func (w *wire) say(format string, args ...any) bool {
	_, err := fmt.Fprintf(w, format, args...)
	return err == nil
}

func (w *wire) body() string {
	data, _ := io.ReadAll(w.req.Body)
	return string(data)
}

// reset closes the connection by RST.
func (w *wire) reset() bool {
	_ = w.SetLinger(0)
	return false
}

// wait leaves the connection as it is until the gateway or the test ends it, without reading more than a byte.
func (w *wire) wait() bool {
	_, _ = w.r.Peek(1)
	return false
}

// stall reads nothing at all until the test is over.
func (w *wire) stall() bool {
	<-w.h.done
	return false
}

// drip writes a byte every 20 ms, from text and then for ever.
func (w *wire) drip(text, forever string) bool {
	for i := 0; ; i++ {
		b := forever[i%len(forever)]
		if i < len(text) {
			b = text[i]
		}
		if _, err := w.Write([]byte{b}); err != nil {
			return false
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-w.h.done:
			return false
		}
	}
}

// flood writes text until nobody takes it any more, or 64 MiB: more than the gateway may ever take.
func (w *wire) flood(text string) bool {
	block := strings.Repeat(text, 1+(64<<10)/len(text))
	for sent := 0; sent < 64<<20; sent += len(block) {
		if !w.say("%s", block) {
			return false
		}
	}
	return w.wait()
}

// answer is an act that reads the request, writes text and closes by FIN.
func answering(text string) act {
	return func(w *wire) bool { w.body(); w.say("%s", text); return false }
}

// staying is an act that reads the request, writes text and would go on with the next request.
func staying(text string) act {
	return func(w *wire) bool { w.body(); return w.say("%s", text) }
}

// silent is an act that reads the request, writes text and then says and closes nothing.
func silent(text string) act {
	return func(w *wire) bool { w.body(); w.say("%s", text); return w.wait() }
}

// resetting is an act that reads the request, writes text, and resets the connection when the gateway has had time to
// read it: without that pause the reset would take away what was written.
func resetting(text string) act {
	return func(w *wire) bool {
		w.body()
		w.say("%s", text)
		if text != "" {
			time.Sleep(30 * time.Millisecond) // there is nothing to wait on: the gateway says nothing
		}
		return w.reset()
	}
}

const (
	okHead     = "HTTP/1.1 200 OK\r\n"
	poison     = okHead + "Content-Length: 6\r\nX-Poison: yes\r\n\r\npoison"
	okAnswer   = okHead + "Content-Length: 2\r\n\r\nok"
	fullChunks = "5\r\nhello\r\n0\r\n\r\n"
)

// healthy is the one act that keeps to the rules, by a length or by chunks.
func healthy(w *wire) bool {
	text := healthyBody(w.token, w.body())
	if w.req.Method == "HEAD" {
		return w.say("%sContent-Length: %d\r\n\r\n", okHead, len(text))
	}
	if len(text)%3 == 0 {
		half := len(text) / 2
		return w.say("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", okHead, half, text[:half], len(text)-half, text[half:])
	}
	return w.say("%sContent-Length: %d\r\n\r\n%s", okHead, len(text), text)
}

// chaosActs are what hostile back ends do, by the first segment of the path.
var chaosActs = map[string]act{
	"healthy": healthy,

	"reset-first":       resetting(""),
	"reset-unread":      func(w *wire) bool { return w.reset() },
	"reset-in-line":     resetting("HTTP/1.1 2"),
	"reset-in-head":     resetting(okHead + "X-A: b\r\n"),
	"reset-in-length":   resetting(okHead + "Content-Length: 100\r\n\r\nhalf"),
	"reset-in-chunk":    resetting(okHead + "Transfer-Encoding: chunked\r\n\r\n64\r\nhalf"),
	"reset-until-close": resetting(okHead + "\r\nhalf"),
	"fin-first":         answering(""),
	"fin-in-line":       answering("HTTP/1.1 2"),
	"fin-in-head":       answering(okHead + "X-A: b\r\n"),
	"fin-in-length":     answering(okHead + "Content-Length: 100\r\n\r\nhalf"),
	"fin-in-chunk":      answering(okHead + "Transfer-Encoding: chunked\r\n\r\n64\r\nhalf"),
	"fin-before-last":   answering(okHead + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
	"fin-in-trailer":    answering(okHead + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n"),
	"until-close":       answering(okHead + "\r\nhello"),
	"half-closed":       func(w *wire) bool { w.body(); w.say(okHead + "\r\nok"); w.CloseWrite(); return w.wait() },
	"half-closed-first": func(w *wire) bool { w.CloseWrite(); w.body(); return w.wait() },
	"deaf": func(w *wire) bool {
		w.body()
		w.CloseRead()
		w.say(okHead + "Content-Length: 2\r\nConnection: close\r\n\r\nok")
		return false
	},
	"answers-unread": func(w *wire) bool {
		w.say("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
		w.body()
		return true
	},
	"answers-and-closes": func(w *wire) bool {
		w.say("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
		return false
	},

	"mute":        func(w *wire) bool { w.body(); return w.wait() },
	"never-reads": (*wire).stall,
	"slow-head":   func(w *wire) bool { w.body(); return w.drip(okHead, "X-A: b\r\n") },
	"slow-length": func(w *wire) bool { w.body(); return w.drip(okHead+"Content-Length: 100000\r\n\r\n", "x") },
	"slow-chunks": func(w *wire) bool { w.body(); return w.drip(okHead+"Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n") },
	"slow-trailers": func(w *wire) bool {
		w.body()
		return w.drip(okHead+"Transfer-Encoding: chunked\r\n\r\n0\r\n", "X-T: 1\r\n")
	},
	"longer-than-body": silent(okHead + "Content-Length: 100\r\n\r\nhello"),
	"no-end":           silent(okHead + "\r\nhello"),
	"interim-for-ever": func(w *wire) bool { w.body(); return w.drip("", "HTTP/1.1 103 Early Hints\r\n\r\n") },
	"endless-line":     func(w *wire) bool { w.body(); w.say("HTTP/1.1 200 "); return w.flood("O") },
	"endless-head":     func(w *wire) bool { w.body(); w.say(okHead); return w.flood("X-A: b\r\n") },
	"endless-header":   func(w *wire) bool { w.body(); w.say(okHead + "X-A: "); return w.flood("b") },
	"endless-body":     func(w *wire) bool { w.body(); w.say(okHead + "\r\n"); return w.flood("x") },
	"endless-length": func(w *wire) bool {
		w.body()
		w.say(okHead + "Content-Length: 9000000000000000000\r\n\r\n")
		return w.flood("x")
	},
	"endless-chunks": func(w *wire) bool {
		w.body()
		w.say(okHead + "Transfer-Encoding: chunked\r\n\r\n")
		return w.flood("4\r\nxxxx\r\n")
	},
	"endless-chunk": func(w *wire) bool {
		w.body()
		w.say(okHead + "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n")
		return w.flood("x")
	},
	"endless-extension": func(w *wire) bool {
		w.body()
		w.say(okHead + "Transfer-Encoding: chunked\r\n\r\n1;")
		return w.flood("x")
	},
	"endless-trailers": func(w *wire) bool {
		w.body()
		w.say(okHead + "Transfer-Encoding: chunked\r\n\r\n0\r\n")
		return w.flood("X-T: 1\r\n")
	},
	"endless-interim": func(w *wire) bool { w.body(); return w.flood("HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n") },
	"endless-empty":   func(w *wire) bool { w.body(); return w.flood("\r\n") },

	"shorter-than-body":     staying(okAnswer + poison),
	"same-length-twice":     staying(okHead + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
	"lengths-differ":        staying(okHead + "Content-Length: 2\r\nContent-Length: 8\r\n\r\nokpoison"),
	"lengths-in-a-list":     staying(okHead + "Content-Length: 2, 8\r\n\r\nokpoison"),
	"length-negative":       staying(okHead + "Content-Length: -1\r\n\r\npoison"),
	"length-signed":         staying(okHead + "Content-Length: +2\r\n\r\nokpoison"),
	"length-hex":            staying(okHead + "Content-Length: 0x2\r\n\r\nokpoison"),
	"length-empty":          staying(okHead + "Content-Length: \r\n\r\npoison"),
	"length-text":           staying(okHead + "Content-Length: two\r\n\r\npoison"),
	"length-overflows":      staying(okHead + "Content-Length: 18446744073709551618\r\n\r\nokpoison"),
	"length-with-space":     staying(okHead + "Content-Length : 2\r\n\r\nok" + poison),
	"length-folded":         staying(okHead + "Content-Length:\r\n 2\r\n\r\nok" + poison),
	"length-and-chunks":     staying(okHead + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n" + fullChunks),
	"chunks-and-length":     staying(okHead + "Transfer-Encoding: chunked\r\nContent-Length: 100\r\n\r\n" + fullChunks),
	"chunked-twice":         staying(okHead + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + fullChunks),
	"coding-unknown":        staying(okHead + "Transfer-Encoding: xchunked\r\n\r\n" + fullChunks),
	"coding-before-chunked": staying(okHead + "Transfer-Encoding: gzip, chunked\r\n\r\n" + fullChunks),
	"chunked-not-last":      staying(okHead + "Transfer-Encoding: chunked, gzip\r\n\r\n" + fullChunks),
	"chunked-http10":        staying("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + fullChunks),
	"chunk-garbage":         staying(okHead + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"),
	"chunk-negative":        staying(okHead + "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n"),
	"chunk-empty-size":      staying(okHead + "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n"),
	"chunk-overflows":       staying(okHead + "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n"),
	"chunk-too-long":        staying(okHead + "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n"),
	"chunk-without-end":     staying(okHead + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n"),

	"no-http":           answering("\x16\x03\x01\x00\x00 I am no HTTP\r\n\r\n"),
	"status-text":       staying("HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nok"),
	"status-99":         staying("HTTP/1.1 99 Low\r\nContent-Length: 2\r\n\r\nok"),
	"status-999":        staying("HTTP/1.1 999 High\r\nContent-Length: 2\r\n\r\nok"),
	"status-1000":       staying("HTTP/1.1 1000 Higher\r\nContent-Length: 2\r\n\r\nok"),
	"status-missing":    staying("HTTP/1.1\r\nContent-Length: 2\r\n\r\nok"),
	"version-2":         staying("HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
	"switching":         silent("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
	"interim-few":       staying(strings.Repeat("HTTP/1.1 103 Early Hints\r\nX-Poison: yes\r\n\r\n", 5) + okAnswer),
	"interim-length":    staying("HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + okAnswer),
	"header-no-colon":   staying(okHead + "Content-Length: 2\r\nnonsense\r\n\r\nok"),
	"header-no-name":    staying(okHead + "Content-Length: 2\r\n: b\r\n\r\nok"),
	"header-nul":        staying(okHead + "Content-Length: 2\r\nX-A: a\x00b\r\n\r\nok"),
	"header-bare-cr":    staying(okHead + "Content-Length: 2\r\nX-A: a\rX-Poison: b\r\n\r\nok"),
	"header-bare-lf":    staying(okHead + "Content-Length: 2\r\nX-A: a\nX-B: b\r\n\r\nok"),
	"header-name-space": staying(okHead + "Content-Length: 2\r\nX A: b\r\n\r\nok"),
	"header-folded":     staying(okHead + "Content-Length: 2\r\nX-A: a\r\n X-Poison: b\r\n\r\nok"),
	"204-with-body":     staying("HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison"),
	"304-with-body":     staying("HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\npoison"),

	"extra-later": extraLater,
	"fin-later":   finLater,
	"reset-next":  resetNext,
	"held":        held,
	"large":       large,
}

// extraLater sends a whole further response when its own is done with.
func extraLater(w *wire) bool {
	healthy(w)
	time.Sleep(50 * time.Millisecond) // the gateway has had the answer; nothing tells that it has
	w.say(poison)
	w.h.signal(w.token)
	return w.wait()
}

// finLater closes when its response is done with, without having said that it would.
func finLater(w *wire) bool {
	healthy(w)
	time.Sleep(50 * time.Millisecond)
	w.Close()
	w.h.signal(w.token)
	return false
}

// resetNext waits for the next request on the connection and resets it unread.
func resetNext(w *wire) bool {
	healthy(w)
	w.wait()
	return w.reset()
}

// held answers when the test says so, by signal.
func held(w *wire) bool {
	w.h.mu.Lock()
	turn := w.h.channel(w.h.acted, w.token)
	w.h.mu.Unlock()
	select {
	case <-turn:
	case <-w.h.done:
	}
	return healthy(w)
}

// large answers with 8 MB, more than any socket's buffers hold.
func large(w *wire) bool {
	w.body()
	return w.say("%sContent-Length: %d\r\n\r\n%s", okHead, 8<<20, strings.Repeat("x", 8<<20))
}
