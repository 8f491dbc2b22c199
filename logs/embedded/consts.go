package embedded

import "time"

// Limits, with their reasons.
const (
	// walVersion and segmentVersion are the versions of the file formats that this code writes and reads.
	walVersion     = 1
	segmentVersion = 2

	// maxAppendBytes bounds the record of one Append, as replay holds a whole frame in memory. PutLogEvents allows 1 MiB.
	maxAppendBytes = 64 << 20

	// maxFrameBytes is where a frame of the write-ahead log stops taking in further calls: enough that an fsync is
	// shared by many, little enough that nobody waits long for the bytes of others.
	maxFrameBytes = 4 << 20

	// keptFrameBytes is the largest frame buffer that is kept for the next frame.
	keptFrameBytes = 2 * maxFrameBytes

	// maxSealingHeads is how many full heads may wait to be sealed before Append waits. Together with the active head
	// it bounds memory.
	maxSealingHeads = 2

	// maxHeadWALs is how many write-ahead log files one head may span: each start and each abandoned file adds one, and
	// a store that is restarted often and written little would gather them.
	maxHeadWALs = 8

	// maxOpenRuns is how many ordered lists a stream of the head tries before it begins another one for events that
	// come out of order.
	maxOpenRuns = 8

	// maxBlockBytes is how many bytes of messages a block holds at most, as its reader may have all of them in memory; a
	// single message may be larger.
	maxBlockBytes = 16 << 20

	// pageParts is how many parts a page of the parts directory lists at most: about 400 KiB unpacked.
	pageParts = 4096

	// groupRowsMerged is how many events of each of its groups a large block must hold on average to be copied as it is
	// when segments are merged. With fewer, the events of a small group would lie in as many blocks as heads were sealed.
	groupRowsMerged = 64

	// compactFanout is how many neighbouring segments of one size class are merged into one. The number of files grows
	// with the logarithm of the data up to maxCompactedBytes.
	compactFanout = 8

	// maxCompactedBytes ends merging: larger segments would hold space longer after retention has passed over a part.
	maxCompactedBytes = 1 << 30

	// unpackLimit bounds what a compressed page or index may claim to hold.
	unpackLimit = 256 << 20

	// scanCheckEvents is how often a scan looks whether its context is done.
	scanCheckEvents = 1024

	// checkedAhead is how many events that the filter accepts a worker looks for in a block beyond what is asked for.
	checkedAhead = 1000

	// restedWork is the least work after which background work pauses, so that pauses are worth their timer.
	restedWork = time.Millisecond
)
