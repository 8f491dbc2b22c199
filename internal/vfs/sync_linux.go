package vfs

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData makes the content and the length of f durable; fdatasync leaves out times, which nobody here reads.
func syncData(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if err != unix.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
