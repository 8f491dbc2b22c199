package gateway

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestLoadConcurrent: however many ask, no more are let in than may be, and nothing is left when all have gone.
func TestLoadConcurrent(t *testing.T) {
	t.Parallel()
	l := &load{most: 5, bytes: 100 << 10}
	var inside atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			memory := holding{of: l}
			for range 2000 {
				if !l.admit() {
					continue
				}
				if n := inside.Add(1); n > l.most {
					t.Errorf("%d at once", n)
				}
				runtime.Gosched() // others come
				for memory.hold(10 << 10) {
					if n := l.bodies.Load(); n < 0 {
						t.Errorf("%d bytes", n)
					}
				}
				memory.release()
				inside.Add(-1)
				l.leave()
			}
		})
	}
	all.Wait()
	if l.requests.Load() != 0 || l.bodies.Load() != 0 || l.shed.Load() == 0 || l.refused.Load() == 0 {
		t.Errorf("left are %d requests and %d bytes; %d and %d refused",
			l.requests.Load(), l.bodies.Load(), l.shed.Load(), l.refused.Load())
	}
}

// TestHolding: little is free; beyond it all counts, up to the bound, and a refusal takes nothing.
func TestHolding(t *testing.T) {
	t.Parallel()
	l := &load{bytes: 20 << 10}
	a, b := holding{of: l}, holding{of: l}
	steps := []struct {
		h    *holding
		n    int
		ok   bool
		want int64 // counted afterwards
	}{
		{&a, freeBytes, true, 0}, {&b, freeBytes - 1, true, 0}, {&a, 1, true, freeBytes + 1}, {&a, 11<<10 - 1, true, 19 << 10},
		{&b, 2, false, 19 << 10}, {&b, 1, true, 19 << 10}, {&a, 1 << 10, true, 20 << 10}, {&a, 1, false, 20 << 10},
	}
	for i, s := range steps {
		if ok := s.h.hold(s.n); ok != s.ok || l.bodies.Load() != s.want {
			t.Errorf("step %d: %v with %d counted, want %v with %d", i, ok, l.bodies.Load(), s.ok, s.want)
		}
	}
	a.release()
	if !b.hold(12<<10) || l.bodies.Load() != 20<<10 {
		t.Errorf("after a release %d are counted", l.bodies.Load())
	}
	b.release()
	if l.bodies.Load() != 0 || l.refused.Load() != 2 {
		t.Errorf("%d are left, %d were refused", l.bodies.Load(), l.refused.Load())
	}
	uncounted := holding{}
	if !uncounted.hold(1 << 40) {
		t.Error("what counts for nothing is refused")
	}
}

func BenchmarkAdmit(b *testing.B) {
	l := &load{most: 1 << 20}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if l.admit() {
				l.leave()
			}
		}
	})
}
