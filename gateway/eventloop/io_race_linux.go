//go:build linux && race

package eventloop

import "syscall"

// The race detector follows what passes through sockets only if package syscall reads and writes them.

// Read is described where it is used without the detector.
func Read(fd int, b []byte) (int, error) { return again(syscall.Read, fd, b) }

// Write is described where it is used without the detector.
func Write(fd int, b []byte) (int, error) { return again(syscall.Write, fd, b) }

func again(do func(int, []byte) (int, error), fd int, b []byte) (int, error) {
	for {
		if n, err := do(fd, b); err != syscall.EINTR {
			return max(n, 0), err
		}
	}
}
