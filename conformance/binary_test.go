package conformance_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/tollbook/tollbook/internal/testkit"
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

// product is a running tollbook and where it keeps its data.
type product struct {
	*testkit.Server
	dir string
}

// start runs `tollbook serve` until the test ends.
func start(t *testing.T, dir string, flags ...string) *product {
	t.Helper()
	s, err := testkit.Start(binary, dir, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.Stderr())
		}
	})
	return &product{s, dir}
}

func (p *product) apigateway() *apigateway.Client { return apigateway.NewFromConfig(p.AWSConfig()) }
func (p *product) iam() *iam.Client               { return iam.NewFromConfig(p.AWSConfig()) }
func (p *product) logs() *cloudwatchlogs.Client   { return cloudwatchlogs.NewFromConfig(p.AWSConfig()) }
func (p *product) sts() *sts.Client               { return sts.NewFromConfig(p.AWSConfig()) }

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
