package logs

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs/insights"
	"github.com/tollbook/tollbook/state"
)

// A record pointer, which queries show as @ptr, names one event for as long as the store keeps it. Clients must not read
// it: it is base64 of
//
//	| version | group | stream | timestamp | ingestion | arrival |
//	| 1       | 8     | 8      | 8         | 8         | 8       |
const (
	recordPointerVersion = 1
	recordPointerBytes   = 1 + 5*8
)

// recordPointer is the place of an event in the store.
type recordPointer struct {
	group  GroupID
	stream StreamID
	at     Position
}

func (p recordPointer) String() string {
	b := append(make([]byte, 0, recordPointerBytes), recordPointerVersion)
	for _, n := range []uint64{
		uint64(p.group), uint64(p.stream), uint64(p.at.Timestamp), uint64(p.at.Ingestion), p.at.Arrival,
	} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func parseRecordPointer(text string) (p recordPointer, ok bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != recordPointerBytes || b[0] != recordPointerVersion {
		return p, false
	}
	number := func(i int) uint64 { return binary.BigEndian.Uint64(b[1+8*i:]) }
	return recordPointer{
		GroupID(number(0)), StreamID(number(1)), Position{Millis(number(2)), Millis(number(3)), number(4)},
	}, true
}

// GetLogRecord returns all fields of the event that a pointer names, the discovered ones and those that begin with @. A
// pointer to an event of somebody else is as unknown as one to an event that is gone.
func (s *Service) GetLogRecord(
	ctx context.Context, in *awslogs.GetLogRecordRequest,
) (*awslogs.GetLogRecordResponse, error) {
	p, ok := parseRecordPointer(in.LogRecordPointer)
	if !ok {
		return nil, unknownRecord()
	}
	key, stream, err := s.pointerNames(ctx, p)
	if err != nil {
		return nil, err
	}
	var found *LogEvent
	err = s.groups.use(ctx, key, func(g *group) error {
		if g.id == p.group {
			found, err = s.eventAt(ctx, p, retentionStart(&g.rec, s.now()))
		}
		return err
	})
	if err != nil && !isMissing(err) {
		return nil, err
	}
	if found == nil {
		return nil, unknownRecord()
	}
	record := map[string]string{}
	for _, f := range insights.DiscoverFields(found.Message) {
		record[f.Name] = f.Value
	}
	record["@ptr"], record["@message"] = in.LogRecordPointer, found.Message
	record["@timestamp"] = strconv.FormatInt(int64(found.Timestamp), 10)
	record["@ingestionTime"] = strconv.FormatInt(int64(found.Ingestion), 10)
	record["@log"], record["@logStream"] = key.account+":"+key.name, stream
	return &awslogs.GetLogRecordResponse{LogRecord: record}, nil
}

// pointerNames returns the names of the caller's group and stream that a pointer tells of.
func (s *Service) pointerNames(ctx context.Context, p recordPointer) (key groupKey, stream string, err error) {
	c := awsapi.CallerFrom(ctx)
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		group, err := tx.LogGroupByID(int64(p.group))
		if err == nil && (group.Account != c.AccountID || group.Region != c.Region) {
			err = state.ErrNotFound
		}
		if err != nil {
			return err
		}
		rec, err := tx.LogStreamByID(int64(p.stream))
		key, stream = groupKey{group.Account, group.Region, group.Name}, rec.Name
		return err
	})
	return key, stream, missing(err, unknownRecord())
}

// eventAt returns the event at a pointer's place, or nil if it is gone.
func (s *Service) eventAt(ctx context.Context, p recordPointer, kept Millis) (*LogEvent, error) {
	next := following(p.at)
	q := ScanQuery{
		Group: p.group, Streams: []StreamID{p.stream}, Before: &next,
		From: max(p.at.Timestamp, kept), To: p.at.Timestamp + 1,
	}
	if last := preceding(p.at); last != p.at {
		q.After = &last
	}
	for event, err := range s.store.Scan(ctx, q) {
		if err != nil {
			return nil, fmt.Errorf("read the event at a record pointer: %w", err)
		}
		if event.Position() == p.at {
			return &event, nil
		}
	}
	return nil, nil
}

// unknownRecord is worded by us: AWS' text is not known.
func unknownRecord() *awsapi.Error {
	return awslogs.InvalidParameterException("The specified log record pointer is invalid.")
}
