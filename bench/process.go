package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
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

// nginx is a running nginx with its workers.
type nginx struct {
	cmd  *exec.Cmd
	dir  string
	pids []int
}

func startNginx(conf string, port int) (*nginx, error) {
	dir, err := os.MkdirTemp("", "nginx-bench")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(conf, "DIR", dir)), 0o600); err != nil {
		return nil, err
	}
	program, err := exec.LookPath("nginx")
	if err != nil {
		program = "/usr/sbin/nginx"
	}
	n := &nginx{cmd: exec.Command(program, "-p", dir, "-c", file, "-e", filepath.Join(dir, "error.log")), dir: dir}
	n.cmd.Stderr = os.Stderr
	if err := n.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start nginx (make setup-bench installs it): %w", err)
	}
	for begin := time.Now(); time.Since(begin) < 5*time.Second; time.Sleep(10 * time.Millisecond) {
		if resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", port)); err == nil {
			resp.Body.Close()
			n.pids = append(children(n.cmd.Process.Pid), n.cmd.Process.Pid)
			return n, nil
		}
	}
	n.stop()
	return nil, fmt.Errorf("nginx did not answer within 5 s")
}

func children(pid int) (pids []int) {
	list, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, f := range strings.Fields(string(list)) {
		child, _ := strconv.Atoi(f)
		pids = append(pids, child)
	}
	return pids
}

func (n *nginx) stop() {
	n.cmd.Process.Signal(syscall.SIGQUIT)
	n.cmd.Wait()
	os.RemoveAll(n.dir)
}

// endProcess asks a process to end, and ends it if it does not within 10 s. It must have been started.
func endProcess(cmd *exec.Cmd, sig syscall.Signal) {
	_ = cmd.Process.Signal(sig) // fails only if it is gone
	kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	_ = cmd.Wait()
}
