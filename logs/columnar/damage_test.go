package columnar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/condition"
)

// everything is what all reads of a block say.
func everything(block []byte) (string, error) {
	b, err := Open(bytes.NewReader(block), int64(len(block)))
	if err != nil {
		return "", err
	}
	return b.everything()
}

func (b *Block) everything() (string, error) {
	var out bytes.Buffer
	var p Positions
	errs := []error{b.Positions(0, b.Len(), &p)}
	fmt.Fprint(&out, p)
	for row := range b.Len() {
		m, err := b.AppendMessage(nil, row)
		errs = append(errs, err)
		fmt.Fprintf(&out, "%q", m)
	}
	for _, c := range []condition.Condition{condition.Contains("7"), condition.Contains(`"status":"404"`), condition.Contains("3dcb9"),
		condition.Field{Path: []string{"ip"}, Test: func(v condition.Value) bool { return strings.Contains(v.Text, "4") }}} {
		excluded, err := b.Excludes(c)
		rows := allRows(b.Len())
		errs = append(errs, err, b.Select(c, rows))
		fmt.Fprint(&out, excluded, rows.Count())
	}
	fields, err := b.Fields()
	errs = append(errs, err)
	for _, f := range fields {
		v, err := b.Vector(f.Path)
		errs = append(errs, err)
		fmt.Fprint(&out, f, v)
	}
	return out.String(), errors.Join(errs...)
}

func TestEveryFlippedByteIsFound(t *testing.T) {
	t.Parallel()
	rows := lookRows(5, 60, "json", "numbers", "text", "odd")
	for range 10 {
		rows.add(1, 2, 3, `{"unshaped":1,"unshaped":2}`)
	}
	block := encode(rows)
	if b := open(t, block); len(b.shapes) < 3 || b.texts == nil {
		t.Fatalf("%d shapes; the block does not show much", len(b.shapes))
	}
	for at := range block {
		damaged := slices.Clone(block)
		damaged[at] ^= byte(1 + at%255)
		if at%5 == 0 {
			if _, err := everything(damaged); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("byte %d: %v", at, err)
			}
		}
		b, err := Open(bytes.NewReader(damaged), int64(len(damaged)))
		if err == nil {
			err = b.Verify()
		}
		if !errors.Is(err, ErrCorrupt) {
			t.Fatalf("byte %d is not verified: %v", at, err)
		}
	}
	for size := range block {
		if _, err := Open(bytes.NewReader(block[:size]), int64(size)); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("%d of %d bytes: %v", size, len(block), err)
		}
	}
}

type brokenReader struct{ io.ReaderAt }

var errBroken = errors.New("broken disk")

func (r brokenReader) ReadAt(p []byte, at int64) (int, error) {
	if at > 0 {
		return 0, errBroken
	}
	return r.ReaderAt.ReadAt(p, at)
}

func TestReadErrorsAreTheReadersOwn(t *testing.T) {
	t.Parallel()
	block := encode(accessLog(7, 3000))
	b, err := Open(brokenReader{bytes.NewReader(block)}, int64(len(block)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.AppendMessage(nil, 5); !errors.Is(err, errBroken) || errors.Is(err, ErrCorrupt) {
		t.Errorf("message: %v", err)
	}
	if err := b.Positions(0, 1, new(Positions)); !errors.Is(err, errBroken) {
		t.Errorf("positions: %v", err)
	}
	if err := b.Verify(); !errors.Is(err, errBroken) {
		t.Errorf("verify: %v", err)
	}
}

// unpackedHeader is a block's header as it is before compression, and its data.
func unpackedHeader(t testing.TB, block []byte) (header, data []byte) {
	t.Helper()
	stored := int(binary.LittleEndian.Uint32(block[4:]))
	header, data = block[prefixBytes:prefixBytes+stored], block[prefixBytes+stored:]
	if block[1] == flagPacked {
		var err error
		if header, err = unpackZstd(header, int(binary.LittleEndian.Uint32(block[8:]))); err != nil {
			t.Fatal(err)
		}
	}
	return header, data
}

// sealed is a block with a true checksum over any header.
func sealed(header, data []byte) []byte {
	block := []byte{formatVersion, 0, 0, 0}
	block = binary.LittleEndian.AppendUint32(block, uint32(len(header)))
	block = binary.LittleEndian.AppendUint32(block, uint32(len(header)))
	block = binary.LittleEndian.AppendUint32(block, headerChecksum(append(block, 0, 0, 0, 0), header))
	return append(append(block, header...), data...)
}

// forgive makes all checksums of a block's data true.
func forgive(b *Block, block []byte) {
	fix := func(sections ...*section) {
		for _, s := range sections {
			s.crc = crc32.Checksum(block[s.at:s.at+int64(s.size)], castagnoli)
		}
	}
	all := func(sections []section) {
		for i := range sections {
			fix(&sections[i])
		}
	}
	var mend func(c column)
	mend = func(c column) {
		switch c := c.(type) {
		case *dictColumn:
			fix(&c.blob.section)
			all(c.codes.chunks)
		case *intColumn:
			all(c.numbers.chunks)
		case *hexColumn:
			fix(&c.filter.section)
			for i := range c.peels {
				all(c.peels[i].chunks)
			}
			all(c.chunks)
		case *textColumn:
			fix(&c.words.section)
			all(c.lengths.chunks)
			all(c.chunks)
		case *exceptColumn:
			fix(&c.blob.section)
			mend(c.column)
		}
	}
	all(b.timestamps.chunks)
	all(b.arrivals.chunks)
	all(b.ingestions.numbers.chunks)
	all(b.ingestions.firsts.chunks)
	if b.shapeOf != nil {
		all(b.shapeOf.chunks)
	}
	for _, s := range b.shapes {
		for _, c := range s.columns {
			mend(c)
		}
	}
	if b.texts != nil {
		mend(b.texts)
	}
}

// FuzzDamage changes a block's header and data behind true checksums: reads may say anything or fail, but not panic.
func FuzzDamage(f *testing.F) {
	rows := lookRows(5, 200, "json", "numbers", "text", "combined", "odd")
	block := encode(rows)
	header, data := unpackedHeader(f, block)
	f.Add(uint16(0), []byte{1}, uint32(0), []byte{1})
	f.Add(uint16(9), []byte{255, 255, 255, 255, 15}, uint32(500), []byte{0})
	f.Fuzz(func(t *testing.T, headerAt uint16, inHeader []byte, dataAt uint32, inData []byte) {
		header, data := slices.Clone(header), slices.Clone(data)
		copy(header[int(headerAt)%len(header):], inHeader)
		copy(data[int(dataAt)%len(data):], inData)
		block := sealed(header, data)
		b, err := Open(bytes.NewReader(block), int64(len(block)))
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		forgive(b, block)
		if _, err := b.everything(); err != nil && !errors.Is(err, ErrCorrupt) {
			t.Fatal(err)
		}
	})
}
