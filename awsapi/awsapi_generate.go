package awsapi

//go:generate go run ../internal/gen ..
