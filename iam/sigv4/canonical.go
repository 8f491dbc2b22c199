package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest lays a request out as it was signed. path is one of canonicalPaths.
func canonicalRequest(r *http.Request, sig signature, path, payloadHash string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + path + "\n" + canonicalQuery(r) + "\n")
	for _, name := range sig.signedHeaders {
		b.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(sig.signedHeaders, ";") + "\n" + payloadHash)
	return b.String()
}

// target returns path and query as they were on the request line.
func target(r *http.Request) (path, query string) {
	raw := r.RequestURI
	if raw == "" { // a request that no server has read
		raw = r.URL.RequestURI()
	}
	path, query, _ = strings.Cut(raw, "?")
	if _, rest, ok := strings.Cut(path, "://"); ok && !strings.HasPrefix(path, "/") { // absolute form, as sent to a proxy
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	if path == "" {
		path = "/"
	}
	return path, query
}

// canonicalPaths returns the spellings of the path that a client may have signed. All services but s3 encode the path
// of the request line once more. AWS' rule is to remove ".", ".." and empty segments before; the Go SDK signs the path as it
// is, so both are accepted where they differ.
func canonicalPaths(r *http.Request, service string) []string {
	path, _ := target(r)
	if service == "s3" {
		return []string{escape(unescape(path), true)}
	}
	paths := []string{escape(path, true)}
	if normal := escape(removeDots(path), true); normal != paths[0] {
		paths = append(paths, normal)
	}
	return paths
}

// removeDots normalises a path as RFC 3986 does and drops empty segments; a slash at the end stays.
func removeDots(path string) string {
	var kept []string
	for segment := range strings.SplitSeq(path, "/") {
		switch segment {
		case "", ".":
		case "..":
			kept = kept[:max(len(kept)-1, 0)]
		default:
			kept = append(kept, segment)
		}
	}
	clean := "/" + strings.Join(kept, "/")
	if strings.HasSuffix(path, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// canonicalQuery encodes and sorts the parameters, all but the signature itself.
func canonicalQuery(r *http.Request) string {
	var pairs [][2]string
	eachParam(r, func(name, value string) {
		if name != "X-Amz-Signature" {
			pairs = append(pairs, [2]string{escape(name, false), escape(value, false)})
		}
	})
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if c := strings.Compare(a[0], b[0]); c != 0 {
			return c
		}
		return strings.Compare(a[1], b[1])
	})
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p[0] + "=" + p[1])
	}
	return b.String()
}

// queryParams returns the query; of a repeated name the first value.
func queryParams(r *http.Request) map[string]string {
	params := map[string]string{}
	eachParam(r, func(name, value string) {
		if _, ok := params[name]; !ok {
			params[name] = value
		}
	})
	return params
}

// eachParam goes through the query, decoded. A "+" is a blank, as clients and forms mean it; ";" separates nothing.
func eachParam(r *http.Request, f func(name, value string)) {
	_, query := target(r)
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(strings.ReplaceAll(pair, "+", " "), "=")
		f(unescape(name), unescape(value))
	}
}

// headerValue gives the values of a header, each trimmed and with inner blanks made one, joined by commas. What
// net/http keeps outside of the header map is taken from where it is.
func headerValue(r *http.Request, name string) string {
	values := r.Header.Values(name)
	switch {
	case name == "host" || name == ":authority":
		values = []string{r.Host}
	case name == "content-length" && len(values) == 0 && r.ContentLength >= 0:
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	case name == "transfer-encoding" && len(values) == 0:
		values = r.TransferEncoding
	}
	folded := make([]string, len(values))
	for i, v := range values {
		folded[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(folded, ",")
}

// unescape decodes percent-encoding; text that is not validly encoded is taken as it is.
func unescape(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}

// escape encodes every byte outside A-Za-z0-9-._~ as %XX; slashes stay where keepSlash says so.
func escape(s string, keepSlash bool) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		c := s[i]
		if isUnreserved(c) || c == '/' && keepSlash {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}
