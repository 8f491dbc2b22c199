package gateway

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/gateway/framing"
)

// arrival is a response over HTTP/1.1 on its way in. Whoever reads the connection puts bytes in room and says so; nothing
// here waits. The response is in upstreamCall.resp when it is complete, and its body stays in this memory.
type arrival struct {
	message
	head    int   // where the head begins: behind interim ones
	length  int64 // of the body
	interim int
	came    int  // bytes of a response whose length is not known; what frames its body is among them
	begun   bool // a byte has arrived
	close   bool // the connection carries no other
}

// The lengths of a body that are not known from the head.
const (
	chunkedLength = -1
	untilClose    = -2
)

const (
	// maxResponseHead bounds the head of a response.
	maxResponseHead = 16 << 10
	maxInterim      = 10
	// framedBy is how many bytes of a body in chunks may come for each byte that it holds, beside head and trailers.
	framedBy = 16
)

var (
	errSwitching   = errors.New("Switching protocols was not asked for")
	errManyInterim = errors.New("Too many interim responses")
	errBadStatus   = errors.New("Invalid status code")
	errNoMemory    = errors.New("Bodies take too much memory") // Config.MaxBodyBytes
	errBadHead     = errors.New("Malformed response head")
	errBadBody     = errors.New("Malformed response body")
	errLargeHead   = errors.New("Response head is too large")
	errLargeBody   = errors.New("Response body is too large")
)

func (a *arrival) reset() {
	buf := a.buf[:0]
	if cap(buf) > maxKept {
		buf = nil
	}
	*a = arrival{message: message{buf: buf}}
}

// arrived takes in n bytes that were read to room. done: the response is complete.
func (c *upstreamCall) arrived(n int) (done bool, err error) {
	a := &c.in
	a.grown(n)
	a.begun = a.begun || n > 0
	for a.body == 0 {
		if more, err := c.takeHead(); more || err != nil {
			return false, err
		}
	}
	if a.length == untilClose {
		a.bodyEnd = len(a.buf)
		return false, c.holdBody(n)
	}
	switch a.take() {
	case framing.End:
		a.close = a.close || a.seen < len(a.buf) // more than was asked for
		c.resp.body = a.buf[a.body:a.bodyEnd:a.bodyEnd]
		return true, nil
	case framing.Broken:
		return false, errBadBody
	}
	if a.length == chunkedLength {
		return false, c.holdBody(n)
	}
	return false, nil // held since its length is known
}

// ended takes in the end of the connection.
func (c *upstreamCall) ended() error {
	a := &c.in
	switch {
	case !a.begun:
		return io.EOF
	case a.body > 0 && a.length == untilClose:
		c.resp.body = a.buf[a.body:]
		return nil
	}
	return io.ErrUnexpectedEOF
}

// holdBody accounts for n more bytes of a body whose length is not known.
func (c *upstreamCall) holdBody(n int) error {
	body := c.in.bodyEnd - c.in.body
	c.in.came += n
	switch {
	case body > maxBody:
		return errLargeBody
	case c.in.came > 2*maxResponseHead+framedBy*body: // trailers, or notes on chunks, that go on and on
		return errBadBody
	case !c.memory.hold(n):
		return errNoMemory
	}
	return nil
}

// takeHead reads a head, if all of it is there. more: it is not.
func (c *upstreamCall) takeHead() (more bool, err error) {
	a := &c.in
	end := endOfHead(a.buf[a.head:])
	switch {
	case max(end, len(a.buf)-a.head) > maxResponseHead && (end < 0 || end > maxResponseHead):
		return false, errLargeHead
	case end < 0:
		return true, nil
	}
	head := a.buf[a.head : a.head+end]
	c.resp.reset()
	if err := c.readHead(head); err != nil {
		return false, err
	}
	if c.resp.status < 200 {
		a.head += end
		if a.interim++; a.interim > maxInterim {
			return false, errManyInterim
		}
		return false, nil
	}
	return false, c.beginBody(a.head + end)
}

// endOfHead is the length of a head with the empty line behind it; negative: it goes on. Lines may end by LF alone, as RFC
// 9112 §2.2 allows to take.
func endOfHead(b []byte) int {
	for from := 0; ; {
		i := bytes.IndexByte(b[from:], '\n')
		if i < 0 {
			return -1
		}
		from += i + 1
		switch {
		case from < len(b) && b[from] == '\n':
			return from + 1
		case from+1 < len(b) && b[from] == '\r' && b[from+1] == '\n':
			return from + 2
		}
	}
}

// beginBody makes room for the body that the head tells of.
func (c *upstreamCall) beginBody(at int) error {
	a := &c.in
	if c.method == "HEAD" || c.resp.status == 204 || c.resp.status == 304 {
		a.length = 0
	}
	switch {
	case a.length > maxBody:
		return errLargeBody
	case a.length > 0:
		if !c.memory.hold(int(a.length)) {
			return errNoMemory
		}
		a.buf = slices.Grow(a.buf, max(0, at+int(a.length)-len(a.buf)))
	}
	if a.beginBody(at, max(a.length, chunkedLength)); a.length == untilClose {
		a.bodyEnd = len(a.buf)
	}
	return nil
}

// readHead reads a status line and headers.
func (c *upstreamCall) readHead(head []byte) error {
	line, rest := cutLine(head)
	status, old, ok := parseStatusLine(line)
	if !ok {
		return errBadHead
	}
	switch {
	case status == 101:
		return errSwitching
	case status < 100 || status > 599:
		return errBadStatus
	}
	c.resp.status = status
	c.in.length, c.in.close = untilClose, old
	return c.readFields(rest)
}

// parseStatusLine reads "HTTP/1.x 200 reason". old: it is HTTP/1.0, whose connections end.
func parseStatusLine(line []byte) (status int, old, ok bool) {
	const version = "HTTP/1."
	if len(line) < len("HTTP/1.1 200") || string(line[:len(version)]) != version || line[8] != ' ' || line[7] < '0' || line[7] > '9' {
		return 0, false, false
	}
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return 0, false, false
		}
		status = status*10 + int(c-'0')
	}
	return status, line[7] == '0', len(line) == 12 || line[12] == ' '
}

// cutLine cuts off the first line, without its end.
func cutLine(b []byte) (line, rest []byte) {
	end := bytes.IndexByte(b, '\n')
	if end < 0 {
		return b, nil
	}
	rest = b[end+1:]
	if end > 0 && b[end-1] == '\r' {
		end--
	}
	return b[:end], rest
}

// readFields reads headers. A line that begins with a space goes on with the one before (RFC 9112 §5.2).
func (c *upstreamCall) readFields(lines []byte) error {
	unfold(lines)
	chunked := false
	for len(lines) > 0 {
		var line []byte
		if line, lines = cutLine(lines); len(line) == 0 {
			break
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 0 || !framing.Method(str(line[:colon])) { // names are tokens, as methods are
			return errBadHead
		}
		if !framing.Value(line) && bytes.ContainsAny(line, "\x00\r") {
			return errBadHead
		}
		name, value := line[:colon], trimSpaces(line[colon+1:])
		c.resp.header.addLine(name, value)
		switch len(name) {
		case len("Transfer-Encoding"), len("Content-Length"), len("Connection"):
		default:
			continue
		}
		switch {
		case isName(name, "Transfer-Encoding"):
			if chunked || !strings.EqualFold(str(value), "chunked") {
				return errBadHead
			}
			chunked = true
		case isName(name, "Content-Length"):
			length, ok := parseLength(value)
			if !ok || c.in.length >= 0 && c.in.length != length {
				return errBadHead
			}
			c.in.length = length
		case isName(name, "Connection"):
			c.in.close = nominated(value, raw("close")) || c.in.close && !nominated(value, raw("keep-alive"))
		}
	}
	if chunked {
		c.in.close = c.in.close || c.in.length >= 0 // RFC 9112 §6.3: something is wrong with it
		c.in.length = chunkedLength
	}
	c.in.close = c.in.close || c.in.length == untilClose
	return nil
}

// unfold makes spaces of line ends that do not end a header.
func unfold(lines []byte) {
	if !bytes.Contains(lines, []byte("\n ")) && !bytes.Contains(lines, []byte("\n\t")) {
		return
	}
	for i := 1; i < len(lines); i++ {
		if (lines[i] == ' ' || lines[i] == '\t') && lines[i-1] == '\n' {
			lines[i-1] = ' '
			if i > 1 && lines[i-2] == '\r' {
				lines[i-2] = ' '
			}
		}
	}
}

// trimSpaces takes the spaces and tabs around a header's value away.
func trimSpaces(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

func parseLength(digits []byte) (n int64, ok bool) {
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(digits) > 0 && len(digits) <= 18
}
