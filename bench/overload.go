package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tollbook/tollbook/internal/testkit"
)

// Overload: a back end that does only so much, the load that the gateway carries in front of it, ten times that load, and
// the time until all is as it was before. The load comes from processes of its own.
const (
	backendPlaces = 32 // requests that the back end works on at the same time
	backendWork   = 10 * time.Millisecond

	overloadRequests = 512 // that may be under way: as many as the back end has done in a sixth of a second

	overloadTimes = 10
	floodConns    = 4000
	floodDepth    = 8
	floodNew      = 200 // requests in a second that come on connections of their own
	calmTime      = 10 * time.Second
	calmWindow    = 100 * time.Millisecond
	recoveryTime  = 5 * time.Second
)

// floodMode is the argument that makes this command a process that sends load and prints reports.
const floodMode = "flood"

// overloadTable prints what the gateway does at ten times the load that it carries. The time of the overload is the
// setting's duration, a minute by `make bench-overload`.
func overloadTable(s settings) error {
	backend, err := startSlowBackend()
	if err != nil {
		return err
	}
	defer backend.Close()
	t, stop, err := startTollbook(s.binary, "--max-requests", fmt.Sprint(overloadRequests))
	if err != nil {
		return err
	}
	defer stop()
	api, err := proxyAPI(s.binary, t, "http://"+backend.Addr().String())
	if err != nil {
		return fmt.Errorf("set up the API: %w", err)
	}
	request := fmt.Sprintf("GET /%s/logged/x HTTP/1.1\r\nHost: bench\r\n\r\n", api)
	usual := testkit.Flood{Address: strings.TrimPrefix(t.Gateway, "http://"), Request: request, Conns: 64, Every: calmWindow}
	before, err := runFlood(usual, calmTime, nil)
	if err != nil {
		return err
	}
	calm := calmOf(before)
	fmt.Printf("\nBack end: %d requests at a time, %v each; --max-requests %d. It carries %.0f requests/s from 64 connections, p99 %v (the worst %v of them %v).\n",
		backendPlaces, backendWork, overloadRequests, calm.rate, calm.p99, calmWindow, calm.worst)
	if err := overload(s, t, usual, int(overloadTimes*calm.rate)); err != nil {
		return err
	}
	after, err := runFlood(usual, recoveryTime, nil)
	if err != nil {
		return err
	}
	printRecovery(t, calm, after)
	return nil
}

// overload offers so many requests in a second, and prints each second of it.
func overload(s settings, t *testkit.Server, usual testkit.Flood, perSecond int) error {
	flood := usual
	flood.Conns, flood.PerSecond, flood.Depth, flood.Every = floodConns, perSecond-floodNew, floodDepth, time.Second
	flood.NewPerSecond, flood.NewConns = floodNew, 1000
	fmt.Printf("\n| %d requests/s offered; second | served/s | 503/s | other | refused | no answer | withheld | p50 of the served | p99 | memory | connections | CPU |\n"+
		"|---|---|---|---|---|---|---|---|---|---|---|---|\n", perSecond)
	used, peak := cpu(t.PID()), 0.0
	reports, err := runFlood(flood, s.duration, func(r testkit.FloodReport) {
		now := cpu(t.PID())
		size := resident(t.PID())
		peak = max(peak, size)
		fmt.Printf("| %.0f | %d | %d | %d | %d | %d | %d | %v | %v | %.0f MB | %s | %.0f %% |\n", r.At.Seconds(), r.OK, r.Unavailable, r.Other,
			r.Refused, r.Broken, r.Withheld, r.P50.Round(time.Millisecond), r.P99.Round(time.Millisecond), size,
			metric(t, "tollbook_gateway_connections"), 100*(now-used).Seconds())
		used = now
	})
	if err != nil {
		return err
	}
	var sum testkit.FloodReport
	for _, r := range reports {
		sum.OK, sum.Unavailable, sum.Other, sum.Broken = sum.OK+r.OK, sum.Unavailable+r.Unavailable, sum.Other+r.Other, sum.Broken+r.Broken
	}
	fmt.Printf("\nAll in all: %d served, %d answered 503, %d answered otherwise, %d without an answer; memory at most %.0f MB.\n",
		sum.OK, sum.Unavailable, sum.Other, sum.Broken, peak)
	return nil
}

// calmness is how the gateway is without overload.
type calmness struct {
	rate       float64 // requests/s, the median of the windows
	p99, worst time.Duration
}

// calmOf leaves out the beginning.
func calmOf(windows []testkit.FloodReport) calmness {
	windows = windows[len(windows)/5:]
	var rates []float64
	var p99s []time.Duration
	for _, w := range windows {
		rates = append(rates, float64(w.OK)/calmWindow.Seconds())
		p99s = append(p99s, w.P99)
	}
	return calmness{median(rates), median(p99s), slices.Max(p99s)}
}

// printRecovery tells when the first window begins from which on load and p99 are as before, but for a tenth.
func printRecovery(t *testkit.Server, calm calmness, after []testkit.FloodReport) {
	const bad = -1
	back := bad
	for i, w := range after[:len(after)-1] { // the last one is cut off
		switch good := float64(w.OK)/calmWindow.Seconds() >= 0.9*calm.rate && w.P99 <= calm.worst*11/10; {
		case good && back == bad:
			back = i
		case !good && i < int(time.Second/calmWindow):
			back = bad
		}
	}
	if back == bad {
		fmt.Printf("\nThe load of before again: not as it was within %v.\n", recoveryTime)
		return
	}
	fmt.Printf("\nThe load of before again: as it was after %v; memory then %.0f MB.\n", time.Duration(back+1)*calmWindow, resident(t.PID()))
}

// runFlood sends load from a process of its own for a time and returns the reports, which report sees as they come.
func runFlood(f testkit.Flood, span time.Duration, report func(testkit.FloodReport)) (all []testkit.FloodReport, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	spec, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, floodMode, string(spec), span.String())
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the load: %w", err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var r testkit.FloodReport
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("report %q of the load: %w", lines.Bytes(), err)
		}
		if all = append(all, r); report != nil {
			report(r)
		}
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("the load: %w", err)
	}
	if len(all) < 3 {
		return nil, fmt.Errorf("the load gave %d reports", len(all))
	}
	return all, nil
}

// flood is the process that sends load: it takes a testkit.Flood and a time, and prints a report in each line.
func flood(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%s wants a load and a time", floodMode)
	}
	var f testkit.Flood
	if err := json.Unmarshal([]byte(args[0]), &f); err != nil {
		return fmt.Errorf("read the load: %w", err)
	}
	span, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), span)
	defer cancel()
	out := json.NewEncoder(os.Stdout)
	var broken error
	f.Run(ctx, func(r testkit.FloodReport) {
		if err := out.Encode(r); err != nil {
			broken = err
		}
	})
	return broken
}

// startSlowBackend serves requests without bodies: so many at a time, each for so long.
func startSlowBackend() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	places := make(chan struct{}, backendPlaces)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go workSlowly(conn, places)
		}
	}()
	return l, nil
}

func workSlowly(conn net.Conn, places chan struct{}) {
	defer conn.Close()
	const answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}"
	for r := bufio.NewReader(conn); ; {
		for { // the head; there is no body
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) <= 2 {
				break
			}
		}
		places <- struct{}{}
		time.Sleep(backendWork)
		<-places
		if _, err := io.WriteString(conn, answer); err != nil {
			return
		}
	}
}

// metric reads one number of /metrics.
func metric(t *testkit.Server, name string) string {
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get(t.API + "/metrics")
	if err != nil {
		return "?"
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			n, _ := strconv.ParseFloat(value, 64)
			return fmt.Sprintf("%.0f", n)
		}
	}
	return "?"
}
