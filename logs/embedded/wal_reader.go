package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
)

// walReader reads one write-ahead log. It is for one goroutine.
type walReader struct {
	file     vfs.File
	name     string
	sequence uint64
	mark     uint64
	size     int64 // of the file
}

// walReport says what a reading found.
type walReport struct {
	end    int64   // where the last frame that verifies ends
	cut    int64   // bytes of a torn tail behind it
	damage []error // places in the middle that do not verify; they wrap logs.ErrCorrupt
}

// openWAL reads the header. The error wraps logs.ErrCorrupt if no copy of it verifies.
func openWAL(file vfs.File, name string, sequence uint64) (*walReader, error) {
	size, err := file.Size()
	if err != nil {
		return nil, fmt.Errorf("size of %s: %w", name, err)
	}
	buf, err := readUpTo(file, 0, min(size, walHeaderBytes))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	h, err := parseHeader(name, 0, buf, walMagic)
	if errors.Is(err, logs.ErrCorrupt) && len(buf) == walHeaderBytes {
		h, err = parseHeader(name, headerBytes, buf[headerBytes:], walMagic)
	}
	if err == nil && h.a != sequence {
		err = corruptf(name, 0, "header of log %d", h.a)
	}
	return &walReader{file, name, sequence, h.b, size}, err
}

// readUpTo reads n bytes at offset; fewer if the file ends before, none if n is negative.
func readUpTo(file io.ReaderAt, offset, n int64) ([]byte, error) {
	buf := make([]byte, max(n, 0))
	got, err := file.ReadAt(buf, offset)
	if err == io.EOF {
		err = nil
	}
	return buf[:got], err
}

// checkpoint reads the first frame.
func (r *walReader) checkpoint() (*checkpoint, error) {
	_, payload, err := r.frame(walHeaderBytes, r.size)
	if err != nil {
		return nil, err
	}
	var c *checkpoint
	err = splitRecords(payload, func(kind byte, record []byte) (err error) {
		if kind == recordCheckpoint {
			c, err = decodeCheckpoint(record)
		}
		return err
	})
	if err != nil || c == nil {
		return nil, corruptf(r.name, walHeaderBytes, "no checkpoint")
	}
	return c, nil
}

// replay calls f with the payload of each frame that verifies; f may keep it. If length is not negative, the log was known
// to reach that far, and what lies behind does not count. The error is of reading; damage is in the report.
func (r *walReader) replay(length int64, f func(payload []byte) error) (walReport, error) {
	limit := r.size
	if length >= 0 {
		limit = min(limit, length)
	}
	report := walReport{end: min(walHeaderBytes, r.size)}
	var number uint64
	for at := int64(walHeaderBytes); at < limit; {
		n, payload, err := r.frame(at, limit)
		if err == nil && n > number {
			err = f(payload)
		}
		if err == nil {
			number, at = n, at+frameHeaderBytes+int64(len(payload))
			report.end = at
			continue
		} else if !errors.Is(err, errFrame) && !errors.Is(err, errRecord) {
			return report, err
		}
		next, rerr := r.nextFrame(at+1, limit, number)
		if rerr != nil {
			return report, rerr
		}
		if next < 0 && length < 0 {
			report.cut = limit - at
			break
		}
		report.damage = append(report.damage, corruptf(r.name, at, "frame after number %d: %v", number, err))
		if next < 0 {
			return report, nil
		}
		at = next
	}
	if length > r.size {
		report.damage = append(report.damage, corruptf(r.name, r.size, "file ends, %d bytes are missing", length-r.size))
	}
	return report, nil
}

var errFrame = errors.New("no valid frame")

// frame reads the frame at offset at, which must end by limit.
func (r *walReader) frame(at, limit int64) (number uint64, payload []byte, err error) {
	h, err := readUpTo(r.file, at, min(frameHeaderBytes, limit-at))
	if err != nil {
		return 0, nil, fmt.Errorf("read %s: %w", r.name, err)
	}
	if len(h) < frameHeaderBytes || little.Uint64(h) != r.mark || little.Uint32(h[24:]) != checksum(h[:24]) {
		return 0, nil, errFrame
	}
	length := int64(little.Uint32(h[16:]))
	if length > limit-at-frameHeaderBytes {
		return 0, nil, errFrame
	}
	payload, err = readUpTo(r.file, at+frameHeaderBytes, length)
	if err != nil {
		return 0, nil, fmt.Errorf("read %s: %w", r.name, err)
	}
	if int64(len(payload)) < length || little.Uint32(h[20:]) != checksum(payload) {
		return 0, nil, errFrame
	}
	return little.Uint64(h[8:]), payload, nil
}

// nextFrame looks for a frame that verifies, has a number above the given one and begins at from or behind it; -1 if
// there is none.
func (r *walReader) nextFrame(from, limit int64, above uint64) (int64, error) {
	const chunk = 1 << 20
	mark := little.AppendUint64(nil, r.mark)
	for from < limit {
		buf, err := readUpTo(r.file, from, min(chunk, limit-from))
		if err != nil {
			return 0, fmt.Errorf("read %s: %w", r.name, err)
		}
		i := bytes.Index(buf, mark)
		switch {
		case i < 0 && int64(len(buf)) < chunk:
			return -1, nil
		case i < 0:
			from += int64(len(buf) - len(mark) + 1) // the mark may lie across the chunks
			continue
		}
		from += int64(i)
		if n, _, err := r.frame(from, limit); err == nil && n > above {
			return from, nil
		}
		from++
	}
	return -1, nil
}
