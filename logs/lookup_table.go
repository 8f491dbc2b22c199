package logs

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs/insights"
	"github.com/tollbook/tollbook/state"
)

// AWS' limits on lookup tables.
const (
	maxLookupTables     = 100      // of an account in a region
	maxLookupTableBytes = 10 << 20 // of a table's CSV
	lookupTablesPage    = 50
)

// lookupTableRecord is a lookup table without its content, which is a record of its own since it can be large.
type lookupTableRecord struct {
	Name        string
	Description string
	Fields      []string // header of the CSV
	Records     int64    // rows behind it
	Bytes       int64    // of the CSV
	UpdatedAt   int64    // milliseconds
	KmsKey      string   // ARN; "" without. It is kept for who asks: nothing is encrypted with it
	Tags        map[string]string
}

// CreateLookupTable makes a table of CSV text, for the lookup commands of queries.
func (s *Service) CreateLookupTable(
	ctx context.Context, in *awslogs.CreateLookupTableRequest,
) (*awslogs.CreateLookupTableResponse, error) {
	rec := lookupTableRecord{Name: in.LookupTableName, Description: orZero(in.Description)}
	if err := rec.setContent(in.TableBody, s.now()); err != nil {
		return nil, err
	}
	if err := rec.setKmsKey(in.KmsKeyId); err != nil {
		return nil, err
	}
	var err error
	if rec.Tags, err = tagged(nil, in.Tags); err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(tx *state.Tx) error {
		p := callersPlace(ctx, "")
		n, err := lookupTables.Count(tx, p.scope, p.parent)
		if err != nil {
			return err
		}
		err = lookupTables.Insert(tx, p.key(rec.Name), rec)
		switch {
		case errors.Is(err, state.ErrExists):
			return awslogs.ResourceAlreadyExistsException("The specified lookup table already exists.") // text unverified
		case err != nil:
			return err
		case n >= maxLookupTables:
			return limitExceeded()
		}
		return lookupTableBodies.Put(tx, p.key(rec.Name), in.TableBody)
	})
	return &awslogs.CreateLookupTableResponse{LookupTableArn: rec.arn(ctx), CreatedAt: &rec.UpdatedAt}, err
}

// setContent sets what is known of the table's CSV. AWS does not document which CSV it accepts; here it is RFC 4180's, in
// UTF-8, with a header of distinct names and as many values in each row.
func (r *lookupTableRecord) setContent(body string, now Millis) error {
	if len(body) > maxLookupTableBytes || !utf8.ValidString(body) {
		return badLookupTable("it is longer than %d bytes or not UTF-8", maxLookupTableBytes)
	}
	rows := lookupRows(body)
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return badLookupTable("it has no header")
	} else if err != nil {
		return badLookupTable("%v", err)
	}
	for i, name := range header {
		if name == "" || slices.Contains(header[:i], name) {
			return badLookupTable("the name %q in its header is empty or not the only one", name)
		}
	}
	r.Fields = slices.Clone(header)
	n := int64(0)
	for ; err == nil; n++ {
		_, err = rows.Read()
	}
	if !errors.Is(err, io.EOF) {
		return badLookupTable("%v", err)
	}
	r.Records, r.Bytes, r.UpdatedAt = n-1, int64(len(body)), int64(now)
	return nil
}

// lookupRows reads the rows of a table, header first. What it returns is valid until the next row is read.
func lookupRows(body string) *csv.Reader {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff")))
	r.ReuseRecord = true
	return r
}

// badLookupTable refuses CSV. AWS' text is not known.
func badLookupTable(format string, args ...any) *awsapi.Error {
	return awslogs.ValidationException("The specified tableBody is not valid CSV: %s", fmt.Sprintf(format, args...))
}

// setKmsKey sets the key that a request names; "" removes it.
func (r *lookupTableRecord) setKmsKey(key *string) error {
	if key == nil {
		return nil
	}
	if *key != "" && !isKmsKey(*key) {
		return invalid("The specified KMS Key Id could not be found.")
	}
	r.KmsKey = *key
	return nil
}

func (r *lookupTableRecord) arn(ctx context.Context) *string {
	c := awsapi.CallerFrom(ctx)
	return new("arn:aws:logs:" + c.Region + ":" + c.AccountID + ":lookup-table:" + r.Name)
}

func (r *lookupTableRecord) kmsKey() *string {
	if r.KmsKey == "" {
		return nil
	}
	return &r.KmsKey
}

// UpdateLookupTable replaces a table's whole content. A description and a key that the request does not name stay.
func (s *Service) UpdateLookupTable(
	ctx context.Context, in *awslogs.UpdateLookupTableRequest,
) (*awslogs.UpdateLookupTableResponse, error) {
	name, err := namedLookupTable(ctx, in.LookupTableArn)
	if err != nil {
		return nil, err
	}
	out := &awslogs.UpdateLookupTableResponse{}
	return out, s.updateLookupTable(ctx, name, lookupTableMissing(), func(tx *state.Tx, rec *lookupTableRecord) error {
		if err := rec.setContent(in.TableBody, s.now()); err != nil {
			return err
		}
		if err := rec.setKmsKey(in.KmsKeyId); err != nil {
			return err
		}
		if in.Description != nil {
			rec.Description = *in.Description
		}
		out.LookupTableArn, out.LastUpdatedTime = rec.arn(ctx), &rec.UpdatedAt
		return lookupTableBodies.Put(tx, callersPlace(ctx, "").key(name), in.TableBody)
	})
}

// updateLookupTable stores what f changes of a table of the caller.
func (s *Service) updateLookupTable(
	ctx context.Context, name string, absent *awsapi.Error, f func(*state.Tx, *lookupTableRecord) error,
) error {
	return s.db.Write(ctx, func(tx *state.Tx) error {
		key := callersPlace(ctx, "").key(name)
		rec, err := lookupTables.Get(tx, key)
		if err != nil {
			return missing(err, absent)
		}
		if err := f(tx, &rec); err != nil {
			return err
		}
		return lookupTables.Put(tx, key, rec)
	})
}

// namedLookupTable returns the name in a table's ARN. Tables of other accounts and regions are not here.
func namedLookupTable(ctx context.Context, text string) (string, error) {
	a, ok := parseARN(text)
	c := awsapi.CallerFrom(ctx)
	switch {
	case !ok || a.service != "logs" || a.kind != "lookup-table":
		return "", invalid("The specified lookup table ARN is not valid: %s", text) // text unverified
	case a.account != c.AccountID || a.region != c.Region:
		return "", lookupTableMissing()
	}
	return a.name, nil
}

func lookupTableMissing() *awsapi.Error {
	return awslogs.ResourceNotFoundException("The specified lookup table does not exist.") // text unverified
}

// GetLookupTable returns a table with its content, as it was sent.
func (s *Service) GetLookupTable(
	ctx context.Context, in *awslogs.GetLookupTableRequest,
) (*awslogs.GetLookupTableResponse, error) {
	name, err := namedLookupTable(ctx, in.LookupTableArn)
	if err != nil {
		return nil, err
	}
	var rec lookupTableRecord
	var body string
	err = s.db.Read(ctx, func(tx *state.Tx) (err error) {
		rec, body, err = readLookupTable(tx, callersPlace(ctx, "").key(name))
		return missing(err, lookupTableMissing())
	})
	return &awslogs.GetLookupTableResponse{
		LookupTableArn: rec.arn(ctx), LookupTableName: &rec.Name, Description: &rec.Description, TableBody: &body,
		SizeBytes: &rec.Bytes, LastUpdatedTime: &rec.UpdatedAt, KmsKeyId: rec.kmsKey(),
	}, err
}

func readLookupTable(tx *state.Tx, key state.Key) (rec lookupTableRecord, body string, err error) {
	if rec, err = lookupTables.Get(tx, key); err != nil {
		return rec, "", err
	}
	body, err = lookupTableBodies.Get(tx, key)
	return rec, body, err
}

// DescribeLookupTables returns a page of the caller's tables, sorted by name.
func (s *Service) DescribeLookupTables(
	ctx context.Context, in *awslogs.DescribeLookupTablesRequest,
) (*awslogs.DescribeLookupTablesResponse, error) {
	out := &awslogs.DescribeLookupTablesResponse{LookupTables: []awslogs.LookupTable{}}
	if in.MaxResults != nil && *in.MaxResults < 1 {
		return nil, invalid("maxResults must be at least 1.")
	}
	return out, s.db.Read(ctx, func(tx *state.Tx) error {
		all, err := list(tx, lookupTables, callersPlace(ctx, ""))
		if err != nil {
			return err
		}
		p := page{lookupTablesByName, in.NextToken, in.MaxResults, lookupTablesPage}
		all, out.NextToken, err = cut(p, all, orZero(in.LookupTableNamePrefix), func(r *lookupTableRecord) string { return r.Name })
		for i := range all {
			out.LookupTables = append(out.LookupTables, all[i].describe(ctx))
		}
		return err
	})
}

// lookupTablesByName is the order letter of list tokens for lookup tables.
const lookupTablesByName = 'l'

func (r *lookupTableRecord) describe(ctx context.Context) awslogs.LookupTable {
	return awslogs.LookupTable{
		LookupTableArn: r.arn(ctx), LookupTableName: &r.Name, Description: &r.Description, TableFields: r.Fields,
		RecordsCount: &r.Records, SizeBytes: &r.Bytes, LastUpdatedTime: &r.UpdatedAt, KmsKeyId: r.kmsKey(),
	}
}

// DeleteLookupTable removes a table for good. Queries that name it are refused then.
func (s *Service) DeleteLookupTable(ctx context.Context, in *awslogs.DeleteLookupTableRequest) error {
	name, err := namedLookupTable(ctx, in.LookupTableArn)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *state.Tx) error {
		key := callersPlace(ctx, "").key(name)
		if err := lookupTables.Delete(tx, key); err != nil {
			return missing(err, lookupTableMissing())
		}
		return lookupTableBodies.Delete(tx, key)
	})
}

// queryTables finds the tables that the queries of one account and region name.
type queryTables struct {
	db    *state.DB
	place place
}

var _ insights.LookupTables = queryTables{}

// Columns returns the header of a table; nil if there is none.
func (q queryTables) Columns(name string) (columns []string, err error) {
	err = q.db.Read(context.Background(), func(tx *state.Tx) error {
		rec, err := lookupTables.Get(tx, q.place.key(name))
		columns = rec.Fields
		return orAbsent(err)
	})
	return columns, err
}

// Table reads a table; nil if there is none.
func (q queryTables) Table(ctx context.Context, name string) (*insights.LookupTable, error) {
	var rec lookupTableRecord
	var body string
	err := q.db.Read(ctx, func(tx *state.Tx) (err error) {
		rec, body, err = readLookupTable(tx, q.place.key(name))
		return orAbsent(err)
	})
	if err != nil || rec.Fields == nil {
		return nil, err
	}
	rows := lookupRows(body)
	t := &insights.LookupTable{Columns: rec.Fields, Rows: make([][]string, 0, rec.Records)}
	for first := true; ; first = false {
		if len(t.Rows)%256 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		row, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			return t, nil
		case err != nil:
			return nil, fmt.Errorf("read the CSV of lookup table %s: %w", name, err)
		case !first:
			t.Rows = append(t.Rows, slices.Clone(row))
		}
	}
}

// orAbsent lets what is not found be.
func orAbsent(err error) error {
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	return err
}
