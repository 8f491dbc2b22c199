package conformance_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// send opens a connection, writes text of a request as it is, and leaves the rest to the test.
func (w *wireCaller) send(t *testing.T, text string) *net.TCPConn {
	t.Helper()
	if err := w.dial(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w.conn, text); err != nil {
		t.Fatal(err)
	}
	return w.conn.(*net.TCPConn)
}

// vanish ends a connection by RST.
func vanish(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	conn.Close()
}

// hostileClient does something to the gateway. token is its own; what it did is in the book.
type hostileClient func(t *testing.T, c *chaos, h *hostile, token string)

// chaosClients are clients that misbehave. Those that need an answer see to it themselves.
var chaosClients = map[string]hostileClient{
	"half-closed behind the request":          halfClosed,
	"half-closed behind a body":               halfClosedBody,
	"half-closed during the integration":      halfClosedLater,
	"half-closed in the body":                 halfBody,
	"reset in the body":                       resetInBody,
	"reset in the head":                       resetInHead,
	"reset during the integration":            resetDuring,
	"closed during the integration":           closedDuring,
	"reset while the answer is on its way":    resetInAnswer,
	"closed while the answer is on its way":   closedInAnswer,
	"reset between requests in a row":         resetInRow,
	"requests in a row":                       inRow,
	"byte by byte":                            byteByByte,
	"reads late":                              readsLate,
	"garbage behind the request":              garbageBehind,
	"leaves before it has asked for anything": asksNothing,
}

func halfClosed(t *testing.T, c *chaos, _ *hostile, token string) {
	w, path := c.onWire(t), "/p/healthy/"+token
	id := c.book.open("/prod"+path, one)
	w.send(t, requestText("GET", c.path(path), id, "")).CloseWrite()
	w.requireAnswer(t, "GET", id, 200, healthyBody(token, ""))
}

func halfClosedBody(t *testing.T, c *chaos, _ *hostile, token string) {
	w, path := c.onWire(t), "/p/healthy/"+token
	id := c.book.open("/prod"+path, one)
	w.send(t, requestText("POST", c.path(path), id, "a body")).CloseWrite()
	w.requireAnswer(t, "POST", id, 200, healthyBody(token, "a body"))
}

// halfClosedLater closes its half when the back end has the request: a gateway that watches its clients must not take this
// for one that is gone.
func halfClosedLater(t *testing.T, c *chaos, h *hostile, token string) {
	w, path := c.onWire(t), "/p/held/"+token
	id := c.book.open("/prod"+path, one)
	conn := w.send(t, requestText("GET", c.path(path), id, ""))
	h.await(t, h.arrived, token)
	conn.CloseWrite()
	h.signal(token)
	w.requireAnswer(t, "GET", id, 200, healthyBody(token, ""))
}

// halfBody is a request whose rest never comes; its client waits for what the gateway says to that.
func halfBody(t *testing.T, c *chaos, h *hostile, token string) {
	w, path := c.onWire(t), "/p/healthy/"+token
	id := c.book.open("/prod"+path, oneAtMost)
	text := requestText("POST", c.path(path), id, "a whole body")
	w.send(t, text[:len(text)-5]).CloseWrite()
	w.requireAnswer(t, "POST", id, 400, `{"message":"Bad Request"}`)
	if n := h.callsOf(token); n != 0 {
		t.Errorf("half a body reached the back end")
	}
}

func resetInBody(t *testing.T, c *chaos, h *hostile, token string) {
	w, path := c.onWire(t), "/p/healthy/"+token
	id := c.book.open("/prod"+path, oneAtMost)
	text := requestText("POST", c.path(path), id, strings.Repeat("body", 50_000))
	vanish(w.send(t, text[:len(text)-5]))
	if n := h.callsOf(token); n != 0 {
		t.Errorf("half a body reached the back end")
	}
}

func resetInHead(t *testing.T, c *chaos, _ *hostile, token string) {
	w, path := c.onWire(t), "/p/healthy/"+token
	id := c.book.open("/prod"+path, oneAtMost)
	text := requestText("GET", c.path(path), id, "")
	vanish(w.send(t, text[:len(text)-2]))
}

func resetDuring(t *testing.T, c *chaos, h *hostile, token string) {
	vanish(c.sendHeld(t, h, token))
	h.signal(token)
}

func closedDuring(t *testing.T, c *chaos, h *hostile, token string) {
	c.sendHeld(t, h, token).Close()
	h.signal(token)
}

// sendHeld sends a request and returns when the back end has it: an entry is owed from then on, whoever is still there.
func (c *chaos) sendHeld(t *testing.T, h *hostile, token string) *net.TCPConn {
	w, path := c.onWire(t), "/p/held/"+token
	id := c.book.open("/prod"+path, one)
	conn := w.send(t, requestText("POST", c.path(path), id, "a body"))
	h.await(t, h.arrived, token)
	return conn
}

func resetInAnswer(t *testing.T, c *chaos, _ *hostile, token string) {
	vanish(c.beginAnswer(t, token))
}

func closedInAnswer(t *testing.T, c *chaos, _ *hostile, token string) {
	c.beginAnswer(t, token).Close()
}

// beginAnswer reads the first bytes of an answer that is larger than all buffers between.
func (c *chaos) beginAnswer(t *testing.T, token string) *net.TCPConn {
	w, path := c.onWire(t), "/p/large/"+token
	id := c.book.open("/prod"+path, one)
	conn := w.send(t, requestText("GET", c.path(path), id, ""))
	if _, err := io.ReadFull(conn, make([]byte, 1000)); err != nil {
		t.Errorf("read of %s: %v", token, err)
	}
	return conn
}

// resetInRow sends five requests at once and is gone after the first answer: the others may have been read, or not.
func resetInRow(t *testing.T, c *chaos, _ *hostile, token string) {
	w := c.onWire(t)
	ids, text := c.row(token, oneAtMost)
	conn := w.send(t, text)
	w.requireAnswer(t, "GET", ids[0], 200, healthyBody(token+"-0", ""))
	vanish(conn)
}

// inRow sends five requests at once. The answers come in the same order.
func inRow(t *testing.T, c *chaos, _ *hostile, token string) {
	w := c.onWire(t)
	ids, text := c.row(token, one)
	w.send(t, text).CloseWrite()
	for i, id := range ids {
		w.requireAnswer(t, "GET", id, 200, healthyBody(fmt.Sprint(token, "-", i), ""))
	}
}

func (c *chaos) row(token string, unanswered entries) (ids []string, text string) {
	for i := range 5 {
		path := fmt.Sprint("/p/healthy/", token, "-", i)
		ids = append(ids, c.book.open("/prod"+path, unanswered))
		text += requestText("GET", c.path(path), ids[i], "")
	}
	return ids, text
}

func byteByByte(t *testing.T, c *chaos, _ *hostile, token string) {
	w, path := c.onWire(t), "/p/healthy/"+token
	id := c.book.open("/prod"+path, one)
	for _, b := range []byte(requestText("POST", c.path(path), id, "a body")) {
		w.send(t, string(b))
	}
	w.requireAnswer(t, "POST", id, 200, healthyBody(token, "a body"))
}

// readsLate lets a large answer lie for a while.
func readsLate(t *testing.T, c *chaos, h *hostile, token string) {
	w, path := c.onWire(t), "/p/large/"+token
	id := c.book.open("/prod"+path, one)
	w.send(t, requestText("GET", c.path(path), id, ""))
	h.await(t, h.arrived, token)
	requireHealthy(t, c.onWire(t), "GET", "/p", token+"-meanwhile", "")
	w.requireAnswer(t, "GET", id, 200, strings.Repeat("x", 8<<20))
}

func garbageBehind(t *testing.T, c *chaos, _ *hostile, token string) {
	w, path := c.onWire(t), "/p/healthy/"+token
	id := c.book.open("/prod"+path, one)
	conn := w.send(t, requestText("GET", c.path(path), id, "")+"\x00\x01\x02 no request\r\n\r\n")
	w.requireAnswer(t, "GET", id, 200, healthyBody(token, ""))
	if _, err := io.Copy(io.Discard, w.r); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Errorf("the connection stays open behind garbage: %v", err)
	}
	conn.Close()
}

func asksNothing(t *testing.T, c *chaos, _ *hostile, _ string) {
	vanish(c.onWire(t).send(t, ""))
	c.onWire(t).send(t, "\r\n").Close()
	c.onWire(t).send(t, "GET").CloseWrite()
}

// requireAnswer reads an answer and compares it.
func (w *wireCaller) requireAnswer(t *testing.T, method, id string, status int, body string) {
	t.Helper()
	got, err := w.read(method, id)
	if err != nil || got.status != status || got.body != body {
		t.Errorf("%d %.200q %v, want %d %.200q", got.status, got.body, err, status, body)
	}
}

// TestChaosClients has clients do all that, one after the other and all at once.
func TestChaosClients(t *testing.T) {
	t.Parallel()
	h := startHostile(t)
	c := startChaos(t, h.url)
	t.Run("clients", func(t *testing.T) {
		for name, do := range chaosClients {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for i := range 3 {
					do(t, c, h, fmt.Sprint(strings.ReplaceAll(name, " ", "-"), i))
				}
			})
		}
	})
	c.requireIdle(t)
	requireHealthy(t, c.onWire(t), "GET", "/p", "afterwards", "")
	for id, e := range c.check(t) {
		if s := c.book.seen[id]; !s.answered && s.entry == one && (e.Status != "200" || e.Integration != "200") {
			t.Errorf("a client that was gone before its answer: %+v", e)
		} else if !s.answered && strings.Contains(s.path, "reset-in-the") && e.Status != "400" {
			t.Errorf("a request that never came whole: %+v", e)
		}
	}
}
