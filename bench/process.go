package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tollbook/tollbook/internal/testkit"
)

// startTollbook runs a server with a data directory of its own; stop ends it and removes that.
func startTollbook(binary string, flags ...string) (t *testkit.Server, stop func(), err error) {
	dir, err := os.MkdirTemp("", "tollbook-bench")
	if err != nil {
		return nil, nil, err
	}
	if t, err = testkit.Start(binary, dir, append(flags, "--log-level", "error")...); err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return t, func() {
		t.Stop()
		os.RemoveAll(dir)
	}, nil
}

// cpu returns the processor time that the processes have used so far, user and system.
func cpu(pids ...int) time.Duration {
	const tick = 10 * time.Millisecond // USER_HZ is 100 on Linux
	var sum time.Duration
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		sum += time.Duration(user+system) * tick
	}
	return sum
}

// resident returns the memory of a process in MB (10^6 bytes).
func resident(pid int) float64 {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(statm))[1])
	return float64(pages*os.Getpagesize()) / 1e6
}

func children(pid int) (pids []int) {
	list, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, f := range strings.Fields(string(list)) {
		child, _ := strconv.Atoi(f)
		pids = append(pids, child)
	}
	return pids
}

// endProcess asks a process to end, and ends it if it does not within 10 s. It must have been started.
func endProcess(cmd *exec.Cmd, sig syscall.Signal) {
	_ = cmd.Process.Signal(sig) // fails only if it is gone
	kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	_ = cmd.Wait()
}
