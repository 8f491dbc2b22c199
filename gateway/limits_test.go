package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestLimits: requests as large as AWS takes them pass both listeners; larger ones get AWS' answer and leave their entry.
func TestLimits(t *testing.T) {
	t.Parallel()
	b := start(t, stageOf(mock("ANY", "/notes/{id}", "ok")))
	const host = "a1b2c3d4e5.execute-api.x"
	fixed := len(host) + len("close") // of the other header values
	repeat := func(n int) string { return strings.Repeat("x", n) }
	path := func(n int) string { return "/prod/notes/" + repeat(n-len("/prod/notes/")) }
	many := strings.Repeat("X-A: "+repeat(95)+"\r\n", 100) // 9,500 bytes of values, of which each is short
	tests := []struct {
		name, method, path, headers string
		body                        int
		chunked                     bool
		status                      int
		want                        string
		resource                    bool // the entry names it
	}{
		{"URL", "GET", path(10_240), "", 0, false, 200, "ok", true},
		{"longer URL", "GET", path(10_241), "", 0, false, 414, "Request URI too long", false},
		{"URL with a query", "GET", "/prod/notes/1?" + repeat(10_240-14), "", 0, false, 200, "ok", true},
		{"longer URL with a query", "GET", "/prod/notes/1?" + repeat(10_240-13), "", 0, false, 414, "Request URI too long", false},
		{"header values", "GET", "/prod/notes/1", "X-A: " + repeat(10_240-fixed) + "\r\n", 0, false, 200, "ok", true},
		{"longer header values", "GET", "/prod/notes/1", "X-A: " + repeat(10_241-fixed) + "\r\n", 0, false, 431,
			`{"message":"Request Header Fields Too Large"}`, false},
		{"many header values", "GET", "/prod/notes/1", many, 0, false, 200, "ok", true},
		{"too many header values", "GET", "/prod/notes/1", many + many, 0, false, 431,
			`{"message":"Request Header Fields Too Large"}`, false},
		{"both as large as they may be", "GET", path(10_240), "X-A: " + repeat(10_240-fixed) + "\r\n", 0, false, 200, "ok", true},
		{"body", "POST", "/prod/notes/1", "", 10 << 20, false, 200, "ok", true},
		{"larger body", "POST", "/prod/notes/1", "", 10<<20 + 1, false, 413, "HTTP content length exceeded 10485760 bytes.", true},
		{"body in chunks", "POST", "/prod/notes/1", "", 10 << 20, true, 200, "ok", true},
		{"larger body in chunks", "POST", "/prod/notes/1", "", 10<<20 + 1, true, 413, "HTTP content length exceeded 10485760 bytes.", true},
	}
	for listener, addr := range map[string]string{"gateway": b.addr, "api": apiListener(t, b.gw)} {
		for _, tt := range tests {
			head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s", tt.method, tt.path, host, tt.headers)
			resp := sendBody(t, addr, head, tt.body, tt.chunked)
			if resp.status != tt.status || resp.body != tt.want || resp.header.Get("x-amzn-RequestId") == "" {
				t.Errorf("%s at the %s listener: %d %s %v", tt.name, listener, resp.status, resp.body, resp.header)
			}
			if tt.status == 413 && resp.header.Get("Connection") != "close" {
				t.Errorf("%s at the %s listener: the connection stays open", tt.name, listener)
			}
		}
	}
	got := map[bool]int{}
	for _, line := range b.lines(group) {
		got[strings.Contains(line, `"resource":"/notes/{id}"`)]++
	}
	want := map[bool]int{}
	for _, tt := range tests {
		want[tt.resource] += 2
	}
	if got[true] != want[true] || got[false] != want[false] {
		t.Errorf("entries with and without their resource %v, want %v", got, want)
	}
}

// sendBody sends a request with a body of a length and returns the answer.
func sendBody(t *testing.T, addr, head string, length int, chunked bool) answer {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if chunked {
		head += "Transfer-Encoding: chunked\r\n\r\n"
	} else if length > 0 {
		head += fmt.Sprintf("Content-Length: %d\r\n\r\n", length)
	} else {
		head += "\r\n"
	}
	go func() { // errors show in the answer
		_, _ = io.WriteString(conn, head)
		piece := strings.Repeat("x", 1<<20)
		for left := length; left > 0; left -= len(piece) {
			piece = piece[:min(len(piece), left)]
			if chunked {
				fmt.Fprintf(conn, "%x\r\n%s\r\n", len(piece), piece)
			} else {
				_, _ = io.WriteString(conn, piece)
			}
		}
		if chunked {
			_, _ = io.WriteString(conn, "0\r\n\r\n")
		}
	}()
	return readAnswer(t, conn)
}

func readAnswer(t *testing.T, from io.Reader) answer {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(from), nil)
	if err != nil {
		t.Error(err)
		return answer{header: http.Header{}}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	if resp.Close {
		resp.Header.Set("Connection", "close")
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}
