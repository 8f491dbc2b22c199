//go:build !unix

package gateway

import "net"

// alive cannot look at a connection on this system; a request that finds it closed is repeated if that does no harm.
func alive(net.Conn) bool { return true }
