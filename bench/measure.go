package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// quietLimit ends waiting for a process that always has something to do.
const quietLimit = 5 * time.Minute

// awaitQuiet returns when used, the CPU time of a process, has not grown by more than 3 % of span within span and done,
// where given, says that nothing waits.
func awaitQuiet(ctx context.Context, span time.Duration, used func() time.Duration, done func() bool) {
	begin := time.Now()
	since, at := time.Now(), used()
	for ctx.Err() == nil && time.Since(begin) < quietLimit {
		time.Sleep(50 * time.Millisecond) // other work: there is nothing to wait on
		switch now := used(); {
		case now-at > span*3/100 || done != nil && !done():
			since, at = time.Now(), now
		case time.Since(since) > span:
			return
		}
	}
}

// resetPeak has the peak of this process's memory count from now on.
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) } // else it counts from the start

// memory returns the resident memory of a process and its peak, in MB (10^6 bytes).
func memory(pid int) (resident, peak float64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		fields := strings.Fields(value)
		if len(fields) == 0 {
			continue
		}
		kibibytes, _ := strconv.ParseFloat(fields[0], 64)
		switch name {
		case "VmRSS":
			resident = kibibytes * 1024 / 1e6
		case "VmHWM":
			peak = kibibytes * 1024 / 1e6
		}
	}
	return resident, peak
}

// eachFile calls f with every file below dir; those that vanish meanwhile are left out.
func eachFile(dir string, f func(path string, size int64) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		return f(path, info.Size())
	})
}

func directoryBytes(dir string) (sum int64) {
	_ = eachFile(dir, func(_ string, size int64) error { sum += size; return nil }) // f returns no error
	return sum
}

// forgetFiles has the operating system drop what it keeps in memory of the files below dir.
func forgetFiles(dir string) error {
	return eachFile(dir, func(path string, _ int64) error {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := file.Sync(); err != nil { // only what is on disk can be dropped
			return err
		}
		return unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED)
	})
}
