package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/tollbook/tollbook/config"
)

type commandLine struct {
	File  kong.ConfigFlag `name:"config"`
	Serve config.Config   `embed:""`
}

// parse reads a command line and a configuration file as `tollbook serve` does.
func parse(t *testing.T, yaml string, args ...string) (config.Config, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tollbook.yaml")
	if err := os.WriteFile(name, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	var cl commandLine
	p, err := kong.New(&cl, kong.Configuration(config.File), kong.DefaultEnvars("TOLLBOOK"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = p.Parse(append([]string{"--config", name}, args...)); err == nil {
		err = cl.Serve.Validate()
	}
	return cl.Serve, err
}

func TestDefaultsAreValid(t *testing.T) {
	t.Parallel()
	c, err := parse(t, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.APIAddr != "127.0.0.1:4566" || c.GatewayAddr != "127.0.0.1:8080" || c.AccountID != "000000000000" || c.Auth != "none" {
		t.Errorf("defaults: %+v", c)
	}
}

func TestFlagWinsOverEnvironmentOverFile(t *testing.T) {
	t.Setenv("TOLLBOOK_API_ADDR", "127.0.0.1:2")
	t.Setenv("TOLLBOOK_DATA_DIR", "env")
	c, err := parse(t, "data-dir: file\napi-addr: 127.0.0.1:1\ngateway-addr: 127.0.0.1:7\nallowed-hosts: [a.test, b.test]\n", "--data-dir=flag")
	if err != nil {
		t.Fatal(err)
	}
	if c.DataDir != "flag" || c.APIAddr != "127.0.0.1:2" || c.GatewayAddr != "127.0.0.1:7" || len(c.AllowedHosts) != 2 {
		t.Errorf("got %+v", c)
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]string{
		"flags": {"", "--lambda-endpoint=aws", "--lambda=notes=http://127.0.0.1:9001", "--lambda=arn:aws:lambda:*:function:b-*=http://b/x",
			"--aws-endpoint=sqs=http://127.0.0.1:9324"},
		"file": {"lambda-endpoint: aws\nlambda: {notes: 'http://127.0.0.1:9001', 'arn:aws:lambda:*:function:b-*': 'http://b/x'}\n" +
			"aws-endpoint: {sqs: 'http://127.0.0.1:9324'}\n"},
	} {
		c, err := parse(t, parts[0], parts[1:]...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c.LambdaEndpoint != "aws" || len(c.Lambda) != 2 || c.Lambda["notes"] != "http://127.0.0.1:9001" ||
			c.Lambda["arn:aws:lambda:*:function:b-*"] != "http://b/x" || c.AWSEndpoint["sqs"] != "http://127.0.0.1:9324" {
			t.Errorf("%s: %q %q %q", name, c.LambdaEndpoint, c.Lambda, c.AWSEndpoint)
		}
	}
}

func TestEndpointsOfTheEnvironment(t *testing.T) {
	t.Setenv("TOLLBOOK_LAMBDA", "notes=http://127.0.0.1:9001;other=aws")
	c, err := parse(t, "lambda: {gone: aws}")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Lambda) != 2 || c.Lambda["notes"] != "http://127.0.0.1:9001" || c.Lambda["other"] != "aws" {
		t.Errorf("got %q", c.Lambda)
	}
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, yaml string
		args       []string
		want       string
	}{
		{"misspelt key", "dada-dir: x", nil, `unknown key "dada-dir"`},
		{"not yaml", ":\n\t-", nil, "read configuration file"},
		{"account", "", []string{"--account-id=12"}, `account-id: "12" is not 12 digits`},
		{"open listener without authentication", "", []string{"--api-addr=0.0.0.0:4566"}, "that needs --auth sigv4"},
		{"open gateway without authentication", "", []string{"--gateway-addr=:8080"}, "that needs --auth sigv4"},
		{"address", "", []string{"--api-addr=here"}, `"here" is not HOST:PORT`},
		{"lambda endpoint", "", []string{"--lambda-endpoint=localhost:9001"}, "neither aws nor an http or https URL"},
		{"function", "lambda: {notes: 'ftp://x'}", nil, "endpoint of function notes"},
		{"service", "", []string{"--aws-endpoint=sqs=http://u:p@x"}, "endpoint of service sqs"},
		{"enum", "auth: maybe", nil, "must be one of"},
		{"flush", "", []string{"--access-log-flush=1h"}, "access-log-flush"},
		{"queue", "", []string{"--access-log-queue=1000"}, "access-log-queue: 1000 B is below 1 MiB"},
		{"memory", "log-memory: 1MiB", nil, "log-memory: 1.0 MiB is below 16 MiB"},
		{"connections", "", []string{"--max-connections=-1"}, "max-connections: -1 is below 0"},
		{"requests", "max-requests: 0", nil, "max-requests: 0 is below 1"},
		{"bodies", "", []string{"--max-body-bytes=1MiB"}, "max-body-bytes: 1.0 MiB is below 16 MiB"},
		{"header", "", []string{"--header-timeout=1h"}, "header-timeout: 1h0m0s is not between 100ms and 1m"},
		{"upstream connections", "", []string{"--upstream-connections=0"}, "upstream-connections: 0 is below 1"},
		{"upstream queue", "", []string{"--upstream-queue=-1"}, "upstream-queue: -1 is below 0"},
		{"no network", "", []string{"--proxy-protocol-from=10.0.0.0"}, "10.0.0.0"},
		{"no network in a file", "trusted-proxies: [10.0.0.0/8, lb.example.com/32]", nil, "lb.example.com/32"},
		{"no amount", "", []string{"--log-memory=much"}, `"much" is not an amount of bytes such as 256MiB`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, c.yaml, c.args...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to contain %q", err, c.want)
			}
		})
	}
}

func TestAmountsOfBytes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Bytes{"": 256 << 20, "33554432": 32 << 20, "1GiB": 1 << 30, "1.5GB": 1_500_000_000, "64 MiB": 64 << 20} {
		yaml := ""
		if text != "" {
			yaml = "log-memory: " + text
		}
		if c, err := parse(t, yaml); err != nil || c.LogMemory != want {
			t.Errorf("%q is %v, %v; want %v", text, int64(c.LogMemory), err, want)
		}
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	c, err := parse(t, "trusted-proxies: [10.0.0.0/8, 'fd00::/8']", "--proxy-protocol-from=192.0.2.1/32,198.51.100.0/24")
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(c.TrustedProxies, c.ProxyProtocolFrom) != "[10.0.0.0/8 fd00::/8] [192.0.2.1/32 198.51.100.0/24]" {
		t.Errorf("got %v, %v", c.TrustedProxies, c.ProxyProtocolFrom)
	}
}

func TestOpenListenerWithSigV4(t *testing.T) {
	t.Parallel()
	if _, err := parse(t, "", "--auth=sigv4", "--api-addr=0.0.0.0:4566"); err != nil {
		t.Error(err)
	}
}
