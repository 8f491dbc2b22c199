// Package conformance runs real clients (the AWS SDK for Go, the aws CLI, boto3) against the built binary, as a user
// would: over TCP, with a data directory of its own, stopped or killed at the end. It holds tests only.
package conformance
