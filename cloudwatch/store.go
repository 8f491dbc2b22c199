package cloudwatch

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// store keeps data points in one SQLite file, made for many series with a point a minute:
//
//	append   one row with all points of a call goes to the table arrived; then they enter the heads, in memory
//	flush    moves the heads into chunks, rows of many points of one series, and deletes what had arrived
//	roll up  rewrites chunks that have become old at the next coarser resolution
//
// So a call costs one row and one sync, however many series it has, and reading a series touches few rows. Several points
// of one series and time add up whenever they meet: in the head, in a flush, or in a read.
type store struct {
	db  *sql.DB
	now func() time.Time
	log *slog.Logger

	writing   sync.Mutex // held by whoever writes to db
	lastBatch int64      // row of arrived; under writing

	mu     sync.RWMutex // guards what follows and what series say is under it
	series map[string]*series
	points int           // in all heads
	full   chan struct{} // says that the heads should be flushed before their time
}

// maxHeadPoints is how many points the heads may hold before they are flushed. A point takes some 200 bytes.
const maxHeadPoints = 200_000

// series is one metric: the data of one name with one set of dimensions.
type series struct {
	id   int64
	key  seriesKey
	name string // key.String()

	// under store.mu
	last    int64                 // newest time of data, in s
	head    map[pointKey]*summary // what is in no chunk yet
	version int                   // counts flushes
	flushed int64                 // up to this row of arrived everything is in chunks
}

// seriesKey identifies a metric within the installation. Dimensions are sorted by name.
type seriesKey struct {
	account, region, namespace, name string
	dimensions                       []Dimension
}

// Dimension is a name with its value.
type Dimension struct{ Name, Value string }

// pointKey places a point within its series.
type pointKey struct {
	time       int64 // beginning of its second or minute, in s
	resolution int64 // 1 or 60, in s
	unit       unit
}

// point is one on its way into the store.
type point struct {
	key seriesKey
	pointKey
	*summary
}

const schema = `
CREATE TABLE IF NOT EXISTS series (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	account    TEXT NOT NULL,
	region     TEXT NOT NULL,
	namespace  TEXT NOT NULL,
	name       TEXT NOT NULL,
	dimensions TEXT NOT NULL, -- name, value, name, value …, each ended by a zero byte
	last       INTEGER NOT NULL, -- newest time in chunks, seconds since 1970
	flushed    INTEGER NOT NULL, -- batches up to this ID are in chunks, as far as this series goes
	UNIQUE (account, region, namespace, name, dimensions)
);
CREATE TABLE IF NOT EXISTS arrived (
	id    INTEGER PRIMARY KEY AUTOINCREMENT,
	batch BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS chunks (
	series     INTEGER NOT NULL,
	resolution INTEGER NOT NULL, -- seconds
	start      INTEGER NOT NULL, -- seconds since 1970
	points     BLOB NOT NULL,
	PRIMARY KEY (series, resolution, start)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS chunks_by_age ON chunks (resolution, start);
`

// openStore opens the file, makes it if there is none, and reads what has arrived and is in no chunk yet.
func openStore(path string, now func() time.Time, log *slog.Logger) (*store, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open metric store: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open metric store: %w", err)
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("open metric store %s: %w", path, err)
	}
	db.SetMaxOpenConns(4) // one writes, the others read; each has a page cache
	db.SetMaxIdleConns(4)
	s := &store{db: db, now: now, log: log, series: map[string]*series{}, full: make(chan struct{}, 1)}
	if _, err = db.Exec(schema); err == nil {
		err = s.recover()
	}
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("open metric store %s: %w", path, err)
	}
	return s, nil
}

func dsn(path string) string {
	params := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "temp_store(MEMORY)",
	}}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: params.Encode()}
	return u.String()
}

func (s *store) close() error { return s.db.Close() }

// recover reads the series and rebuilds their heads.
func (s *store) recover() error {
	byID := map[int64]*series{}
	rows, err := s.db.Query("SELECT id, account, region, namespace, name, dimensions, last, flushed FROM series")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		ser, dims := &series{}, ""
		k := &ser.key
		if err := rows.Scan(&ser.id, &k.account, &k.region, &k.namespace, &k.name, &dims, &ser.last, &ser.flushed); err != nil {
			return err
		}
		k.dimensions = splitDimensions(dims)
		ser.name = k.String()
		byID[ser.id], s.series[ser.name] = ser, ser
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return s.recoverHeads(byID)
}

func (s *store) recoverHeads(byID map[int64]*series) error {
	rows, err := s.db.Query("SELECT id, batch FROM arrived ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var batch []byte
		if err := rows.Scan(&s.lastBatch, &batch); err != nil {
			return err
		}
		err := decodeBatch(batch, func(id int64, k pointKey, sum *summary) {
			if ser := byID[id]; ser != nil && s.lastBatch > ser.flushed {
				s.enter(ser, k, sum)
			}
		})
		if err != nil {
			s.log.Error("a batch of metric data is unreadable; it is left out", "batch", s.lastBatch, "error", err)
		}
	}
	return rows.Err()
}

// enter puts a point into its series' head.
func (s *store) enter(ser *series, k pointKey, sum *summary) {
	ser.last = max(ser.last, k.time)
	if there := ser.head[k]; there != nil {
		there.merge(sum)
		return
	}
	if ser.head == nil {
		ser.head = map[pointKey]*summary{}
	}
	ser.head[k] = sum
	s.points++
}

// append stores points. They are durable and in every read when it returns nil; with an error, none is there. The
// summaries belong to the store from then on.
func (s *store) append(ctx context.Context, points []point) error {
	if len(points) == 0 {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	tx, err := s.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return fmt.Errorf("append metric data: %w", err)
	}
	defer tx.Rollback() // does nothing after the commit
	found, created, err := s.resolve(tx, points)
	if err != nil {
		return fmt.Errorf("append metric data: %w", err)
	}
	id, err := insertBatch(tx, points, found)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("append metric data: %w", err)
	}
	s.lastBatch = id
	s.publish(points, found, created)
	return nil
}

// resolve finds the series of each point, and makes those that are new.
func (s *store) resolve(tx *sql.Tx, points []point) (found []*series, created map[string]*series, err error) {
	found, created = make([]*series, len(points)), map[string]*series{}
	for i, p := range points {
		name := p.key.String()
		ser := s.series[name] // only writers change the map
		if ser == nil {
			ser = created[name]
		}
		if ser == nil {
			if ser, err = insertSeries(tx, p.key, s.lastBatch); err != nil {
				return nil, nil, err
			}
			created[name] = ser
		}
		found[i] = ser
	}
	return found, created, nil
}

// publish makes what append has written visible.
func (s *store) publish(points []point, found []*series, created map[string]*series) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, ser := range created {
		s.series[name] = ser
	}
	for i, p := range points {
		s.enter(found[i], p.pointKey, p.summary)
	}
	if s.points > maxHeadPoints {
		select {
		case s.full <- struct{}{}:
		default: // has been said
		}
	}
}

func insertSeries(tx *sql.Tx, k seriesKey, flushed int64) (*series, error) {
	ser := &series{key: k, name: k.String(), flushed: flushed}
	return ser, tx.QueryRow("INSERT INTO series (account, region, namespace, name, dimensions, last, flushed) "+
		"VALUES ($1, $2, $3, $4, $5, 0, $6) RETURNING id",
		k.account, k.region, k.namespace, k.name, joinDimensions(k.dimensions), flushed).Scan(&ser.id)
}

func insertBatch(tx *sql.Tx, points []point, found []*series) (id int64, err error) {
	batch := []byte{encodingVersion}
	for i, p := range points {
		batch = appendPoint(batch, found[i].id, p.pointKey, p.summary)
	}
	r, err := tx.Exec("INSERT INTO arrived (batch) VALUES ($1)", batch)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// String is the key as one text, the same for equal keys alone.
func (k seriesKey) String() string {
	return strings.Join([]string{k.account, k.region, k.namespace, k.name, joinDimensions(k.dimensions)}, "\x00")
}

// joinDimensions makes one text of dimensions. Names and values hold no control characters.
func joinDimensions(dims []Dimension) string {
	var b strings.Builder
	for _, d := range dims {
		b.WriteString(d.Name + "\x00" + d.Value + "\x00")
	}
	return b.String()
}

func splitDimensions(text string) (dims []Dimension) {
	parts := strings.Split(text, "\x00")
	for i := 0; i+2 < len(parts); i += 2 {
		dims = append(dims, Dimension{parts[i], parts[i+1]})
	}
	return dims
}

// sortDimensions brings dimensions into the order of keys, in a new slice.
func sortDimensions(dims []Dimension) []Dimension {
	return slices.SortedFunc(slices.Values(dims), func(a, b Dimension) int { return strings.Compare(a.Name, b.Name) })
}
