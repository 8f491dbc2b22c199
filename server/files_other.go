//go:build !unix

package server

// maxFiles is how many files and connections the system lets the process open; 0: it does not say.
func maxFiles() int { return 0 }
