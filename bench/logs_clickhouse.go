package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// clickHouse is the engine in a Node process (peers/clickhouse.mjs), used through one of two tables.
type clickHouse struct {
	*clickHouseProcess
	table   clickHouseTable
	version string
}

// clickHouseTable is a way of keeping the entries: settings as they come, ordered by time.
type clickHouseTable struct {
	name, title string
	create      string
	insert      string // with a verb for the file of JSON lines
	queries     [questionKinds]string
}

// entriesPerFile is how many entries an INSERT takes: as many as ClickHouse itself would put into one block.
const entriesPerFile = 1_000_000

var clickHouseJSON = clickHouseTable{
	name: "json", title: "ClickHouse, JSON",
	create: `CREATE TABLE json (entry JSON(_time DateTime64(3))) ENGINE = MergeTree ORDER BY entry._time`,
	insert: `INSERT INTO json SELECT entry FROM file('%s', 'JSONAsObject', 'entry JSON(_time DateTime64(3))')
		SETTINGS date_time_input_format = 'best_effort'`,
	queries: [questionKinds]string{
		countByStatus: `SELECT entry.status.:String AS k, count() AS n FROM json GROUP BY k ORDER BY n DESC, k`,
		latencyByPath: `SELECT entry.resourcePath.:String AS k, count() AS n, quantile(0.99)(toUInt32(entry.latency.:String))
			FROM json GROUP BY k ORDER BY n DESC, k`,
		countByClient:   `SELECT entry.ip.:String AS k, count() AS n FROM json GROUP BY k ORDER BY n DESC, k LIMIT 10`,
		entriesWithText: `SELECT entry FROM json WHERE position(entry.requestId.:String, '%s') > 0`,
		entryByField:    `SELECT entry FROM json WHERE entry.requestId.:String = '%s'`,
	},
}

var clickHouseRaw = clickHouseTable{
	name: "raw", title: "ClickHouse, String",
	create: `CREATE TABLE raw (time DateTime64(3), message String) ENGINE = MergeTree ORDER BY time`,
	insert: `INSERT INTO raw SELECT parseDateTime64BestEffort(substring(line, 11, 24)), line FROM file('%s', 'LineAsString')`,
	queries: [questionKinds]string{
		entriesWithText: `SELECT message FROM raw WHERE position(message, '%s') > 0`,
		entryByTerm:     `SELECT message FROM raw WHERE position(message, '%s') > 0`,
	},
}

func startClickHouse(ctx context.Context, dir string) ([]logDatabase, error) {
	p, err := startClickHouseProcess(ctx, dir)
	if err != nil {
		return nil, err
	}
	version, _, err := p.query(`SELECT version()`)
	if err == nil {
		_, _, err = p.query(`SET max_threads = 2`)
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	fmt.Printf("ClickHouse %s\n", strings.TrimSpace(version))
	var both []logDatabase
	for _, table := range []clickHouseTable{clickHouseJSON, clickHouseRaw} {
		both = append(both, &clickHouse{clickHouseProcess: p, table: table, version: version})
	}
	return both, nil
}

func (c *clickHouse) name() string { return c.table.title }

func (c *clickHouse) load(ctx context.Context, src *source) (l loaded, err error) {
	begin, before := time.Now(), cpu(c.pid)
	if _, _, err := c.query(c.table.create); err != nil {
		return l, err
	}
	for file := filepath.Join(c.dir, "entries.json"); ; {
		more, err := writeLines(file, src)
		if err != nil {
			return l, err
		}
		if !more {
			break
		}
		if _, _, err := c.query(fmt.Sprintf(c.table.insert, file)); err != nil {
			return l, err
		}
		if err := os.Remove(file); err != nil {
			return l, err
		}
	}
	awaitQuiet(ctx, 2*time.Second, func() time.Duration { return cpu(c.pid) }, nil)
	l.cpu, l.took = cpu(c.pid)-before, time.Since(begin)
	if c.table.name == clickHouseJSON.name { // the first; afterwards the process has held both
		l.resident, l.peak = memory(c.pid)
	}
	size, _, err := c.query(fmt.Sprintf(`SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = '%s'`, c.table.name))
	if err == nil {
		_, err = fmt.Sscan(size, &l.diskBytes)
	}
	return l, err
}

// writeLines writes the next entries to a file; more is false if there was none.
func writeLines(file string, src *source) (more bool, err error) {
	out, err := os.Create(file)
	if err != nil {
		return false, err
	}
	defer out.Close()
	w := bufio.NewWriterSize(out, 1<<20)
	var line []byte
	for range entriesPerFile {
		var ok bool
		if line, _, ok = src.append(line[:0]); !ok {
			break
		}
		line = append(line, '\n')
		if _, err := w.Write(line); err != nil {
			return false, err
		}
		more = true
	}
	return more, w.Flush()
}

func (c *clickHouse) ask(_ context.Context, q question) (answer string, took time.Duration, err error) {
	sql := c.table.queries[q.kind]
	if sql == "" {
		return "", 0, errNotAsked
	}
	if q.text != "" {
		sql = fmt.Sprintf(sql, q.text)
	}
	text, took, err := c.query(sql)
	if q.text != "" {
		return eventsAnswer(strings.Count(text, "\n")), took, err
	}
	var lines strings.Builder
	for line := range strings.Lines(text) { // value, count, and for one question what cannot be compared exactly
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		fmt.Fprintf(&lines, "%s\t%s\n", columns[0], columns[1])
	}
	return lines.String(), took, err
}

// clickHouseProcess runs one statement after the other.
type clickHouseProcess struct {
	dir     string
	pid     int
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Reader
}

func startClickHouseProcess(ctx context.Context, dir string) (*clickHouseProcess, error) {
	const script = "bench/peers/clickhouse.mjs"
	if _, err := os.Stat("bench/peers/node_modules/chdb"); err != nil {
		return nil, errors.New("not installed (make setup-bench does)")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	p := &clickHouseProcess{dir: dir, cmd: exec.CommandContext(ctx, "node", script, filepath.Join(dir, "data"))}
	p.cmd.Stderr = os.Stderr
	p.cmd.WaitDelay = 10 * time.Second
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.answers = in, bufio.NewReaderSize(out, 1<<20)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start node: %w", err)
	}
	p.pid = p.cmd.Process.Pid
	return p, nil
}

// query returns the answer of a statement and how long the engine took.
func (p *clickHouseProcess) query(sql string) (text string, took time.Duration, err error) {
	line, err := json.Marshal(sql)
	if err != nil {
		return "", 0, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return "", 0, fmt.Errorf("ask ClickHouse: %w", err)
	}
	if line, err = p.answers.ReadBytes('\n'); err != nil {
		return "", 0, fmt.Errorf("answer of ClickHouse: %w", err)
	}
	var answer struct {
		MS          float64
		Text, Error string
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return "", 0, fmt.Errorf("answer of ClickHouse: %w", err)
	}
	if answer.Error != "" {
		return "", 0, fmt.Errorf("ClickHouse: %s: %s", sql, answer.Error)
	}
	return answer.Text, time.Duration(answer.MS * float64(time.Millisecond)), nil
}

// stop may be called twice, as two tables share the process.
func (p *clickHouseProcess) stop() {
	p.in.Close()
	if p.cmd.ProcessState == nil {
		endProcess(p.cmd, syscall.SIGTERM)
	}
}
