package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// printMachine says what numbers depend on: where, when and on what they were measured, and how busy the machine was.
func printMachine() {
	load, _ := os.ReadFile("/proc/loadavg")
	revision, _ := exec.Command("git", "describe", "--always", "--dirty").Output()
	fmt.Printf("%s, tollbook %s, %s, %d cores of %s, %s, load before %s\n", time.Now().Format(time.DateOnly),
		strings.TrimSpace(string(revision)), runtime.Version(), runtime.NumCPU(), processor(), kernel(),
		firstField(string(load)))
}

func firstField(s string) string {
	field, _, _ := strings.Cut(s, " ")
	return field
}

func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "model name"); ok {
			return strings.TrimLeft(name, "\t: ")
		}
	}
	return runtime.GOARCH
}

func kernel() string {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return runtime.GOOS
	}
	return unix.ByteSliceToString(name.Sysname[:]) + " " + unix.ByteSliceToString(name.Release[:])
}
