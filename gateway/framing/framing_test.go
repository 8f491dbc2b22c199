package framing

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
	"go.yaml.in/yaml/v3"
)

// ends says where requests end, and how many bytes are in order.
func ends(b []byte) (all []int, good int) {
	var f framing
	for i := range b {
		before := f.step
		if f.scan(b[i:i+1]) == 0 {
			return all, i
		}
		if f.step == between && before != betweenEnd {
			all = append(all, i+1)
		}
	}
	return all, len(b)
}

// published are the cases that the gateway is tested with.
func published(t testing.TB) (all [][]byte) {
	t.Helper()
	text, err := os.ReadFile("../testdata/smuggling.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Send string }
	if err := yaml.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	const next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n"
	for _, c := range cases {
		all = append(all, []byte(strings.NewReplacer("@", "/p", "HOST", "x").Replace(c.Send)+next))
	}
	return all
}

func TestEnds(t *testing.T) {
	t.Parallel()
	const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
	for _, tt := range []struct {
		in   string
		want []int
		good int
	}{
		{get + get, []int{27, 54}, 54},
		{"\r\n" + get, []int{29}, 29},
		{get + "garbage", []int{27}, 34},
		{get + "garbage\r", []int{27}, 34},
		{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" + get, []int{50, 77}, 77},
		{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\na\rb\r\n0\r\nX: y\r\n\r\n" + get, []int{77, 104}, 104},
		{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999999999\r\n\r\nabc", nil, 67},
		{"GET / HTTP/1.0\r\n\r\n", []int{18}, 18},
		{"GET / HTTP/1.1\r\n\r\n", nil, 17},
	} {
		if got, good := ends([]byte(tt.in)); !slices.Equal(got, tt.want) || good != tt.good {
			t.Errorf("%q: ends %v, %d in order; want %v, %d", tt.in, got, good, tt.want, tt.good)
		}
	}
}

// FuzzEnds: whatever net/http or fasthttp take of what is in order ends where framing says. That they refuse it is no harm.
func FuzzEnds(f *testing.F) {
	for _, b := range published(f) {
		f.Add(b, uint8(7))
	}
	f.Fuzz(func(t *testing.T, b []byte, part uint8) {
		want, good := ends(b)
		if got := inParts(b, int(part)+1); got != good {
			t.Fatalf("%d bytes are in order, read in parts of %d it is %d", good, part+1, got)
		}
		carried := slices.Clone(b[:good])
		if good < len(b) {
			carried = append(carried, 0)
		}
		for name, read := range map[string]func(*bufio.Reader) error{"net/http": readNetHTTP, "fasthttp": readFastHTTP} {
			if got := readAll(carried, read); len(got) > len(want) || !slices.Equal(got, want[:len(got)]) {
				t.Errorf("%s reads requests that end at %v, framing says %v: %q", name, got, want, b)
			}
		}
	})
}

func inParts(b []byte, size int) (good int) {
	var f framing
	for part := range slices.Chunk(b, size) {
		n := f.scan(part)
		if good += n; n < len(part) {
			break
		}
	}
	return good
}

// readAll returns where requests end until one is refused.
func readAll(b []byte, read func(*bufio.Reader) error) (all []int) {
	in := bytes.NewReader(b)
	r := bufio.NewReaderSize(in, 64<<10)
	for {
		if err := read(r); err != nil {
			return all
		}
		all = append(all, len(b)-in.Len()-r.Buffered())
	}
}

func readNetHTTP(r *bufio.Reader) error {
	req, err := http.ReadRequest(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, req.Body)
	return err
}

func readFastHTTP(r *bufio.Reader) error {
	var req fasthttp.Request
	if err := req.ReadLimitBody(r, 1<<20); err != nil {
		return err
	}
	if req.MayContinue() {
		return req.ContinueReadBody(r, 1<<20, false)
	}
	return nil
}

// BenchmarkScan looks at a request as browsers send it.
func BenchmarkScan(b *testing.B) {
	request := []byte("GET /prod/notes/7 HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.us-east-1.amazonaws.com\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nAccept: */*\r\n" +
		"Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\nX-Custom: something\r\n\r\n")
	var f framing
	b.SetBytes(int64(len(request)))
	for b.Loop() {
		if f.scan(request) < len(request) {
			b.Fatal("refused")
		}
	}
}
