package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// refuseExpired ends an import before it begins if the log group would refuse lines as past its retention, so that
// nobody believes that they are there.
func (r *importRun) refuseExpired(files []*fileImport) error {
	kept := r.target.keptSince()
	if kept == 0 || r.cmd.SkipOld || r.cmd.Timestamps == "now" {
		return nil
	}
	expired, all := int64(0), int64(0)
	for _, f := range files {
		if f.ended || f.source.isStdin() {
			continue
		}
		s, err := f.survey(kept)
		if err != nil {
			return err
		}
		expired, all = expired+s.expired, all+s.events
	}
	if expired == 0 {
		return nil
	}
	return fmt.Errorf("%s of %s lines are from before %s, past the retention of log group %s (%d days): nothing was imported. "+
		"Lengthen the retention (aws logs put-retention-policy), leave them out with --skip-old, or give all lines the present time with --timestamps now",
		grouped(expired), grouped(all), clock(kept), r.cmd.Group, int(r.target.kept.Hours()/24))
}

// fileSurvey is what a file holds from where its import continues.
type fileSurvey struct {
	events, batches, bytes, expired int64
	first, last                     int64
	counts                          lineCounts
}

// survey reads the file without importing it; kept is the beginning of the group's retention.
func (f *fileImport) survey(kept int64) (fileSurvey, error) {
	s := fileSurvey{first: math.MaxInt64}
	c, closeSource, err := f.read(nil)
	if err != nil {
		return s, err
	}
	defer closeSource()
	for {
		b, err := c.next()
		if errors.Is(err, io.EOF) {
			s.counts = c.counts
			return s, nil
		} else if err != nil {
			return s, fmt.Errorf("read %s: %w", f.source.name(), err)
		}
		s.batches++
		s.first, s.last = min(s.first, b.first), max(s.last, b.last)
		for _, e := range b.events {
			s.events++
			s.bytes += int64(len(e.message))
			if e.time < kept {
				s.expired++
			}
		}
	}
}

// survey tells what an import would do.
func (r *importRun) survey(out io.Writer, files []*fileImport) error {
	for _, f := range files {
		if f.ended {
			fmt.Fprintf(out, "%s: imported into %s before, nothing new\n", f.source.name(), f.record.Stream)
			continue
		}
		s, err := f.survey(r.target.keptSince())
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: would import into %s, from line %s on: ", f.source.name(), f.record.Stream, grouped(f.record.Done.Lines+1))
		s.print(out)
	}
	return nil
}

func (s fileSurvey) print(out io.Writer) {
	fmt.Fprintf(out, "%s events (%s) in %s batches", grouped(s.events), size(s.bytes), grouped(s.batches))
	if s.events > 0 {
		fmt.Fprintf(out, ", %s to %s", clock(s.first), clock(s.last))
	}
	fmt.Fprintln(out)
	s.counts.print(out)
	printCount(out, s.expired, "past the log group's retention")
}

func (c lineCounts) print(out io.Writer) {
	printCount(out, c.untimed, "without a time of their own")
	printCount(out, c.empty, "empty, left out")
	printCount(out, c.escaped, `with bytes that are not UTF-8, written as \xNN`)
	printCount(out, c.tooLong, "too long, left out")
}

func printCount(out io.Writer, n int64, what string) {
	if n > 0 {
		fmt.Fprintf(out, "  %s lines %s\n", grouped(n), what)
	}
}

// conclude prints the summary and turns what was left out into an error.
func (r *importRun) conclude(ctx context.Context, out io.Writer, files []*fileImport, err error) error {
	var counts lineCounts
	for _, f := range files {
		counts.empty += f.counts.empty
		counts.tooLong += f.counts.tooLong
		counts.escaped += f.counts.escaped
		counts.untimed += f.counts.untimed
		if f.ended {
			fmt.Fprintf(out, "%s: imported into %s before, nothing new\n", f.source.name(), f.record.Stream)
		}
	}
	took := time.Since(r.begun)
	events, bytes := r.tally.imported.Load(), r.tally.bytes.Load()
	fmt.Fprintf(out, "imported %s events (%s) into %s in %s, %s/s\n",
		grouped(events), size(bytes), r.cmd.Group, took.Round(10*time.Millisecond), grouped(int64(float64(events)/took.Seconds())))
	printCount(out, r.tally.alreadyThere.Load(), "were there already")
	counts.print(out)
	old, ahead := r.tally.old.Load(), r.tally.ahead.Load()
	printCount(out, old, "refused by the log service as too old or past the log group's retention")
	printCount(out, ahead, "refused by the log service as more than 2 hours ahead of its clock")
	if r.cmd.SkipOld {
		old = 0 // as it was wanted
	}
	lost := counts.tooLong + old + ahead
	switch {
	case ctx.Err() != nil: // not as its cause, which would pass for success
		return errors.New("interrupted; the same command continues the import")
	case errors.Is(err, errTooOld):
		return fmt.Errorf("%w\nTollbook's own takes them; with others, leave them out with --skip-old, or give all lines the present time with --timestamps now", err)
	case err != nil:
		return fmt.Errorf("%w\nthe same command continues the import", err)
	case lost > 0:
		return fmt.Errorf("%s lines were not imported", grouped(lost))
	}
	return nil
}
