package storetest

import "unsafe"

// unsafeString returns a string over b's memory, as writers do that use a buffer again.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
