package embedded

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// Every file begins with a header of 32 bytes, laid out alike in all versions of all formats; integers are little-endian:
//
//	 0        8         9          12       16       24       32
//	+--------+---------+----------+--------+--------+--------+
//	| magic  | version | zero     | CRC32C | a      | b      |
//	| 8      | 1       | 3        | 4      | 8      | 8      |
//	+--------+---------+----------+--------+--------+--------+
//
// The checksum covers all other bytes. What a and b mean is the format's affair.
const headerBytes = 32

type fileHeader struct {
	magic string // 8 bytes
	a, b  uint64
}

func version(magic string) byte {
	if magic == segmentMagic {
		return segmentVersion
	}
	return walVersion
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(parts ...[]byte) uint32 {
	var sum uint32
	for _, p := range parts {
		sum = crc32.Update(sum, castagnoli, p)
	}
	return sum
}

func (h fileHeader) append(buf []byte) []byte {
	at := len(buf)
	buf = append(buf, h.magic...)
	buf = append(buf, version(h.magic), 0, 0, 0, 0, 0, 0, 0)
	buf = binary.LittleEndian.AppendUint64(buf, h.a)
	buf = binary.LittleEndian.AppendUint64(buf, h.b)
	b := buf[at:]
	binary.LittleEndian.PutUint32(b[12:], checksum(b[:12], b[16:]))
	return buf
}

// parseHeader reads the header in b, which stands at offset of file. The error wraps logs.ErrCorrupt,
// ErrNewerFormat or ErrOldFormat.
func parseHeader(file string, offset int64, b []byte, magic string) (fileHeader, error) {
	if len(b) < headerBytes || string(b[:8]) != magic {
		return fileHeader{}, corruptf(file, offset, "no file header")
	}
	if binary.LittleEndian.Uint32(b[12:]) != checksum(b[:12], b[16:headerBytes]) {
		return fileHeader{}, corruptf(file, offset, "checksum of the file header")
	}
	if v := b[8]; v != version(magic) {
		cause := ErrNewerFormat
		if v < version(magic) {
			cause = ErrOldFormat
		}
		return fileHeader{}, fmt.Errorf("%s has format version %d, this program reads version %d: %w", file, v, version(magic), cause)
	}
	return fileHeader{magic, binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])}, nil
}
