package insights

import (
	"strings"
	"time"

	"github.com/tollbook/tollbook/logs/insights/value"
)

// Lines of two AWS services that are no JSON have fields too (spec/cloudwatch-logs §6.3). AWS goes by what writes to a log
// group; here a line is known by its form, whoever wrote it: the values stand between single spaces, as many as the format
// has, and those that the format fixes are as they must be. A value that is - is none.
type lineFormat struct {
	names []string
	is    func(values []string) bool
}

// vpcFlowLog is a VPC flow log record in the default format, version 2:
//
//	2 123456789010 eni-1235b8ca 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK
var vpcFlowLog = lineFormat{
	names: []string{
		"version", "accountId", "interfaceId", "srcAddr", "dstAddr", "srcPort", "dstPort", "protocol", "packets", "bytes",
		"startTime", "endTime", "action", "logStatus",
	},
	is: func(values []string) bool {
		switch values[13] {
		case "OK", "NODATA", "SKIPDATA":
			return values[0] == "2" && strings.HasPrefix(values[2], "eni-")
		}
		return false
	},
}

// route53Log is a query log record of a public hosted zone of Route 53:
//
//	1.0 2017-12-13T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 2001:db8::1234 2001:db8:abcd::/48
var route53Log = lineFormat{
	names: []string{
		"version", "queryTimestamp", "hostZoneId", "queryName", "queryType", "responseCode", "protocol", "edgeLocation",
		"resolverIp", "ednsClientSubnet",
	},
	is: func(values []string) bool {
		_, err := time.Parse(time.RFC3339, values[1])
		return err == nil && strings.HasPrefix(values[2], "Z") && (values[6] == "UDP" || values[6] == "TCP")
	},
}

// lineFields are the names of all fields that lines can have.
var lineFields = func() map[string]bool {
	all := map[string]bool{}
	for _, f := range []lineFormat{vpcFlowLog, route53Log} {
		for _, name := range f.names {
			all[name] = true
		}
	}
	return all
}()

// maxLineValues is more than the longest format has.
const maxLineValues = 15

// eachLineField calls found for the fields of a line, in their order. Values share memory with the message.
func eachLineField(message string, found func(name, text string)) {
	var values [maxLineValues]string
	n := 0
	for rest, more := message, true; more; n++ {
		if n == maxLineValues {
			return
		}
		values[n], rest, more = strings.Cut(rest, " ")
	}
	var f lineFormat
	switch n {
	case len(vpcFlowLog.names):
		f = vpcFlowLog
	case len(route53Log.names):
		f = route53Log
	default:
		return
	}
	if !f.is(values[:n]) {
		return
	}
	for i, name := range f.names {
		if values[i] != "-" {
			found(name, values[i])
		}
	}
}

// pickLine is pick for a message without an object.
func (p *picker) pickLine(message []byte) {
	eachLineField(view(message), func(name, text string) {
		if place, ok := p.places[name]; ok {
			p.out[place] = value.OfText(strings.Clone(text))
		}
	})
}
