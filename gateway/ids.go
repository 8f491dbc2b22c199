package gateway

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
)

// IDs need to be unique, not secret. math/rand/v2 draws from a ChaCha8 generator of the running thread, seeded by the
// system, without a lock.

const uuidLen = 36

// appendUUID adds a random UUID of version 4.
func appendUUID(dst []byte) []byte {
	var u [16]byte
	binary.LittleEndian.PutUint64(u[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(u[8:], rand.Uint64())
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	dst = hex.AppendEncode(dst, u[:4])
	for _, part := range [...][]byte{u[4:6], u[6:8], u[8:10], u[10:]} {
		dst = append(dst, '-')
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// appendExtendedID adds an ID in the form of x-amz-apigw-id: 15 characters and "=".
func appendExtendedID(dst []byte) []byte {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(b[8:], rand.Uint64())
	return base64.URLEncoding.AppendEncode(dst, b[:11])
}

// appendTraceID adds a new X-Ray root: the time in seconds and 96 random bits.
func appendTraceID(dst []byte, second int64) []byte {
	var b [20]byte
	binary.BigEndian.PutUint32(b[:4], uint32(second))
	binary.LittleEndian.PutUint64(b[4:12], rand.Uint64())
	binary.LittleEndian.PutUint64(b[12:], rand.Uint64())
	dst = append(dst, "Root=1-"...)
	dst = hex.AppendEncode(dst, b[:4])
	dst = append(dst, '-')
	return hex.AppendEncode(dst, b[4:16])
}

// isUUID reports whether s has the form of a UUID.
func isUUID(s []byte) bool {
	if len(s) != uuidLen {
		return false
	}
	for i, c := range s {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !isHex(c) {
				return false
			}
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
