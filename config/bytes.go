package config

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

// Bytes is an amount of memory or disk. In text it is a number with an optional unit: 268435456, 256MiB, 1.5GB.
type Bytes int64

// UnmarshalText reads such a text.
func (b *Bytes) UnmarshalText(text []byte) error {
	n, err := humanize.ParseBytes(string(text))
	if err != nil || n > math.MaxInt64 {
		return fmt.Errorf("%q is not an amount of bytes such as 256MiB", text)
	}
	*b = Bytes(n)
	return nil
}

// String writes the amount with a binary unit, rounded.
func (b Bytes) String() string { return humanize.IBytes(uint64(max(b, 0))) }
