package awswire

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/tollbook/tollbook/awsapi"
)

// firstRead bounds what is allocated on a client's word about its body's length.
const firstRead = 1 << 20

// readBody reads the whole body and decompresses it; neither form may be longer than limit bytes.
func (x *exchange) readBody(limit int64) error {
	body, err := readLimited(http.MaxBytesReader(x.w, x.r.Body, limit), x.r.ContentLength, limit)
	if err != nil {
		return err
	}
	x.wire, x.body = body, body
	switch encoding := strings.ToLower(x.r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return nil
	case "gzip":
		x.body, err = gunzip(body, limit)
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
	case err != nil:
		return nil, awsapi.NewError(400, "RequestAbortedException", "The request body could not be read to its end")
	}
	return b.Bytes(), nil
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
