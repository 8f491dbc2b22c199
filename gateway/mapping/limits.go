package mapping

// Limits on templates. The first three are AWS'; the others keep one request from taking the server's time and memory.
const (
	// MaxTemplateBytes is the size of a template.
	MaxTemplateBytes = 300 << 10
	// maxIterations is how often one #foreach goes round.
	maxIterations = 1000
	// maxOutput is the size of the text, as of any payload, in bytes.
	maxOutput = 10 << 20

	maxSteps    = 4_000_000 // of nodes and expressions; long texts count one for every 64 bytes looked at
	maxMemory   = 64 << 20  // bytes of strings, lists and maps made on the way
	maxCalls    = 20        // macros, blocks and #evaluate within each other: Velocity's default
	maxNesting  = 100       // of directives, brackets and strings in a template
	maxDepth    = 512       // of values within values
	maxKept     = 64 << 10  // bytes of output that a run keeps for its next
	maxCached   = 64        // regular expressions and paths that a run keeps
	valueBytes  = 32        // what a value in a list or map is taken to need
	stepBytes   = 64        // bytes that count as one step
	maxRegexLen = 4 << 10
)
