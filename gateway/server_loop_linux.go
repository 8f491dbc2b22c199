package gateway

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tollbook/tollbook/gateway/eventloop"
)

// loops serve plain connections of HTTP/1.1 by event loops, as many as Config.Loops. A request that never waits but for a plain
// back end stays on its connection's loop; any other is handed to a goroutine of its own and comes back with its answer. So
// does one whose log has no room.
type loops struct {
	g    *Gateway
	all  []*serverLoop
	stop atomic.Bool

	mu      sync.Mutex
	waiters sync.WaitGroup // loops that run
	began   bool
	ending  sync.Once
	files   []*os.File // the listeners
}

// serverLoop is one of the loops. All that it holds belongs to its goroutine.
type serverLoop struct {
	*eventloop.Loop
	loops   *loops
	g       *Gateway
	conns   map[*loopClient]struct{}
	calls   []*backend // under way
	pools   map[*upstream]*backends
	doors   []*door
	out     []byte   // what is being sent
	spare   [][]byte // memory for clients' bytes
	drained chan struct{}

	size atomic.Int64 // connections, those on their way included
}

// door is a listener of a loop.
type door struct {
	l     *serverLoop
	fd    int
	open  bool
	door  *listener
	pause time.Duration
	timer eventloop.Timer
}

func newLoops(g *Gateway) *loops { return &loops{g: g} }

// start starts the loops, once.
func (s *loops) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.began || s.stop.Load() {
		return nil
	}
	for range s.g.cfg.Loops {
		loop, err := eventloop.New()
		if err != nil {
			return err
		}
		s.all = append(s.all, &serverLoop{
			Loop: loop, loops: s, g: s.g, conns: map[*loopClient]struct{}{}, pools: map[*upstream]*backends{},
		})
	}
	s.began = true
	context.AfterFunc(s.g.patience, s.abort)
	for _, l := range s.all {
		s.waiters.Go(l.Run)
	}
	return nil
}

// abort gives up on the calls to back ends.
func (s *loops) abort() {
	for _, l := range s.all {
		l.Post(func() {
			for _, b := range slices.Clone(l.calls) {
				b.abort()
			}
		})
	}
}

// serve serves the connections of a listener until Shutdown. ok: the loops can; else nothing has been done.
func (s *loops) serve(l *listener) (ok bool, err error) {
	tcp, isTCP := l.Listener.(*net.TCPListener)
	if !isTCP || len(l.door.trusted) > 0 {
		return false, nil
	}
	if err := s.start(); err != nil {
		return true, err
	}
	file, err := tcp.File() // its own, which the runtime's poller does not watch
	if err != nil {
		return true, fmt.Errorf("take over a listener: %w", err)
	}
	tcp.Close()
	s.keep(file)
	fd := int(file.Fd())
	if err := unix.SetNonblock(fd, true); err != nil {
		return true, fmt.Errorf("take over a listener: %w", err)
	}
	var open sync.WaitGroup
	for _, loop := range s.all {
		open.Add(1)
		loop.Post(func() { loop.listen(&door{l: loop, fd: fd, door: l}, open.Done) })
	}
	open.Wait()
	s.waiters.Wait()
	return true, nil
}

// keep holds a listener until the loops have let go of it.
func (s *loops) keep(f *os.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = append(s.files, f)
}

// listen begins to accept connections.
func (l *serverLoop) listen(d *door, done func()) {
	defer done()
	d.timer.Expired = d.resume
	l.doors = append(l.doors, d)
	if !l.loops.stop.Load() {
		d.resume()
	}
}

func (d *door) resume() {
	d.open = d.l.AddListener(d.fd, d) == nil
}

func (d *door) close() {
	if d.open {
		d.l.Forget(d.fd)
		d.open = false
	}
	d.l.StopTimer(&d.timer)
}

// acceptAtOnce is how many connections a loop accepts before it looks at what those do that it has.
const acceptAtOnce = 16

// Ready accepts connections.
func (d *door) Ready(eventloop.Events) {
	for range acceptAtOnce {
		fd, from, err := unix.Accept4(d.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch {
		case err == nil:
			d.pause = 0
			d.take(fd, from)
		case eventloop.Wait(err):
			return
		default: // out of files, or of memory: there will be some again
			d.pause = min(max(2*d.pause, 5*time.Millisecond), time.Second)
			d.close()
			d.l.SetTimer(&d.timer, d.l.Now().Add(d.pause))
			return
		}
	}
}

// take makes a client of a connection, or turns it away.
func (d *door) take(fd int, from unix.Sockaddr) {
	if !d.door.door.enter() {
		if c, err := netConn(fd); err == nil {
			d.door.refuse(c)
		}
		return
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) // a wish
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	c := &loopClient{client: client{g: d.l.g, remote: addrOfSockaddr(from)}, l: d.l.loops.least(d.l), fd: fd, door: d.door.door}
	c.timer.Expired = c.expired
	c.l.size.Add(1)
	if c.l == d.l {
		c.begin()
		return
	}
	c.l.Post(c.begin)
}

// least is the loop with the fewest connections; l, if no other has fewer.
func (s *loops) least(l *serverLoop) *serverLoop {
	for _, other := range s.all {
		if other.size.Load() < l.size.Load() {
			l = other
		}
	}
	return l
}

// netConn makes a connection of Go's of a socket, which it takes over.
func netConn(fd int) (net.Conn, error) {
	f := os.NewFile(uintptr(fd), "")
	defer f.Close()
	return net.FileConn(f)
}

func addrOfSockaddr(a unix.Sockaddr) netip.Addr {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(a.Addr)
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(a.Addr).Unmap()
	}
	return netip.Addr{}
}

// shutdown ends idle connections at once and waits for the others until giveUp, when it closes them.
func (s *loops) shutdown(giveUp <-chan struct{}) {
	s.ending.Do(func() { s.end(giveUp) })
}

func (s *loops) end(giveUp <-chan struct{}) {
	s.stop.Store(true)
	s.mu.Lock()
	all, files := s.all, s.files
	s.mu.Unlock()
	var shut sync.WaitGroup
	for _, l := range all {
		shut.Add(1)
		l.Post(func() {
			defer shut.Done()
			for _, d := range l.doors {
				d.close()
			}
		})
	}
	shut.Wait()
	for _, f := range files {
		f.Close()
	}
	for _, l := range all {
		drained := make(chan struct{})
		l.Post(func() { l.drain(drained) })
		select {
		case <-drained:
		case <-giveUp:
			l.Post(l.closeAll)
			<-drained
		}
	}
	for _, l := range all {
		l.Stop()
	}
	s.waiters.Wait()
}

// drain ends what is idle, and says when nothing is left.
func (l *serverLoop) drain(drained chan struct{}) {
	l.drained = drained
	for c := range l.conns {
		if c.state == reading && c.begun.IsZero() {
			c.close()
		}
	}
	l.checkDrained()
}

func (l *serverLoop) closeAll() {
	for c := range l.conns {
		if c.state != serving {
			c.close()
			continue
		}
		c.orphan()
		delete(l.conns, c) // its request ends by itself
	}
	l.checkDrained()
}

// checkDrained ends what a loop still holds when its last connection has ended.
func (l *serverLoop) checkDrained() {
	if l.drained == nil || len(l.conns) > 0 {
		return
	}
	for _, p := range l.pools {
		p.closeIdle()
	}
	close(l.drained)
	l.drained = nil
}

// buffer is memory for a client's first bytes.
func (l *serverLoop) buffer() []byte {
	if n := len(l.spare); n > 0 {
		b := l.spare[n-1]
		l.spare = l.spare[:n-1]
		return b
	}
	return make([]byte, 0, firstRoom)
}

// maxSpare bounds the memory that is kept for clients that are idle now.
const maxSpare = 1024

func (l *serverLoop) giveBack(b []byte) {
	if cap(b) == firstRoom && len(l.spare) < maxSpare {
		l.spare = append(l.spare, b[:0])
	}
}

// later runs what must wait by a goroutine of its own, and then goes on by the loop.
func (l *serverLoop) later(wait, then func()) {
	go func() {
		wait()
		l.Post(then)
	}()
}
