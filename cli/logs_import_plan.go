package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"github.com/tollbook/tollbook/logfile"
)

// fileImport is the import of one source: where it continues and into which stream.
type fileImport struct {
	run    *importRun
	source source
	record record
	known  bool // the record was there before
	doubt  bool // the next batch may be in the stream already
	ended  bool // there is nothing left to import
	cuts   []int64
	counts lineCounts
}

// identify finds out, by its content, what of a source is in the group already.
func (r *importRun) identify(ctx context.Context, s source) (*fileImport, error) {
	in, err := r.openFirst(s)
	if err != nil {
		return nil, err
	}
	if !s.isStdin() {
		defer in.close()
	}
	f := &fileImport{run: r, source: s, doubt: true}
	head, err := in.Head()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.name(), err)
	}
	if f.record, err = r.newRecord(s, head); err != nil {
		return nil, err
	}
	if r.cmd.Again {
		f.doubt = false
		return f, nil
	}
	candidates, err := r.candidates(ctx, s, head)
	if err != nil {
		return nil, err
	}
	return f, f.choose(in, candidates)
}

// newRecord is the record of a file that was never seen.
func (r *importRun) newRecord(s source, head []byte) (record, error) {
	fallback, err := s.modified()
	if r.cmd.Timestamps == "now" {
		fallback = r.begun.UnixMilli()
	}
	stream := r.cmd.Stream
	if stream == "" {
		stream = s.streamName()
	}
	return record{
		File: s.streamName(), Stream: stream, Head: checksum(head), HeadBytes: len(head), Options: r.options(), Fallback: fallback,
	}, err
}

// candidates returns the records that a file may have. One that was imported under another name counts if enough of it
// was read to tell, and if no other stream is asked for.
func (r *importRun) candidates(ctx context.Context, s source, head []byte) ([]record, error) {
	var kept []record
	for _, c := range r.journal.candidates(head) {
		renamed := c.File != s.streamName()
		if r.cmd.Stream != "" && c.Stream != r.cmd.Stream || renamed && r.cmd.Stream == "" && max(c.Done.Bytes, c.Sending) < logfile.HeadBytes {
			continue
		}
		created, err := r.target.streamCreated(ctx, c.Stream)
		if err != nil {
			return nil, err
		}
		if created != 0 && created == c.Created {
			kept = append(kept, c)
		}
	}
	return kept, nil
}

// choose takes the candidate of which the content holds most, and continues there. Where none is proven the batches are
// compared with the stream from the beginning on, cut where the candidates were.
func (f *fileImport) choose(in *content, candidates []record) error {
	for _, c := range candidates {
		f.cuts = append(f.cuts, c.Done.Bytes, c.Sending)
	}
	slices.Sort(f.cuts)
	if f.source.isStdin() {
		if len(candidates) > 0 {
			f.record.Fallback = candidates[len(candidates)-1].Fallback
		}
		return nil
	}
	at := int64(-1)
	for _, c := range candidates {
		p, err := in.Skip(c.Done.Bytes)
		if err != nil {
			return fmt.Errorf("read %s: %w", f.source.name(), err)
		}
		if at = p.Bytes; at < c.Done.Bytes {
			break // the file ends before
		}
		if p.Sum == c.Done.Sum && (!f.known || c.Done.Bytes > f.record.Done.Bytes || c.File == f.source.streamName()) {
			if err := f.adopt(c); err != nil {
				return err
			}
		}
	}
	if f.known && !f.doubt && at == f.record.Done.Bytes {
		_, err := in.Next()
		f.ended = errors.Is(err, io.EOF)
	}
	return nil
}

// adopt continues a record.
func (f *fileImport) adopt(c record) error {
	if c.inDoubt() && c.Options != f.record.Options {
		return fmt.Errorf("the import of %s was interrupted with %s: finish it so, or begin anew with --again", f.source.name(), c.Options)
	}
	fallback := f.record.Fallback
	f.known, f.doubt = true, c.inDoubt()
	c.File, c.Options = f.source.streamName(), f.record.Options
	if f.record = c; !f.doubt {
		f.record.Fallback = fallback
	}
	return nil
}

// openFirst opens a source to identify it. Standard input stays open, since it cannot be opened again.
func (r *importRun) openFirst(s source) (in *content, err error) {
	if !s.isStdin() {
		return s.open(nil)
	}
	r.stdin, err = s.open(&r.bar.read)
	return r.stdin, err
}

// read opens the source where the import continues, counting what is read if count is not nil. The caller closes it.
func (f *fileImport) read(count *atomic.Int64) (*cutter, func() error, error) {
	in, err := f.run.stdin, error(nil)
	if !f.source.isStdin() {
		in, err = f.source.open(count)
	}
	if err != nil {
		return nil, nil, err
	}
	c := f.cutter(in.Reader)
	c.cuts = f.cuts
	c.resume(f.record.Done)
	p, err := in.Skip(f.record.Done.Bytes)
	if err == nil && f.known && p.Sum != f.record.Done.Sum {
		err = errors.New("it has changed meanwhile")
	}
	if err != nil {
		in.close()
		return nil, nil, fmt.Errorf("read %s: %w", f.source.name(), err)
	}
	return c, in.close, nil
}

func (f *fileImport) cutter(in *logfile.Reader) *cutter {
	format := f.run.cmd.Format
	if f.run.cmd.Timestamps == "now" {
		format = "" // no time from lines
	}
	return &cutter{lines: in, times: logfile.NewRecogniser(format, f.record.Fallback)}
}
