package conformance_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// binary is the built program, made once for all tests by TestMain.
var binary string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tollbook-conformance")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "tollbook")
	build := exec.Command("go", "build", "-o", binary, "../cmd/tollbook")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		return 1
	}
	return m.Run()
}

// product is a running tollbook.
type product struct {
	api, gateway string // base URLs
	dir          string
	cmd          *exec.Cmd
	stderr       *syncBuffer
	exited       chan struct{}
	exitErr      error
	stdout       []string // lines after the addresses
	mu           sync.Mutex
}

// start runs `tollbook serve` on free ports and waits until it is ready. A test's end stops it.
func start(t *testing.T, dir string, flags ...string) *product {
	t.Helper()
	p, err := launch(dir, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("the server's log:\n%s", p.stderr)
		}
	})
	return p
}

func launch(dir string, flags ...string) (*product, error) {
	args := append([]string{"serve", "--data-dir", dir, "--api-addr", "127.0.0.1:0", "--gateway-addr", "127.0.0.1:0"}, flags...)
	p := &product{dir: dir, cmd: exec.Command(binary, args...), stderr: &syncBuffer{}, exited: make(chan struct{})}
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for p.gateway == "" && lines.Scan() {
		switch name, url, _ := strings.Cut(lines.Text(), " "); name {
		case "api":
			p.api = url
		case "gateway":
			p.gateway = url
		}
	}
	go p.drain(lines)
	if err := p.awaitReady(); err != nil {
		p.cmd.Process.Kill()
		return nil, fmt.Errorf("start: %w\n%s", err, p.stderr)
	}
	return p, nil
}

func (p *product) drain(lines *bufio.Scanner) {
	for lines.Scan() {
		p.mu.Lock()
		p.stdout = append(p.stdout, lines.Text())
		p.mu.Unlock()
	}
	p.exitErr = p.cmd.Wait()
	close(p.exited)
}

func (p *product) awaitReady() error {
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if p.gateway == "" {
			return fmt.Errorf("no addresses were printed")
		}
		resp, err := http.Get(p.api + "/readyz")
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("not ready in 20 s")
}

// stop ends the server as an operator would and reports how it exited.
func (p *product) stop() error {
	p.cmd.Process.Signal(syscall.SIGTERM)
	return p.awaitExit()
}

// kill ends it as a crash would.
func (p *product) kill() error {
	p.cmd.Process.Kill()
	return p.awaitExit()
}

func (p *product) awaitExit() error {
	select {
	case <-p.exited:
		return p.exitErr
	case <-time.After(15 * time.Second):
		p.cmd.Process.Kill()
		return fmt.Errorf("did not stop within 15 s")
	}
}

func (p *product) config() aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(p.api),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIATESTTESTTESTTEST", "secret", ""),
	}
}

func (p *product) apigateway() *apigateway.Client { return apigateway.NewFromConfig(p.config()) }
func (p *product) iam() *iam.Client               { return iam.NewFromConfig(p.config()) }
func (p *product) logs() *cloudwatchlogs.Client   { return cloudwatchlogs.NewFromConfig(p.config()) }
func (p *product) sts() *sts.Client               { return sts.NewFromConfig(p.config()) }

// syncBuffer is a bytes.Buffer that a process writes while a test reads.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// run carries out a client program and returns what it printed.
func run(t *testing.T, env []string, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
