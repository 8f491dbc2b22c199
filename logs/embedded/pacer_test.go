package embedded

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestPacer counts how much of a second background work gets: all of it while nothing is appended, half of it otherwise,
// and less if it writes much.
func TestPacer(t *testing.T) {
	t.Parallel()
	const step = 5 * time.Millisecond // of work
	for name, c := range map[string]struct {
		appending bool
		written   int64 // each step
		want      int   // steps in a second
	}{
		"idle":             {false, 0, 200},
		"appending":        {true, 0, 100},
		"writing much":     {false, 1 << 20, 64},
		"both":             {true, 1 << 20, 64},
		"writing a little": {true, 1 << 10, 100},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &Store{opts: Options{}.withDefaults()}
				p := s.newPacer()
				steps := 0
				for begin := time.Now(); time.Since(begin) < time.Second; steps++ {
					time.Sleep(step)
					if c.appending {
						s.metrics.appendedEvents.Add(1)
					}
					p.rest(int64(steps+1)*c.written, time.Sleep)
				}
				if steps < c.want-1 || steps > c.want+1 {
					t.Errorf("%d steps of work in a second, want %d", steps, c.want)
				}
			})
		})
	}
}

// TestPacerAfterIdleness checks that work done while the store was idle is not made up for later.
func TestPacerAfterIdleness(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &Store{opts: Options{}.withDefaults()}
		p := s.newPacer()
		time.Sleep(time.Minute)
		p.rest(0, time.Sleep)
		s.metrics.appendedEvents.Add(1)
		time.Sleep(10 * time.Millisecond)
		p.rest(0, func(d time.Duration) {
			if d > 10*time.Millisecond {
				t.Errorf("a rest of %v after 10 ms of work", d)
			}
		})
	})
}
