// Package testkit runs a built tollbook as a process, for tests and benchmarks that stand outside of it.
package testkit

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const (
	startLimit = 20 * time.Second
	stopLimit  = 15 * time.Second
)

// Server is a running `tollbook serve`. Its methods are safe for concurrent use.
type Server struct {
	API, Gateway string        // base URLs
	GatewayTLS   string        // set if the flags ask for it
	ToReady      time.Duration // from the start of the process to the first good answer of /readyz

	cmd    *exec.Cmd
	exited chan struct{} // closed when the process is gone; err is set then
	err    error

	mu     sync.Mutex
	stdout []string // lines after the addresses
	stderr bytes.Buffer
}

// Start runs binary with a data directory on free ports and returns when it is ready. The caller ends it by Stop or Kill.
func Start(binary, dir string, flags ...string) (*Server, error) {
	args := append([]string{"serve", "--data-dir", dir, "--api-addr", "127.0.0.1:0", "--gateway-addr", "127.0.0.1:0"}, flags...)
	s := &Server{cmd: exec.Command(binary, args...), exited: make(chan struct{})}
	s.cmd.Stderr = lockedWriter{s}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	lines := bufio.NewScanner(out)
	s.readAddresses(lines, slices.Contains(flags, "--gateway-tls-addr"))
	go s.drain(lines)
	if err := s.awaitReady(begin); err != nil {
		s.Kill()
		return nil, fmt.Errorf("start %s: %w\n%s", binary, err, s.Stderr())
	}
	return s, nil
}

func (s *Server) readAddresses(lines *bufio.Scanner, tls bool) {
	for (s.Gateway == "" || tls && s.GatewayTLS == "") && lines.Scan() {
		switch name, url, _ := strings.Cut(lines.Text(), " "); name {
		case "api":
			s.API = url
		case "gateway":
			s.Gateway = url
		case "gateway-tls":
			s.GatewayTLS = url
		}
	}
}

func (s *Server) drain(lines *bufio.Scanner) {
	for lines.Scan() {
		s.mu.Lock()
		s.stdout = append(s.stdout, lines.Text())
		s.mu.Unlock()
	}
	s.err = s.cmd.Wait()
	close(s.exited)
}

func (s *Server) awaitReady(begin time.Time) error {
	if s.Gateway == "" {
		return fmt.Errorf("no addresses were printed")
	}
	for time.Since(begin) < startLimit {
		resp, err := http.Get(s.API + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				s.ToReady = time.Since(begin)
				return nil
			}
		}
		time.Sleep(time.Millisecond) // another process: there is nothing to wait on
	}
	return fmt.Errorf("not ready within %v", startLimit)
}

// Stop ends the server as an operator would and returns how it exited: nil for status 0.
func (s *Server) Stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // fails only if it is gone
	return s.awaitExit()
}

// Kill ends it as a crash would.
func (s *Server) Kill() error {
	_ = s.cmd.Process.Kill()
	return s.awaitExit()
}

func (s *Server) awaitExit() error {
	select {
	case <-s.exited:
		return s.err
	case <-time.After(stopLimit):
		_ = s.cmd.Process.Kill()
		return fmt.Errorf("did not stop within %v", stopLimit)
	}
}

// PID is the process ID.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stdout returns the lines printed after the addresses, so far.
func (s *Server) Stdout() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.stdout)
}

// Stderr returns the server's own log, so far.
func (s *Server) Stderr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.String()
}

// AWSConfig makes SDK clients of the server. The key is made up, which --auth none takes.
func (s *Server) AWSConfig() aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(s.API),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIATESTTESTTESTTEST", "secret", ""),
	}
}

// StreamingConfig is AWSConfig for StartLiveTail. The SDK puts a prefix before the endpoint's host; a name for which that
// resolves would do, here connections go to the server whatever the name.
func (s *Server) StreamingConfig() aws.Config {
	cfg := s.AWSConfig()
	cfg.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
		tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(s.API, "http://"))
		}
	})
	return cfg
}

type lockedWriter struct{ s *Server }

func (w lockedWriter) Write(p []byte) (int, error) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	return w.s.stderr.Write(p)
}
