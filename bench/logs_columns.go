package main

import (
	"context"
	"errors"
	"math"
	"runtime"
	"strconv"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/condition"
	"github.com/tollbook/tollbook/logs/embedded"
)

// These two questions are asked of columns as the execution of a query would: each worker keeps its own sums by value,
// and they are added up at the end.

// maxDense is the value from which a histogram has no place for each value any more.
const maxDense = 1 << 20

var errTooLarge = errors.New("the benchmark's histograms end at a million")

// histogram counts values from 0 to maxDense.
type histogram struct {
	n       int64
	byValue []uint32
}

func (h *histogram) add(value int64) error {
	if uint64(value) < uint64(len(h.byValue)) {
		h.byValue[value]++
		h.n++
		return nil
	}
	return h.grow(value)
}

func (h *histogram) grow(value int64) error {
	if value < 0 || value >= maxDense {
		return errTooLarge
	}
	for int64(len(h.byValue)) <= value {
		h.byValue = append(h.byValue, make([]uint32, 1+len(h.byValue))...)
	}
	return h.add(value)
}

func (h *histogram) merge(other *histogram) {
	for len(h.byValue) < len(other.byValue) {
		h.byValue = append(h.byValue, 0)
	}
	for value, n := range other.byValue {
		h.byValue[value] += n
	}
	h.n += other.n
}

// percentile is the lowest value that the part p of all values does not exceed.
func (h *histogram) percentile(p float64) int {
	left := int64(math.Ceil(p * float64(h.n)))
	for value, n := range h.byValue {
		if left -= int64(n); left <= 0 {
			return value
		}
	}
	return 0
}

// countBy counts the entries of benchGroup by the value of a field.
func countBy(ctx context.Context, store *embedded.Store, field string) ([]count, error) {
	sums := make([]map[string]int64, runtime.GOMAXPROCS(0))
	err := store.Columns(ctx, wholeGroup(), func(worker int, b *logs.ColumnBlock) error {
		if sums[worker] == nil {
			sums[worker] = map[string]int64{}
		}
		counts, err := b.Block.Count([]string{field}, b.Rows)
		for _, c := range counts {
			sums[worker][c.Value.Text] += int64(c.Rows)
		}
		return err
	})
	total := map[string]int64{}
	for _, sum := range sums {
		for value, n := range sum {
			total[value] += n
		}
	}
	return countsOf(total), err
}

func countsOf(total map[string]int64) (counts []count) {
	for value, n := range total {
		counts = append(counts, count{value, n})
	}
	return counts
}

// percentileBy counts the entries of benchGroup by the value of a field, and finds the percentile p (0 to 1) of the
// number in another field for each; the percentile is exact and not part of the result, as others give an estimate.
func percentileBy(ctx context.Context, store *embedded.Store, by, of string, p float64) ([]count, error) {
	sums := make([]map[string]*histogram, runtime.GOMAXPROCS(0))
	err := store.Columns(ctx, wholeGroup(), func(worker int, b *logs.ColumnBlock) error {
		if sums[worker] == nil {
			sums[worker] = map[string]*histogram{}
		}
		return addNumbers(sums[worker], b, by, of)
	})
	if err != nil {
		return nil, err
	}
	total := map[string]*histogram{}
	for _, sum := range sums {
		for value, h := range sum {
			if total[value] == nil {
				total[value] = &histogram{}
			}
			total[value].merge(h)
		}
	}
	var counts []count
	for value, h := range total {
		h.percentile(p)
		counts = append(counts, count{value, h.n})
	}
	return counts, nil
}

func addNumbers(sums map[string]*histogram, b *logs.ColumnBlock, by, of string) error {
	keys, err := texts(b.Block, by)
	if err != nil {
		return err
	}
	values, err := numbers(b.Block, of)
	if err != nil {
		return err
	}
	groups := make([]*histogram, len(keys.Dict))
	for code, value := range keys.Dict {
		if sums[value.Text] == nil {
			sums[value.Text] = &histogram{}
		}
		groups[code] = sums[value.Text]
	}
	if b.Rows.Count() == b.Block.Len() {
		for row, code := range keys.Codes {
			if code != columnar.MissingCode && err == nil {
				err = groups[code].add(values[row])
			}
		}
		return err
	}
	for row := b.Rows.Next(0); row >= 0; row = b.Rows.Next(row + 1) {
		if code := keys.Codes[row]; code != columnar.MissingCode && err == nil {
			err = groups[code].add(values[row])
		}
	}
	return err
}

// texts returns a field's values as a dictionary.
func texts(b *columnar.Block, field string) (*columnar.Vector, error) {
	v, err := b.Vector([]string{field})
	if err != nil || v.Ints == nil {
		return v, err
	}
	codes := map[int64]uint32{}
	v.Codes = make([]uint32, len(v.Ints))
	for row, n := range v.Ints {
		code, ok := codes[n]
		if !ok {
			code = uint32(len(v.Dict))
			codes[n] = code
			v.Dict = append(v.Dict, condition.Value{Kind: v.IntKind, Text: strconv.FormatInt(n, 10)})
		}
		v.Codes[row] = code
	}
	return v, nil
}

// numbers returns the integers of a field that every row has.
func numbers(b *columnar.Block, field string) ([]int64, error) {
	v, err := b.Vector([]string{field})
	if err != nil || v.Ints != nil {
		return v.Ints, err
	}
	byCode := make([]int64, len(v.Dict))
	for code, value := range v.Dict {
		if byCode[code], err = strconv.ParseInt(value.Text, 10, 64); err != nil {
			return nil, err
		}
	}
	v.Ints = make([]int64, len(v.Codes))
	for row, code := range v.Codes {
		if code == columnar.MissingCode {
			return nil, errors.New("the benchmark's entries have all fields")
		}
		v.Ints[row] = byCode[code]
	}
	return v.Ints, nil
}

func wholeGroup() logs.ScanQuery {
	return logs.ScanQuery{Group: benchGroup, From: math.MinInt64, To: math.MaxInt64}
}
