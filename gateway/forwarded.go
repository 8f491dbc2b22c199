package gateway

import (
	"bytes"
	"net/netip"
	"strings"
)

// forwarded is what a trusted proxy says of the client whose request it passes on.
type forwarded struct {
	by          netip.Addr // the proxy; zero: the client came by itself
	proto, port string     // as the client sees them; empty: the proxy does not say
}

// arrive notes where a request comes from. A trusted proxy is believed on whom it serves: the client is the last address of
// X-Forwarded-For that is no trusted proxy's itself. Whatever stands before that, anybody could have written.
func (x *exchange) arrive(peer netip.Addr) {
	if !x.g.proxies.contains(peer) {
		x.setPeer(peer)
		return
	}
	x.forwarded.by = peer
	x.setPeer(x.forwardedFor(peer))
	switch proto := str(x.headerNamed("X-Forwarded-Proto")); {
	case strings.EqualFold(proto, "https"):
		x.forwarded.proto = "https"
	case strings.EqualFold(proto, "http"):
		x.forwarded.proto = "http"
	}
	if port := x.headerNamed("X-Forwarded-Port"); isPort(port) {
		x.forwarded.port = str(port)
	}
}

// forwardedFor goes through X-Forwarded-For from its end and stops at the first address that is not trusted, or at one that
// cannot be read.
func (x *exchange) forwardedFor(client netip.Addr) netip.Addr {
	for i := len(x.headers) - 1; i >= 0; i-- {
		if !isName(x.headers[i].name, "X-Forwarded-For") {
			continue
		}
		for rest, more := x.headers[i].value, true; more; {
			var text []byte
			rest, text, more = cutLast(rest)
			addr, ok := readForwarded(str(bytes.TrimSpace(text)))
			if !ok {
				return client
			}
			if client = addr; !x.g.proxies.contains(client) {
				return client
			}
		}
	}
	return client
}

// cutLast splits the last element off a list.
func cutLast(list []byte) (rest, last []byte, more bool) {
	i := bytes.LastIndexByte(list, ',')
	return list[:max(i, 0)], list[i+1:], i >= 0
}

// readForwarded reads an address, which some proxies write with a port.
func readForwarded(text string) (netip.Addr, bool) {
	if len(text) > len("[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535") {
		return netip.Addr{}, false
	}
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr(), true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return addr, err == nil
}

func isPort(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) > 0 && len(text) <= 5
}

// secure reports whether the client's own connection is encrypted.
func (x *exchange) secure() bool {
	if x.forwarded.proto != "" {
		return x.forwarded.proto == "https"
	}
	return x.entry.TLSVersion != ""
}

// appendForwardedFor adds who sent the request to what the client or a proxy said.
func (x *exchange) appendForwardedFor(chain string) string {
	last := x.entry.SourceIP
	if x.forwarded.by.IsValid() {
		last = x.forwarded.by.Unmap().WithZone("").String()
	}
	if chain == "" {
		return last
	}
	return chain + ", " + last
}
