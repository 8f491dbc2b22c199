package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/tollbook/tollbook/internal/testkit"
)

func enableAccessLogs(binary string, t *testkit.Server, api string) error {
	cmd := exec.Command(binary, "access-logs", "enable", "--endpoint-url", t.API, "--region", "us-east-1", "--api", api, "--stage", "logged", "--format", guideFormat)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("enable access logs: %w\n%s", err, out)
	}
	return nil
}

// startTable measures start to ready with an empty data directory, and the memory of a server that nobody uses.
func startTable(s settings) error {
	var ready []time.Duration
	var memory []float64
	for range s.rounds {
		t, stop, err := startTollbook(s.binary)
		if err != nil {
			return err
		}
		time.Sleep(time.Second) // idle means that the start's work is over
		ready, memory = append(ready, t.ToReady), append(memory, resident(t.PID()))
		stop()
	}
	fmt.Printf("\nstart, empty data directory: %d runs, medians\n%-36s %12v\n%-36s %9.0f MB\n", s.rounds,
		"start to ready", median(ready).Round(time.Millisecond), "idle memory", median(memory))
	return nil
}

// putLogEventsTable measures the server's CPU per event through PutLogEvents, 10,000 events of 300 bytes at a time in the
// batches that AWS' limit of 1 MiB allows.
func putLogEventsTable(s settings) error {
	const events, rounds = 10_000, 30
	t, stop, err := startTollbook(s.binary)
	if err != nil {
		return err
	}
	defer stop()
	ctx, logs := context.Background(), cloudwatchlogs.NewFromConfig(t.AWSConfig())
	group, stream := aws.String("bench"), aws.String("stream")
	if _, err := logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group}); err != nil {
		return err
	}
	if _, err := logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}); err != nil {
		return err
	}
	batch := make([]logtypes.InputLogEvent, 2500)
	for i := range batch {
		message := fmt.Sprintf(`{ "requestId":"%08d-0000-4000-8000-000000000000", "status":"200", "note":"%s" }`, i, strings.Repeat("x", 216))
		batch[i] = logtypes.InputLogEvent{Message: &message}
	}
	before, begin := cpu(t.PID()), time.Now()
	for range rounds * events / len(batch) {
		now := time.Now().UnixMilli()
		for i := range batch {
			batch[i].Timestamp = &now
		}
		if _, err := logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: batch}); err != nil {
			return err
		}
	}
	used, took := cpu(t.PID())-before, time.Since(begin)
	fmt.Fprintf(os.Stdout, "\nPutLogEvents: %d × %d events of %d bytes\n%-36s %10.2fµs\n%-36s %12.0f\n", rounds, events, len(*batch[0].Message),
		"server CPU per event", float64(used.Microseconds())/(rounds*events), "events/s, one client", rounds*events/took.Seconds())
	return nil
}
