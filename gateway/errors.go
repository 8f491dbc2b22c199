package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Error is an answer that the gateway itself gives: a gateway response, as AWS calls it.
type Error struct {
	Type      string // gateway response type, such as INTEGRATION_TIMEOUT; empty if AWS has none for the case
	Status    int
	ErrorType string // of the header x-amzn-ErrorType; empty: no such header
	Message   string
	// Cause is what $context.integration.error says, if an integration failed.
	Cause string

	contentType string
	body        string
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Type, e.Message) }

// because returns e with a cause.
func (e *Error) because(format string, args ...any) *Error {
	c := *e
	c.Cause = fmt.Sprintf(format, args...)
	return &c
}

// early is an error from before the integration runs. Its body has no space after the colon, one of a late error has:
// AWS' answers differ so.
func early(status int, responseType, errorType, message string) *Error {
	return newError(status, responseType, errorType, message, `{"message":`)
}

func late(status int, responseType, errorType, message string) *Error {
	return newError(status, responseType, errorType, message, `{"message": `)
}

func newError(status int, responseType, errorType, message, open string) *Error {
	return &Error{
		Type: responseType, Status: status, ErrorType: errorType, Message: message,
		contentType: "application/json", body: open + quoteJSON(message) + "}",
	}
}

// plain is an error whose body is its message as text; it cannot be customised.
func plain(status int, responseType, errorType, message string) *Error {
	return &Error{
		Type: responseType, Status: status, ErrorType: errorType, Message: message,
		contentType: "text/plain", body: message,
	}
}

func quoteJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// The errors whose text never changes. None is ever modified.
var (
	errForbidden    = early(403, "", "ForbiddenException", "Forbidden")
	errMissingToken = early(403, "MISSING_AUTHENTICATION_TOKEN", "MissingAuthenticationTokenException",
		"Missing Authentication Token")
	errBadRequest     = early(400, "DEFAULT_4XX", "BadRequestException", "Bad Request")
	errRequestTimeout = early(408, "DEFAULT_4XX", "RequestTimeoutException", "Request Timeout")
	errBodyTooLarge   = plain(413, "REQUEST_TOO_LARGE", "RequestTooLargeException",
		fmt.Sprintf("HTTP content length exceeded %d bytes.", maxBody))
	errURITooLong      = plain(414, "DEFAULT_4XX", "RequestTooLargeException", "Request URI too long")
	errHeadersTooLarge = early(431, "DEFAULT_4XX", "RequestTooLargeException", "Request Header Fields Too Large")

	errCacheControl = accessDenied("User is not authorized to invalidate the cache")

	errMediaType = late(415, "UNSUPPORTED_MEDIA_TYPE", "BadRequestException", "Unsupported Media Type")
	errConfig    = late(500, "API_CONFIGURATION_ERROR", internalError, "Internal server error")
	errInternal  = late(500, "DEFAULT_5XX", internalError, "Internal server error")
	errTimeout   = late(504, "INTEGRATION_TIMEOUT", internalError, "Endpoint request timed out").
			because("Execution failed due to a timeout error")
	errNetwork   = late(504, "INTEGRATION_FAILURE", internalError, "Network error communicating with endpoint")
	errMalformed = late(502, "INTEGRATION_FAILURE", internalError, "Internal server error")
)

const internalError = "InternalServerErrorException"

// configuration is a 500 for a method that cannot work as it is set up.
func configuration(format string, args ...any) *Error {
	return errConfig.because("Execution failed due to configuration error: "+format, args...)
}

// notBuilt says that a feature of AWS is not there yet. It is never a made-up success.
func notBuilt(format string, args ...any) *Error {
	message := fmt.Sprintf(format, args...) + " is not built yet in Tollbook"
	return late(501, "DEFAULT_5XX", "NotImplementedException", message).because("%s", message)
}

// incompleteSignature answers an Authorization header that is no SigV4 where no method is.
func incompleteSignature(authorization string) *Error {
	return early(403, "MISSING_AUTHENTICATION_TOKEN", "IncompleteSignatureException",
		"Invalid key=value pair (missing equal-sign) in Authorization header: '"+authorization+"'.")
}
