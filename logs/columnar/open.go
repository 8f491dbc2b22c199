package columnar

import (
	"encoding/binary"
	"io"
)

const firstRead = 8 << 10 // bytes: most headers, in one read

// Open reads the header of the block that src holds, size bytes long. It reads columns from src later, when they are
// needed. Errors wrap ErrCorrupt if the bytes do not verify, and the reader's own error otherwise.
func Open(src io.ReaderAt, size int64) (*Block, error) {
	if size < prefixBytes {
		return nil, corruptf("block of %d bytes", size)
	}
	start := make([]byte, min(size, firstRead))
	if err := readFull(src, start, 0); err != nil {
		return nil, err
	}
	if start[0] != formatVersion {
		return nil, corruptf("block of version %d", start[0])
	}
	stored := int64(binary.LittleEndian.Uint32(start[4:]))
	unpacked := int64(binary.LittleEndian.Uint32(start[8:]))
	if stored > size-prefixBytes || unpacked > maxUnpacked {
		return nil, corruptf("header of %d bytes", stored)
	}
	if missing := prefixBytes + stored - int64(len(start)); missing > 0 {
		rest := make([]byte, missing)
		if err := readFull(src, rest, int64(len(start))); err != nil {
			return nil, err
		}
		start = append(start, rest...)
	}
	return parseHeader(src, size, start[:prefixBytes], start[prefixBytes:prefixBytes+stored], int(unpacked))
}

func parseHeader(src io.ReaderAt, size int64, prefix, header []byte, unpacked int) (*Block, error) {
	if headerChecksum(prefix, header) != binary.LittleEndian.Uint32(prefix[prefixBytes-4:]) {
		return nil, corruptf("checksum of the header")
	}
	raw := header
	if prefix[1] == flagPacked {
		var err error
		if raw, err = unpackZstd(header, unpacked); err != nil {
			return nil, err
		}
	}
	if prefix[1] > flagPacked || len(raw) != unpacked {
		return nil, corruptf("header's flags")
	}
	b := &Block{src: src, size: size, dataAt: int64(prefixBytes + len(header))}
	p := headerParser{wireReader: wireReader{in: raw}, b: b, at: b.dataAt}
	p.header()
	if err := p.end("header"); err != nil {
		return nil, err
	}
	if p.at != size {
		return nil, corruptf("block of %d bytes, not %d", size, p.at)
	}
	b.header = int64(4*len(raw) + 1024)
	b.held.Store(b.header)
	return b, nil
}
