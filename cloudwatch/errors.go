package cloudwatch

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/state"
)

func invalidValue(format string, args ...any) *awsapi.Error {
	return awscloudwatch.InvalidParameterValueException(format, args...)
}

func invalidCombination(format string, args ...any) *awsapi.Error {
	return awscloudwatch.InvalidParameterCombinationException(format, args...)
}

func missingParameter(format string, args ...any) *awsapi.Error {
	return awscloudwatch.MissingRequiredParameterException(format, args...)
}

// validationError is the answer of GetMetricData and PutMetricAlarm to queries that do not fit together. It has the shape of
// what breaks the model's constraints, which is not in the model itself.
func validationError(format string, args ...any) *awsapi.Error {
	return awsapi.NewError(400, "ValidationError", format, args...).WithShape("com.amazon.coral.validate#ValidationException")
}

// missing turns state.ErrNotFound into the answer for the client.
func missing(err error, answer *awsapi.Error) error {
	if errors.Is(err, state.ErrNotFound) {
		return answer
	}
	return err
}

// A nextToken is a letter for the listing, then the place behind which the next page begins, in base64 since clients must
// not read it. It never expires.

func pageToken(list byte, place string) *string {
	return new(base64.RawURLEncoding.EncodeToString(append([]byte{list}, place...)))
}

// pagePlace returns what pageToken was given, or "" without a token.
func pagePlace(token *string, list byte) (string, error) {
	if token == nil || *token == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(*token)
	if err != nil || len(text) < 2 || text[0] != list {
		return "", awscloudwatch.InvalidNextToken("Invalid nextToken")
	}
	return string(text[1:]), nil
}

func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// optional returns nil for the zero value, which answers leave out.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// isBlank reports whether a text has nothing but white space.
func isBlank(s string) bool { return strings.TrimSpace(s) == "" }
