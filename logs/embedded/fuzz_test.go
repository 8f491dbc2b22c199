package embedded

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"math"
	"path/filepath"
	"testing"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// openOver opens a store over one file of the given bytes and reads everything; whatever they are, it must not panic, and
// must open unless they claim another format.
func openOver(t *testing.T, name string, data []byte) {
	t.Helper()
	fsys := vfs.NewCrashable()
	if err := fsys.MkdirAll("/d"); err != nil {
		t.Fatal(err)
	}
	f, err := fsys.Create(filepath.Join("/d", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	s, err := Open("/d", Options{FS: fsys, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		if !errors.Is(err, ErrNewerFormat) && !errors.Is(err, ErrOldFormat) {
			t.Fatalf("Open: %v", err)
		}
		return
	}
	defer s.Close()
	for g := range logs.GroupID(3) {
		for _, err := range s.Scan(t.Context(), logs.ScanQuery{Group: g, From: math.MinInt64, To: math.MaxInt64}) {
			if err != nil {
				break
			}
		}
	}
	for _, err := range s.Stats(t.Context()) {
		if err != nil {
			break
		}
	}
}

// frameOf wraps a payload in a valid log, so that the fuzzer gets past the checksums.
func frameOf(payload []byte) []byte {
	header := fileHeader{walMagic, 1, 0x1122334455667788}
	out := header.append(header.append(nil))
	h := little.AppendUint64(nil, header.b)
	h = little.AppendUint64(h, 1)
	h = little.AppendUint32(h, uint32(len(payload)))
	h = little.AppendUint32(h, checksum(payload))
	h = little.AppendUint32(h, checksum(h))
	return append(append(out, h...), payload...)
}

func someRecords(t interface{ Fatal(...any) }) []byte {
	r, err := encodeEvents([]logs.Batch{
		{Group: 1, Stream: 1, Events: []logs.NewEvent{{Timestamp: 2, Message: "two"}, {Timestamp: 1, Message: "one"}}},
		{Group: 2, Stream: 5, Events: []logs.NewEvent{{Timestamp: 7, Message: "seven"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.stamp(10, 1000)
	c := checkpoint{nextArrival: 5, lastIngestion: 6, wals: []walLength{{3, 100}}, tombstones: []tombstone{{group: 1, bound: 3, before: 9}}}
	out := c.append(nil)
	out = append(out, r.data...)
	return (&tombstone{group: 2, bound: 11, before: anyTimestamp, streams: []logs.StreamID{5}}).append(out)
}

// FuzzWALReader opens a store over arbitrary write-ahead logs.
func FuzzWALReader(f *testing.F) {
	records := someRecords(f)
	f.Add(records, true)
	f.Add(frameOf(records), false)
	f.Add([]byte("TBookWAL"), false)
	f.Add([]byte{}, true)
	f.Fuzz(func(t *testing.T, data []byte, framed bool) {
		if framed {
			data = frameOf(data)
		}
		openOver(t, walName(1), data)
	})
}

// segmentOf makes a valid file around a block, a page and an index, each of which may be nonsense.
func segmentOf(block, page, index []byte) []byte {
	enc, err := newEncoding()
	if err != nil {
		panic(err)
	}
	out := append(fileHeader{segmentMagic, 1, 1}.append(nil), block...)
	out = appendPage(out, page, enc.pages)
	packed := enc.pages.EncodeAll(index, nil)
	ft := footer{int64(len(out)), uint32(len(packed)), uint32(len(index)), checksum(packed), interval{1, 1, 1}}
	return ft.append(append(out, packed...))
}

// someSegment returns a block, a page and an index that belong together.
func someSegment(t interface{ Fatal(...any) }) (block, pageBytes, index []byte) {
	enc, err := newEncoding()
	if err != nil {
		t.Fatal(err)
	}
	p := part{stream: 1}
	var rows columnar.Rows
	for i := range 3 {
		at := logs.Position{Timestamp: logs.Millis(i), Ingestion: 9, Arrival: uint64(i + 1)}
		rows.Timestamps, rows.Ingestions = append(rows.Timestamps, int64(at.Timestamp)), append(rows.Ingestions, 9)
		rows.Arrivals, rows.Messages = append(rows.Arrivals, at.Arrival), append(rows.Messages, "message")
		p.add(at, len("message"))
	}
	block = enc.block(nil, &rows)
	pg := page{groups: []pageGroup{{1, 0, 1}}, parts: []part{p}}
	pageBytes = pg.append(nil)
	key := streamKey{1, 1}
	x := segmentIndex{
		blocks: []blockRef{{
			offset: headerBytes, length: uint32(len(block)), groups: 1, firstGroup: 1, lastGroup: 1, toPage: 1, summary: p.summary(),
		}},
		pages:      []pageRef{{length: uint32(len(appendPage(nil, pageBytes, enc.pages))), parts: 1, rows: 3, first: key, last: key}},
		checkpoint: &checkpoint{nextArrival: 4},
	}
	return block, pageBytes, x.append(nil)
}

// FuzzSegmentReader opens a store over arbitrary segments.
func FuzzSegmentReader(f *testing.F) {
	block, page, index := someSegment(f)
	f.Add(block, page, index, true)
	f.Add(segmentOf(block, page, index), []byte{}, []byte{}, false)
	f.Fuzz(func(t *testing.T, block, page, index []byte, framed bool) {
		if framed {
			block = segmentOf(block, page, index)
		}
		openOver(t, segmentName(interval{1, 1, 1}), block)
	})
}

// TestFuzzSeeds checks that what the fuzzers begin with is valid, so that they reach the insides.
func TestFuzzSeeds(t *testing.T) {
	t.Parallel()
	block, page, index := someSegment(t)
	for name, data := range map[string][]byte{walName(1): frameOf(someRecords(t)), segmentName(interval{1, 1, 1}): segmentOf(block, page, index)} {
		fsys := vfs.NewCrashable()
		fsys.MkdirAll("/d")
		f, err := fsys.Create(filepath.Join("/d", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(data); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		s, err := Open("/d", Options{FS: fsys, Logger: slog.New(slog.NewTextHandler(&out, nil))})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range s.Scan(t.Context(), logs.ScanQuery{Group: 1, To: 100}) {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			n++
		}
		if n < 2 || s.Metrics().Corruptions != 0 {
			t.Errorf("%s: %d events\n%s", name, n, &out)
		}
		s.Close()
	}
}
