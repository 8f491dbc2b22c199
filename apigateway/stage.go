package apigateway

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

var (
	stageNameForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	variableNameForm  = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)
	variableValueForm = regexp.MustCompile(`^[A-Za-z0-9\-._~:/?#&=,]{1,512}$`)
)

// maxVariables is AWS' limit of variables in one stage.
const maxVariables = 100

func checkStageName(name string) error {
	if !stageNameForm.MatchString(name) {
		return badRequest("Stage name only allows a-zA-Z0-9_-")
	}
	return nil
}

func checkVariables(variables map[string]string) error {
	if len(variables) > maxVariables {
		return badRequest("A stage can have at most %d variables", maxVariables)
	}
	for _, name := range sortedKeys(variables) {
		if !variableNameForm.MatchString(name) {
			return badRequest("Invalid stage variable name: %s. Please use alphanumeric characters and underscores", name)
		}
		if !variableValueForm.MatchString(variables[name]) {
			return badRequest("Invalid stage variable value: %s. Please use values with alphanumeric characters and the symbols "+
				"' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.", variables[name])
		}
	}
	return nil
}

// CreateStage makes a stage that serves a deployment.
func (s *Service) CreateStage(ctx context.Context, in *awsapigateway.CreateStageRequest) (*awsapigateway.Stage, error) {
	defer s.lockAPI(in.RestApiId)()
	now := s.timestamp()
	st := stageRecord{
		Name:            in.StageName,
		DeploymentID:    in.DeploymentId,
		Description:     deref(in.Description),
		CreatedDate:     now,
		LastUpdatedDate: now,
		Variables:       in.Variables,
		TracingEnabled:  deref(in.TracingEnabled),
		Tags:            in.Tags,

		DocumentationVersion: deref(in.DocumentationVersion),
	}
	st.setCache(deref(in.CacheClusterEnabled), deref(in.CacheClusterSize))
	err := s.write(ctx, func(v view) (err error) {
		if st.Canary, err = v.checkNewStage(in); err != nil {
			return err
		}
		return put(v, stages, in.RestApiId, st.Name, st)
	})
	if err != nil {
		return nil, err
	}
	s.publish(ctx, in.RestApiId, st.Name)
	return st.toWire(), nil
}

// checkNewStage decides whether a stage may be made, and returns the canary that it begins with.
func (v view) checkNewStage(in *awsapigateway.CreateStageRequest) (*canaryRecord, error) {
	if _, err := v.restApi(in.RestApiId); err != nil {
		return nil, err
	}
	if err := checkStageName(in.StageName); err != nil {
		return nil, err
	}
	_, ok, err := lookup(v, stages, in.RestApiId, in.StageName)
	if err != nil {
		return nil, err
	}
	if ok {
		return nil, conflict("Stage already exists")
	}
	canary, err := v.newStageCanary(in)
	if err != nil {
		return nil, err
	}
	if _, err := v.deployment(in.RestApiId, in.DeploymentId); err != nil {
		return nil, err
	}
	if err := v.checkDocumentationVersion(in.RestApiId, deref(in.DocumentationVersion)); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	return canary, checkVariables(in.Variables)
}

// serves reports whether the stage or its canary is a deployment.
func (st stageRecord) serves(deploymentID string) bool {
	return st.DeploymentID == deploymentID || st.Canary != nil && st.Canary.DeploymentID == deploymentID
}

// GetStage returns one stage.
func (s *Service) GetStage(ctx context.Context, in *awsapigateway.GetStageRequest) (*awsapigateway.Stage, error) {
	var st stageRecord
	err := s.read(ctx, func(v view) (err error) {
		st, err = v.stage(in.RestApiId, in.StageName)
		return err
	})
	if err != nil {
		return nil, err
	}
	return st.toWire(), nil
}

// GetStages lists an API's stages by name, all at once; a deployment id leaves only those that serve it.
func (s *Service) GetStages(ctx context.Context, in *awsapigateway.GetStagesRequest) (*awsapigateway.Stages, error) {
	out := &awsapigateway.Stages{Item: []awsapigateway.Stage{}}
	err := s.read(ctx, func(v view) error {
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		list, err := all(v, stages, in.RestApiId)
		if err != nil {
			return err
		}
		for _, st := range list {
			if in.DeploymentId == nil || st.serves(*in.DeploymentId) {
				out.Item = append(out.Item, *st.toWire())
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UpdateStage patches a stage. All operations are applied or none; what the data plane needs is in force on return.
func (s *Service) UpdateStage(ctx context.Context, in *awsapigateway.UpdateStageRequest) (*awsapigateway.Stage, error) {
	defer s.lockAPI(in.RestApiId)()
	if err := s.prepareAccessLog(ctx, in); err != nil {
		return nil, err
	}
	var st stageRecord
	err := s.write(ctx, func(v view) (err error) {
		if st, err = v.patchedStage(in); err != nil {
			return err
		}
		st.LastUpdatedDate = s.timestamp()
		return put(v, stages, in.RestApiId, st.Name, st)
	})
	if err != nil {
		return nil, err
	}
	s.publish(ctx, in.RestApiId, st.Name)
	return st.toWire(), nil
}

// patchedStage is the stage with the operations applied; nothing is stored.
func (v view) patchedStage(in *awsapigateway.UpdateStageRequest) (stageRecord, error) {
	st, err := v.stage(in.RestApiId, in.StageName)
	if err != nil {
		return st, err
	}
	acc, err := v.account()
	if err != nil {
		return st, err
	}
	p := stagePatcher{view: v, apiID: in.RestApiId, hasLogRole: acc.CloudwatchRoleArn != ""}
	if err := p.table().apply(&st, in.PatchOperations); err != nil {
		return st, err
	}
	return st, checkVariables(st.Variables)
}

// prepareAccessLog makes the log group of a stage whose access log the request turns on or moves, before the stage is
// changed: from the first entry on there is a place for it. It runs outside the write transaction, since log groups
// belong to another service; the API's lock keeps the stage as it was seen here.
func (s *Service) prepareAccessLog(ctx context.Context, in *awsapigateway.UpdateStageRequest) error {
	var old, st stageRecord
	err := s.read(ctx, func(v view) (err error) {
		if old, err = v.stage(in.RestApiId, in.StageName); err != nil {
			return err
		}
		st, err = v.patchedStage(in)
		return err
	})
	if err != nil || !st.AccessLog.complete() || st.AccessLog == old.AccessLog {
		return err
	}
	dest, err := parseDestination(st.AccessLog.DestinationArn)
	if err != nil {
		return err
	}
	if err := s.logGroups.EnsureAccessLogGroup(ctx, dest.accountID, dest.region, dest.group); err != nil {
		return fmt.Errorf("make access log group %s of stage %s/%s: %w", dest.group, in.RestApiId, in.StageName, err)
	}
	return nil
}

// DeleteStage removes a stage that no domain leads to, takes it out of usage plans and stops serving it. Its log groups
// stay, as at AWS.
func (s *Service) DeleteStage(ctx context.Context, in *awsapigateway.DeleteStageRequest) error {
	defer s.lockAPI(in.RestApiId)()
	err := s.changeKeys(ctx, func(v view, c *changedKeys) error {
		st, err := v.stage(in.RestApiId, in.StageName)
		if err != nil {
			return err
		}
		domains, err := v.domainsOf(in.RestApiId, st.Name)
		if err != nil {
			return err
		}
		if len(domains) > 0 {
			return badRequest("Deleting stage %s failed. Please remove all base path mappings related to the stage in your domains: %s",
				st.Name, strings.Join(domains, ", "))
		}
		if err := v.leavePlans(in.RestApiId, st.Name, c); err != nil {
			return err
		}
		if err := stages.Delete(v.tx, v.key(in.RestApiId, st.Name)); err != nil {
			return fmt.Errorf("delete stage %s/%s: %w", in.RestApiId, st.Name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.sink.RemoveStage(in.RestApiId, in.StageName)
	return nil
}

func (st stageRecord) toWire() *awsapigateway.Stage {
	out := &awsapigateway.Stage{
		StageName:           &st.Name,
		DeploymentId:        &st.DeploymentID,
		Description:         optional(st.Description),
		CreatedDate:         &st.CreatedDate,
		LastUpdatedDate:     &st.LastUpdatedDate,
		CacheClusterEnabled: &st.CacheClusterEnabled,
		CacheClusterSize:    optional(st.CacheClusterSize),
		CacheClusterStatus:  new(st.cacheStatus()),
		MethodSettings:      map[string]awsapigateway.MethodSetting{},
		Variables:           nilIfEmptyMap(st.Variables),
		TracingEnabled:      &st.TracingEnabled,
		Tags:                nilIfEmptyMap(st.Tags),

		DocumentationVersion: optional(st.DocumentationVersion),
		ClientCertificateId:  optional(st.ClientCertificateID),
		CanarySettings:       st.Canary.toWire(),
	}
	for _, setting := range st.MethodSettings {
		out.MethodSettings[setting.Key] = setting.toWire()
	}
	if st.AccessLog != (accessLogRecord{}) {
		out.AccessLogSettings = &awsapigateway.AccessLogSettings{
			DestinationArn: optional(st.AccessLog.DestinationArn),
			Format:         optional(st.AccessLog.Format),
		}
	}
	return out
}
