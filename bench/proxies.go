package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

const (
	upstreamConf = `daemon off; worker_processes 1; pid DIR/pid; events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; client_body_temp_path DIR/a; proxy_temp_path DIR/b; fastcgi_temp_path DIR/c; uwsgi_temp_path DIR/d; scgi_temp_path DIR/e;
open_file_cache max=16; sendfile on; tcp_nopush on; default_type application/json;
server { listen 127.0.0.1:UPSTREAM backlog=4096; root DIR; location /x { if ($request_method = POST) { return 200 '{"ok":true}'; } } } }`

	nginxConf = `daemon off; worker_processes 2; pid DIR/pid; events { worker_connections 8192; }
http { client_body_temp_path DIR/a; proxy_temp_path DIR/b; fastcgi_temp_path DIR/c; uwsgi_temp_path DIR/d; scgi_temp_path DIR/e; keepalive_requests 1000000000;
log_format entry escape=json '{ "requestId":"$request_id", "ip": "$remote_addr", "caller":"-", "user":"$remote_user", "requestTime":"$time_local", "httpMethod":"$request_method", "resourcePath":"$uri", "status":"$status", "protocol":"$server_protocol", "responseLength":"$body_bytes_sent" }';
access_log DIR/access.log entry buffer=256k flush=1s;
ssl_certificate PEM; ssl_certificate_key PEM; ssl_session_cache shared:tls:10m;
upstream service { server 127.0.0.1:UPSTREAM; keepalive 256; keepalive_requests 1000000000; }
server { listen 127.0.0.1:PLAIN backlog=4096; listen 127.0.0.1:SECURE ssl http2 backlog=4096; location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://service; } } }`

	haproxyConf = `global
  maxconn 4000
  nbthread 2
  log 127.0.0.1:SYSLOG format raw local0
defaults
  mode http
  log global
  option httplog
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend all
  bind 127.0.0.1:PLAIN
  bind 127.0.0.1:SECURE ssl crt PEM alpn h2,http/1.1
  default_backend service
backend service
  server s 127.0.0.1:UPSTREAM
`

	caddyConf = `{
  admin off
  auto_https off
  persist_config off
  log {
    level ERROR
  }
}
(service) {
  log {
    output file DIR/access.log
    format json
  }
  reverse_proxy 127.0.0.1:UPSTREAM {
    transport http {
      keepalive_idle_conns_per_host 256
    }
  }
}
http://127.0.0.1:PLAIN {
  import service
}
https://127.0.0.1:SECURE {
  tls PEM PEM
  import service
}
`
)

// bodies are what the service behind the proxies answers, by path.
var bodies = []struct {
	path string
	size int
}{{"/100", 100}, {"/10k", 10_000}, {"/1M", 1_000_000}, {"/x", 90}}

// startLimit is how long a proxy may take until it answers.
const startLimit = 15 * time.Second

// proxy is a running server of another project.
type proxy struct {
	name, version string
	plain, secure string // base URLs
	pids          []int
	cmd           *exec.Cmd
	dir           string
	syslog        net.PacketConn // HAProxy's access log, which is thrown away
}

func (p *proxy) stop() {
	endProcess(p.cmd, syscall.SIGTERM)
	if p.syslog != nil {
		p.syslog.Close()
	}
	os.RemoveAll(p.dir)
}

// startUpstream runs an nginx that answers with bodies.
func startUpstream() (*proxy, int, error) {
	port := freePort()
	p, err := startProxy(nginxProgram(), strings.ReplaceAll(upstreamConf, "UPSTREAM", fmt.Sprint(port)), port, func(file, dir string) []string {
		return []string{"-p", dir, "-c", file, "-e", filepath.Join(dir, "error.log")}
	})
	return p, port, err
}

// startProxies runs those of nginx, HAProxy and Caddy that are installed, in front of the service at a port.
func startProxies(upstream int, pemFile string) (all []*proxy, err error) {
	for _, kind := range []struct {
		name, program, conf, version string
		args                         func(file, dir string) []string
	}{
		{"nginx, buffered JSON access_log", nginxProgram(), nginxConf, "-v", func(file, dir string) []string {
			return []string{"-p", dir, "-c", file, "-e", filepath.Join(dir, "error.log")}
		}},
		{"HAProxy, log by UDP", "/usr/sbin/haproxy", haproxyConf, "-v", func(file, _ string) []string { return []string{"-db", "-f", file} }},
		{"Caddy, JSON access log", ".cache/bench/caddy", caddyConf, "version", func(file, _ string) []string {
			return []string{"run", "--adapter", "caddyfile", "--config", file}
		}},
	} {
		if _, err := exec.LookPath(kind.program); err != nil {
			fmt.Printf("%s is not installed (make setup-bench)\n", kind.name)
			continue
		}
		plain, secure, syslog := freePort(), freePort(), discardDatagrams()
		conf := strings.NewReplacer("UPSTREAM", fmt.Sprint(upstream), "PLAIN", fmt.Sprint(plain), "SECURE", fmt.Sprint(secure), "PEM", pemFile,
			"SYSLOG", fmt.Sprint(syslog.LocalAddr().(*net.UDPAddr).Port)).Replace(kind.conf)
		p, err := startProxy(kind.program, conf, plain, kind.args)
		if err != nil {
			syslog.Close()
			return all, fmt.Errorf("start %s: %w", kind.name, err)
		}
		out, _ := exec.Command(kind.program, kind.version).CombinedOutput() // for the reader only
		p.name, p.version, p.syslog = kind.name, regexp.MustCompile(`\d+\.\d+\.\d+`).FindString(string(out)), syslog
		p.plain, p.secure = fmt.Sprintf("http://127.0.0.1:%d", plain), fmt.Sprintf("https://127.0.0.1:%d", secure)
		all = append(all, p)
	}
	return all, nil
}

func nginxProgram() string {
	if program, err := exec.LookPath("nginx"); err == nil {
		return program
	}
	return "/usr/sbin/nginx" // which is not on everybody's path
}

// startProxy writes the configuration, in which DIR is a directory for it, and waits until the port answers.
func startProxy(program, conf string, port int, args func(file, dir string) []string) (*proxy, error) {
	dir, err := os.MkdirTemp("", "tollbook-bench")
	if err != nil {
		return nil, err
	}
	if err := writeBodies(dir); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "conf")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(conf, "DIR", dir)), 0o644); err != nil {
		return nil, err
	}
	p := &proxy{cmd: exec.Command(program, args(file, dir)...), dir: dir}
	var complaints bytes.Buffer
	p.cmd.Stderr = &complaints
	p.cmd.Env = append(os.Environ(), "HOME="+dir)
	if err := p.cmd.Start(); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("start %s (make setup-bench installs it): %w", program, err)
	}
	for begin := time.Now(); time.Since(begin) < startLimit; time.Sleep(10 * time.Millisecond) {
		if resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/100", port)); err == nil {
			resp.Body.Close()
			p.pids = append(children(p.cmd.Process.Pid), p.cmd.Process.Pid)
			return p, nil
		}
	}
	p.stop()
	return nil, fmt.Errorf("%s did not answer within %v:\n%s", program, startLimit, complaints.Bytes())
}

// writeBodies makes the files that the service behind serves. Its workers may run as another user.
func writeBodies(dir string) error {
	for _, b := range bodies {
		if err := os.WriteFile(filepath.Join(dir, b.path), []byte(strings.Repeat("0123456789abcdef", b.size/16+1)[:b.size]), 0o644); err != nil {
			return err
		}
	}
	return os.Chmod(dir, 0o755)
}

func discardDatagrams() net.PacketConn {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err) // no loopback, no benchmark
	}
	go func() {
		for buf := make([]byte, 64<<10); err == nil; {
			_, _, err = c.ReadFrom(buf)
		}
	}()
	return c
}

// writeCertificate makes a directory with a certificate for 127.0.0.1 and its key: server.crt and server.key have one each,
// both/server.pem has both.
func writeCertificate() (dir string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if _, err := tls.X509KeyPair(certPEM, keyPEM); err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp("", "tollbook-bench"); err != nil {
		return "", err
	}
	if err := os.Mkdir(filepath.Join(dir, "both"), 0o700); err != nil {
		return "", err
	}
	for name, data := range map[string][]byte{"server.crt": certPEM, "server.key": keyPEM, "both/server.pem": append(certPEM[:len(certPEM):len(certPEM)], keyPEM...)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}
