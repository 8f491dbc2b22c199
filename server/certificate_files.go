package server

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// certificateFiles are the pairs NAME.crt (or .pem, with the chain) and NAME.key in a directory. They are read again when
// they have changed; connections that are open stay as they are. A pair that cannot be read any more stays in use as it was
// before.
type certificateFiles struct {
	dir   string
	log   *slog.Logger
	now   func() time.Time
	table atomic.Pointer[certificateTable] // read by handshakes

	mu     sync.Mutex // for reading again
	looked time.Time  // when the directory was last looked at
	state  string     // names, sizes and times of what was read
	pairs  map[string]*tls.Certificate
}

// certificateTable finds certificates. It is never changed.
type certificateTable struct {
	all    []*tls.Certificate
	byName map[string][]*tls.Certificate // by name in lower case, which may begin with "*."; those valid longest first
}

// lookEvery is how long a changed file may go unseen.
const lookEvery = 2 * time.Second

func newCertificateFiles(dir string, log *slog.Logger) *certificateFiles {
	f := &certificateFiles{dir: dir, log: log, now: time.Now}
	f.table.Store(&certificateTable{})
	return f
}

// load reads all pairs for the first time; one that cannot be read is an error.
func (f *certificateFiles) load() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looked = f.now()
	if err := f.reload(); err != nil {
		return err
	}
	if len(f.pairs) == 0 {
		f.log.Warn("there are no certificates in the directory", "dir", f.dir)
	}
	return nil
}

// find is nil if no file is for the name that the client asks for. A client that asks for none gets the first by file name
// that it can use.
func (f *certificateFiles) find(hello *tls.ClientHelloInfo) *tls.Certificate {
	f.refresh()
	for _, cert := range f.table.Load().candidates(hello.ServerName) {
		if hello.SupportsCertificate(cert) == nil {
			return cert
		}
	}
	return nil
}

// refresh looks whether the files have changed. A handshake that finds another one doing so does not wait.
func (f *certificateFiles) refresh() {
	if !f.mu.TryLock() {
		return
	}
	defer f.mu.Unlock()
	now := f.now()
	if now.Sub(f.looked) < lookEvery {
		return
	}
	f.looked = now
	if err := f.reload(); err != nil {
		f.log.Warn("certificates could not be read again; those before stay in use", "dir", f.dir, "err", err)
	}
}

// reload reads the pairs if the directory is not as it was; what is wrong with it is told once.
func (f *certificateFiles) reload() error {
	names, state, err := f.look()
	if err != nil {
		state = err.Error()
	}
	if state == f.state {
		return nil
	}
	f.state = state
	if err != nil {
		return err
	}
	pairs, err := f.read(names)
	f.pairs = pairs
	f.table.Store(newCertificateTable(pairs))
	return err
}

// look lists the certificates, and what tells one state of the directory from another. Links are followed.
func (f *certificateFiles) look() (names []string, state string, err error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, "", fmt.Errorf("read certificates: %w", err)
	}
	var all strings.Builder
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		if ext != ".crt" && ext != ".pem" && ext != ".key" {
			continue
		}
		if ext != ".key" {
			names = append(names, e.Name())
		}
		if info, err := os.Stat(filepath.Join(f.dir, e.Name())); err == nil {
			fmt.Fprintln(&all, e.Name(), info.Size(), info.ModTime().UnixNano())
		}
	}
	return names, all.String(), nil
}

// read reads all pairs. In place of one that cannot be read it returns the one before, if there was one.
func (f *certificateFiles) read(names []string) (map[string]*tls.Certificate, error) {
	pairs := map[string]*tls.Certificate{}
	var errs []error
	for _, name := range names {
		file := filepath.Join(f.dir, name)
		cert, err := tls.LoadX509KeyPair(file, strings.TrimSuffix(file, filepath.Ext(file))+".key")
		if err == nil {
			pairs[name] = &cert
			continue
		}
		errs = append(errs, fmt.Errorf("read certificate %s: %w", name, err))
		if before := f.pairs[name]; before != nil {
			pairs[name] = before
		}
	}
	return pairs, errors.Join(errs...)
}

func newCertificateTable(pairs map[string]*tls.Certificate) *certificateTable {
	t := &certificateTable{byName: map[string][]*tls.Certificate{}}
	for _, file := range slices.Sorted(maps.Keys(pairs)) {
		cert := pairs[file]
		t.all = append(t.all, cert)
		for _, name := range cert.Leaf.DNSNames {
			name = strings.ToLower(name)
			t.byName[name] = append(t.byName[name], cert)
		}
	}
	for _, list := range t.byName {
		slices.SortStableFunc(list, func(a, b *tls.Certificate) int {
			return cmp.Compare(b.Leaf.NotAfter.Unix(), a.Leaf.NotAfter.Unix())
		})
	}
	return t
}

// candidates are those for a name itself, then those for all names beside it.
func (t *certificateTable) candidates(serverName string) []*tls.Certificate {
	if serverName == "" {
		return t.all
	}
	name := hostName(serverName)
	exact := t.byName[name]
	_, parent, ok := strings.Cut(name, ".")
	if !ok {
		return exact
	}
	return slices.Concat(exact, t.byName["*."+parent])
}

// hostName is the name that a client asks for, as certificates have it.
func hostName(serverName string) string { return strings.ToLower(strings.TrimSuffix(serverName, ".")) }
