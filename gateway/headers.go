package gateway

import "strings"

// rule says what becomes of a header that passes the gateway.
type rule uint8

const (
	pass   rule = iota
	drop        // not sent on
	rename      // sent on as x-amzn-Remapped-…
	coding      // sent on only if the body is in that coding, so that it can be read
)

const remapped = "x-amzn-Remapped-"

// requestRules are for the client's headers on their way to an HTTP_PROXY back end. A header without a rule passes. Those
// of the first group AWS drops while it reads the request, so that no mapping sees them either.
var requestRules = map[string]rule{
	"connection":         drop,
	"content-length":     drop,
	"content-md5":        drop,
	"expect":             drop,
	"max-forwards":       drop,
	"proxy-authenticate": drop,
	"server":             drop,
	"te":                 drop,
	"transfer-encoding":  drop,
	"trailer":            drop,
	"upgrade":            drop,
	"www-authenticate":   drop,

	"via":                      drop,
	"host":                     drop, // the end point's own is sent
	"content-encoding":         coding,
	"keep-alive":               drop, // hop by hop
	"proxy-connection":         drop,
	"x-amzn-trace-id":          drop, // sent anew
	"x-amzn-apigateway-api-id": drop,
}

// responseRules are for the headers of an HTTP_PROXY back end on their way to the client.
var responseRules = map[string]rule{
	"authorization":    rename,
	"connection":       rename,
	"content-length":   rename,
	"content-md5":      rename,
	"date":             rename,
	"max-forwards":     rename,
	"server":           rename,
	"user-agent":       rename,
	"www-authenticate": rename,
	"x-amzn-requestid": rename,
	"x-amz-apigw-id":   rename,

	"content-encoding":   coding,
	"expect":             drop,
	"host":               drop,
	"keep-alive":         drop,
	"proxy-authenticate": drop,
	"te":                 drop,
	"trailer":            drop,
	"transfer-encoding":  drop,
	"upgrade":            drop,
	"via":                drop,
}

// mappedResponseRules are for headers that an integration response sets.
var mappedResponseRules = map[string]rule{
	"authorization":      rename,
	"connection":         rename,
	"content-length":     rename,
	"content-md5":        rename,
	"date":               rename,
	"expect":             rename,
	"host":               rename,
	"max-forwards":       rename,
	"proxy-authenticate": rename,
	"server":             rename,
	"trailer":            rename,
	"upgrade":            rename,
	"user-agent":         rename,
	"www-authenticate":   rename,
	"transfer-encoding":  drop,
}

// droppedFromHTTP reports headers that no mapping and no template can send to an HTTP back end: they speak of the connection
// to it, which is the gateway's own.
func droppedFromHTTP(name string) bool {
	switch strings.ToLower(name) {
	case "connection", "expect", "proxy-authenticate", "te", "via":
		return true
	}
	return false
}

func mappedResponseRule(name string) rule { return mappedResponseRules[strings.ToLower(name)] }

// ruleLengths has a bit for each length that the name of a header with a rule has: few others need be looked up.
var ruleLengths = func() (bits uint64) {
	for _, rules := range []map[string]rule{requestRules, responseRules} {
		for name := range rules {
			bits |= 1 << len(name)
		}
	}
	return bits
}()

// ruleFor looks up a header's rule without allocating.
func ruleFor(rules map[string]rule, name []byte) rule {
	var buf [32]byte
	if len(name) > len(buf) || ruleLengths>>len(name)&1 == 0 {
		return pass
	}
	lower := buf[:len(name)]
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	return rules[string(lower)]
}

// isCoding reports whether a Content-Encoding is one that a receiver has to undo.
func isCoding(value []byte) bool {
	switch strings.ToLower(string(value)) {
	case "gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress":
		return true
	}
	return false
}

// nominated reports whether the Connection header names a header as being for the next hop only.
func nominated(connection, name []byte) bool {
	for token := range strings.SplitSeq(str(connection), ",") {
		if strings.EqualFold(strings.TrimSpace(token), str(name)) {
			return true
		}
	}
	return false
}
