package value

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
)

var ipFunctions = []Function{
	{"isValidIp", addressTest(func(netip.Addr) bool { return true })},
	{"isValidIpV4", addressTest(netip.Addr.Is4)},
	{"isValidIpV6", addressTest(netip.Addr.Is6)},
	{"isPrivateIP", addressTest(netip.Addr.IsPrivate)},
	{"isReservedIP", addressTest(isReserved)},
	{"isPublicIP", addressTest(func(ip netip.Addr) bool { return !ip.IsPrivate() && !isReserved(ip) })},
	{"isIpInSubnet", subnetTest(func(netip.Prefix) bool { return true }, "an IP subnet")},
	{"isIpv4InSubnet", subnetTest(func(p netip.Prefix) bool { return p.Addr().Is4() }, "an IPv4 subnet")},
	{"isIpv6InSubnet", subnetTest(func(p netip.Prefix) bool { return p.Addr().Is6() }, "an IPv6 subnet")},
	{"ipv4ToNumber", ofText(ipv4ToNumber)},
}

// addressTest is false for what is no IP address.
func addressTest(test func(netip.Addr) bool) func([]Value) (Eval, error) {
	return plain(func(_ *Context, args []Value) Value {
		ip, err := netip.ParseAddr(textOrEmpty(args[0]))
		return OfBool(err == nil && test(ip))
	})
}

// subnetTest is false for what is no IP address, and for one of the other family.
func subnetTest(allowed func(netip.Prefix) bool, what string) func([]Value) (Eval, error) {
	read := func(s string) (netip.Prefix, error) {
		p, err := netip.ParsePrefix(s)
		if err != nil || !allowed(p) {
			return p, fmt.Errorf("%q is not %s", s, what)
		}
		return p, nil
	}
	return func(known []Value) (Eval, error) {
		subnet, err := once(known[1], read)
		return func(_ *Context, args []Value) Value {
			p, ok := subnet(args[1])
			if !ok || !args[0].IsScalar() {
				return Value{}
			}
			ip, err := netip.ParseAddr(args[0].Text())
			return OfBool(err == nil && p.Contains(ip.WithZone("")))
		}, err
	}
}

func ipv4ToNumber(s string) Value {
	ip, err := netip.ParseAddr(s)
	if err != nil || !ip.Is4() {
		return Value{}
	}
	b := ip.As4()
	return OfNumber(float64(binary.BigEndian.Uint32(b[:])))
}

// isReserved says whether an address is in a block that IANA keeps for special purposes (RFC 6890 and its registries),
// other than the private ones.
func isReserved(ip netip.Addr) bool {
	ip = ip.WithZone("")
	return slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(ip) })
}

var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by carriers
	netip.MustParsePrefix("127.0.0.0/8"),     // loopback
	netip.MustParsePrefix("169.254.0.0/16"),  // link-local
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("224.0.0.0/4"),     // multicast
	netip.MustParsePrefix("240.0.0.0/4"),     // future use, broadcast
	netip.MustParsePrefix("::/128"),          // unspecified
	netip.MustParsePrefix("::1/128"),         // loopback
	netip.MustParsePrefix("::ffff:0:0/96"),   // IPv4 in IPv6
	netip.MustParsePrefix("64:ff9b:1::/48"),  // translation
	netip.MustParsePrefix("100::/64"),        // discard
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("fe80::/10"),       // link-local
	netip.MustParsePrefix("ff00::/8"),        // multicast
}
