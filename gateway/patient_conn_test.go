package gateway

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

func TestLateDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d lateDeadline
		var timers []time.Duration // from now, as they are set
		arm := func(after time.Duration) {
			t.Helper()
			d.want = time.Now().Add(after)
			if err := d.arm(func(at time.Time) error { timers = append(timers, time.Until(at)); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		arm(time.Minute)
		time.Sleep(time.Second)
		arm(time.Minute) // the first timer still serves
		time.Sleep(1500 * time.Millisecond)
		arm(time.Minute)            // it would go off too early
		arm(200 * time.Millisecond) // near ones are exact
		arm(5 * time.Minute)
		d.want = time.Time{}
		if err := d.arm(func(at time.Time) error { timers = append(timers, 0); return nil }); err != nil || !d.set.IsZero() {
			t.Errorf("no deadline is wanted, set is %v, %v", d.set, err)
		}
		want := []time.Duration{62 * time.Second, 62 * time.Second, 200 * time.Millisecond, 302 * time.Second, 0}
		if len(timers) != len(want) {
			t.Fatalf("timers %v, want %v", timers, want)
		}
		for i := range want {
			if timers[i] != want[i] {
				t.Errorf("timers %v, want %v", timers, want)
				break
			}
		}
	})
}

func TestListenersConnectionsTimeOut(t *testing.T) {
	t.Parallel()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	door := newDoorkeeper(0, nil)
	l := &listener{Listener: plain, door: door}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read of a silent connection: %v", err)
	}
	if err := c.SetWriteDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for err = nil; err == nil; {
		_, err = c.Write(make([]byte, 1<<20))
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("writes to a client that does not read: %v", err)
	}
}
