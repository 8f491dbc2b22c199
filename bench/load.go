package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// load is one kind of traffic, which every proxy of a comparison gets.
type load struct {
	name        string
	method      string // empty: GET
	headers     map[string]string
	body        string
	path        string
	secure      bool // over TLS
	http2       bool // over TLS, by h2load; else HTTP/1.1 by wrk
	connections int  // 0: the setting's
	perSecond   int  // requests sent in a second, by h2load; 0: as many as are answered
}

// sample is what one measurement gave.
type sample struct {
	rate           float64 // requests/s
	perCall        time.Duration
	p50, p99, p999 time.Duration
}

// streams are how many requests a connection of HTTP/2 has under way.
const streams = 10

// run sends the load to url for the setting's duration, and counts the processor time of the processes meanwhile.
func (l load) run(s settings, url string, pids []int) (sample, error) {
	begin := cpu(pids...)
	send := l.wrk
	if l.http2 || l.perSecond > 0 {
		send = l.h2load
	}
	n, result, err := send(s, url)
	if err != nil {
		return sample{}, fmt.Errorf("%s to %s: %w", l.name, url, err)
	}
	result.perCall = (cpu(pids...) - begin) / time.Duration(max(1, n))
	return result, nil
}

func (l load) clients(s settings) int {
	if l.connections > 0 {
		return l.connections
	}
	return s.connections
}

// wrkScript says the request, and prints what is wanted of the result in one line.
const wrkScript = `wrk.method = %q
wrk.body = %s
%sdone = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("\nRESULT %%d %%d %%d %%d %%d %%d\n", summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
`

func (l load) wrk(s settings, url string) (int, sample, error) {
	dir, err := os.MkdirTemp("", "tollbook-bench")
	if err != nil {
		return 0, sample{}, err
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "load.lua")
	if err := os.WriteFile(script, l.script(), 0o600); err != nil {
		return 0, sample{}, err
	}
	out, err := exec.Command("wrk", "-t1", fmt.Sprintf("-c%d", l.clients(s)), fmt.Sprintf("-d%.0fs", s.duration.Seconds()), "-s", script, url).CombinedOutput()
	if err != nil {
		return 0, sample{}, fmt.Errorf("wrk (make setup-bench installs it): %w\n%s", err, out)
	}
	var n, duration, failed, p50, p99, p999 int
	_, line, _ := bytes.Cut(out, []byte("\nRESULT "))
	if _, err := fmt.Sscan(string(line), &n, &duration, &failed, &p50, &p99, &p999); err != nil {
		return 0, sample{}, fmt.Errorf("wrk printed no result: %w\n%s", err, out)
	}
	if failed > 0 {
		return 0, sample{}, fmt.Errorf("%d of %d requests failed:\n%s", failed, n, out)
	}
	return n, sample{
		rate: float64(n) / (time.Duration(duration) * time.Microsecond).Seconds(),
		p50:  time.Duration(p50) * time.Microsecond, p99: time.Duration(p99) * time.Microsecond, p999: time.Duration(p999) * time.Microsecond,
	}, nil
}

func (l load) script() []byte {
	method, body, headers := l.method, "nil", ""
	if method == "" {
		method = "GET"
	}
	if l.body != "" {
		body = strconv.Quote(l.body)
	}
	for _, name := range slices.Sorted(maps.Keys(l.headers)) {
		headers += fmt.Sprintf("wrk.headers[%q] = %q\n", name, l.headers[name])
	}
	return fmt.Appendf(nil, wrkScript, method, body, headers)
}

// h2load sends GETs; its log of single requests tells the percentiles.
func (l load) h2load(s settings, url string) (int, sample, error) {
	dir, err := os.MkdirTemp("", "tollbook-bench")
	if err != nil {
		return 0, sample{}, err
	}
	defer os.RemoveAll(dir)
	file, clients := filepath.Join(dir, "requests.tsv"), l.clients(s)
	args := []string{"-t1", fmt.Sprintf("-c%d", clients), fmt.Sprintf("-D%.0f", s.duration.Seconds()), "--log-file=" + file}
	if l.http2 {
		clients = max(1, clients/streams)
		args[1] = fmt.Sprintf("-c%d", clients)
		args = append(args, fmt.Sprintf("-m%d", streams))
	} else {
		args = append(args, "--h1")
	}
	if l.perSecond > 0 {
		args = append(args, fmt.Sprintf("--rps=%d", max(1, l.perSecond/clients)))
	}
	if out, err := exec.Command("h2load", append(args, url)...).CombinedOutput(); err != nil {
		return 0, sample{}, fmt.Errorf("h2load (make setup-bench installs it): %w\n%s", err, out)
	}
	return readRequests(file, s.duration)
}

// readRequests reads h2load's log: when each request began, its status, and how long it took, in microseconds.
func readRequests(file string, span time.Duration) (int, sample, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, sample{}, err
	}
	var times []time.Duration
	for line := range strings.Lines(string(data)) {
		var begin, status, took int
		if _, err := fmt.Sscan(line, &begin, &status, &took); err != nil || status != 200 {
			return 0, sample{}, fmt.Errorf("a request failed: %q", line)
		}
		times = append(times, time.Duration(took)*time.Microsecond)
	}
	if len(times) == 0 {
		return 0, sample{}, fmt.Errorf("no request was answered")
	}
	slices.Sort(times)
	at := func(share float64) time.Duration { return times[int(share*float64(len(times)-1))] }
	return len(times), sample{rate: float64(len(times)) / span.Seconds(), p50: at(0.5), p99: at(0.99), p999: at(0.999)}, nil
}

func median[T int | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// medianOf is the median of one number of the samples.
func medianOf[T int | float64 | time.Duration](samples []sample, number func(sample) T) T {
	values := make([]T, len(samples))
	for i, one := range samples {
		values[i] = number(one)
	}
	return median(values)
}
