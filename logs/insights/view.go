package insights

import "unsafe"

// view is the bytes as a text that must not be kept, since they will change.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
