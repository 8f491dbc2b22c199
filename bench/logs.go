package main

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/tollbook/tollbook/internal/testkit"
)

func enableAccessLogs(binary string, t *testkit.Server, api, stage string) error {
	cmd := exec.Command(binary, "access-logs", "enable", "--endpoint-url", t.API, "--region", "us-east-1", "--api", api, "--stage", stage, "--format", guideFormat)
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

// putLogEventsTable measures the server's CPU per event through PutLogEvents, from one client, in batches about as large as
// AWS' limit of 1 MiB allows. What the server does with the events afterwards belongs to it.
func putLogEventsTable(s settings) error {
	const batchEvents, batches = 2500, 120
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
	src, used := newSource(batches*batchEvents, 0), func() time.Duration { return cpu(t.PID()) }
	before, begin := used(), time.Now()
	for range batches {
		in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: inputEvents(src, batchEvents)}
		if _, err := logs.PutLogEvents(ctx, in); err != nil {
			return err
		}
	}
	took := time.Since(begin)
	awaitQuiet(ctx, 2*time.Second, used, nil)
	fmt.Printf("\nPutLogEvents: %d × %d events of %d bytes\n%-36s %10.2fµs\n%-36s %12.0f\n", batches, batchEvents, src.bytes/int64(src.made),
		"server CPU per event", float64((used()-before).Microseconds())/batches/batchEvents,
		"events/s, one client", batches*batchEvents/took.Seconds())
	return nil
}

// inputEvents makes the next n entries into events of this moment.
func inputEvents(src *source, n int) []logtypes.InputLogEvent {
	now := time.Now().UnixMilli()
	var events []logtypes.InputLogEvent
	for range n {
		message, _, _ := src.append(nil)
		events = append(events, logtypes.InputLogEvent{Timestamp: &now, Message: aws.String(string(message))})
	}
	return events
}
