package insights

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs/insights/value"
)

const (
	flowLine   = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK"
	noDataLine = "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA"
	dnsLine    = "1.0 2017-12-13T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 2001:db8::1234 -"
)

func TestLineFields(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		flowLine: "version=2 accountId=123456789010 interfaceId=eni-1235b8ca123456789 srcAddr=172.31.16.139 dstAddr=172.31.16.21" +
			" srcPort=20641 dstPort=22 protocol=6 packets=20 bytes=4249 startTime=1418530010 endTime=1418530070 action=ACCEPT logStatus=OK",
		noDataLine: "version=2 accountId=123456789010 interfaceId=eni-1235b8ca123456789 startTime=1431280876 endTime=1431280934 logStatus=NODATA",
		dnsLine: "version=1.0 queryTimestamp=2017-12-13T08:16:02.130Z hostZoneId=Z123412341234 queryName=example.com queryType=A" +
			" responseCode=NOERROR protocol=UDP edgeLocation=FRA6 resolverIp=2001:db8::1234",
		"REPORT RequestId: r1\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 70 MB\t": "" +
			"@billedDuration=13 @duration=12.34 @maxMemoryUsed=70000000 @memorySize=128000000 @requestId=r1 @type=REPORT",
		flowLine + " more":                                 "",
		strings.Replace(flowLine, "eni-", "x", 1):          "",
		strings.Replace(flowLine, " OK", " ok", 1):         "",
		strings.Replace(dnsLine, "UDP", "udp", 1):          "",
		strings.Replace(dnsLine, "2017-12-13", "today", 1): "",
		"a b c": "",
	} {
		var got []string
		for _, f := range DiscoverFields(message) {
			got = append(got, f.Name+"="+f.Value)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", message, diff)
		}
	}
}

func TestPickLine(t *testing.T) {
	t.Parallel()
	p := newPicker([]string{"protocol", "bytes", "a"})
	out := make([]value.Value, 3)
	for _, c := range []struct{ message, want string }{
		{flowLine, "6,4249,"}, {dnsLine, "UDP,,"}, {noDataLine, ",,"}, {`{"bytes":1,"a":2}`, ",1,2"}, {"plain text", ",,"},
	} {
		message := []byte(c.message)
		p.pick(message, out)
		clear(message) // what was picked stays
		if got := out[0].Text() + "," + out[1].Text() + "," + out[2].Text(); got != c.want {
			t.Errorf("%s: %s, want %s", c.message, got, c.want)
		}
	}
}
