package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tollbook/tollbook/logs"
)

// startNATS runs a NATS server with JetStream.
func startNATS(t *testing.T, options server.Options) *server.Server {
	t.Helper()
	options.Host, options.JetStream, options.NoLog, options.NoSigs = "127.0.0.1", true, true, true
	if options.Port == 0 {
		options.Port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	return s
}

// natsStream makes a JetStream stream of all subjects below logs.
func natsStream(t *testing.T, url string) jetstream.Stream {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "LOGS", Subjects: []string{"logs.>"}})
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// stored returns what the stream has.
func stored(t *testing.T, stream jetstream.Stream) (messages []*jetstream.RawStreamMsg) {
	t.Helper()
	info, err := stream.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq && info.State.Msgs > 0; seq++ {
		m, err := stream.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	return messages
}

func TestNATS(t *testing.T) {
	t.Parallel()
	s := startNATS(t, server.Options{StoreDir: t.TempDir(), Username: "u", Password: "p"})
	url := strings.Replace(s.ClientURL(), "nats://", "nats://u:p@", 1)
	stream := natsStream(t, url)
	r := dial(t, url+"/logs.access")
	deliver(t, r, control())
	deliver(t, r, payload("a", "1", "2"), payload("b", "3"))
	deliver(t, r, payload("a", "1", "2")) // again, as after an acknowledgement that was lost
	var got []string
	messages := stored(t, stream)
	for _, m := range messages {
		got = append(got, m.Subject+" "+said(t, m.Data))
	}
	want := []string{"logs.access CONTROL_MESSAGE  CWL CONTROL MESSAGE", "logs.access DATA_MESSAGE a 1 2", "logs.access DATA_MESSAGE b 3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	header := messages[1].Header
	if header.Get("Content-Encoding") != "gzip" || header.Get("X-Tollbook-Log-Group") != "%2Faws%2Fg" || header.Get("Nats-Msg-Id") == "" {
		t.Errorf("headers %v", header)
	}
	var many []*logs.Delivery
	for i := range 600 {
		many = append(many, payload(fmt.Sprint("s", i), "m"))
	}
	deliver(t, r, many...)
	if n := len(stored(t, stream)); n != 603 {
		t.Errorf("the stream has %d messages, want 603", n)
	}
}

// A subject that no stream covers takes nothing, nor does a payload beyond the server's limit arrive.
func TestNATSRefusals(t *testing.T) {
	t.Parallel()
	s := startNATS(t, server.Options{StoreDir: t.TempDir(), MaxPayload: 4096})
	natsStream(t, s.ClientURL())
	if err := send(t, dial(t, s.ClientURL()+"/elsewhere"), payload("a", "m"))[0]; err == nil || errors.Is(err, logs.ErrRefused) {
		t.Errorf("no stream: %v", err)
	}
	random := make([]byte, 20_000)
	for i, source := 0, rand.New(rand.NewPCG(1, 1)); i < len(random); i++ {
		random[i] = byte('0' + source.IntN(60))
	}
	errs := send(t, dial(t, s.ClientURL()+"/logs.x"), payload("a", "m"), payload("b", string(random)), payload("c", "m"))
	if errs[0] != nil || !errors.Is(errs[1], logs.ErrRefused) || errs[2] != nil {
		t.Errorf("a large payload between two others: %v", errs)
	}
}

// The server goes away and comes back; nothing that was acknowledged is missing.
func TestNATSRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startNATS(t, server.Options{StoreDir: dir})
	url := s.ClientURL()
	natsStream(t, url)
	r := dial(t, url+"/logs.x")
	deliver(t, r, payload("a", "1"))
	port := s.Addr().String()
	s.Shutdown()
	s.WaitForShutdown()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	down := payload("a", "2")
	if r.Send(ctx, []*logs.Delivery{down}); down.Err == nil {
		t.Fatal("a payload arrived although the server is down")
	}
	var number int
	if _, err := fmt.Sscanf(port[strings.LastIndex(port, ":"):], ":%d", &number); err != nil {
		t.Fatal(err)
	}
	again := startNATS(t, server.Options{StoreDir: dir, Port: number})
	stream := natsStream(t, again.ClientURL())
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for send(t, r, payload("a", "2"))[0] != nil { // until the connection is back
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the connection does not come back")
		}
	}
	var got []string
	for _, m := range stored(t, stream) {
		got = append(got, said(t, m.Data))
	}
	if diff := cmp.Diff([]string{"DATA_MESSAGE a 1", "DATA_MESSAGE a 2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
