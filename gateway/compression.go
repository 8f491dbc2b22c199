package gateway

import (
	"bytes"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// Payload compression, of an API with a minimumCompressionSize: bodies that come compressed are unpacked before anything
// looks at them, and responses of that size are compressed if the client takes it.

var errUnsupportedCoding = late(415, "UNSUPPORTED_MEDIA_TYPE", "BadRequestException", "Unsupported Media Type")

// decompress unpacks the request's body. What unpacks to more than AWS' limit of a payload is too large.
func (x *exchange) decompress() *Error {
	if x.table.compressFrom < 0 || len(x.body) == 0 {
		return nil
	}
	values := headerValues(x.headers, "Content-Encoding")
	if len(values) == 0 {
		return nil
	}
	reader, err := unpacker(strings.ToLower(strings.TrimSpace(values[len(values)-1])), x.body)
	switch {
	case err != nil:
		return errBadRequest
	case reader == nil && strings.EqualFold(values[0], "identity"):
		return nil
	case reader == nil || len(values) > 1:
		return errUnsupportedCoding
	}
	body, err := io.ReadAll(io.LimitReader(reader, maxBody+1))
	switch {
	case err != nil:
		return errBadRequest
	case len(body) > maxBody:
		return errBodyTooLarge
	case !x.call.memory.hold(len(body)):
		return errShed
	}
	x.body = body
	x.dropHeader("Content-Encoding")
	return nil
}

// unpacker reads a coding; nil for one that is not supported.
func unpacker(coding string, body []byte) (io.Reader, error) {
	switch coding {
	case "gzip", "x-gzip":
		return gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		if r, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
			return r, nil
		}
		return flate.NewReader(bytes.NewReader(body)), nil // without zlib's frame, as some clients send it
	}
	return nil, nil
}

func (x *exchange) dropHeader(name string) {
	kept := x.headers[:0]
	for _, h := range x.headers {
		if !strings.EqualFold(str(h.name), name) {
			kept = append(kept, h)
		}
	}
	x.headers = kept
}

// compress packs the response, if it is long enough, not packed yet, and the client takes gzip or deflate.
func (x *exchange) compress() {
	if x.table == nil || x.table.compressFrom < 0 || x.head {
		return
	}
	body := x.resp.body
	if len(body) < max(x.table.compressFrom, 1) || x.resp.header.has("Content-Encoding") {
		return
	}
	coding := acceptedCoding(strings.Join(headerValues(x.headers, "Accept-Encoding"), ","))
	var packed []byte
	switch coding {
	case "gzip":
		packed = pack(gzip.NewWriter, &gzipWriters, body)
	case "deflate":
		packed = pack(zlib.NewWriter, &zlibWriters, body)
	default:
		return
	}
	x.resp.body = packed
	x.resp.header.set("Content-Encoding", coding)
}

// packer is a writer of package gzip or zlib.
type packer interface {
	io.WriteCloser
	Reset(io.Writer)
}

// gzipWriters and zlibWriters keep packers, each of which takes most of a megabyte.
var gzipWriters, zlibWriters sync.Pool

// pack compresses a body. A buffer takes whatever is written to it, so that nothing fails.
func pack[P packer](make func(io.Writer) P, pool *sync.Pool, body []byte) []byte {
	var out bytes.Buffer
	w, ok := pool.Get().(P)
	if !ok {
		w = make(&out)
	}
	defer pool.Put(w)
	w.Reset(&out)
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

// acceptedCoding is the first of gzip and deflate that an Accept-Encoding does not exclude. Empty: none.
func acceptedCoding(accept string) string {
	for item := range strings.SplitSeq(strings.ToLower(accept), ",") {
		name, quality, _ := strings.Cut(item, ";")
		quality = strings.ReplaceAll(quality, " ", "")
		if strings.HasPrefix(quality, "q=0") && strings.Trim(quality[2:], "0.") == "" {
			continue
		}
		switch name = strings.TrimSpace(name); name {
		case "gzip", "deflate":
			return name
		case "*", "x-gzip":
			return "gzip"
		}
	}
	return ""
}
