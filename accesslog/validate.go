package accesslog

import (
	"fmt"
	"strings"
)

// MaxFormatBytes is how long AWS lets a format be.
const MaxFormatBytes = 3 << 10

// ValidateREST reports why AWS refuses to store the format for the stage of a REST API, or nil. The error's text is what
// AWS puts into its BadRequestException. A variable that does not exist is no reason: AWS stores it and prints "-".
func ValidateREST(format string) error {
	oneLine := strings.TrimSuffix(strings.TrimSuffix(format, "\n"), "\r")
	switch {
	case oneLine == "":
		return ErrEmptyFormat
	case len(format) > MaxFormatBytes:
		return fmt.Errorf("Access Log format must not be larger than %d bytes", MaxFormatBytes) //nolint:staticcheck // in the manner of AWS' own texts
	case strings.ContainsAny(oneLine, "\r\n"):
		return fmt.Errorf("Access Log format must be single line, new line character is allowed only at end of the format: '%s'", format) //nolint:staticcheck // AWS' own text
	case !namesRequest(oneLine):
		return fmt.Errorf("Access Log format must include either $context.requestId or $context.extendedRequestId : '%s'", format) //nolint:staticcheck // AWS' own text
	}
	return nil
}

func namesRequest(format string) bool {
	for _, t := range tokenize(format) {
		if t.name == "requestId" || t.name == "extendedRequestId" {
			return true
		}
	}
	return false
}
