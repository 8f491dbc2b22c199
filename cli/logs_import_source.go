package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tollbook/tollbook/logfile"
)

// source is one input of an import: a file, or standard input, which can be opened once only.
type source struct {
	path  string // "-" is standard input
	stdin io.Reader
}

func (s source) isStdin() bool { return s.path == "-" }

// name is what the source is called in messages; streamName what its stream is called by default.
func (s source) name() string {
	if s.isStdin() {
		return "standard input"
	}
	return s.path
}

// The characters : and * cannot be in the name of a log stream.
func (s source) streamName() string {
	if s.isStdin() {
		return "stdin"
	}
	return strings.NewReplacer(":", "_", "*", "_").Replace(filepath.Base(s.path))
}

// modified is the time for lines without one.
func (s source) modified() (int64, error) {
	if s.isStdin() {
		return time.Now().UnixMilli(), nil
	}
	info, err := os.Stat(s.path)
	if err != nil {
		return 0, err
	}
	return max(0, info.ModTime().UnixMilli()), nil
}

func (s source) size() int64 {
	info, err := os.Stat(s.path)
	if s.isStdin() || err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}

// content is an open source.
type content struct {
	*logfile.Reader
	close func() error
}

// open reads the source from its beginning; read, if not nil, counts the bytes of the file, compressed if it is.
func (s source) open(read *atomic.Int64) (*content, error) {
	file := io.NopCloser(s.stdin)
	if !s.isStdin() {
		f, err := os.Open(s.path)
		if err != nil {
			return nil, err
		}
		file = f
	}
	var in io.Reader = file
	if read != nil {
		in = countingReader{file, read}
	}
	plain, err := logfile.Decompress(in)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("read %s: %w", s.name(), err)
	}
	return &content{logfile.NewReader(plain, maxMessage), func() error { return errors.Join(plain.Close(), file.Close()) }}, nil
}

type countingReader struct {
	io.Reader
	read *atomic.Int64
}

func (c countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read.Add(int64(n))
	return n, err
}
