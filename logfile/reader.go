package logfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
)

// HeadBytes is how much of a content's beginning Head gives at most: enough to tell log files apart.
const HeadBytes = 1024

// Position is a place in a content, always at the beginning of a line.
type Position struct {
	Bytes int64  `json:"bytes"` // of content before it
	Lines int64  `json:"lines"` // before it
	Sum   string `json:"sum"`   // SHA-256 of the content before it, in hexadecimal
}

// Line is one line of a content.
type Line struct {
	Number int64  // from 1
	Text   []byte // without its line end; valid until the next call of Next. Cut at the reader's limit if TooLong
	// TooLong says that the line is longer than the reader's limit; Length is then its whole length.
	TooLong bool
	Length  int64
}

// Reader cuts a content into lines that end with LF or CRLF; the last one needs no end. Its memory is bounded by the
// longest line that it is to give. It is not for concurrent use.
type Reader struct {
	in    *bufio.Reader
	limit int
	sum   hash.Hash
	start Position // of the current line, without its sum
	end   Position // behind it
	raw   []byte   // the current line with its end, not in sum yet; empty if the line is too long
}

// NewReader reads lines of at most limit bytes from content.
func NewReader(content io.Reader, limit int) *Reader {
	return &Reader{in: bufio.NewReaderSize(content, readAhead), limit: limit, sum: sha256.New()}
}

// Head returns the first bytes of the content, at most HeadBytes. It is for use before the first call of Next.
func (r *Reader) Head() ([]byte, error) {
	head, err := r.in.Peek(HeadBytes)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return bytes.Clone(head), err
}

// Next returns the next line, or io.EOF behind the last. A content that breaks off, as a gzip file that was cut does,
// gives its error instead of the line that it broke off in.
func (r *Reader) Next() (Line, error) {
	r.settle()
	line := Line{Number: r.start.Lines + 1}
	for {
		part, err := r.in.ReadSlice('\n')
		r.end.Bytes += int64(len(part))
		r.take(part, &line)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && r.end.Bytes == r.start.Bytes:
			return Line{}, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return Line{}, err
		}
		break
	}
	r.end.Lines++
	if line.Length = r.end.Bytes - r.start.Bytes; !line.TooLong {
		line.Text = withoutEnd(r.raw)
		line.TooLong = len(line.Text) > r.limit // it may have fitted with its end only
	}
	return line, nil
}

// take keeps a part of the current line, or only its checksum once the line has become too long to be given.
func (r *Reader) take(part []byte, line *Line) {
	if !line.TooLong && len(r.raw)+len(part) > r.limit+2 {
		line.Text = bytes.Clone(append(r.raw, part...)[:r.limit])
		line.TooLong = true
		r.sum.Write(r.raw)
		r.raw = r.raw[:0]
	}
	if line.TooLong {
		r.sum.Write(part)
		return
	}
	r.raw = append(r.raw, part...)
}

// settle counts the current line among those before the position.
func (r *Reader) settle() {
	r.sum.Write(r.raw)
	r.raw = r.raw[:0]
	r.start = r.end
}

// Position is where the line that Next gave last begins; after io.EOF it is the end of the content. After a line that was
// too long it is unknown until the next call of Next.
func (r *Reader) Position() Position {
	p := r.start
	p.Sum = hex.EncodeToString(r.sum.Sum(nil))
	return p
}

// Offset is the bytes of Position.
func (r *Reader) Offset() int64 { return r.start.Bytes }

// Skip passes over the content up to a number of bytes from its beginning and returns how far it came: less only if the
// content ends before. It gives no lines, but counts them.
func (r *Reader) Skip(bytes int64) (Position, error) {
	r.settle()
	n, err := io.CopyN(skipped{r}, r.in, bytes-r.start.Bytes)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	r.end.Bytes += n
	r.start = r.end
	return r.Position(), err
}

// skipped counts what Skip passes over.
type skipped struct{ r *Reader }

func (s skipped) Write(p []byte) (int, error) {
	s.r.end.Lines += int64(bytes.Count(p, []byte{'\n'}))
	return s.r.sum.Write(p)
}

func withoutEnd(raw []byte) []byte {
	raw = bytes.TrimSuffix(raw, []byte{'\n'})
	return bytes.TrimSuffix(raw, []byte{'\r'})
}
