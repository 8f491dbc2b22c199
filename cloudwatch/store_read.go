package cloudwatch

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// resolutions are those that points are stored at, from the finest on: how long they are kept before they are rolled up
// into the next, and how much time one chunk spans. They are AWS' (GetMetricData, "CloudWatch retains metric data").
var resolutions = []struct {
	seconds int64
	keep    time.Duration
	span    int64 // seconds; a multiple of the resolution that follows
}{
	{1, 3 * time.Hour, 900},
	{60, 15 * 24 * time.Hour, 2 * 3600},
	{300, 63 * 24 * time.Hour, 24 * 3600},
	{3600, 455 * 24 * time.Hour, 30 * 24 * 3600},
}

// finest is the resolution that data of this age can be had at, in seconds; 0 for data beyond its time. It does not depend
// on how far rolling up has come.
func finest(age time.Duration) int64 {
	for _, r := range resolutions {
		if age <= r.keep {
			return r.seconds
		}
	}
	return 0
}

func spanOf(resolution int64) int64 {
	for _, r := range resolutions {
		if r.seconds == resolution {
			return r.span
		}
	}
	return resolution
}

// floor rounds down to a multiple of step.
func floor(t, step int64) int64 {
	rest := t % step
	if rest < 0 {
		rest += step
	}
	return t - rest
}

// bucket is one period of a series.
type bucket struct {
	time int64 // its beginning, in s
	unit unit
	*summary
}

// query says which buckets to read.
type query struct {
	from, to int64 // seconds; to is excluded
	period   int64 // seconds; buckets begin at from and every period thereafter
	unit     unit  // 0: all, each for itself
}

// read returns the buckets that have data, sorted by time and unit. Data older than what AWS keeps at a resolution comes at
// the coarser one, whatever the period. The caller owns the summaries.
func (s *store) read(ctx context.Context, ser *series, q query) ([]bucket, error) {
	for {
		s.mu.RLock()
		version := ser.version
		s.mu.RUnlock()
		g := s.gather(q)
		if err := s.readChunks(ctx, ser.id, q, g.add); err != nil {
			return nil, fmt.Errorf("read metric data: %w", err)
		}
		s.mu.RLock()
		if ser.version == version { // nothing has moved from the head into chunks meanwhile
			for k, sum := range ser.head {
				g.add(k, sum)
			}
			s.mu.RUnlock()
			return g.sorted(), nil
		}
		s.mu.RUnlock()
	}
}

// readChunks calls f for the points of all chunks that may have some in the range. One statement sees one state, so a
// point is in one resolution.
func (s *store) readChunks(ctx context.Context, id int64, q query, f func(pointKey, *summary)) error {
	const coarsest = 3600 // points up to this far behind the range may be rounded into it
	var either []string
	args := []any{id, q.to + coarsest}
	for _, r := range resolutions {
		args = append(args, r.seconds, q.from-r.span)
		either = append(either, fmt.Sprintf("(resolution = $%d AND start > $%d)", len(args)-1, len(args)))
	}
	rows, err := s.db.QueryContext(ctx, "SELECT resolution, start, points FROM chunks WHERE series = $1 AND start < $2 AND ("+
		strings.Join(either, " OR ")+")", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var resolution, start int64
		var points []byte
		if err := rows.Scan(&resolution, &start, &points); err != nil {
			return err
		}
		if err := decodeChunk(points, resolution, start, f); err != nil {
			s.log.Error("a chunk of metric data is unreadable; it is left out", "series", id, "start", start, "error", err)
		}
	}
	return rows.Err()
}

// gatherer collects points into buckets.
type gatherer struct {
	query
	now     int64
	buckets map[pointKey]*summary
}

func (s *store) gather(q query) *gatherer {
	return &gatherer{query: q, now: s.now().Unix(), buckets: map[pointKey]*summary{}}
}

func (g *gatherer) add(k pointKey, sum *summary) {
	if g.unit != 0 && k.unit != g.unit {
		return
	}
	step := finest(time.Duration(g.now-k.time) * time.Second)
	if step == 0 {
		return
	}
	t := floor(k.time, step)
	if t < g.from || t >= g.to {
		return
	}
	at := pointKey{time: g.from + floor(t-g.from, g.period), unit: k.unit}
	if there := g.buckets[at]; there != nil {
		there.merge(sum)
	} else {
		g.buckets[at] = sum.clone()
	}
}

func (g *gatherer) sorted() []bucket {
	out := make([]bucket, 0, len(g.buckets))
	for k, sum := range g.buckets {
		out = append(out, bucket{k.time, k.unit, sum})
	}
	slices.SortFunc(out, func(a, b bucket) int {
		if a.time != b.time {
			return int(a.time - b.time)
		}
		return int(a.unit) - int(b.unit)
	})
	return out
}

// ofOneUnit keeps the buckets of the unit that has the most samples. AWS aggregates each unit separately, and does not say
// what happens where one value is needed and no unit was asked for.
func ofOneUnit(buckets []bucket) []bucket {
	samples := map[unit]float64{}
	for _, b := range buckets {
		samples[b.unit] += b.count
	}
	if len(samples) < 2 {
		return buckets
	}
	most := buckets[0].unit
	for u, n := range samples {
		if n > samples[most] || n == samples[most] && u < most {
			most = u
		}
	}
	return slices.DeleteFunc(buckets, func(b bucket) bool { return b.unit != most })
}

// appendPoint encodes a point of a batch.
func appendPoint(b []byte, id int64, k pointKey, sum *summary) []byte {
	b = binary.AppendUvarint(b, uint64(id))
	b = binary.AppendUvarint(b, uint64(k.resolution))
	b = binary.AppendVarint(b, k.time)
	return appendSummary(append(b, byte(k.unit)), sum)
}

// decodeBatch calls f for the points of a batch, or for none if it is damaged.
func decodeBatch(batch []byte, f func(id int64, k pointKey, sum *summary)) error {
	type found struct {
		id int64
		pointKey
		*summary
	}
	d := decoder{data: batch}
	d.version()
	var all []found
	for d.more() {
		p := found{id: int64(d.uvarint())}
		p.resolution, p.time = int64(d.uvarint()), d.varint()
		p.unit, p.summary = d.unit(), d.summary()
		if p.resolution != 1 && p.resolution != 60 {
			d.fail("resolution")
		}
		all = append(all, p)
	}
	if d.err != nil {
		return d.err
	}
	for _, p := range all {
		f(p.id, p.pointKey, p.summary)
	}
	return nil
}

// decodeChunk calls f for the points of a chunk.
func decodeChunk(chunk []byte, resolution, start int64, f func(pointKey, *summary)) error {
	d := decoder{data: chunk}
	d.version()
	for at := start; d.more(); {
		at += int64(d.uvarint())
		k := pointKey{time: at, resolution: resolution, unit: d.unit()}
		if sum := d.summary(); d.err == nil {
			f(k, sum)
		}
	}
	return d.err
}
