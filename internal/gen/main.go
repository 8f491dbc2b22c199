// Command gen writes the packages below awsapi from AWS' published service models: types, the Service interface,
// decoding, constraint checks and encoding of the operations that served.go lists, and a table of all others by name.
//
//	go run ./internal/gen                 # models/*.json -> awsapi/*; what go generate runs
//	go run ./internal/gen trim SRC DST    # a published service-2.json(.gz) -> a trimmed model
//
// The models beside it are trimmed copies of those that botocore carries, so that generating needs nothing but this
// repository. The helpers that generated code calls are in awsapi/protocol; the HTTP around it is awswire's.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "trim":
		return trim(args[1], args[2])
	case len(args) == 1:
		return generateAll(args[0])
	default:
		return errors.New("usage: gen ROOT | gen trim SRC DST")
	}
}
