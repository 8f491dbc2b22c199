package conformance_test

import (
	"context"
	"database/sql"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	_ "modernc.org/sqlite"
)

// failsToStart expects `serve` to end by itself with a message.
func failsToStart(t *testing.T, want string, args ...string) {
	t.Helper()
	out, err := run(t, nil, binary, append([]string{"serve"}, args...)...)
	if err == nil || !strings.Contains(out, want) {
		t.Errorf("serve %v: error %v, output %q; want it to contain %q", args, err, out, want)
	}
}

func TestStartFailuresAreClear(t *testing.T) {
	t.Parallel()
	free := []string{"--api-addr", "127.0.0.1:0", "--gateway-addr", "127.0.0.1:0"}
	t.Run("port taken", func(t *testing.T) {
		t.Parallel()
		l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		defer l.Close()
		failsToStart(t, l.Addr().String()+" is taken by another process", "--data-dir", t.TempDir(), "--api-addr", l.Addr().String(), "--gateway-addr", "127.0.0.1:0")
	})
	t.Run("data directory in use", func(t *testing.T) {
		t.Parallel()
		p := start(t, t.TempDir())
		failsToStart(t, "is in use by another tollbook process", append(free, "--data-dir", p.dir)...)
	})
	t.Run("data directory is a file", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		failsToStart(t, "make data directory", append(free, "--data-dir", file)...)
	})
	t.Run("newer version", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := start(t, dir).Stop(); err != nil {
			t.Fatal(err)
		}
		db := must(sql.Open("sqlite", filepath.Join(dir, "state.db")))(t)
		must(db.Exec("UPDATE schema_version SET version = 1000000"))(t)
		db.Close()
		failsToStart(t, "written by a newer version of tollbook", append(free, "--data-dir", dir)...)
	})
	t.Run("damaged state", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "state.db"), []byte(strings.Repeat("this is no database ", 500)), 0o600); err != nil {
			t.Fatal(err)
		}
		failsToStart(t, "not a readable state database", append(free, "--data-dir", dir)...)
	})
	t.Run("open listener", func(t *testing.T) {
		t.Parallel()
		failsToStart(t, "needs --auth sigv4", "--data-dir", t.TempDir(), "--api-addr", "0.0.0.0:0")
	})
}

func TestHealthAndMetrics(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ready", "/metrics": "tollbook_gateway_requests_total"} {
		if a := request(t, "GET", p.API+path, ""); a.status != 200 || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %.200s", path, a.status, a.body)
		}
	}
}

// A request that is under way when the server is told to stop is answered; every entry is there afterwards.
func TestStopIsGraceful(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	upstream := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		io.WriteString(w, "late")
	})}
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	go upstream.Serve(l)
	defer upstream.Close()

	dir := t.TempDir()
	p := start(t, dir)
	enableAccountRole(t, p)
	api := notesAPI(t, p, "http://"+l.Addr().String())
	deploy(t, p, api, "prod")
	if err := setAccessLogs(t.Context(), p, api, "prod", groupARN(api, "prod"), guideFormat); err != nil {
		t.Fatal(err)
	}
	answered := make(chan answer, 1)
	go func() { answered <- request(t, "GET", p.Gateway+"/"+api+"/prod/notes/1", "") }()
	<-arrived
	stopped := make(chan error, 1)
	begin := time.Now()
	go func() { stopped <- p.Stop() }()
	close(release)
	if a := <-answered; a.status != 200 || a.body != "late" {
		t.Errorf("the request under way got %d %q", a.status, a.body)
	}
	if err := <-stopped; err != nil || time.Since(begin) > 10*time.Second {
		t.Errorf("stop: %v after %v", err, time.Since(begin))
	}
	if e := events(t, start(t, dir), accessLogGroup(api, "prod")); len(e) != 1 {
		t.Errorf("%d entries after the restart, want 1", len(e))
	}
}

func TestSigV4(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--auth", "sigv4", "--log-format", "json")
	_, err := p.sts().GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	refused(t, err, "InvalidClientTokenId", "The security token included in the request is invalid.")
	_, err = p.logs().DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	refused(t, err, "UnrecognizedClientException", "The security token included in the request is invalid.")

	id, secret := printedKey(t, p)
	ask := func(secret string) (*sts.GetCallerIdentityOutput, error) {
		cfg := p.AWSConfig()
		cfg.Credentials = credentials.NewStaticCredentialsProvider(id, secret, "")
		return sts.NewFromConfig(cfg).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	}
	_, err = ask("wrong")
	refused(t, err, "SignatureDoesNotMatch", "The request signature we calculated does not match")
	if who := must(ask(secret))(t); aws.ToString(who.Arn) != "arn:aws:iam::000000000000:root" {
		t.Errorf("caller is %s", aws.ToString(who.Arn))
	}
}

// printedKey reads the root access key from the log of the first start.
func printedKey(t *testing.T, p *product) (id, secret string) {
	t.Helper()
	field := func(line, name string) string {
		_, after, _ := strings.Cut(line, `"`+name+`":"`)
		value, _, _ := strings.Cut(after, `"`)
		return value
	}
	for line := range strings.Lines(p.Stderr()) {
		if id := field(line, "access_key_id"); id != "" {
			return id, field(line, "secret_access_key")
		}
	}
	t.Fatal("no root access key was printed")
	return "", ""
}

func TestSampleIsReadyToTry(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	p := start(t, dir, "--sample")
	var lines []string
	eventually(t, func() bool {
		lines = nil
		for _, l := range p.Stdout() {
			if strings.HasPrefix(l, "  ") {
				lines = append(lines, strings.TrimSpace(l))
			}
		}
		return len(lines) >= 3
	})
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "curl ") {
		t.Fatalf("commands to try: %q", lines)
	}
	if a := request(t, "GET", strings.TrimPrefix(lines[0], "curl "), ""); a.status != 200 || !strings.Contains(a.body, "Buy milk") {
		t.Errorf("%s: %d %s", lines[0], a.status, a.body)
	}
	api := strings.Split(strings.TrimPrefix(lines[0], "curl "+p.Gateway+"/"), "/")[0]
	awaitEvents(t, p, accessLogGroup(api, "prod"), 1)
}
