package main

import (
	"context"

	"github.com/tollbook/tollbook/logs/embedded"
)

// countBy counts the entries of benchGroup by the value of a field.
func countBy(context.Context, *embedded.Store, string) ([]count, error) { return nil, errNotBuilt }

// percentileBy counts the entries of benchGroup by the value of a field, and finds the percentile p (0 to 1) of the
// number in another field for each; the percentile is exact and not part of the result, as others give an estimate.
func percentileBy(_ context.Context, _ *embedded.Store, by, of string, p float64) ([]count, error) {
	return nil, errNotBuilt
}
