package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/tollbook/tollbook/gateway/framing"
)

// flushLimit is how long entries may take to reach the log store after the last request: with the default patience that
// ends a stop within 10 s.
const flushLimit = 1500 * time.Millisecond

// answerLimit is how long, of that, requests may take to be answered whose back ends were given up.
const answerLimit = 500 * time.Millisecond

// serve answers on both listeners until ctx ends or one of them fails, then lets the requests under way finish.
func (p *product) serve(ctx context.Context, l *listeners, patience time.Duration) error {
	failed := make(chan error, 3)
	go func() {
		if err := p.api.Serve(framing.Listener(l.api)); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve APIs: %w", err)
		}
	}()
	go func() {
		if err := p.gateway.Serve(l.gateway); err != nil {
			failed <- fmt.Errorf("serve gateway: %w", err)
		}
	}()
	if l.gatewayTLS != nil {
		go func() {
			if err := p.gateway.ServeTLS(l.gatewayTLS, p.tls); err != nil {
				failed <- fmt.Errorf("serve gateway over TLS: %w", err)
			}
		}()
	}
	p.ready.Store(true)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	p.ready.Store(false)
	p.stopBy = time.Now().Add(patience + flushLimit)
	return errors.Join(err, p.drain(patience))
}

// drain closes the listeners and waits for the requests under way. Those whose back ends take too long are then answered
// without them; what is left a moment later is cut off.
func (p *product) drain(patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience+answerLimit)
	defer cancel()
	impatient := time.AfterFunc(patience, func() {
		if n := p.plane.Abort(); n > 0 {
			p.log.Warn("gateway requests did not finish in time; their back ends are given up", "after", patience, "requests", n)
		}
	})
	defer impatient.Stop()
	done := make(chan error, 1)
	go func() { done <- p.gateway.Shutdown(ctx) }()
	if err := p.api.Shutdown(ctx); err != nil {
		p.log.Warn("API requests did not finish in time and were cut off", "after", patience)
		p.api.Close()
	}
	if err := <-done; err != nil {
		p.log.Warn("gateway requests did not finish in time and were cut off", "after", patience)
	}
	return nil
}
