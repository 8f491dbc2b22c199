package conformance_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// smallDisk is a file system of its own, of 24 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=24m", "tollbook-test", dir).CombinedOutput(); err != nil {
		t.Skipf("needs a file system of its own, to fill it: mount: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	return dir
}

// ballast is the file that fills a disk. Removing it gives the space back.
type ballast string

func fill(t *testing.T, disk string) ballast {
	t.Helper()
	b := ballast(filepath.Join(disk, "ballast"))
	f := must(os.Create(string(b)))(t)
	defer f.Close()
	for block := make([]byte, 64<<10); ; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			return b
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func (b ballast) drop(t *testing.T) {
	t.Helper()
	if err := os.Remove(string(b)); err != nil {
		t.Fatal(err)
	}
}

// metric is the value of one without labels.
func (p *product) metric(t *testing.T, name string) float64 {
	t.Helper()
	found := regexp.MustCompile(`(?m)^tollbook_` + name + ` (\S+)$`).FindStringSubmatch(request(t, "GET", p.API+"/metrics", "").body)
	if found == nil {
		t.Fatalf("there is no metric %s", name)
	}
	return must(strconv.ParseFloat(found[1], 64))(t)
}

// longPath is of no method, so that the gateway answers by itself, with an entry of 4 kB.
func longPath(n int) string { return fmt.Sprintf("/none/%d/%s", n, strings.Repeat("x", 4000)) }

// manyCalls has clients send requests with large entries, on connections of their own.
func (c *chaos) manyCalls(t *testing.T, clients, each int) (wait func()) {
	var all sync.WaitGroup
	for n := range clients {
		by := c.onWire(t)
		all.Go(func() {
			for i := range each {
				if got, err := by.call("GET", longPath(n*each+i), ""); err != nil || got.status != 403 {
					t.Errorf("%d %v", got.status, err)
				}
			}
		})
	}
	return all.Wait
}

// TestFullDisk: while the disk is full requests are answered as long as the queue has room, and wait then. What was acknowledged
// stays, what could not be written is refused. When there is space again all goes on, without a restart.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	c := &chaos{product: start(t, filepath.Join(disk, "data"), "--access-log-queue", "1MiB"), book: newLedger()}
	c.api = chaosAPI(t, c.product, "http://127.0.0.1:1")
	put := &puts{p: c.product}
	put.begin(t)
	put.call(t, "before")
	c.manyCalls(t, 2, 20)()
	c.check(t)

	full := fill(t, disk)
	c.manyCalls(t, 2, 20)() // into the queue
	eventually(t, func() bool { return c.metric(t, "access_log_append_errors_total") > 0 })
	for i := range 3 {
		put.call(t, fmt.Sprint("while it is full ", i))
	}
	if put.failed == 0 {
		t.Error("PutLogEvents finds room on a full disk")
	}
	done := c.manyCalls(t, 8, 40) // more than the queue holds
	eventually(t, func() bool { return c.metric(t, "access_log_waits_total") >= 8 })
	full.drop(t)
	done()
	put.call(t, "afterwards")
	c.check(t)
	put.check(t, c.product)
	if n := c.metric(t, "access_log_dropped_total"); n != 0 {
		t.Errorf("%v entries were dropped", n)
	}
	c.Kill()
	c.product = start(t, c.dir)
	c.check(t)
	put.check(t, c.product)
}

// TestFullDiskDurable: with --access-log-durable no request is answered while its entry cannot be written.
func TestFullDiskDurable(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	c := &chaos{product: start(t, filepath.Join(disk, "data"), "--access-log-durable"), book: newLedger()}
	c.api = chaosAPI(t, c.product, "http://127.0.0.1:1")
	c.manyCalls(t, 1, 3)()
	full := fill(t, disk)
	const clients = 6
	done := c.manyCalls(t, clients, 1)
	eventually(t, func() bool { return c.metric(t, "access_log_append_errors_total") >= 2 })
	eventually(t, func() bool { return c.metric(t, "gateway_requests_in_flight") == clients })
	if n := c.book.answers(); n != 3 {
		t.Errorf("%d requests were answered on a full disk", n-3)
	}
	full.drop(t)
	done()
	c.Kill()
	c.product = start(t, c.dir)
	c.check(t)
}

// TestFullDiskDrop: with --access-log-when-full=drop requests never wait, and what is lost is counted.
func TestFullDiskDrop(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	c := &chaos{product: start(t, filepath.Join(disk, "data"), "--access-log-queue", "1MiB", "--access-log-when-full", "drop"), book: newLedger()}
	c.api = chaosAPI(t, c.product, "http://127.0.0.1:1")
	full := fill(t, disk)
	c.manyCalls(t, 8, 40)() // all are answered, though the queue holds less than half of them
	dropped := int(c.metric(t, "access_log_dropped_total"))
	if dropped == 0 || dropped >= 320 || c.metric(t, "access_log_waits_total") != 0 {
		t.Errorf("%d of 320 entries were dropped", dropped)
	}
	full.drop(t)
	c.book.mayLose = true
	var there map[string]chaosEntry
	eventually(t, func() bool { there = c.check(t); return len(there) == 320-dropped })
	c.manyCalls(t, 1, 1)()
	eventually(t, func() bool { return len(c.check(t)) == 321-dropped })
}

// puts are calls of PutLogEvents and what became of them.
type puts struct {
	p      *product
	acked  acks
	failed int
}

var putsGroup = aws.String("puts")

func (u *puts) begin(t *testing.T) {
	t.Helper()
	logs := u.p.logs()
	must(logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: putsGroup}))(t)
	must(logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: putsGroup, LogStreamName: aws.String("s")}))(t)
}

// call puts one event of 5 kB, so that none fits into what is left of a page.
func (u *puts) call(t *testing.T, text string) {
	message := text + strings.Repeat(".", 5000)
	_, err := u.p.logs().PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: putsGroup, LogStreamName: aws.String("s"),
		LogEvents: []logtypes.InputLogEvent{{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: &message}},
	}, func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts = 1 })
	if err != nil {
		u.failed++
		return
	}
	u.acked.add(message)
}

// check wants exactly what was acknowledged.
func (u *puts) check(t *testing.T, p *product) {
	t.Helper()
	var found []string
	for _, e := range events(t, p, *putsGroup) {
		found = append(found, *e.Message)
	}
	requireOnce(t, &u.acked, found)
	if len(found) != u.acked.count() {
		t.Errorf("%d events, %d were acknowledged", len(found), u.acked.count())
	}
}
