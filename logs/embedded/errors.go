package embedded

import (
	"errors"
	"fmt"

	"github.com/tollbook/tollbook/logs"
)

var (
	// ErrClosed is what a closed store answers.
	ErrClosed = errors.New("log store is closed")
	// ErrNewerFormat says that a file was written by a newer version of this program. Nothing has been changed.
	ErrNewerFormat = errors.New("written by a newer version")
	// ErrOldFormat says that a file was written by a version of this program whose files are not read any more. Nothing has
	// been changed.
	ErrOldFormat = errors.New("written by a version that is too old")
	// ErrTooLarge says that one Append exceeds 64 MiB.
	ErrTooLarge = errors.New("append is too large")
)

// corruptf returns an error that names the place and wraps logs.ErrCorrupt.
func corruptf(file string, offset int64, format string, args ...any) error {
	return fmt.Errorf("%s at offset %d: %s: %w", file, offset, fmt.Sprintf(format, args...), logs.ErrCorrupt)
}
