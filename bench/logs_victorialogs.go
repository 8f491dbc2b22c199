package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

const victoriaLogsBinary = ".cache/bench/victoria-logs"

// victoriaLogs is a running VictoriaLogs with its defaults, but for times far from now being taken.
type victoriaLogs struct {
	dir string
	url string
	cmd *exec.Cmd
}

var victoriaLogsQueries = [questionKinds]string{
	countByStatus:   `* | stats by (status) count() n`,
	latencyByPath:   `* | stats by (resourcePath) count() n, quantile(0.99, latency) p99`,
	countByClient:   `* | stats by (ip) count() n | sort by (n desc, ip) limit 10`,
	entriesWithText: `requestId:~"%s"`,
	entryByField:    `requestId:="%s"`,
}

// victoriaLogsKeys are the fields that the counts are by.
var victoriaLogsKeys = [questionKinds]string{countByStatus: "status", latencyByPath: "resourcePath", countByClient: "ip"}

func startVictoriaLogs(ctx context.Context, dir string) ([]logDatabase, error) {
	if _, err := os.Stat(victoriaLogsBinary); err != nil {
		return nil, errors.New("not installed (make setup-bench does)")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	addr := fmt.Sprintf("127.0.0.1:%d", freePort())
	v := &victoriaLogs{dir: dir, url: "http://" + addr, cmd: exec.CommandContext(ctx, victoriaLogsBinary, "-httpListenAddr="+addr,
		"-storageDataPath="+dir, "-retentionPeriod=100y", "-futureRetention=100y", "-loggerLevel=ERROR")}
	var stderr bytes.Buffer
	v.cmd.Stderr, v.cmd.WaitDelay = &stderr, 10*time.Second
	if err := v.cmd.Start(); err != nil {
		return nil, err
	}
	if err := v.awaitReady(); err != nil {
		v.stop()
		return nil, fmt.Errorf("%w\n%s", err, stderr.Bytes())
	}
	fmt.Printf("VictoriaLogs %s\n", victoriaLogsVersion())
	return []logDatabase{v}, nil
}

func victoriaLogsVersion() string {
	out, _ := exec.Command("go", "version", "-m", victoriaLogsBinary).Output()
	for line := range bytes.Lines(out) {
		if fields := bytes.Fields(line); len(fields) > 2 && string(fields[1]) == "github.com/VictoriaMetrics/VictoriaLogs" {
			return string(fields[2])
		}
	}
	return "of an unknown version"
}

func (v *victoriaLogs) awaitReady() error {
	for begin := time.Now(); time.Since(begin) < 10*time.Second; time.Sleep(10 * time.Millisecond) {
		if resp, err := http.Get(v.url + "/health"); err == nil {
			resp.Body.Close()
			return nil
		}
	}
	return errors.New("did not answer within 10 s")
}

func (v *victoriaLogs) name() string { return "VictoriaLogs" }
func (v *victoriaLogs) stop()        { endProcess(v.cmd, syscall.SIGTERM) }

// load sends one request of JSON lines. VictoriaLogs answers before it has written them, so what it does in the seconds
// after that belongs to it too.
func (v *victoriaLogs) load(ctx context.Context, src *source) (l loaded, err error) {
	pid := v.cmd.Process.Pid
	begin, before := time.Now(), cpu(pid)
	if err := v.insert(ctx, src); err != nil {
		return l, err
	}
	awaitQuiet(ctx, 8*time.Second, func() time.Duration { return cpu(pid) }, func() bool {
		return directoryBytes(v.dir) > src.bytes/100 // it flushes every 5 s
	})
	l.cpu, l.took = cpu(pid)-before, time.Since(begin)
	l.resident, l.peak = memory(pid)
	l.diskBytes = directoryBytes(v.dir)
	return l, nil
}

func (v *victoriaLogs) insert(ctx context.Context, src *source) error {
	body, in := io.Pipe()
	go func() {
		w := bufio.NewWriterSize(in, 1<<20)
		var line []byte
		for ok := true; ok; {
			if line, _, ok = src.append(line[:0]); ok {
				w.Write(append(line, '\n')) // Flush returns the error
			}
		}
		in.CloseWithError(w.Flush())
	}()
	defer body.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+"/insert/jsonline?_time_field=_time", body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/stream+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("insert into VictoriaLogs: %s", resp.Status)
	}
	return nil
}

func (v *victoriaLogs) ask(ctx context.Context, q question) (answer string, took time.Duration, err error) {
	query := victoriaLogsQueries[q.kind]
	if query == "" {
		return "", 0, errNotAsked
	}
	if q.text != "" {
		query = fmt.Sprintf(query, q.text)
	}
	begin := time.Now()
	lines, err := v.query(ctx, query)
	took = time.Since(begin)
	if err != nil {
		return "", 0, err
	}
	if q.text != "" {
		return eventsAnswer(bytes.Count(lines, []byte("\n"))), took, nil
	}
	counts, err := parseCounts(lines, victoriaLogsKeys[q.kind])
	return countsAnswer(counts, q.kind.answerLimit()), took, err
}

func (v *victoriaLogs) query(ctx context.Context, query string) ([]byte, error) {
	form := url.Values{"query": {query}, "timeout": {"5m"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+"/select/logsql/query?"+form.Encode(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	lines, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("VictoriaLogs: %s: %s: %s", query, resp.Status, lines)
	}
	return lines, err
}

// parseCounts reads one JSON object a line, with the count in n.
func parseCounts(lines []byte, key string) (counts []count, err error) {
	for line := range bytes.Lines(lines) {
		var fields map[string]string
		if err := json.Unmarshal(line, &fields); err != nil {
			return nil, fmt.Errorf("answer of VictoriaLogs: %w", err)
		}
		n, err := strconv.ParseInt(fields["n"], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("answer of VictoriaLogs: %w", err)
		}
		counts = append(counts, count{fields[key], n})
	}
	return counts, nil
}
