package protocol

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"time"
)

// Limits of what one CBOR document may ask of us: an element of a byte can become a structure of hundreds.
const (
	maxCBORDepth    = 128
	maxCBORElements = 1 << 20
)

// Major types of RFC 8949 §3.1, and the byte that ends items of indefinite length.
const (
	cborUint = iota
	cborNegative
	cborBytes
	cborText
	cborArray
	cborMap
	cborTag
	cborSimple
	cborBreak = 0xff
)

// The simple values and floats that the protocol knows, by their initial byte.
const (
	cborFalse     = 0xf4
	cborTrue      = 0xf5
	cborNull      = 0xf6
	cborUndefined = 0xf7
	cborFloat16   = 0xf9
	cborFloat32   = 0xfa
	cborFloat64   = 0xfb
)

const epochTag = 1

// CBOR reads one CBOR document (RFC 8949, as Smithy RPC v2 uses it) for generated decoders, with the methods of JSON.
// Items may have definite or indefinite length. Null and undefined count as absent.
type CBOR struct {
	b        []byte // what is left
	elements int    // seen so far in arrays and maps
	// V takes the nulls where a value is required.
	V *Violations
}

// NewCBOR reads body, which stays untouched; nulls where a value is required are noted in v. An empty body counts as an
// empty map.
func NewCBOR(body []byte, v *Violations) *CBOR {
	if len(body) == 0 {
		body = []byte{cborMap << 5}
	}
	return &CBOR{b: body, V: v}
}

func malformedCBOR() error { return serialization("The request body is not well-formed CBOR.") }

// CBORItems runs through the entries of a map or an array.
type CBORItems struct {
	c     *CBOR
	left  uint64 // entries to come, where their number is known
	open  bool   // ended by a break instead
	keyed bool   // a map
	key   []byte
	err   error
}

// Next moves to the next entry and reports whether there is one; in a map it reads the key. The caller then reads or
// skips the value.
func (it *CBORItems) Next() bool {
	switch {
	case it.err != nil:
		return false
	case it.open && len(it.c.b) > 0 && it.c.b[0] == cborBreak:
		it.c.b = it.c.b[1:]
		return false
	case !it.open && it.left == 0:
		return false
	}
	it.left--
	if it.c.elements++; it.c.elements > maxCBORElements {
		it.err = serialization("The request body has more than %d elements", maxCBORElements)
	} else if it.keyed {
		it.key, it.err = it.c.chunks(cborText)
	}
	return it.err == nil
}

// Key is the key of the entry, valid until the next one.
func (it *CBORItems) Key() []byte { return it.key }

// Err is what ended the entries before their end.
func (it *CBORItems) Err() error { return it.err }

// Object begins a map; the caller loops over the iterator's Next and ends with Done.
func (c *CBOR) Object() (CBORItems, error) { return c.items(cborMap) }

// Array begins an array; the caller loops over the iterator's Next and ends with Done.
func (c *CBOR) Array() (CBORItems, error) { return c.items(cborArray) }

func (c *CBOR) items(major byte) (CBORItems, error) {
	n, open, err := c.head(major)
	return CBORItems{c: c, left: n, open: open, keyed: major == cborMap}, err
}

// Done passes on the error with which an iterator ended.
func (c *CBOR) Done(err error) error { return err }

// End checks that nothing follows the document.
func (c *CBOR) End() error {
	if len(c.b) > 0 {
		return malformedCBOR()
	}
	return nil
}

// SkipNull consumes a null, if that is what comes next.
func (c *CBOR) SkipNull() bool {
	if len(c.b) == 0 || c.b[0] != cborNull && c.b[0] != cborUndefined {
		return false
	}
	c.b = c.b[1:]
	return true
}

// Skip consumes a value that the model does not know.
func (c *CBOR) Skip() error { return c.skip(0) }

func (c *CBOR) skip(depth int) (err error) {
	if len(c.b) == 0 || depth > maxCBORDepth {
		return malformedCBOR()
	}
	switch major := c.b[0] >> 5; major {
	case cborUint, cborNegative:
		_, _, err = c.head(major)
	case cborBytes, cborText:
		_, err = c.chunks(major)
	case cborTag:
		if _, _, err = c.head(major); err == nil {
			err = c.skip(depth + 1)
		}
	case cborSimple:
		err = c.skipSimple()
	default:
		err = c.skipItems(major, depth)
	}
	return err
}

func (c *CBOR) skipItems(major byte, depth int) error {
	it, err := c.items(major)
	if err != nil {
		return err
	}
	for it.Next() {
		if err := c.skip(depth + 1); err != nil {
			return err
		}
	}
	return it.Err()
}

func (c *CBOR) skipSimple() error {
	switch first := c.b[0]; first {
	case cborFloat16, cborFloat32, cborFloat64:
		_, err := c.float()
		return err
	case cborFalse, cborTrue, cborNull, cborUndefined:
		c.b = c.b[1:]
		return nil
	}
	return malformedCBOR()
}

// head consumes an initial byte of the given type with its argument; open says that the length is indefinite.
func (c *CBOR) head(major byte) (n uint64, open bool, err error) {
	if len(c.b) == 0 {
		return 0, false, malformedCBOR()
	}
	if c.b[0]>>5 != major {
		return 0, false, c.unexpected(cborNames[major])
	}
	info := c.b[0] & 31
	c.b = c.b[1:]
	switch {
	case info < 24:
		return uint64(info), false, nil
	case info < 28:
		n, err = c.uint(1 << (info - 24))
		return n, false, err
	case info == 31 && major >= cborBytes && major <= cborMap:
		return 0, true, nil
	}
	return 0, false, malformedCBOR()
}

// uint consumes a big-endian number of 1, 2, 4 or 8 bytes.
func (c *CBOR) uint(size int) (uint64, error) {
	if len(c.b) < size {
		return 0, malformedCBOR()
	}
	var wide [8]byte
	copy(wide[8-size:], c.b[:size])
	c.b = c.b[size:]
	return binary.BigEndian.Uint64(wide[:]), nil
}

// chunks consumes a string of bytes or text. What it returns may lie in the document.
func (c *CBOR) chunks(major byte) ([]byte, error) {
	n, open, err := c.head(major)
	if err != nil {
		return nil, err
	}
	if !open {
		return c.take(n)
	}
	var whole []byte
	for {
		if len(c.b) > 0 && c.b[0] == cborBreak {
			c.b = c.b[1:]
			return whole, nil
		}
		n, nested, err := c.head(major)
		if err != nil || nested {
			return nil, malformedCBOR()
		}
		part, err := c.take(n)
		if err != nil {
			return nil, err
		}
		whole = append(whole, part...)
	}
}

func (c *CBOR) take(n uint64) ([]byte, error) {
	if n > uint64(len(c.b)) {
		return nil, malformedCBOR()
	}
	part := c.b[:n]
	c.b = c.b[n:]
	return part, nil
}

// String reads a text string; bytes that are no UTF-8 are read as U+FFFD.
func (c *CBOR) String() (string, error) {
	b, err := c.chunks(cborText)
	return strings.ToValidUTF8(string(b), "\uFFFD"), err
}

// Blob reads a byte string.
func (c *CBOR) Blob() ([]byte, error) {
	b, err := c.chunks(cborBytes)
	return bytes.Clone(b), err
}

// Bool reads a boolean.
func (c *CBOR) Bool() (bool, error) {
	if len(c.b) == 0 {
		return false, malformedCBOR()
	}
	first := c.b[0]
	if first != cborFalse && first != cborTrue {
		return false, c.unexpected("boolean")
	}
	c.b = c.b[1:]
	return first == cborTrue, nil
}

// Int64 reads an integer; a fraction is cut off.
func (c *CBOR) Int64() (int64, error) {
	if len(c.b) == 0 {
		return 0, malformedCBOR()
	}
	if major := c.b[0] >> 5; major <= cborNegative {
		n, _, err := c.head(major)
		if err == nil && n > math.MaxInt64 {
			err = serialization("%d can not be converted to a Long", n)
		}
		if major == cborNegative {
			return -1 - int64(n), err
		}
		return int64(n), err
	}
	f, err := c.float()
	if err == nil && !(f > math.MinInt64 && f < math.MaxInt64) {
		err = serialization("%g can not be converted to a Long", f)
	}
	if err != nil {
		return 0, err
	}
	return int64(f), nil
}

// Int32 reads an integer of 32 bits; a fraction is cut off.
func (c *CBOR) Int32() (int32, error) {
	n, err := c.Int64()
	if err == nil && n != int64(int32(n)) {
		err = serialization("%d can not be converted to an Integer", n)
	}
	return int32(n), err
}

// Float64 reads a number, a float of any width or an integer.
func (c *CBOR) Float64() (float64, error) {
	if len(c.b) > 0 && c.b[0]>>5 <= cborNegative {
		major := c.b[0] >> 5
		n, _, err := c.head(major)
		if major == cborNegative {
			return -1 - float64(n), err
		}
		return float64(n), err
	}
	return c.float()
}

func (c *CBOR) float() (float64, error) {
	if len(c.b) == 0 {
		return 0, malformedCBOR()
	}
	first := c.b[0]
	if first < cborFloat16 || first > cborFloat64 {
		return 0, c.unexpected("number")
	}
	c.b = c.b[1:]
	bits, err := c.uint(2 << (first - cborFloat16))
	switch first {
	case cborFloat16:
		return halfFloat(uint16(bits)), err
	case cborFloat32:
		return float64(math.Float32frombits(uint32(bits))), err
	default:
		return math.Float64frombits(bits), err
	}
}

// halfFloat is the value of an IEEE 754 number of 16 bits (RFC 8949 appendix D).
func halfFloat(h uint16) float64 {
	exponent, fraction := int(h>>10&31), float64(h&1023)
	var f float64
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 31:
		f = math.Inf(1)
		if fraction != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(fraction+1024, exponent-25)
	}
	if h&0x8000 != 0 {
		f = -f
	}
	return f
}

// Time reads a point in time: seconds since 1970, tagged as such or not.
func (c *CBOR) Time() (time.Time, error) {
	if len(c.b) > 0 && c.b[0]>>5 == cborTag {
		if tag, _, err := c.head(cborTag); err != nil || tag != epochTag {
			return time.Time{}, serialization("Tag %d is no timestamp", tag)
		}
	}
	f, err := c.Float64()
	if err != nil {
		return time.Time{}, err
	}
	return epochTime(f)
}

// unexpected is the error of a value that is not of the type that the model says.
func (c *CBOR) unexpected(want string) error {
	found := cborNames[c.b[0]>>5]
	switch c.b[0] {
	case cborBreak:
		return malformedCBOR()
	case cborFalse, cborTrue:
		found = "boolean"
	case cborNull, cborUndefined:
		found = "null"
	}
	return serialization("Unexpected value type in payload: %s found where a %s is expected", found, want)
}

var cborNames = [...]string{"integer", "negative integer", "byte string", "string", "list", "structure or map", "tag", "number"}
