package logfile

import (
	"cmp"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

const (
	sampledEvents = 1000    // decide on the columns
	sampledBytes  = 8 << 20 // at most
	rowsAtATime   = 256

	rowGroupBytes   = 32 << 20 // of messages; bounds the memory
	dictionaryBytes = 1 << 20  // a column with more distinct text than this is written plainly
)

// The columns of every Parquet file of an export, in their order. Columns of fields follow.
const (
	columnTimestamp = iota
	columnIngestionTime
	columnLogStream
	columnMessage
	firstFieldColumn
)

func fixedColumns() []string {
	return []string{columnTimestamp: "timestamp", columnIngestionTime: "ingestion_time", columnLogStream: "log_stream", columnMessage: "message"}
}

// parquetWriter holds back a sample of events, decides on the columns, and then writes events row group by row group.
type parquetWriter struct {
	out     io.Writer
	columns bool

	sample []StoredEvent
	bytes  int // of messages in the sample, then in the row group

	fields *fieldColumns
	file   *parquet.GenericWriter[any]
	rows   []parquet.Row
}

// ExportParquet writes a Parquet file, compressed with zstd, with the columns timestamp and ingestion_time (milliseconds,
// UTC), log_stream and message. With columns it adds an optional one for each top-level field of the messages, if those of
// the first events are JSON objects: DOUBLE where all of a field's values among them are numbers, else text. A later value that is
// no number is null in a column of numbers, and a later field has no column; the message has them all. A field whose name
// another column has, in any case, gets _ behind it.
func ExportParquet(out io.Writer, columns bool) EventWriter {
	return &parquetWriter{out: out, columns: columns}
}

func (w *parquetWriter) Write(e StoredEvent) error {
	if w.file != nil {
		return w.add(e)
	}
	w.sample = append(w.sample, e)
	if w.bytes += len(e.Message); len(w.sample) < sampledEvents && w.bytes < sampledBytes {
		return nil
	}
	return w.begin()
}

// begin decides on the columns and writes the sample.
func (w *parquetWriter) begin() error {
	w.fields = &fieldColumns{}
	if w.columns {
		w.fields = fieldsOf(w.sample)
	}
	w.bytes = 0
	w.file = parquet.NewGenericWriter[any](w.out, w.fields.schema(), parquet.CreatedBy("tollbook", "", ""),
		parquet.DictionaryMaxBytes(dictionaryBytes))
	for _, e := range w.sample {
		if err := w.add(e); err != nil {
			return err
		}
	}
	w.sample = nil
	return nil
}

func (w *parquetWriter) add(e StoredEvent) error {
	row := make(parquet.Row, firstFieldColumn, firstFieldColumn+len(w.fields.list))
	row[columnTimestamp] = parquet.Int64Value(e.Timestamp).Level(0, 0, columnTimestamp)
	row[columnIngestionTime] = parquet.Int64Value(e.IngestionTime).Level(0, 0, columnIngestionTime)
	row[columnLogStream] = parquet.ByteArrayValue([]byte(e.LogStream)).Level(0, 0, columnLogStream)
	row[columnMessage] = parquet.ByteArrayValue([]byte(e.Message)).Level(0, 0, columnMessage)
	w.rows = append(w.rows, w.fields.appendTo(row, e.Message))
	if w.bytes += len(e.Message); len(w.rows) < rowsAtATime && w.bytes < rowGroupBytes {
		return nil
	}
	return w.flushRows()
}

func (w *parquetWriter) flushRows() error {
	if _, err := w.file.WriteRows(w.rows); err != nil {
		return err
	}
	w.rows = w.rows[:0]
	if w.bytes < rowGroupBytes {
		return nil
	}
	w.bytes = 0
	return w.file.Flush()
}

// Close writes what is held back and the file's end. A file without events is valid too.
func (w *parquetWriter) Close() error {
	if w.file == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	if err := w.flushRows(); err != nil {
		return err
	}
	return w.file.Close()
}

// schema has the columns in their order; a parquet.Group alone would sort them by name.
func (f *fieldColumns) schema() *parquet.Schema {
	dictionary := func() parquet.Node { return parquet.Encoded(parquet.String(), &parquet.RLEDictionary) }
	when := func() parquet.Node {
		return parquet.Encoded(parquet.Timestamp(parquet.Millisecond), &parquet.DeltaBinaryPacked)
	}
	names := fixedColumns()
	group := parquet.Group{
		names[columnTimestamp]: when(), names[columnIngestionTime]: when(),
		names[columnLogStream]: dictionary(), names[columnMessage]: parquet.String(),
	}
	for _, c := range f.list {
		names = append(names, c.name)
		if group[c.name] = parquet.Optional(dictionary()); c.number {
			group[c.name] = parquet.Optional(parquet.Leaf(parquet.DoubleType))
		}
	}
	codec := &zstd.Codec{} // one for all columns: each holds megabytes
	for name, node := range group {
		group[name] = parquet.Compressed(node, codec)
	}
	return parquet.NewSchema("event", orderedGroup{group, names})
}

type orderedGroup struct {
	parquet.Group
	names []string
}

func (g orderedGroup) Fields() []parquet.Field {
	fields := g.Group.Fields()
	slices.SortFunc(fields, func(a, b parquet.Field) int {
		return cmp.Compare(slices.Index(g.names, a.Name()), slices.Index(g.names, b.Name()))
	})
	return fields
}
