package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-isatty"
)

const (
	barWidth     = 24
	drawEvery    = 200 * time.Millisecond // on a terminal
	logEvery     = 5 * time.Second        // elsewhere
	clearTheLine = "\r\x1b[K"
)

// progress shows how far a long job is: a bar on a terminal, a line now and then elsewhere. Its counters are safe for
// concurrent use, as is note.
type progress struct {
	total  int64 // bytes to read; 0 is unknown. Not to be changed after start
	read   atomic.Int64
	events atomic.Int64

	mu      sync.Mutex
	out     io.Writer
	bar     bool
	shown   bool // a bar stands on the current line
	begun   time.Time
	stopped chan struct{}
	done    chan struct{}
}

func newProgress(out io.Writer) *progress {
	f, ok := out.(*os.File)
	return &progress{out: out, bar: ok && isatty.IsTerminal(f.Fd()), stopped: make(chan struct{}), done: make(chan struct{})}
}

// start begins to show; stop ends it and returns when nothing more is printed.
func (p *progress) start() {
	p.begun = time.Now()
	every := logEvery
	if p.bar {
		every = drawEvery
	}
	go func() {
		defer close(p.done)
		for tick := time.NewTicker(every); ; {
			select {
			case <-tick.C:
				p.show()
			case <-p.stopped:
				tick.Stop()
				return
			}
		}
	}()
}

func (p *progress) stop() {
	close(p.stopped)
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.text(time.Since(p.begun))
	if !p.bar {
		fmt.Fprintln(p.out, text)
		return
	}
	fmt.Fprint(p.out, clearTheLine, text)
	p.shown = true
}

// note prints a line beside the bar.
func (p *progress) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintf(p.out, "tollbook: "+format+"\n", args...)
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.out, clearTheLine)
		p.shown = false
	}
}

// text is the state after a time, in one line.
func (p *progress) text(after time.Duration) string {
	read, events := p.read.Load(), p.events.Load()
	perSecond := float64(read) / max(after.Seconds(), 0.001)
	rates := fmt.Sprintf("%s events, %s/s, %s/s", grouped(events), grouped(int64(float64(events)/max(after.Seconds(), 0.001))), size(int64(perSecond)))
	if p.total == 0 {
		return fmt.Sprintf("%s read, %s", size(read), rates)
	}
	part := min(1, float64(read)/float64(p.total))
	left := "?"
	if read > 0 {
		left = time.Duration(float64(after) * (1 - part) / part).Round(time.Second).String()
	}
	filled := int(part * barWidth)
	return fmt.Sprintf("[%s%s] %3.0f%% of %s, %s, %s left",
		strings.Repeat("=", filled), strings.Repeat(" ", barWidth-filled), part*100, size(p.total), rates, left)
}

// grouped writes 1234567 as 1,234,567.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// size writes a number of bytes for people.
func size(bytes int64) string {
	if bytes < 1000 {
		return fmt.Sprintf("%d B", bytes)
	}
	n, unit := float64(bytes), 0
	for ; n >= 999.5; n /= 1000 {
		unit++
	}
	return fmt.Sprintf("%.3g %cB", n, " kMGTPE"[unit])
}
