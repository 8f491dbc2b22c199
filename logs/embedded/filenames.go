package embedded

import (
	"fmt"
	"strings"
)

// The files of a store, all in one directory:
//
//	wal-SEQUENCE.log                       write-ahead log; SEQUENCE counts up, 16 hex digits
//	seg-FIRST-LAST-GENERATION.seg          sealed segment with the events of the write-ahead logs FIRST to LAST;
//	                                       GENERATION (8 hex digits) counts the rewritings of these
//	NAME.tmp                               NAME being written; removed when the store is opened
//	NAME.corrupt                           NAME set aside: it did not verify, wholly or in part
const (
	tmpSuffix     = ".tmp"
	corruptSuffix = ".corrupt"
)

func walName(seq uint64) string { return fmt.Sprintf("wal-%016x.log", seq) }

func parseWALName(name string) (seq uint64, ok bool) {
	_, err := fmt.Sscanf(name, "wal-%016x.log", &seq)
	return seq, err == nil && name == walName(seq)
}

// interval names what a segment holds: the events of the write-ahead logs first to last. Segments of one store do not
// overlap, save that a rewritten one stands for those that it contains.
type interval struct {
	first, last uint64
	generation  uint32
}

// replaces reports whether a segment of i makes one of j obsolete.
func (i interval) replaces(j interval) bool {
	inside := i.first <= j.first && j.last <= i.last
	same := i.first == j.first && i.last == j.last
	return inside && (!same || i.generation > j.generation)
}

func (i interval) covers(wal uint64) bool { return i.first <= wal && wal <= i.last }

func segmentName(i interval) string {
	return fmt.Sprintf("seg-%016x-%016x-%08x.seg", i.first, i.last, i.generation)
}

func parseSegmentName(name string) (i interval, ok bool) {
	_, err := fmt.Sscanf(name, "seg-%016x-%016x-%08x.seg", &i.first, &i.last, &i.generation)
	return i, err == nil && name == segmentName(i)
}

func isTemporary(name string) bool { return strings.HasSuffix(name, tmpSuffix) }
