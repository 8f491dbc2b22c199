package awswire

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/tollbook/tollbook/awsapi"
)

// firstRead bounds what is allocated on a client's word about its body's length.
const firstRead = 1 << 20

// bodyTime bounds the arrival of a body.
const bodyTime = time.Minute

// readBody reads the whole body and decompresses it; neither form may be longer than limit bytes.
func (x *exchange) readBody(limit int64) error {
	deadlines := http.NewResponseController(x.w) // not every server has them: tests' have none
	_ = deadlines.SetReadDeadline(time.Now().Add(bodyTime))
	body, err := readLimited(heldReader{http.MaxBytesReader(x.w, x.r.Body, limit), &x.memory}, x.r.ContentLength, limit)
	if err != nil {
		return err
	}
	_ = deadlines.SetReadDeadline(time.Time{})
	x.wire, x.body = body, body
	switch encoding := strings.ToLower(x.r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return nil
	case "gzip":
		if x.body, err = gunzip(body, limit); err == nil && !x.memory.hold(len(x.body)) {
			err = errBodies
		}
		return err
	default:
		return awsapi.NewError(415, "UnsupportedMediaTypeException", "The content encoding %q is not supported", clip(encoding))
	}
}

func readLimited(r io.Reader, hint, limit int64) ([]byte, error) {
	if hint == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	b.Grow(int(min(max(hint, 0), firstRead)) + bytes.MinRead)
	_, err := b.ReadFrom(r)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, bodyTooLarge(limit)
	case errors.Is(err, errBodies):
		return nil, err
	case err != nil:
		return nil, awsapi.NewError(400, "RequestAbortedException", "The request body could not be read to its end")
	}
	return b.Bytes(), nil
}

// errBodies answers requests whose bodies have no room beside those of others (Options.MaxBodiesBytes).
var errBodies = awsapi.NewError(503, "ServiceUnavailableException", "Requests under way take too much memory; try again")

// bodies are those of all requests under way.
type bodies struct {
	most int64
	held atomic.Int64
}

// holding is what one request has of them.
type holding struct {
	of    *bodies
	bytes int64
}

// hold takes n more bytes and reports whether there was room.
func (h *holding) hold(n int) bool {
	if h.of.held.Add(int64(n)) > h.of.most {
		h.of.held.Add(-int64(n))
		return false
	}
	h.bytes += int64(n)
	return true
}

func (h *holding) release() {
	h.of.held.Add(-h.bytes)
	h.bytes = 0
}

// heldReader accounts for what is read.
type heldReader struct {
	r      io.Reader
	memory *holding
}

func (h heldReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	if n > 0 && !h.memory.hold(n) {
		return 0, errBodies
	}
	return n, err
}

func bodyTooLarge(limit int64) error {
	return awsapi.NewError(413, "RequestEntityTooLargeException", "Request size exceeded %d bytes", limit)
}

func gunzip(data []byte, limit int64) ([]byte, error) {
	broken := awsapi.NewError(400, "SerializationException", "The request body is not valid gzip")
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, broken
	}
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, broken
	case n > limit:
		return nil, bodyTooLarge(limit)
	}
	return b.Bytes(), nil
}

// readForm reads the fields of a Query request from its body and URL; other requests have none.
func (x *exchange) readForm() error {
	if x.service != nil && x.codec.protocol != awsapi.Query {
		return nil
	}
	query, err := url.ParseQuery(x.r.URL.RawQuery)
	if err != nil {
		return malformedQuery()
	}
	x.form = query
	if !isForm(x.r) {
		return nil
	}
	body, err := url.ParseQuery(string(x.body))
	if err != nil {
		return malformedQuery()
	}
	for name, values := range body {
		x.form[name] = values
	}
	return nil
}

func malformedQuery() error {
	return awsapi.NewError(400, "MalformedQueryString", "The query string contains a syntax error.")
}
