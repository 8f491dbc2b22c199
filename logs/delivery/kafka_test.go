package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tollbook/tollbook/logs"
)

// startKafka runs an in-process imitation of a Kafka cluster with a topic of four partitions.
func startKafka(t *testing.T, options ...kfake.Opt) (c *kfake.Cluster, url string) {
	t.Helper()
	c, err := kfake.NewCluster(append(options, kfake.NumBrokers(1), kfake.SeedTopics(4, "logs"))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, "kafka://" + strings.Join(c.ListenAddrs(), ",") + "/logs"
}

// consume reads n records of the topic.
func consume(t *testing.T, c *kfake.Cluster, n int, options ...kgo.Opt) (records []*kgo.Record) {
	t.Helper()
	client, err := kgo.NewClient(append(options, kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics("logs"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for len(records) < n {
		fetched := client.PollFetches(ctx)
		if err := fetched.Err(); err != nil {
			t.Fatal(err)
		}
		records = append(records, fetched.Records()...)
	}
	return records
}

func TestKafka(t *testing.T) {
	t.Parallel()
	c, url := startKafka(t)
	r := dial(t, url)
	deliver(t, r, control())
	var want []string
	for i := range 5 {
		var round []*logs.Delivery
		for s := range 20 {
			round = append(round, payload(fmt.Sprint("s", s), fmt.Sprint(i)))
		}
		deliver(t, r, round...)
	}
	for s := range 20 {
		for i := range 5 {
			want = append(want, fmt.Sprintf("s%d: DATA_MESSAGE s%d %d", s, s, i))
		}
	}
	records := consume(t, c, 101)
	var got []string
	partitions := map[string]map[int32]bool{}
	used := map[int32]bool{}
	for _, record := range records {
		text := said(t, record.Value)
		if strings.HasPrefix(text, "CONTROL_MESSAGE") {
			continue
		}
		key := string(record.Key)
		got = append(got, key+": "+text)
		if partitions[key] == nil {
			partitions[key] = map[int32]bool{}
		}
		partitions[key][record.Partition], used[record.Partition] = true, true
		if n := len(record.Headers); n != 4 || record.Headers[0].Key != "Content-Encoding" {
			t.Errorf("headers %v", record.Headers)
		}
	}
	// Each stream is in one partition, in order.
	for key, in := range partitions {
		if len(in) != 1 {
			t.Errorf("stream %s is in the partitions %v", key, in)
		}
	}
	number := func(line string) (n int) { _, _ = fmt.Sscanf(line, "s%d:", &n); return n }
	slices.SortStableFunc(got, func(a, b string) int { return number(a) - number(b) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(used) < 2 {
		t.Errorf("20 streams use the partitions %v", used)
	}
}

func TestKafkaRandom(t *testing.T) {
	t.Parallel()
	c, url := startKafka(t)
	d := payload("s", "m")
	d.Random = true
	deliver(t, dial(t, url), d)
	if record := consume(t, c, 1)[0]; record.Key != nil {
		t.Errorf("the key is %q", record.Key)
	}
}

func TestKafkaWithPassword(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"plain", "scram-sha-256", "scram-sha-512"} {
		c, url := startKafka(t, kfake.EnableSASL(), kfake.Superuser(strings.ToUpper(mechanism), "u", "p@1"))
		url = strings.Replace(url, "kafka://", "kafka://u:p%401@", 1) + "?sasl=" + mechanism
		deliver(t, dial(t, url), payload("s", "m"))
		c.Close()
	}
}

// A record that brokers find too large is refused; after other errors the next attempt succeeds.
func TestKafkaErrors(t *testing.T) {
	t.Parallel()
	c, url := startKafka(t)
	answer := func(err *kerr.Error) {
		c.ControlKey(int16(kmsg.Produce), func(request kmsg.Request) (kmsg.Response, error, bool) {
			in := request.(*kmsg.ProduceRequest)
			out := in.ResponseKind().(*kmsg.ProduceResponse)
			for _, topic := range in.Topics {
				answered := kmsg.ProduceResponseTopic{Topic: topic.Topic, TopicID: topic.TopicID}
				for _, p := range topic.Partitions {
					answered.Partitions = append(answered.Partitions, kmsg.ProduceResponseTopicPartition{Partition: p.Partition, ErrorCode: err.Code})
				}
				out.Topics = append(out.Topics, answered)
			}
			return out, nil, true
		})
	}
	r := dial(t, url)
	answer(kerr.MessageTooLarge)
	if err := send(t, r, payload("s", "1"))[0]; !errors.Is(err, logs.ErrRefused) {
		t.Errorf("too large: %v", err)
	}
	answer(kerr.TopicAuthorizationFailed)
	if err := send(t, r, payload("s", "2"))[0]; !errors.Is(err, kerr.TopicAuthorizationFailed) || errors.Is(err, logs.ErrRefused) {
		t.Errorf("no rights: %v", err)
	}
	deliver(t, r, payload("s", "3"))
	if text := said(t, consume(t, c, 1)[0].Value); text != "DATA_MESSAGE s 3" {
		t.Errorf("the topic has %s", text)
	}
}
