package gateway

import (
	"bytes"
	"strings"
)

// wellFormed reports whether the target of a request over HTTP/1.1 has one of the forms of RFC 9112 §3.2, and Host is a host,
// so that all servers take them for the same one. Package framing has seen to the bytes that they may have.
func (x *exchange) wellFormed(old bool) bool {
	if !isAuthority(x.host) && (!old || len(x.host) > 0) { // HTTP/1.0 does without
		return false
	}
	switch {
	case x.target[0] == '/':
		return true
	case string(x.target) == "*":
		return x.method == "OPTIONS"
	case x.method == "CONNECT":
		return isAuthority(x.target)
	}
	scheme, rest, _ := bytes.Cut(x.target, []byte("://"))
	if i := bytes.IndexAny(rest, "/?"); i >= 0 {
		rest = rest[:i]
	}
	return isScheme(scheme) && isAuthority(rest)
}

// isScheme follows RFC 3986 §3.1.
func isScheme(s []byte) bool {
	for i, c := range s {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return len(s) > 0
}

// isAuthority reports whether a text is a host, and maybe a port (RFC 3986 §3.2). One with a user is not taken, nor one with
// a comma, which some read as a list.
func isAuthority(s []byte) bool {
	host, port := s, []byte(nil)
	if end := bytes.IndexByte(s, ']'); len(s) > 0 && s[0] == '[' && end > 1 {
		host, port = s[1:end], s[end+1:]
	} else if i := bytes.IndexByte(s, ':'); i >= 0 {
		host, port = s[:i], s[i:]
	}
	if len(host) == 0 || len(port) > 0 && (port[0] != ':' || !isPort(port[1:]) && len(port) > 1) {
		return false
	}
	literal := len(host) < len(s) && s[0] == '['
	for _, c := range host {
		if !isHostByte(c) && (c != ':' || !literal) {
			return false
		}
	}
	return true
}

func isHostByte(c byte) bool {
	return c >= '0' && c <= '9' || isLetter(c) || strings.IndexByte("-.~%!$&'()*+;=", c) >= 0 // isLetter takes _ too
}
