// Package entries makes access log entries for benchmarks, always the same for the same seed: JSON lines of about 300
// bytes as an API with 60 resources would log them, with 50,000 client addresses of which few make most of the requests,
// and about 60 entries a second of log time. Nothing is kept: any number of entries takes the memory of one.
package entries

import (
	"fmt"
	"math/rand"
	"strconv"
	"time"
)

// Seed is the one that published numbers were measured with.
const Seed = 7

// The layouts of the two times in an entry, which are UTC.
const (
	isoLayout = "2006-01-02T15:04:05.000Z"
	clfLayout = "02/Jan/2006:15:04:05 -0700"
)

const (
	clients     = 50_000
	resources   = 60
	maxStepMS   = 33 // between two entries
	meanLatency = 40 // ms
)

// How often a word stands here is how often it comes.
var (
	methods  = [...]string{"GET", "GET", "GET", "GET", "POST", "PUT", "DELETE"}
	statuses = [...]int{200, 200, 200, 200, 200, 200, 201, 204, 304, 400, 403, 404, 404, 429, 500, 502, 504}
	kinds    = [...]string{"notes", "users", "orders", "pets", "billing", "search"}
)

// Generator makes one entry after the other. It is not safe for concurrent use.
type Generator struct {
	random  *rand.Rand
	clients *rand.Zipf
	paths   [resources]string
	now     time.Time
}

// New returns a generator whose entries begin on 2026-11-20.
func New(seed int64) *Generator {
	g := &Generator{random: rand.New(rand.NewSource(seed)), now: time.Date(2026, time.November, 20, 0, 0, 0, 0, time.UTC)}
	g.clients = rand.NewZipf(g.random, 1.2, 8, clients)
	for i := range g.paths {
		g.paths[i] = "/" + kinds[i%len(kinds)] + "/{id}"
		if i >= len(kinds) {
			g.paths[i] = fmt.Sprintf("/v%d%s/sub%d", i%3, g.paths[i], i)
		}
	}
	return g
}

// Entry is one that was appended to a buffer.
type Entry struct {
	Time time.Time
	// RequestID is the place of the request ID in the buffer: from there, 36 bytes.
	RequestID int
}

// RequestIDLen is the length of a request ID, in bytes.
const RequestIDLen = 36

// Append appends the next entry, without a line's end, to buf. What follows from the seed depends on the order in which
// random numbers are drawn, so the fields are made in the order in which they stand.
func (g *Generator) Append(buf []byte) ([]byte, Entry) {
	g.now = g.now.Add(time.Duration(g.random.Intn(maxStepMS+1)) * time.Millisecond)
	client := g.clients.Uint64()

	buf = g.now.AppendFormat(append(buf, `{"_time":"`...), isoLayout)
	buf = append(buf, `","requestId":"`...)
	e := Entry{Time: g.now, RequestID: len(buf)}
	buf = g.appendID(buf)
	buf = append(buf, `","ip":"10.`...)
	buf = appendAddress(buf, client)
	buf = append(buf, `","caller":"-","user":"-","requestTime":"`...)
	buf = g.now.AppendFormat(buf, clfLayout)
	buf = append(append(buf, `","httpMethod":"`...), methods[g.random.Intn(len(methods))]...)
	buf = append(append(buf, `","resourcePath":"`...), g.paths[g.random.Intn(len(g.paths))]...)
	buf = appendNumber(append(buf, `","status":"`...), statuses[g.random.Intn(len(statuses))])
	buf = appendNumber(append(buf, `","protocol":"HTTP/1.1","responseLength":"`...), g.random.Intn(20_000))
	buf = appendNumber(append(buf, `","latency":"`...), 1+int(g.random.ExpFloat64()*meanLatency))
	return append(buf, `"}`...), e
}

// appendID appends a request ID in the form of a UUID.
func (g *Generator) appendID(buf []byte) []byte {
	buf = appendHex(buf, uint64(g.random.Uint32()), 8)
	for range 3 {
		buf = appendHex(append(buf, '-'), uint64(g.random.Intn(1<<16)), 4)
	}
	return appendHex(append(buf, '-'), uint64(g.random.Int63n(1<<48)), 12)
}

func appendHex(buf []byte, n uint64, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		buf = append(buf, "0123456789abcdef"[n>>shift&15])
	}
	return buf
}

func appendAddress(buf []byte, client uint64) []byte {
	buf = strconv.AppendUint(buf, client>>16, 10)
	buf = strconv.AppendUint(append(buf, '.'), client>>8&255, 10)
	return strconv.AppendUint(append(buf, '.'), client&255, 10)
}

func appendNumber(buf []byte, n int) []byte { return strconv.AppendInt(buf, int64(n), 10) }
