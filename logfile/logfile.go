// Package logfile reads log files as people have them (NGINX and Apache lines, JSON lines, plain text, and those compressed
// with gzip or zstd) and writes the files that log events are exported to: JSON lines, text and Parquet.
//
// Reading is in three steps, each usable alone: Decompress finds out what a file is by its first bytes, Reader cuts its
// content into lines and remembers a position and a checksum, and a Recogniser gives each line its timestamp. Nothing here
// knows of log groups, streams or the network; package cli brings the lines there and the events back.
package logfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	readAhead = 256 << 10
	zstdLimit = 128 << 20 // the window of `zstd --long`, the most that is held to decompress
)

// Decompress returns the content of a log file: what r holds, decompressed if it begins as gzip (of any number of members)
// or zstd. The name of a file plays no part. Closing the content does not close r.
func Decompress(r io.Reader) (io.ReadCloser, error) {
	b := bufio.NewReaderSize(r, readAhead)
	magic, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case len(magic) >= 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("read as gzip: %w", err)
		}
		return z, nil
	case string(magic) == "\x28\xb5\x2f\xfd":
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdLimit))
		if err != nil {
			return nil, fmt.Errorf("read as zstd: %w", err)
		}
		return z.IOReadCloser(), nil
	}
	return io.NopCloser(b), nil
}
