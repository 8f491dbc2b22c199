// Command bench prints Tollbook's benchmark tables: the gateway beside nginx, PutLogEvents, start and idle memory, and the
// log store and Logs Insights beside ClickHouse and VictoriaLogs. It runs the built binary, nginx, wrk and the log databases on loopback,
// interleaves what it compares, and reports medians. `make bench` calls it; nothing it measures fails a test.
//
//	bench [table] [flags]
//
// A table is start, put-log-events, gateway, overload, rest-api, logs-store, insights or live-tail; without one it prints all of them.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

// settings are the flags of the command.
type settings struct {
	binary      string
	rounds      int
	duration    time.Duration
	connections int
	entries     int
	all         bool
	peers       string
	cpuProfile  string
	limit       time.Duration
}

// tables in the order in which they are printed.
var tables = []struct {
	name  string
	print func(settings) error
}{
	{"start", startTable}, {"put-log-events", putLogEventsTable}, {"gateway", gatewayTable}, {"overload", overloadTable}, {"rest-api", restAPITable}, {"logs-store", logsStoreTable}, {"insights", insightsTable},
	{"live-tail", liveTailTable},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	only := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		only, args = args[0], args[1:]
	}
	if only == floodMode {
		return flood(args)
	}
	s := parse(args)
	printMachine()
	known := only == ""
	for _, table := range tables {
		if only != "" && only != table.name {
			continue
		}
		known = true
		if err := table.print(s); err != nil {
			return fmt.Errorf("%s: %w", table.name, err)
		}
	}
	if !known {
		return fmt.Errorf("there is no table %q", only)
	}
	return nil
}

func parse(args []string) (s settings) {
	f := flag.NewFlagSet("bench", flag.ExitOnError)
	f.StringVar(&s.binary, "binary", "bin/tollbook", "the built tollbook")
	f.IntVar(&s.rounds, "rounds", 5, "interleaved rounds of a comparison")
	f.DurationVar(&s.duration, "duration", 4*time.Second, "length of one measurement of the gateway, and of its overload")
	f.IntVar(&s.connections, "connections", 64, "connections that wrk keeps open")
	f.BoolVar(&s.all, "all", false, "every kind of load on the gateway, not the first alone")
	f.IntVar(&s.entries, "n", 5_000_000, "entries in the log store")
	f.StringVar(&s.peers, "peers", "clickhouse,victorialogs", "what the log store is compared with, of what is installed")
	f.StringVar(&s.cpuProfile, "cpuprofile", "", "file for a CPU profile of the log store's append")
	f.DurationVar(&s.limit, "limit", 2*time.Hour, "when the log store's comparison is given up")
	_ = f.Parse(args) // exits on an error
	return s
}
