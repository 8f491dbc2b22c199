package apigateway

import (
	"net/http"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// The texts below are AWS' own, letter for letter: clients such as Terraform compare them.

func badRequest(format string, args ...any) error {
	return awsapigateway.BadRequestException(format, args...)
}

func notFound(format string, args ...any) error {
	return awsapigateway.NotFoundException(format, args...)
}

func conflict(format string, args ...any) error {
	return awsapigateway.ConflictException(format, args...)
}

func limitExceeded(format string, args ...any) error {
	return awsapigateway.LimitExceededException(format, args...)
}

// notBuilt refuses, by name, a part of an operation that AWS has and this server does not: better than a success that
// has no effect.
func notBuilt(feature string) error {
	return awsapi.NewError(http.StatusNotImplemented, "NotImplementedException", "%s not supported by this server yet", feature)
}

func errUnknownAPI(accountID, id string) error {
	return notFound("Invalid API identifier specified %s:%s", accountID, id)
}

func errUnknownResource() error    { return notFound("Invalid Resource identifier specified") }
func errUnknownMethod() error      { return notFound("Invalid Method identifier specified") }
func errUnknownIntegration() error { return notFound("Invalid Integration identifier specified") }
func errUnknownStatusCode() error  { return notFound("Invalid Response status code specified") }
func errUnknownDeployment() error  { return notFound("Invalid Deployment identifier specified") }
func errUnknownAuthorizer() error  { return notFound("Invalid Authorizer identifier specified") }
func errUnknownStage() error       { return notFound("Invalid stage identifier specified") }
func errUnknownParameter() error   { return notFound("Invalid parameter name specified") }
func errUnknownContentType() error { return notFound("Content-Type specified was not found") }

func errMapping(expression string) error {
	return errMappingResult("Invalid mapping expression specified: " + expression)
}

// errMappingParameter refuses an expression of legal form that names a parameter which its method does not declare.
func errMappingParameter(expression string) error {
	return errMappingResult("Invalid mapping expression parameter specified: " + expression)
}

func errMappingResult(problem string) error {
	return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [%s]", problem)
}
