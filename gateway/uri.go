package gateway

import (
	"net"
	"net/url"
	"strings"
)

// uriTemplate is an integration's URI with its stage variables filled in.
type uriTemplate struct {
	upstream upstreamKey
	host     string // for the Host header
	pieces   []uriPiece
	query    bool // the pieces hold a "?"
}

// A uriPiece is literal text and after it the value of a path parameter, if the source has a kind of its own.
type uriPiece struct {
	literal string
	param   bool
	name    string // of the parameter, by which a template overrides it
	source  source
}

var errAddress = configuration("Invalid endpoint address")

// compileURI reads a URI. {name} in its path or query stands for integration.request.path.name.
func compileURI(in Integration, vars map[string]string) (*uriTemplate, *Error) {
	uri, err := interpolate(in.URI, vars)
	if err != nil {
		return nil, err
	}
	scheme, rest, ok := strings.Cut(uri, "://")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "http" && scheme != "https" {
		return nil, errAddress
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	t := &uriTemplate{host: rest[:end]}
	t.upstream, ok = splitAuthority(scheme, t.host)
	if !ok {
		return nil, errAddress
	}
	t.upstream.insecure = in.InsecureSkipVerification && scheme == "https"
	target, _, _ := strings.Cut(rest[end:], "#")
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	t.query = strings.Contains(target, "?")
	t.pieces, err = compileTarget(target, in.RequestParameters, vars)
	return t, err
}

// interpolate replaces ${stageVariables.name}. A variable that the stage does not have leaves nothing.
func interpolate(uri string, vars map[string]string) (string, *Error) {
	const open = "${stageVariables."
	var out strings.Builder
	for {
		before, after, ok := strings.Cut(uri, open)
		out.WriteString(before)
		if !ok {
			return out.String(), nil
		}
		name, rest, ok := strings.Cut(after, "}")
		if !ok {
			return "", errAddress
		}
		out.WriteString(vars[name])
		uri = rest
	}
}

func splitAuthority(scheme, authority string) (upstreamKey, bool) {
	for i := range len(authority) {
		if c := authority[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`@{}"<>\^|%`, c) >= 0 {
			return upstreamKey{}, false
		}
	}
	host, port, err := net.SplitHostPort(authority)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(authority, "["), "]"), ""
		brackets := strings.HasPrefix(authority, "[") && strings.HasSuffix(authority, "]")
		if strings.Contains(host, ":") != brackets || strings.ContainsAny(host, "[]") {
			return upstreamKey{}, false
		}
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	return upstreamKey{tls: scheme == "https", host: host, addr: net.JoinHostPort(host, port)}, host != ""
}

func compileTarget(target string, parameters, vars map[string]string) ([]uriPiece, *Error) {
	var pieces []uriPiece
	for target != "" {
		literal, rest, more := strings.Cut(target, "{")
		if !validTarget(literal) {
			return nil, errAddress
		}
		piece := uriPiece{literal: literal}
		if more {
			name, after, ok := strings.Cut(rest, "}")
			expression, mapped := parameters["integration.request.path."+strings.TrimSuffix(name, "+")]
			if !ok || !mapped {
				return nil, errAddress
			}
			piece.name = strings.TrimSuffix(name, "+")
			piece.param, piece.source = true, compileSource(expression, "method.request.", vars)
			if err := piece.source.problem(); err != nil {
				return nil, err
			}
			rest = after
		}
		pieces = append(pieces, piece)
		target = rest
	}
	return pieces, nil
}

func validTarget(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == 0x7f || strings.IndexByte(`}"<>\^|`, c) >= 0 {
			return false
		}
	}
	return true
}

// appendTarget adds the request target for the exchange: the URI's own path and query, then the client's query if it is
// passed on, then the mapped query parameters.
func (x *exchange) appendTarget(dst []byte, i *integration) []byte {
	for p := range i.uri.pieces {
		piece := &i.uri.pieces[p]
		dst = append(dst, piece.literal...)
		if piece.param {
			dst = x.appendPathValue(dst, piece)
		}
	}
	separator := byte('?')
	if i.uri.query {
		separator = '&'
	}
	if i.proxy && len(x.query) > 0 {
		dst = append(append(dst, separator), x.query...)
		separator = '&'
	}
	o := x.overridden()
	for m := range i.queries {
		if o != nil {
			if _, ok := overridesParam(o.Query, i.queries[m].target, false); ok {
				continue
			}
		}
		for _, value := range x.requestValues(&i.queries[m].source) {
			if i.queries[m].kind == fromPath {
				value = unescapePath(value)
			}
			dst = appendQuery(dst, separator, i.queries[m].target, value)
			separator = '&'
		}
	}
	if o != nil {
		for _, p := range o.Query {
			dst = appendQuery(dst, separator, p.Name, p.Value)
			separator = '&'
		}
	}
	return dst
}

func appendQuery(dst []byte, separator byte, name, value string) []byte {
	dst = appendEscaped(append(dst, separator), name, "")
	return appendEscaped(append(dst, '='), value, "")
}

// appendPathValue adds a value to the path. One from the client's own path is encoded as the client did it, others are
// encoded here.
func (x *exchange) appendPathValue(dst []byte, piece *uriPiece) []byte {
	if o := x.overridden(); o != nil {
		if value, ok := overridesParam(o.Path, piece.name, false); ok {
			return appendEscaped(dst, value, pathSafe)
		}
	}
	s := &piece.source
	if s.kind == fromPath {
		for i, name := range x.route.params {
			if name == s.name {
				return appendRawPath(dst, x.params[i])
			}
		}
		return dst
	}
	for _, value := range x.requestValues(s) {
		dst = appendEscaped(dst, value, pathSafe)
	}
	return dst
}

// pathSafe are characters that stay as they are in a path.
const pathSafe = "/:@!$'()*,;=+&"

func appendRawPath(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == 0x7f || c == '#' || c == '?' {
			dst = appendPercent(dst, c)
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// appendEscaped percent-encodes all but unreserved characters and those in keep.
func appendEscaped(dst []byte, s, keep string) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= '0' && c <= '9' || isLetter(c) || c == '-' || c == '.' || c == '~' || strings.IndexByte(keep, c) >= 0 {
			dst = append(dst, c)
		} else {
			dst = appendPercent(dst, c)
		}
	}
	return dst
}

func appendPercent(dst []byte, c byte) []byte {
	const digits = "0123456789ABCDEF"
	return append(dst, '%', digits[c>>4], digits[c&15])
}

// unescapePath decodes a path parameter, leniently.
func unescapePath(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}
