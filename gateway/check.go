package gateway

import "strings"

// AWS' limits on requests.
const (
	maxBody        = 10 << 20 // bytes of payload
	maxURL         = 10_240   // bytes of the URL
	maxHeaderBytes = 10_240   // bytes of all header values together
)

// check refuses requests that are malformed or beyond AWS' limits.
func (x *exchange) check() *Error {
	switch {
	case len(x.target) > maxURL:
		return errURITooLong
	case x.malformed:
		x.resp.SetConnectionClose() // what follows on it cannot be trusted
		return errBadRequest
	case strings.ContainsAny(str(x.query), "|{}"):
		return errBadRequest
	case len(x.body) > maxBody:
		return errBodyTooLarge
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
