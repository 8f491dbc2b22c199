package embedded

// Limits, with their reasons.
const (
	// formatVersion is the version of both file formats that this code writes; it reads all up to this one.
	formatVersion = 1

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

	// compactFanout is how many neighbouring segments of one size class are merged into one. The number of files grows
	// with the logarithm of the data up to maxCompactedBytes, and each event is rewritten at most twice.
	compactFanout = 8

	// maxCompactedBytes ends merging: larger segments would hold space longer after retention has passed over a part.
	maxCompactedBytes = 1 << 30

	// unpackLimit bounds what a compressed index or block may claim to hold: the index of 30 million parts.
	unpackLimit = 1 << 30

	// headEventBytes is the memory that the head needs for an event beside its record.
	headEventBytes = 24

	// scanCheckEvents is how often a scan looks whether its context is done.
	scanCheckEvents = 1024
)
