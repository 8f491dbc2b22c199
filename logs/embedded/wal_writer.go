package embedded

import (
	"crypto/rand"
	"fmt"
	"path/filepath"

	"github.com/tollbook/tollbook/internal/vfs"
)

// A write-ahead log is two copies of the file header (file_header.go; a is the sequence number of the log, b the mark),
// then frames. A frame is what one write and one sync made durable: the records of all calls that shared them.
//
//	 0        8          16       20        24        28
//	+--------+----------+--------+---------+---------+----------------+
//	| mark   | number   | length | CRC32C  | CRC32C  | records        |
//	| 8      | 8        | 4      | payload | 0 to 24 | length bytes   |
//	+--------+----------+--------+---------+---------+----------------+
//
// The mark is drawn at random for each file, so that nothing a client has sent can pose as a frame when a reader looks for
// the next one behind a damaged one. Frames are numbered from 1; the first holds the checkpoint. A frame is written only
// after the one before it is durable: one that does not verify is a torn tail if it is the last, and damage otherwise.
const (
	walMagic         = "TBookWAL"
	walHeaderBytes   = 2 * headerBytes
	frameHeaderBytes = 28
)

// walWriter appends frames to one file. It is for one goroutine.
type walWriter struct {
	file     vfs.File
	name     string
	sequence uint64
	mark     uint64
	frames   uint64
	size     int64 // up to here all is durable
	buf      []byte
}

// createWAL makes a file whose name appears only when header and checkpoint are durable.
func createWAL(fs vfs.FS, dir string, sequence uint64, c *checkpoint) (*walWriter, error) {
	var mark [8]byte
	if _, err := rand.Read(mark[:]); err != nil {
		return nil, fmt.Errorf("draw a mark: %w", err)
	}
	w := &walWriter{name: walName(sequence), sequence: sequence, mark: little.Uint64(mark[:])}
	path := filepath.Join(dir, w.name)
	if err := w.create(fs, path+tmpSuffix, c); err != nil {
		fs.Remove(path + tmpSuffix) // best effort: opening the store removes it too
		return nil, fmt.Errorf("create %s: %w", w.name, err)
	}
	if err := publish(fs, dir, w.name); err != nil {
		w.file.Close()
		return nil, err
	}
	return w, nil
}

func (w *walWriter) create(fs vfs.FS, path string, c *checkpoint) (err error) {
	if w.file, err = fs.Create(path); err != nil {
		return err
	}
	header := fileHeader{walMagic, w.sequence, w.mark}
	_, err = w.file.Write(header.append(header.append(nil)))
	if err == nil {
		w.size = walHeaderBytes
		w.begin()
		w.buf = c.append(w.buf)
		err = w.flush()
	}
	if err != nil {
		w.file.Close()
	}
	return err
}

// publish gives a file that is complete and durable its final name.
func publish(fs vfs.FS, dir, name string) error {
	path := filepath.Join(dir, name)
	if err := fs.Rename(path+tmpSuffix, path); err != nil {
		return fmt.Errorf("name %s: %w", name, err)
	}
	if err := fs.SyncDir(dir); err != nil {
		return fmt.Errorf("sync directory for %s: %w", name, err)
	}
	return nil
}

// begin starts a frame.
func (w *walWriter) begin() {
	if cap(w.buf) > keptFrameBytes {
		w.buf = nil
	}
	w.buf = append(w.buf[:0], make([]byte, frameHeaderBytes)...)
}

// add puts a record into the frame.
func (w *walWriter) add(record []byte) { w.buf = append(w.buf, record...) }

// flush writes the frame and syncs. After an error the file must not be written again.
func (w *walWriter) flush() error {
	h, payload := w.buf[:frameHeaderBytes], w.buf[frameHeaderBytes:]
	w.frames++
	little.PutUint64(h, w.mark)
	little.PutUint64(h[8:], w.frames)
	little.PutUint32(h[16:], uint32(len(payload)))
	little.PutUint32(h[20:], checksum(payload))
	little.PutUint32(h[24:], checksum(h[:24]))
	if _, err := w.file.Write(w.buf); err != nil {
		return fmt.Errorf("write %s: %w", w.name, err)
	}
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", w.name, err)
	}
	w.size += int64(len(w.buf))
	return nil
}

// abandon cuts off what flush could not make durable, as far as the disk lets it, and closes the file.
func (w *walWriter) abandon() {
	if w.file.Truncate(w.size) == nil {
		w.file.Sync() // if it fails, the next log's checkpoint still says where this one ends
	}
	w.file.Close()
}
