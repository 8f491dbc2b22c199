package cloudwatch

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"
)

// slice is how many series or chunks one transaction in the background takes, so that calls do not wait long for it.
const slice = 256

// flush moves all heads into chunks, and with them what has arrived up to now.
func (s *store) flush(ctx context.Context) error {
	s.writing.Lock()
	upTo := s.lastBatch
	s.writing.Unlock()
	for part := range slices.Chunk(s.withHeads(), slice) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.flushSeries(part); err != nil {
			return fmt.Errorf("write metric data into chunks: %w", err)
		}
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if _, err := s.db.ExecContext(ctx, "DELETE FROM arrived WHERE id <= $1", upTo); err != nil {
		return fmt.Errorf("delete metric data that is in chunks: %w", err)
	}
	return nil
}

// withHeads returns the series with points in memory, in the order in which their chunks lie.
func (s *store) withHeads() (all []*series) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, ser := range s.series {
		if len(ser.head) > 0 {
			all = append(all, ser)
		}
	}
	slices.SortFunc(all, func(a, b *series) int { return cmp.Compare(a.id, b.id) })
	return all
}

// flushSeries moves the heads of some series. Readers are held up only while it commits: they see the points either in the
// heads or in the chunks.
func (s *store) flushSeries(part []*series) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, ser := range part {
		if err := s.writeHead(tx, ser, s.lastBatch); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, ser := range part {
		s.points -= len(ser.head)
		ser.head, ser.flushed = nil, s.lastBatch
		ser.version++
	}
	return nil
}

func (s *store) writeHead(tx *sql.Tx, ser *series, upTo int64) error {
	byChunk := map[chunkKey]chunk{}
	for k, sum := range ser.head {
		byChunk[chunkOf(ser.id, k)] = append(byChunk[chunkOf(ser.id, k)], chunkPoint{k, sum})
	}
	for key, points := range byChunk {
		if err := s.addToChunk(tx, key, points); err != nil {
			return err
		}
	}
	_, err := tx.Exec("UPDATE series SET flushed = $1, last = $2 WHERE id = $3", upTo, ser.last, ser.id)
	return err
}

type chunkKey struct{ series, resolution, start int64 }

func chunkOf(id int64, k pointKey) chunkKey {
	return chunkKey{id, k.resolution, floor(k.time, spanOf(k.resolution))}
}

type chunkPoint struct {
	pointKey
	*summary
}

type chunk []chunkPoint

// addToChunk adds points to a chunk, which it makes if there is none. Of a damaged one remains what can be read.
func (s *store) addToChunk(tx *sql.Tx, key chunkKey, points chunk) error {
	var old []byte
	err := tx.QueryRow("SELECT points FROM chunks WHERE series = $1 AND resolution = $2 AND start = $3",
		key.series, key.resolution, key.start).Scan(&old)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	default:
		err = decodeChunk(old, key.resolution, key.start, func(k pointKey, sum *summary) {
			points = append(points, chunkPoint{k, sum})
		})
		if err != nil {
			s.log.Error("a chunk of metric data is damaged", "series", key.series, "start", key.start, "error", err)
		}
	}
	_, err = tx.Exec("INSERT INTO chunks (series, resolution, start, points) VALUES ($1, $2, $3, $4) "+
		"ON CONFLICT (series, resolution, start) DO UPDATE SET points = excluded.points",
		key.series, key.resolution, key.start, points.encode(key.start))
	return err
}

// encode sorts the points, adds up those of the same time and unit, and writes them. The summaries are not changed: they
// may be a head's, and the transaction may fail.
func (c chunk) encode(start int64) []byte {
	slices.SortStableFunc(c, func(a, b chunkPoint) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.unit, b.unit))
	})
	b, at := []byte{encodingVersion}, start
	for i := 0; i < len(c); {
		p, n := c[i], i+1
		for n < len(c) && c[n].pointKey == p.pointKey {
			if n == i+1 {
				p.summary = p.summary.clone()
			}
			p.summary.merge(c[n].summary)
			n++
		}
		b = binary.AppendUvarint(b, uint64(p.time-at))
		b = appendSummary(append(b, byte(p.unit)), p.summary)
		at, i = p.time, n
	}
	return b
}

// rollUp brings data that has become old to the next coarser resolution, and deletes what is older than all of them.
func (s *store) rollUp(ctx context.Context) error {
	for i, r := range resolutions {
		before := s.now().Add(-r.keep).Unix() - r.span
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, err := s.rollUpSome(i, before)
			if err != nil {
				return fmt.Errorf("roll up metric data of %d s: %w", r.seconds, err)
			}
			if n < slice {
				break
			}
		}
	}
	return s.forget(ctx)
}

// rollUpSome takes some of the oldest chunks that begin before a time, and returns how many.
func (s *store) rollUpSome(resolution int, before int64) (n int, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	tx, err := s.db.Begin()
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	old, err := oldChunks(tx, resolutions[resolution].seconds, before)
	if err != nil || len(old) == 0 {
		return 0, err
	}
	for key, points := range old {
		if resolution+1 < len(resolutions) {
			if err := s.coarsen(tx, key, points, resolutions[resolution+1].seconds); err != nil {
				return 0, err
			}
		}
		_, err := tx.Exec("DELETE FROM chunks WHERE series = $1 AND resolution = $2 AND start = $3",
			key.series, key.resolution, key.start)
		if err != nil {
			return 0, err
		}
	}
	return len(old), tx.Commit()
}

func oldChunks(tx *sql.Tx, resolution, before int64) (map[chunkKey][]byte, error) {
	rows, err := tx.Query("SELECT series, start, points FROM chunks WHERE resolution = $1 AND start < $2 ORDER BY start LIMIT $3",
		resolution, before, slice)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[chunkKey][]byte{}
	for rows.Next() {
		key, points := chunkKey{resolution: resolution}, []byte(nil)
		if err := rows.Scan(&key.series, &key.start, &points); err != nil {
			return nil, err
		}
		found[key] = points
	}
	return found, rows.Err()
}

// coarsen adds the points of a chunk to that of a coarser resolution. Spans divide each other, so it is one chunk.
func (s *store) coarsen(tx *sql.Tx, key chunkKey, points []byte, resolution int64) error {
	var moved chunk
	err := decodeChunk(points, key.resolution, key.start, func(k pointKey, sum *summary) {
		k.time, k.resolution = floor(k.time, resolution), resolution
		moved = append(moved, chunkPoint{k, sum})
	})
	if err != nil {
		s.log.Error("a chunk of metric data is unreadable; it is given up", "series", key.series, "start", key.start, "error", err)
		return nil
	}
	if len(moved) == 0 {
		return nil
	}
	return s.addToChunk(tx, chunkOf(key.series, moved[0].pointKey), moved)
}

// forget removes series that have no data any more.
func (s *store) forget(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	last := resolutions[len(resolutions)-1]
	before := s.now().Add(-last.keep - 2*time.Duration(last.span)*time.Second).Unix()
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, ser := range s.series {
		if ser.last >= before || len(ser.head) > 0 {
			continue
		}
		if _, err := s.db.ExecContext(ctx, "DELETE FROM series WHERE id = $1", ser.id); err != nil {
			return fmt.Errorf("forget metric %s: %w", ser.key.name, err)
		}
		delete(s.series, name)
	}
	return nil
}
