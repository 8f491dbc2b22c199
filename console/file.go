package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

const (
	indexName = "index.html"
	assets    = "assets/" // what the build names by content
	gzipExt   = ".gz"
)

// types are said here rather than asked of the machine, whose tables differ.
var types = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".woff2": "font/woff2",
}

// file is one file of the built console. The build keeps text only in its gzip form.
type file struct {
	contentType  string
	cacheControl string
	etag         string
	body         []byte // gzip where packed
	packed       bool
}

// readFiles reads the built console, by the names that a browser asks for.
func readFiles(app fs.FS) map[string]*file {
	files := map[string]*file{}
	_ = fs.WalkDir(app, ".", func(name string, d fs.DirEntry, err error) error { // embedded: reading cannot fail
		if err == nil && !d.IsDir() {
			if body, err := fs.ReadFile(app, name); err == nil {
				files[strings.TrimSuffix(name, gzipExt)] = newFile(name, body)
			}
		}
		return err
	})
	return files
}

func newFile(stored string, body []byte) *file {
	name := strings.TrimSuffix(stored, gzipExt)
	sum := sha256.Sum256(body)
	f := &file{
		contentType:  types[path.Ext(name)],
		cacheControl: "no-cache", // kept, but asked for each time with its ETag
		etag:         `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
		body:         body,
		packed:       name != stored,
	}
	if f.contentType == "" {
		f.contentType = mime.TypeByExtension(path.Ext(name))
	}
	if strings.HasPrefix(name, assets) {
		f.cacheControl = "public, max-age=31536000, immutable"
	}
	return f
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cacheControl)
	h.Set("ETag", f.etag)
	body := f.body
	if f.packed {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
		} else {
			h.Set("ETag", strings.TrimSuffix(f.etag, `"`)+`-plain"`)
			body = unpack(body)
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(part, ";")
		if c := strings.TrimSpace(coding); c == "gzip" || c == "*" {
			return q == "" || strings.Trim(q, " q=0.") != "" // q=0 and q=0.00 say no
		}
	}
	return false
}

// unpack is for the rare client that takes no gzip; browsers all do.
func unpack(packed []byte) []byte {
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil // the build wrote it
	}
	plain, _ := io.ReadAll(zr)
	return plain
}
