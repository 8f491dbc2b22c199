//go:build unix

package server

import "syscall"

// maxFiles is how many files and connections the system lets the process open; 0: it does not say. Go has raised the limit
// as far as it may.
func maxFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int(min(uint64(limit.Cur), 1<<30))
}
