package columnar

import (
	"compress/gzip"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// looks are messages of many looks, each made from a random source and a time.
var looks = map[string]func(r *rand.Rand, at time.Time) string{
	"json": func(r *rand.Rand, at time.Time) string {
		return fmt.Sprintf(`{ "requestId":"%s", "extendedRequestId":"%s","ip": "%s", "caller":"-", "user":"-", "requestTime":"%s", `+
			`"httpMethod":"%s", "resourcePath":"/pets/{id}", "status":"%d", "protocol":"HTTP/1.1", "responseLength":"%d" }`,
			uuid(r), base64Text(r), ip(r), clf(at), method(r), status(r), r.Intn(5000))
	},
	"numbers": func(r *rand.Rand, at time.Time) string {
		bytes := fmt.Sprint(r.Intn(1 << (1 + r.Intn(40))))
		if r.Intn(20) == 0 {
			bytes = "null"
		}
		return fmt.Sprintf(`{"at":%d,"msec":%d.%03d,"took":%.3f,"bytes":%s,"ok":%t,"tags":["a%d",{"x":-%d}],"s":"caf\u00e9 \"%d\""}`,
			at.Unix(), at.Unix(), at.UnixMilli()%1000, r.Float64()*9, bytes, r.Intn(3) > 0, r.Intn(5), r.Intn(100), r.Intn(3))
	},
	"clf": func(r *rand.Rand, at time.Time) string {
		return fmt.Sprintf(`%s - - [%s]"%s /pets/%d HTTP/1.1" %d %d %s %s`, ip(r), clf(at), method(r), r.Intn(50), status(r), r.Intn(5000), uuid(r), base64Text(r))
	},
	"combined": func(r *rand.Rand, at time.Time) string {
		size := fmt.Sprint(r.Intn(100000))
		if r.Intn(4) == 0 {
			size = "-"
		}
		return fmt.Sprintf(`%s - frank [%s] "%s /apache_pb.gif?q=%d HTTP/1.0" %d %s "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav) %d"`,
			ip(r), at.Format("02/Jan/2006:15:04:05 -0700"), method(r), r.Intn(1000), status(r), size, r.Intn(9))
	},
	"xml": func(r *rand.Rand, at time.Time) string {
		return fmt.Sprintf(`<request id="%s"> <ip>%s</ip> <caller></caller> <requestTime>%s</requestTime> <status>%d</status> </request>`,
			uuid(r), ip(r), clf(at), status(r))
	},
	"csv": func(r *rand.Rand, at time.Time) string {
		return fmt.Sprintf(`%s,-,"a,%d",%s,%s,/pets,HTTP/1.1,%d,%d,%s,`, ip(r), r.Intn(5), clf(at), method(r), status(r), r.Intn(5000), uuid(r))
	},
	"text": func(r *rand.Rand, at time.Time) string {
		return fmt.Sprintf("%s INFO [worker-%d] o.e.Pool: took (%d ms) id=%s for %s", at.Format("2006-01-02 15:04:05,000"), r.Intn(8), r.Intn(900),
			hexText(r, 16), pickFrom(r, "alice", "bob", "carol"))
	},
	"lambda": func(r *rand.Rand, _ time.Time) string {
		id := uuid(r)
		return fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: 128 MB\tXRAY TraceId: 1-5759e9%s-%s\t\r\n",
			id, r.Float64()*300, r.Intn(300), hexText(r, 2), hexText(r, 24))
	},
	"trace": func(r *rand.Rand, _ time.Time) string {
		return fmt.Sprintf("java.lang.IllegalStateException: no %s\n\tat org.example.Pool.take(Pool.java:%d)\n\tat org.example.Main.run(Main.java:12)\n... %d more",
			pickFrom(r, "room", "time", "luck"), r.Intn(40), r.Intn(9))
	},
	"odd": func(r *rand.Rand, at time.Time) string {
		return pickFrom(r, "", " ", "\x00\xff\xfe", "{", `{"a":1,"a":2}`, `{"a":"\xff"}`, `{"a":"`+hexText(r, 6)+`"} x`, "[1,2,3]", "日本語 "+uuid(r),
			"\r\n", `{"a":{}}`, `{"a":[]}`, "heartbeat", strings.Repeat("x", r.Intn(300)), `{"a\"b":"c\"d"}`, `"`, `,,,,`, "<a><b>", at.String())
	},
}

func uuid(r *rand.Rand) string {
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.Intn(1<<16), r.Intn(1<<12), r.Intn(1<<12), r.Int63n(1<<48))
}

func hexText(r *rand.Rand, n int) string {
	return strings.Map(func(rune) rune { return rune("0123456789abcdef"[r.Intn(16)]) }, strings.Repeat("x", n))
}

func base64Text(r *rand.Rand) string {
	return strings.Map(func(rune) rune {
		return rune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[r.Intn(64)])
	}, "xxxxxxxxxxxxxxx") + "="
}

func ip(r *rand.Rand) string     { return fmt.Sprintf("10.0.%d.%d", r.Intn(3), r.Intn(256)) }
func clf(at time.Time) string    { return at.UTC().Format("02/Jan/2006:15:04:05 +0000") }
func method(r *rand.Rand) string { return pickFrom(r, "GET", "GET", "POST", "DELETE") }
func status(r *rand.Rand) int    { return pickFrom(r, 200, 200, 200, 404, 403, 500) }

func pickFrom[T any](r *rand.Rand, from ...T) T { return from[r.Intn(len(from))] }

// lookRows are n rows of the looks named, mixed by chance.
func lookRows(seed int64, n int, names ...string) *Rows {
	r := rand.New(rand.NewSource(seed))
	at := time.UnixMilli(1_790_000_000_000).UTC()
	rows := &Rows{}
	for i := range n {
		at = at.Add(time.Duration(r.Intn(900)) * time.Millisecond)
		m := looks[pickFrom(r, names...)](r, at)
		rows.add(at.UnixMilli(), at.UnixMilli()+int64(r.Intn(50)), uint64(i)*3, m)
	}
	return rows
}

func lookNames() []string {
	return []string{"json", "numbers", "clf", "combined", "xml", "csv", "text", "lambda", "trace", "odd"}
}

// sharedLog is the lines of a real log beside the repository, which is not part of it; without it the test is skipped.
func sharedLog(t testing.TB, name string) []string {
	t.Helper()
	dir := os.Getenv("TOLLBOOK_SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Skipf("real log %s is not here: %v", name, err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if _, err := io.Copy(&text, z); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
}
