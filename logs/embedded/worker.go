package embedded

// worker is a goroutine that works when woken. Wakings that come while it works count as one.
type worker struct {
	wakeup, quit, stopped chan struct{}
}

func newWorker() worker {
	return worker{make(chan struct{}, 1), make(chan struct{}), make(chan struct{})}
}

// run calls work for each waking until stop.
func (w *worker) run(work func()) {
	defer close(w.stopped)
	for {
		select {
		case <-w.quit:
			return
		case <-w.wakeup:
			work()
		}
	}
}

func (w *worker) wake() { signal(w.wakeup) }

// stop waits until the work under way has ended, which should look at stopping between its steps.
func (w *worker) stop() {
	close(w.quit)
	<-w.stopped
}

func (w *worker) stopping() bool {
	select {
	case <-w.quit:
		return true
	default:
		return false
	}
}
