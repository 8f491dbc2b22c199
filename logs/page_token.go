package logs

import (
	"encoding/base64"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
)

func invalidToken() *awsapi.Error {
	return awslogs.InvalidParameterException("The specified nextToken is invalid.")
}

// A listing's nextToken is a letter for the listing and its order, then the place behind which the next page begins. It
// is written in base64, since clients must not read it; where it was made does not matter, so it never expires.

func listToken(order byte, place string) *string {
	return new(base64.RawURLEncoding.EncodeToString(append([]byte{order}, place...)))
}

// placeIn returns what listToken was given, or "" without a token. A token of another order is invalid.
func placeIn(token *string, order byte) (string, error) {
	if token == nil {
		return "", nil
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(*token)
	if err != nil || len(text) < 2 || text[0] != order {
		return "", invalidToken()
	}
	return string(text[1:]), nil
}

// tokenDigits is the length of an event position in a token, as AWS has it for the times of this and coming centuries.
const tokenDigits = 56

// eventToken is a GetLogEvents token: f for events behind p, b for events before it.
func eventToken(direction byte, p Position) *string {
	digits := EventID(p)
	return new(string(direction) + "/" + strings.Repeat("0", max(0, tokenDigits-len(digits))) + digits + "/s")
}

// parseEventToken accepts tokens with and without the "/s" behind them, as AWS' examples have both.
func parseEventToken(token string) (direction byte, p Position, err error) {
	digits, ok := strings.CutPrefix(strings.TrimSuffix(token, "/s"), "f/")
	direction = 'f'
	if !ok {
		if digits, ok = strings.CutPrefix(digits, "b/"); !ok {
			return 0, p, invalidToken()
		}
		direction = 'b'
	}
	if p, err = ParseEventID(digits); err != nil {
		return 0, p, invalidToken()
	}
	return direction, p, nil
}
