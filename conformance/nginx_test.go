package conformance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nginxSeen is what nginx writes down of a request, as its configuration below says.
type nginxSeen struct {
	Line, Method, Target, Host, Length, Coding, Body string
	Upstream                                         string // status that nginx was answered with; empty: it asked nobody
	Disliked                                         bool   // nginx has read the request line only
}

// nginxConf has nginx as a back end, which reads bodies and writes down requests in back.log, and, if there is a gateway to
// pass them on to, before it: once with bodies that are read first and once with bodies that are passed on as they come.
// One process does it all, under whichever user the tests run.
const nginxConf = `
daemon off;
master_process off;
pid DIR/pid;
events { worker_connections 1024; }
http {
	log_format seen escape=json '{"method":"$request_method","target":"$request_uri","host":"$http_host",'
		'"length":"$http_content_length","coding":"$http_transfer_encoding","upstream":"$upstream_status",'
		'"line":"$request","body":"$request_body"}';
	access_log off;
	client_body_temp_path DIR/body;
	proxy_temp_path DIR/proxy;
	client_body_buffer_size 1m;
	client_body_in_single_buffer on;
	client_header_timeout 500ms;
	client_body_timeout 500ms;
	keepalive_timeout 500ms;
	lingering_timeout 500ms;
	proxy_ignore_client_abort on;
	proxy_next_upstream off;
	proxy_http_version 1.1;
	proxy_set_header Connection "";
	proxy_set_header Host $http_host;
	upstream gateway { server GATEWAY; keepalive 4; }
	server { listen unix:DIR/answer; return 200 ok; }
	server { listen ADDR; access_log DIR/back.log seen; location / { proxy_pass http://unix:DIR/answer; } }
	server { listen unix:DIR/first; access_log DIR/first.log seen; location / { proxy_pass http://gateway; } }
	server { listen unix:DIR/asitcomes; access_log DIR/asitcomes.log seen; location / { proxy_pass http://gateway; proxy_request_buffering off; } }
}
`

// nginx is a running one.
type nginx struct {
	dir, addr string
	cmd       *exec.Cmd
	stderr    bytes.Buffer
}

// startNginx runs nginx at a free port until the test ends, before a gateway at an address. It skips the test where there is no
// nginx, which scripts/setup-nginx installs.
func startNginx(t *testing.T, gateway string) *nginx {
	t.Helper()
	binary, err := exec.LookPath("nginx")
	if err != nil {
		binary = "/usr/sbin/nginx" // where Debian has it
		if _, err := os.Stat(binary); err != nil {
			t.Skip("nginx is not installed")
		}
	}
	for range 5 { // somebody else may take the port first
		n := &nginx{dir: socketDir(t), addr: freeAddr(t)}
		if n.start(t, binary, gateway) {
			t.Cleanup(n.stop)
			return n
		}
		t.Logf("nginx does not run: %s", n.stderr.String())
	}
	t.Fatal("nginx does not run")
	return nil
}

// socketDir is a folder whose name is short enough for that of a socket.
func socketDir(t *testing.T) string {
	t.Helper()
	dir := must(os.MkdirTemp("", "nginx"))(t)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	return l.Addr().String()
}

func (n *nginx) start(t *testing.T, binary, gateway string) bool {
	t.Helper()
	conf := filepath.Join(n.dir, "conf")
	text := strings.NewReplacer("DIR", n.dir, "ADDR", n.addr, "GATEWAY", gateway).Replace(nginxConf)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	n.cmd = exec.Command(binary, "-e", filepath.Join(n.dir, "error.log"), "-p", n.dir, "-c", conf)
	n.cmd.Stderr = &n.stderr
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(n.dir, "pid")); err != nil { // it listens by then
			continue
		}
		if conn, err := net.Dial("tcp", n.addr); err == nil {
			conn.Close()
			return true
		}
	}
	n.stop()
	return false
}

// stop has nginx end what it is doing and write it down.
func (n *nginx) stop() {
	if n.cmd.ProcessState != nil {
		return
	}
	_ = n.cmd.Process.Signal(syscall.SIGQUIT) // fails only if it is gone
	kill := time.AfterFunc(5*time.Second, func() { _ = n.cmd.Process.Kill() })
	defer kill.Stop()
	_ = n.cmd.Wait()
}

// socket is where nginx listens before the gateway: "first" or "asitcomes".
func (n *nginx) socket(name string) string { return filepath.Join(n.dir, name) }

// seen reads one of nginx' logs, to be called when it has stopped.
func (n *nginx) seen(t *testing.T, name string) (all []nginxSeen) {
	t.Helper()
	text := must(os.ReadFile(filepath.Join(n.dir, name+".log")))(t)
	for line := range strings.Lines(string(text)) {
		var s nginxSeen
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(fmt.Errorf("read %s: %w", line, err))
		}
		if fields := strings.Fields(s.Line); s.Target == "" && len(fields) > 1 {
			s.Target, s.Disliked = fields[1], true
		}
		all = append(all, s)
	}
	return all
}
