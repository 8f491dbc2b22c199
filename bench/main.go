// Command bench prints Tollbook's benchmark tables: the gateway beside nginx, PutLogEvents, start and idle memory. It
// runs the built binary, nginx and wrk on loopback, interleaves what it compares, and reports medians. `make bench` calls
// it; nothing it measures fails a test.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

// settings are the flags of the command.
type settings struct {
	binary      string
	rounds      int
	duration    time.Duration
	connections int
}

func main() {
	var s settings
	flag.StringVar(&s.binary, "binary", "bin/tollbook", "the built tollbook")
	flag.IntVar(&s.rounds, "rounds", 5, "interleaved rounds of the gateway comparison")
	flag.DurationVar(&s.duration, "duration", 4*time.Second, "length of one measurement")
	flag.IntVar(&s.connections, "connections", 64, "connections that wrk keeps open")
	flag.Parse()
	for _, table := range []func(settings) error{startTable, putLogEventsTable, gatewayTable} {
		if err := table(s); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
	}
}
