package gateway

import "strings"

// AWS' limits on requests.
const (
	maxBody        = 10 << 20 // bytes of payload
	maxURL         = 10_240   // bytes of the URL
	maxHeaderBytes = 10_240   // bytes of all header values together
)

// check refuses requests that are beyond AWS' limits. Those that are malformed (package
// framing) or whose body is too large (readBody) do not come so far.
func (x *exchange) check() *Error {
	switch {
	case len(x.target) > maxURL:
		return errURITooLong
	case strings.ContainsAny(str(x.query), "|{}"), !wholeEscapes(x.path):
		return errBadRequest
	}
	total := 0
	for _, h := range x.headers {
		total += len(h.value)
	}
	if total > maxHeaderBytes {
		return errHeadersTooLarge
	}
	return nil
}

// wholeEscapes reports whether each % in a path has its two digits. Back ends read others differently, or not at all.
func wholeEscapes(path string) bool {
	for {
		_, after, found := strings.Cut(path, "%")
		if !found {
			return true
		}
		if len(after) < 2 || !isHex(after[0]) || !isHex(after[1]) {
			return false
		}
		path = after[2:]
	}
}
