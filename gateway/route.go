package gateway

import (
	"bytes"
	"strings"
)

// findRoute finds the resource and the method. AWS has no 404 and no 405: what is not there needs a token.
func (x *exchange) findRoute() *Error {
	method := x.method
	if override := x.known.methodOverride; len(override) > 0 && coveredByAny(str(override)) {
		method = str(override)
		x.entry.Method = method
	}
	n, params := x.table.router.find(x.path, x.params[:0])
	x.params = params
	if n == nil {
		return x.noRoute()
	}
	if x.route = n.route(method); x.route == nil {
		return x.noRoute()
	}
	x.method = method
	x.entry.ResourceID = x.route.resourceID
	x.entry.ResourcePath = x.route.resourcePath
	return nil
}

func (x *exchange) noRoute() *Error {
	if auth := x.known.authorization; len(auth) > 0 && !isSigV4(auth) {
		return incompleteSignature(strings.ToValidUTF8(str(auth), "\ufffd"))
	}
	return errMissingToken
}

// isSigV4 reports whether an Authorization header is a signature of AWS' fourth version.
func isSigV4(authorization []byte) bool {
	return bytes.HasPrefix(authorization, []byte("AWS4-HMAC-SHA256 "))
}
