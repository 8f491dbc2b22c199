// Package apigateway is the control plane of REST APIs (API Gateway v1): accounts, RestApis, Resources, Methods,
// Integrations, their responses, Authorizers, Deployments, Stages and tags, as clients of AWS know them.
//
// It answers the operations of awsapigateway.Service with AWS' shapes, defaults and error texts; the constraints that
// AWS' service model states (required members, enums, lengths) were checked before a request gets here. Records live in
// package state; a Deployment is stored as a whole, immutable snapshot of its API. What a Stage serves is translated
// into package gateway's plain model (compile.go) and handed to a StageSink after the change is durable, so requests
// never touch this package or the database. Roles and log groups belong to other services, which it reaches only
// through LogRoleChecker and LogGroups.
//
// One concept is one file: rest_api.go, resource.go, method.go, integration.go, deployment.go, stage.go; the patch
// operations of each have their own (stage_patch.go), driven by the small engine in patch.go.
package apigateway

import (
	"context"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/state"
)

var _ awsapigateway.Service = (*Service)(nil)

// LogRoleChecker decides whether API Gateway may write logs with a role.
type LogRoleChecker interface {
	// CheckLogRole returns nil when the role exists in the account, trusts apigateway.amazonaws.com and holds the
	// permissions that writing logs needs. An *awsapi.Error of status 500 or above, or a context's error, means that it
	// could not be decided; any other error is a refusal, whose text goes to the server's log only.
	CheckLogRole(ctx context.Context, accountID, roleARN string) error
}

// LogGroups makes the log groups that API Gateway owns. Both methods are safe to repeat.
type LogGroups interface {
	// EnsureAccessLogGroup makes the group and its 300 log streams if they are absent. Durable on nil.
	EnsureAccessLogGroup(ctx context.Context, accountID, region, group string) error
	// Welcome makes the group /aws/apigateway/welcome, AWS' sign that the account's role can write. Durable on nil.
	Welcome(ctx context.Context, accountID, region string) error
}

// StageSink is the data plane as this package sees it. Calls for one API come one at a time and in commit order.
type StageSink interface {
	// SetStage compiles the stage and serves it from now on; on an error the stage is as it was.
	SetStage(stage gateway.Stage) error
	// RemoveStage stops serving a stage. Unknown ones are no error.
	RemoveStage(apiID, stage string)
	// RemoveAPI stops serving every stage of an API.
	RemoveAPI(apiID string)
	// FlushCache empties the response cache of a stage. Unknown stages are no error.
	FlushCache(apiID, stage string)
	// FlushAuthorizers forgets what the authorizers of a stage have found out. Unknown stages are no error.
	FlushAuthorizers(apiID, stage string)
	// TestAuthorizer tries an authorizer of a stage, which need not be served. An error means that the stage has no meaning.
	TestAuthorizer(stage gateway.Stage, authorizerID string, r gateway.TestRequest) (gateway.TestAuthorization, error)
	// TestInvoke sends a request through the only method of a stage, which need not be served. An error means that the
	// stage has no meaning.
	TestInvoke(stage gateway.Stage, r gateway.TestRequest) (gateway.TestResult, error)
}

// Options are what a Service stands on. All members but Log and Now are required.
type Options struct {
	DB        *state.DB
	Roles     LogRoleChecker
	LogGroups LogGroups
	Stages    StageSink
	Domains   DomainSink
	// LogDeliveries is the log service's part in execution logs. Default: they are never delivered.
	LogDeliveries LogDeliveries
	// Keys is the data plane of API keys. Default: none, keys are only stored.
	Keys KeySink
	// Log receives causes that clients do not see. Default: slog.Default().
	Log *slog.Logger
	// Now is the clock of createdDate and lastUpdatedDate. Default: time.Now.
	Now func() time.Time
}

// Service implements awsapigateway.Service. Its methods may be called concurrently.
type Service struct {
	db        *state.DB
	roles     LogRoleChecker
	logGroups LogGroups
	sink      StageSink
	domains   DomainSink
	keys      KeySink
	log       *slog.Logger
	now       func() time.Time

	deliveries LogDeliveries

	// publishing orders, per API, the commit of a change and its hand-over to the data plane: without it an older table
	// could overwrite a newer one. APIs share the locks by hash, so that there is nothing to clean up.
	publishing [64]sync.Mutex
	// publishingDomains does the same for custom domain names.
	publishingDomains sync.Mutex
	// keysMu does the same for API keys and usage plans, and keeps what they have used in step. It is taken after an API's.
	keysMu sync.Mutex
}

// New returns a Service. Nothing is served before Publish.
func New(o Options) *Service {
	s := &Service{db: o.DB, roles: o.Roles, logGroups: o.LogGroups, sink: o.Stages, domains: o.Domains, keys: o.Keys, log: o.Log, now: o.Now}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.deliveries = o.LogDeliveries; s.deliveries == nil {
		s.deliveries = noDeliveries{}
	}
	if s.keys == nil {
		s.keys = noKeys{}
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// lockAPI takes the API's publishing lock and returns its release.
func (s *Service) lockAPI(apiID string) (unlock func()) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(apiID)) // a hash's Write never fails
	mu := &s.publishing[h.Sum32()%uint32(len(s.publishing))]
	mu.Lock()
	return mu.Unlock
}

// timestamp is the current time as AWS stores it here: UTC, whole seconds.
func (s *Service) timestamp() time.Time { return s.now().UTC().Truncate(time.Second) }
