package eventloop

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func run(t *testing.T) *Loop {
	t.Helper()
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var ran sync.WaitGroup
	ran.Go(l.Run)
	t.Cleanup(func() {
		l.Stop()
		ran.Wait()
	})
	return l
}

// on has f run by the loop and waits for it.
func on(l *Loop, f func()) {
	done := make(chan struct{})
	l.Post(func() {
		defer close(done)
		f()
	})
	<-done
}

// echo sends back what it reads.
type echo struct {
	l      *Loop
	fd     int
	closed chan struct{}
}

func (e *echo) Ready(ev Events) {
	if !ev.Readable() {
		return
	}
	var b [7]byte
	for {
		n, err := Read(e.fd, b[:])
		switch {
		case n > 0:
			_, _ = Write(e.fd, b[:n])
		case err != nil && Wait(err):
			return
		default:
			e.l.Close(e.fd)
			close(e.closed)
			return
		}
	}
}

func TestSockets(t *testing.T) {
	t.Parallel()
	l := run(t)
	for range 20 {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(pair[1])
		if err := unix.SetNonblock(pair[0], true); err != nil {
			t.Fatal(err)
		}
		e := &echo{l: l, fd: pair[0], closed: make(chan struct{})}
		on(l, func() {
			if err := l.Add(e.fd, e); err != nil {
				t.Error(err)
			}
		})
		for _, text := range []string{"a", "some more than fits at once", "the end"} {
			if _, err := unix.Write(pair[1], []byte(text)); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 0, 64)
			for len(got) < len(text) {
				n, err := unix.Read(pair[1], got[len(got):cap(got)])
				if err != nil || n == 0 {
					t.Fatalf("read %d, %v", n, err)
				}
				got = got[:len(got)+n]
			}
			if string(got) != text {
				t.Errorf("got %q, want %q", got, text)
			}
		}
		if err := unix.Shutdown(pair[1], unix.SHUT_WR); err != nil {
			t.Fatal(err)
		}
		<-e.closed
	}
}

// TestPost: whatever is posted runs, once, whether the loop sleeps or not.
func TestPost(t *testing.T) {
	t.Parallel()
	l := run(t)
	var all sync.WaitGroup
	count := 0
	for range 8 {
		all.Go(func() {
			for i := range 500 {
				if i%50 == 0 {
					on(l, func() { count++ })
					continue
				}
				l.Post(func() { count++ })
			}
		})
	}
	all.Wait()
	on(l, func() {
		if count != 8*500 {
			t.Errorf("%d ran", count)
		}
	})
}

// TestTimers: timers go off in the order of their times, which may change, and not if they are stopped.
func TestTimers(t *testing.T) {
	t.Parallel()
	l := run(t)
	const n = 100
	var off []int
	done := make(chan struct{})
	begin := time.Now().Add(20 * time.Millisecond)
	at := func(i int) time.Time { return begin.Add(time.Duration(i) * time.Millisecond) }
	timers := make([]Timer, n)
	on(l, func() {
		for _, i := range rand.Perm(n) {
			timers[i].Expired = func() {
				if time.Now().Before(at(i)) {
					t.Errorf("%d went off early", i)
				}
				off = append(off, i)
				if i == n-1 {
					close(done)
				}
			}
			l.SetTimer(&timers[i], at(rand.IntN(n)))
		}
		for _, i := range rand.Perm(n) {
			l.SetTimer(&timers[i], at(i))
		}
		for i := 0; i < n-1; i += 3 {
			l.StopTimer(&timers[i])
		}
	})
	<-done
	on(l, func() {
		var want []int
		for i := range n {
			if i%3 != 0 || i == n-1 {
				want = append(want, i)
			}
		}
		if !slices.Equal(off, want) {
			t.Errorf("went off: %v", off)
		}
	})
}
