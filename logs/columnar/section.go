package columnar

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// section is a piece of a block's data that has a checksum of its own.
type section struct {
	at   int64 // from the block's begin
	size int
	crc  uint32
}

// read returns the bytes of sections that follow each other, by one ReadAt. The slices share memory that is theirs.
func (b *Block) read(sections []section) ([][]byte, error) {
	size := 0
	for _, s := range sections {
		size += s.size
	}
	buf := make([]byte, size)
	if size > 0 {
		if err := readFull(b.src, buf, sections[0].at); err != nil {
			return nil, err
		}
	}
	parts := make([][]byte, len(sections))
	for i, s := range sections {
		parts[i], buf = buf[:s.size:s.size], buf[s.size:]
		if crc32.Checksum(parts[i], castagnoli) != s.crc {
			return nil, corruptf("checksum of bytes %d to %d", s.at, s.at+int64(s.size))
		}
	}
	return parts, nil
}

// readInto reads a section into buf, which grows as needed.
func (b *Block) readInto(buf *[]byte, s section) ([]byte, error) {
	if cap(*buf) < s.size {
		*buf = make([]byte, s.size)
	}
	in := (*buf)[:s.size]
	if err := readFull(b.src, in, s.at); err != nil {
		return nil, err
	}
	if crc32.Checksum(in, castagnoli) != s.crc {
		return nil, corruptf("checksum of bytes %d to %d", s.at, s.at+int64(s.size))
	}
	return in, nil
}

func (b *Block) readOne(s section) ([]byte, error) {
	parts, err := b.read([]section{s})
	if err != nil {
		return nil, err
	}
	return parts[0], nil
}

func readFull(src io.ReaderAt, buf []byte, at int64) error {
	n, err := src.ReadAt(buf, at)
	switch {
	case n == len(buf):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return corruptf("ends at byte %d", at+int64(n))
	}
	return fmt.Errorf("read block at %d: %w", at, err)
}

const maxUnpacked = 1 << 28 // bytes that one compressed piece may hold

// unpacker decompresses for all blocks: it has no state between calls, and is costly to make.
var unpacker = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithDecoderMaxMemory(maxUnpacked),
		zstd.WithDecoderLowmem(true))
	if err != nil {
		panic("BUG: zstd options: " + err.Error())
	}
	return d
})

// unpackZstd returns exactly size bytes.
func unpackZstd(in []byte, size int) ([]byte, error) {
	if size < 0 || size > maxUnpacked {
		return nil, corruptf("compressed piece of %d bytes", size)
	}
	out, err := unpacker().DecodeAll(in, make([]byte, 0, min(size, 1<<10+len(in)*64)))
	if err != nil {
		return nil, corruptf("unpack: %v", err)
	}
	if len(out) != size {
		return nil, corruptf("unpacked %d bytes, not %d", len(out), size)
	}
	return out, nil
}

// unpack is the inverse of Encoder.pack; what it returns may share memory with in.
func unpack(in []byte, size int) ([]byte, error) {
	r := wireReader{in: in}
	switch r.byte() {
	case storedRaw:
		if r.bad || len(r.in) != size {
			return nil, corruptf("piece of %d bytes, not %d", len(r.in), size)
		}
		return r.in, nil
	case storedZstd:
		return unpackZstd(r.in, size)
	}
	return nil, corruptf("unknown compression")
}

// blob is bytes that stand in the header or, if they are long, packed in a section.
type blob struct {
	size   int
	inline []byte
	section
}

func (b *Block) readBlob(x *blob) ([]byte, error) {
	if x.inline != nil || x.size == 0 {
		return x.inline, nil
	}
	in, err := b.readOne(x.section)
	if err != nil {
		return nil, err
	}
	return unpack(in, x.size)
}
