package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// endpoint says where the APIs are and who asks.
type endpoint struct {
	EndpointURL string `help:"Where Tollbook's APIs are." env:"AWS_ENDPOINT_URL" default:"http://127.0.0.1:4566" placeholder:"URL"`
	Region      string `help:"AWS region to work in." env:"AWS_REGION,AWS_DEFAULT_REGION" default:"us-east-1"`
}

// clients are the AWS SDK's clients for one endpoint.
type clients struct {
	apigateway *apigateway.Client
	iam        *iam.Client
	logs       *cloudwatchlogs.Client
	sts        *sts.Client
	region     string
}

// connect uses the credentials that AWS tools find in the environment and the shared files; where there are none it
// signs with a made-up key, which a server with --auth none takes.
func (e endpoint) connect(ctx context.Context) (*clients, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(e.Region), awsconfig.WithEC2IMDSClientEnableState(imds.ClientDisabled))
	if err != nil {
		return nil, fmt.Errorf("read AWS configuration: %w", err)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		cfg.Credentials = credentials.NewStaticCredentialsProvider("tollbook", "tollbook", "")
	}
	cfg.BaseEndpoint = aws.String(e.EndpointURL)
	cfg.APIOptions = append(cfg.APIOptions, plainBody)
	return &clients{apigateway.NewFromConfig(cfg), iam.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), sts.NewFromConfig(cfg), e.Region}, nil
}

// hasCode reports whether err is an AWS error with the code.
func hasCode(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}
