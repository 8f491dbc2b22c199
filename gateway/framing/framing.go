// Package framing refuses bytes on a connection of HTTP/1 that servers in a row could read differently, and so be made to
// disagree on where a request ends (request smuggling). It knows the outer form of requests and nothing of what they mean;
// the server behind Listener reads them by itself, and answers the broken one. Bytes come from clients' connections and go
// to the servers of both listeners.
package framing

import (
	"bytes"
	"encoding/binary"
	"math"
)

// framing follows the bytes of a connection from request to request and finds the first one that no correct client sends.
// Servers in a row that read such bytes differently can be made to disagree on where a request ends; so nothing behind
// that byte is read at all. It is stricter than RFC 9112 where that leaves a choice: a line ends by CR LF, lines are not
// folded, one Host, one Content-Length, or one Transfer-Encoding, which is chunked, but not both.
//
//	request line   method SP target SP HTTP/1.x CR LF
//	head           (name: value CR LF)* CR LF
//	body           as many bytes as the length says, or chunks:
//	chunk          size [;extension] CR LF data CR LF      a size of 0 ends the body, with trailers as in a head
type framing struct {
	step  step
	field field
	// word is the value of field, or the name of a header, as far as it matters; words are as long as its length at most.
	word [24]byte
	n    int // bytes in word; more than fit: it is too long to be any that matters

	open                    bool // a request has begun and not ended
	headEnded               bool // just now
	old                     bool // HTTP/1.0
	hosts, lengths, codings int  // headers of the request's head
	trailers                bool // the lines are behind a body
	left                    int64
	extra                   int // bytes of chunk extensions and trailers
	digits                  int // of a chunk's size
}

// step says what the next byte belongs to.
type step uint8

const (
	between step = iota // requests
	betweenEnd
	methodStep
	targetBegin
	targetStep
	versionStep
	lineEnd // of the request line
	nameBegin
	nameStep
	valueStep
	valueEnd
	headEnd
	bodyStep
	sizeStep
	extensionStep
	sizeEnd
	chunkStep
	chunkCR
	chunkLF
)

// field is a header whose value says where a request goes or ends.
type field uint8

const (
	otherField field = iota
	hostField
	lengthField
	codingField
)

// The sorts of bytes.
const (
	tokenByte  = 1 << iota // of methods and names
	valueByte              // of values and chunk extensions
	targetByte             // of a request target
)

var byteSorts = func() (t [256]uint8) {
	for i := range t {
		c := byte(i)
		if c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) >= 0 {
			t[i] |= tokenByte
		}
		if c >= ' ' && c != 0x7f || c == '\t' {
			t[i] |= valueByte
		}
		if c > ' ' && c != 0x7f && c != '#' {
			t[i] |= targetByte
		}
	}
	return t
}()

// scan looks at the next bytes of the connection and returns how many of them are in order. Fewer than all: the one
// behind them is not, and scan is not to be called again.
func (f *framing) scan(b []byte) int {
	for i := 0; ; {
		n, e := f.next(b[i:])
		if i += n; e == Broken || e == More && i == len(b) {
			return i
		}
	}
}

// next looks at bytes until something comes to an end.
func (f *framing) next(b []byte) (int, Event) {
	for i := 0; ; i++ {
		switch f.step {
		case between:
			if f.open {
				f.open = false
				return i, End
			}
		case bodyStep, chunkStep:
			if i == 0 && len(b) > 0 {
				return f.skip(len(b)), Data
			}
			return i, More
		case targetStep:
			i += run(b[i:], targetByte)
		case nameStep:
			n := run(b[i:], tokenByte)
			f.noteName(b[i : i+n])
			f.extra += n
			i += n
		case valueStep:
			n := runValue(b[i:])
			if f.field != otherField {
				f.note(b[i : i+n])
			}
			f.extra += n
			i += n
		}
		if f.extra > maxExtra && f.trailers {
			return i, Broken
		}
		if i == len(b) {
			return i, More
		}
		if !f.take(b[i]) {
			return i, Broken
		}
		if f.headEnded {
			f.headEnded = false
			return i + 1, Head
		}
	}
}

// Method and Target report whether a text is a method, or a request target, as a request line of HTTP/1.1 can have it.
// They are for requests that came otherwise.
func Method(s string) bool { return isAll(s, tokenByte) }

// Target is described with Method.
func Target(s string) bool { return isAll(s, targetByte) }

func isAll(s string, sort uint8) bool {
	for i := range len(s) {
		if byteSorts[s[i]]&sort == 0 {
			return false
		}
	}
	return s != ""
}

// Value reports whether a text is one that a header's value can be, tabs included, and no other control characters.
func Value(b []byte) bool { return runValue(b) == len(b) }

// run counts the bytes of a sort at the beginning.
func run(b []byte, sort uint8) int {
	for i, c := range b {
		if byteSorts[c]&sort == 0 {
			return i
		}
	}
	return len(b)
}

// runValue is run for values, which are most of a head, by eight bytes at a time.
func runValue(b []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(b); n += 8 {
		x := binary.LittleEndian.Uint64(b[n:])
		del := x ^ 0x7f*ones
		if ((x-' '*ones)&^x|(del-ones)&^del)&highs != 0 {
			break // one of them is below a space, or DEL
		}
	}
	return n + run(b[n:], valueByte)
}

// skip passes over a part of the body.
func (f *framing) skip(most int) int {
	n := min(f.left, int64(most))
	if f.left -= n; f.left == 0 {
		if f.step == chunkStep {
			f.step = chunkCR
		} else {
			f.step = between
		}
	}
	return int(n)
}

// inBody reports whether any byte may come next.
func (f *framing) inBody() bool { return f.step == bodyStep || f.step == chunkStep }

// note adds to the word.
func (f *framing) note(b []byte) {
	if f.n <= len(f.word) {
		copy(f.word[f.n:], b)
	}
	f.n += len(b)
}

// noteName adds to the word with letters made small. What else changes by it is no byte of a name.
func (f *framing) noteName(b []byte) {
	if f.n+len(b) <= len(f.word) {
		for i, c := range b {
			f.word[f.n+i] = c | 0x20
		}
	}
	f.n += len(b)
}

func (f *framing) text() []byte {
	if f.n > len(f.word) {
		return nil
	}
	return f.word[:f.n]
}

// take takes one byte and reports whether it may stand where it does.
func (f *framing) take(c byte) bool {
	if f.step >= sizeStep {
		return f.takeChunk(c)
	}
	switch f.step {
	case between:
		if c == '\r' {
			return f.to(betweenEnd)
		}
		*f = framing{step: methodStep, open: true}
		return byteSorts[c]&tokenByte != 0
	case betweenEnd:
		return c == '\n' && f.to(between)
	case methodStep:
		return byteSorts[c]&tokenByte != 0 || c == ' ' && f.to(targetBegin)
	case targetBegin:
		return byteSorts[c]&targetByte != 0 && f.to(targetStep)
	case targetStep:
		return c == ' ' && f.to(versionStep)
	case versionStep:
		return f.takeVersion(c)
	default:
		return f.takeField(c)
	}
}

func (f *framing) to(s step) bool {
	f.step = s
	return true
}

func (f *framing) takeVersion(c byte) bool {
	if c != '\r' {
		f.note([]byte{c})
		return f.n <= len("HTTP/1.1")
	}
	version := string(f.text())
	f.old = version == "HTTP/1.0"
	return (f.old || version == "HTTP/1.1") && f.to(lineEnd)
}

// takeField takes a byte of a header line, or of the lines' ends.
func (f *framing) takeField(c byte) bool {
	switch f.step {
	case lineEnd, valueEnd:
		return c == '\n' && f.endLine() && f.to(nameBegin)
	case nameBegin:
		if c == '\r' {
			return f.to(headEnd)
		}
		f.n = 0
		f.extra += len("a:\r\n")
		f.noteName([]byte{c})
		return byteSorts[c]&tokenByte != 0 && f.to(nameStep)
	case nameStep:
		return c == ':' && f.beginValue()
	case valueStep:
		return c == '\r' && f.to(valueEnd)
	default: // headEnd
		return c == '\n' && f.endHead()
	}
}

// beginValue finds out by its name what a header is. Letters were noted as small ones.
func (f *framing) beginValue() bool {
	f.field = otherField
	switch string(f.text()) {
	case "host":
		f.field = hostField
		f.hosts++
	case "content-length":
		f.field = lengthField
		f.lengths++
	case "transfer-encoding":
		f.field = codingField
		f.codings++
	}
	f.n = 0
	f.step = valueStep
	return !f.trailers || f.field == otherField
}

// endLine reads the value that has ended, if it matters.
func (f *framing) endLine() bool {
	value := bytes.Trim(f.text(), " \t")
	switch field := f.field; field {
	case lengthField:
		f.field = otherField
		return f.readLength(value)
	case codingField:
		f.field = otherField
		return len(value) == len("chunked") && bytes.EqualFold(value, []byte("chunked")) // which takes a Kelvin sign for a k
	}
	return true
}

func (f *framing) readLength(digits []byte) bool {
	f.left = 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			return false
		}
		f.left = f.left*10 + int64(c-'0')
	}
	return len(digits) > 0 && len(digits) <= 18 // which fit an int64
}

// endHead decides what follows the empty line.
func (f *framing) endHead() bool {
	switch {
	case f.trailers:
		return f.to(between)
	case f.hosts > 1 || f.hosts == 0 && !f.old, f.lengths+f.codings > 1, f.codings > 0 && f.old:
		return false
	}
	f.headEnded = true
	switch {
	case f.codings > 0:
		f.extra = 0
		return f.beginChunk()
	case f.lengths > 0 && f.left > 0:
		return f.to(bodyStep)
	}
	return f.to(between)
}

// maxExtra bounds what a body in chunks brings beside its data: extensions, and trailers, which nobody reads.
const maxExtra = 16 << 10

func (f *framing) beginChunk() bool {
	f.left, f.digits = 0, 0
	return f.to(sizeStep)
}

// takeChunk takes a byte of a body in chunks, beside the data.
func (f *framing) takeChunk(c byte) bool {
	switch f.step {
	case sizeStep:
		return f.takeSize(c)
	case extensionStep:
		f.extra++
		return f.extra <= maxExtra && (byteSorts[c]&valueByte != 0 || c == '\r' && f.to(sizeEnd))
	case sizeEnd:
		if c != '\n' {
			return false
		}
		if f.left > 0 {
			return f.to(chunkStep)
		}
		f.trailers, f.field = true, otherField
		return f.to(nameBegin)
	case chunkCR:
		return c == '\r' && f.to(chunkLF)
	default: // chunkLF
		return c == '\n' && f.beginChunk()
	}
}

// takeSize takes a byte of a chunk's size, which is no larger than any body may be.
func (f *framing) takeSize(c byte) bool {
	if digit := hexDigit(c); digit >= 0 {
		f.left = f.left<<4 | int64(digit)
		f.digits++
		return f.digits <= 16 && f.left <= math.MaxInt32
	}
	switch {
	case f.digits == 0:
		return false
	case c == '\r':
		return f.to(sizeEnd)
	}
	return c == ';' && f.to(extensionStep)
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
