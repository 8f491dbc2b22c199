package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tollbook/tollbook/logfile"
)

type importLogs struct {
	endpoint    `embed:""`
	Files       []string       `arg:"" name:"file" help:"Log files, plain or compressed with gzip or zstd; - is standard input."`
	Group       string         `help:"Log group to import into; made if absent." required:""`
	Stream      string         `help:"Log stream to import into; made if absent. By default each file has one of its own, with the file's base name."`
	Format      logfile.Format `help:"What lines are: clf (NGINX and Apache, common and combined), json, text, export (what logs export writes as jsonl), or auto, which looks at each line." enum:"auto,clf,json,text,export" default:"auto"`
	Timestamps  string         `help:"Times of the events: log (the lines' own; a line without one has that of the line before, or of the file) or now." enum:"log,now" default:"log"`
	SkipOld     bool           `help:"Leave out lines that are older than the log group's retention, or than the log service takes, and import the rest."`
	Again       bool           `help:"Import from the beginning, also what the log group has already."`
	Concurrency int            `help:"Log streams that are written at a time; the files of one stream follow each other." default:"4"`
	State       string         `help:"Directory that records how far imports have come." type:"path" placeholder:"DIR"`
	DryRun      bool           `help:"Read the files, say what would be imported and import nothing."`
}

// Help tells what the flags alone do not.
func (*importLogs) Help() string {
	return "An import that was interrupted continues where it stopped, and a file that was imported before is not imported again: " +
		"only what was added to it since. Files are known by their content, under any name, compressed or not. " +
		"JSON lines have their time in the first of these fields that holds one: " + strings.Join(logfile.TimeFields(), ", ") +
		"; as RFC 3339, as 09/Apr/2026:12:34:56 +0000, or as seconds, milliseconds, microseconds or nanoseconds since 1970. " +
		"Lines are kept byte for byte. Empty lines are left out; lines above 1,048,550 bytes too, with exit status 1."
}

// importTally is what became of events, counted by all files at once.
type importTally struct {
	imported, bytes, alreadyThere atomic.Int64
	old, ahead                    atomic.Int64 // refused by the log service for their time
}

// importRun is one run of the command.
type importRun struct {
	cmd     *importLogs
	target  *importTarget
	journal *journal
	begun   time.Time
	tally   importTally
	bar     *progress
	stdin   *content
}

// Run imports the files.
func (c *importLogs) Run(ctx context.Context, std streams) (err error) {
	if slices.Contains(c.Files, "-") && len(c.Files) > 1 {
		return errors.New("standard input is imported alone, without files")
	}
	clients, err := c.connect(ctx)
	if err != nil {
		return err
	}
	r := &importRun{cmd: c, begun: time.Now(), bar: newProgress(std.err)}
	if r.target, err = findTarget(ctx, clients.logs, c.Group); err != nil {
		return err
	}
	if err := r.openJournal(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.journal.close()) }()
	files, err := r.plan(ctx)
	if err != nil {
		return err
	}
	if c.DryRun {
		return r.survey(std.out, files)
	}
	if err := r.refuseExpired(files); err != nil {
		return err
	}
	return r.conclude(ctx, std.out, files, r.importAll(ctx, files))
}

func (r *importRun) openJournal(ctx context.Context) (err error) {
	dir := r.cmd.State
	if dir == "" {
		if dir, err = stateDir(); err != nil {
			return err
		}
	}
	r.journal, err = openJournal(ctx, dir, r.cmd.Group, func() { r.note("waiting for another import into %s", r.cmd.Group) })
	return err
}

// options is what decides on the events that lines become.
func (r *importRun) options() string {
	return fmt.Sprintf("--timestamps %s --format %s", r.cmd.Timestamps, r.cmd.Format)
}

// plan identifies every source.
func (r *importRun) plan(ctx context.Context) ([]*fileImport, error) {
	var files []*fileImport
	for _, path := range r.cmd.Files {
		s := source{path: path, stdin: os.Stdin}
		f, err := r.identify(ctx, s)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		if !f.ended {
			r.bar.total += s.size()
		}
	}
	return files, nil
}

// importAll imports the files, those of one stream one after another, and goes on with the others where one fails.
func (r *importRun) importAll(ctx context.Context, files []*fileImport) error {
	r.bar.start()
	defer r.bar.stop()
	var order []string
	byStream := map[string][]*fileImport{}
	for _, f := range files {
		if f.ended {
			continue
		}
		if byStream[f.record.Stream] == nil {
			order = append(order, f.record.Stream)
		}
		byStream[f.record.Stream] = append(byStream[f.record.Stream], f)
	}
	var (
		slots = make(chan struct{}, max(1, r.cmd.Concurrency))
		group sync.WaitGroup
		mu    sync.Mutex
		errs  []error
	)
	for _, stream := range order {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			for _, f := range byStream[stream] {
				if err := f.send(ctx); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// sent counts a batch that the stream has now, but for the events that the log service refused as too old or as ahead of
// its clock.
func (r *importRun) sent(b *batch, old, ahead int64) {
	stored := int64(len(b.events)) - old - ahead
	r.tally.imported.Add(stored)
	r.bar.events.Add(stored)
	r.tally.bytes.Add(int64(b.bytes - len(b.events)*eventOverhead))
	r.tally.old.Add(old)
	r.tally.ahead.Add(ahead)
}

// note tells the user something while the bar is there.
func (r *importRun) note(format string, args ...any) { r.bar.note(format, args...) }
