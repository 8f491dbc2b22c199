package iam

import (
	"errors"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/iam/policy"
)

func noSuchRole(name string) error {
	return awsiam.NoSuchEntityException("The role with name %s cannot be found.", name)
}

func noSuchPolicy(arn string) error {
	return awsiam.NoSuchEntityException("Policy %s was not found.", arn)
}

func noSuchVersion(arn, id string) error {
	return awsiam.NoSuchEntityException("Policy %s version %s does not exist or is not attachable.", arn, id)
}

// validationError: IAM's model has no shape for it.
func validationError(format string, args ...any) error {
	return awsapi.NewError(400, "ValidationError", format, args...)
}

func overQuota(quota string, limit int) error {
	return awsiam.LimitExceededException("Cannot exceed quota for %s: %d", quota, limit)
}

// readOnlyPolicy refuses a change to a policy that AWS manages.
func readOnlyPolicy(callerARN, operation, arn string) error {
	return awsapi.NewError(403, "AccessDenied", "User: %s is not authorized to perform: iam:%s on resource: policy %s",
		callerARN, operation, arn)
}

// malformed turns the fault of a document into AWS' error; other errors stay.
func malformed(err error) error {
	var fault *policy.Malformed
	if errors.As(err, &fault) {
		return awsiam.MalformedPolicyDocumentException("%s", fault.Message)
	}
	return err
}
