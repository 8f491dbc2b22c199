package apigateway

import (
	"context"
	"regexp"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/gateway"
)

// LogDeliveries knows where the execution logs of stages are delivered.
type LogDeliveries interface {
	// LogDeliveries of a stage of the caller's account and region, by its ARN with the account; none: the log goes to the
	// group that API Gateway makes for it.
	LogDeliveries(ctx context.Context, stageARN string) ([]accesslog.Delivery, error)
}

// noDeliveries is for a Service without a log service.
type noDeliveries struct{}

func (noDeliveries) LogDeliveries(context.Context, string) ([]accesslog.Delivery, error) {
	return nil, nil
}

// logSourceARN takes apart the ARN by which log delivery names a stage. Unlike others of API Gateway it has the account.
var logSourceARN = regexp.MustCompile(`^arn:aws:apigateway:([a-z0-9-]+):([0-9]{12}):/restapis/([^/]+)/stages/([^/]+)$`)

// deliveredStage returns which stage of the caller an ARN names.
func deliveredStage(ctx context.Context, arn string) (apiID, stage string, ok bool) {
	m, c := logSourceARN.FindStringSubmatch(arn), awsapi.CallerFrom(ctx)
	if m == nil || m[1] != c.Region || m[2] != c.AccountID {
		return "", "", false
	}
	return m[3], m[4], true
}

// LogSource tells whether the caller has the stage of an ARN, and whether it has an execution log of some method.
func (s *Service) LogSource(ctx context.Context, arn string) (exists, logging bool, err error) {
	apiID, name, ok := deliveredStage(ctx, arn)
	if !ok {
		return false, false, nil
	}
	err = s.read(ctx, func(v view) error {
		var st stageRecord
		st, exists, err = lookup(v, stages, apiID, name)
		for _, m := range st.MethodSettings {
			logging = logging || m.LoggingLevel == "ERROR" || m.LoggingLevel == "INFO"
		}
		return err
	})
	return exists, logging, err
}

// DeliveriesChanged has a stage's execution log go to where it is delivered now. A stage that is not there is no error.
func (s *Service) DeliveriesChanged(ctx context.Context, arn string) {
	apiID, name, ok := deliveredStage(ctx, arn)
	if !ok {
		return
	}
	ctx = context.WithoutCancel(ctx)
	defer s.lockAPI(apiID)()
	exists, _, err := s.LogSource(ctx, arn)
	if err != nil {
		s.log.ErrorContext(ctx, "log deliveries of a stage are not in force", "api", apiID, "stage", name, "err", err)
	}
	if exists {
		s.publish(ctx, apiID, name)
	}
}

// addDeliveries completes a stage by where its execution log goes; that is no part of the deployment.
func (s *Service) addDeliveries(ctx context.Context, stage *gateway.Stage) (err error) {
	stage.Deliveries, err = s.deliveries.LogDeliveries(ctx, stage.ARN())
	if stage.Canary != nil {
		stage.Canary.Stage.Deliveries = stage.Deliveries
	}
	return err
}
