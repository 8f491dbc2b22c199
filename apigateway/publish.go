package apigateway

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/state"
)

// Publish hands every stage of every account and region to the data plane; it is called once, at start-up. A stage that
// cannot be served is logged and answers 500; only unreadable state is an error.
func (s *Service) Publish(ctx context.Context) error {
	if err := s.addMissingModels(ctx); err != nil {
		return err
	}
	var list []state.Entry[stageRecord]
	err := s.db.Read(ctx, func(tx *state.Tx) (err error) {
		list, err = stages.All(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("publish stages: %w", err)
	}
	for _, entry := range list {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("publish stages: %w", err)
		}
		s.publishOne(ctx, entry.Key)
	}
	if err := s.publishAllKeys(ctx); err != nil {
		return err
	}
	return s.publishDomains(ctx)
}

// inScope makes the context that a caller of an account and region would have.
func inScope(ctx context.Context, scope string) context.Context {
	accountID, region, _ := strings.Cut(scope, "/")
	return awsapi.WithCaller(ctx, awsapi.Caller{AccountID: accountID, Region: region})
}

// addMissingModels gives APIs that were made before there were models those that every API has from the start.
func (s *Service) addMissingModels(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *state.Tx) error {
		list, err := restApis.All(tx)
		if err != nil {
			return fmt.Errorf("add models to APIs: %w", err)
		}
		for _, e := range list {
			if e.Doc.HasModels {
				continue
			}
			v := viewOf(inScope(ctx, e.Key.Scope), tx)
			e.Doc.HasModels = true
			if err := v.addDefaultModels(e.Key.ID); err != nil {
				return err
			}
			if err := put(v, restApis, "", e.Key.ID, e.Doc); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) publishOne(ctx context.Context, key state.Key) {
	defer s.lockAPI(key.Parent)()
	s.publish(inScope(ctx, key.Scope), key.Parent, key.ID)
}

// publish hands one stage, as it is stored now, to the data plane. The caller holds the API's lock since before it
// changed the stage. What is stored stays stored: a stage that cannot be compiled is logged and answers 500. The context
// gives the account and region; that its client has gone must not leave the data plane behind.
func (s *Service) publish(ctx context.Context, apiID, name string) {
	ctx = context.WithoutCancel(ctx)
	stage, err := s.loadStage(ctx, apiID, name)
	if err == nil {
		err = s.sink.SetStage(stage)
	}
	if err == nil {
		return
	}
	s.log.ErrorContext(ctx, "stage cannot be served and answers 500", "api", apiID, "stage", name, "err", err)
	if err := s.setBroken(stage); err != nil {
		s.log.ErrorContext(ctx, "stage is not served", "api", apiID, "stage", name, "err", err)
	}
}

// setBroken serves 500 for a stage, logged as the stage's other requests unless its log is what cannot be compiled.
func (s *Service) setBroken(stage gateway.Stage) error {
	broken := brokenStage(stage)
	if err := s.sink.SetStage(broken); err == nil || broken.AccessLog == nil {
		return err
	}
	broken.AccessLog = nil
	return s.sink.SetStage(broken)
}

// loadStage reads and compiles one stage. With an error the result still names the stage.
func (s *Service) loadStage(ctx context.Context, apiID, name string) (gateway.Stage, error) {
	caller := awsapi.CallerFrom(ctx)
	stage := gateway.Stage{APIID: apiID, Name: name, AccountID: caller.AccountID, Region: caller.Region}
	err := s.read(ctx, func(v view) error {
		st, err := v.stage(apiID, name)
		if err != nil {
			return err
		}
		snap, err := find(v, snapshots, apiID, st.DeploymentID, errNoSnapshot)
		if err != nil {
			return err
		}
		if snap.API.ID != apiID {
			return errors.New("snapshot is of API " + snap.API.ID)
		}
		stage = compileStage(v.accountID, v.region, snap, st)
		if stage.ClientCertificate, err = v.keyPair(st.ClientCertificateID); err != nil || st.Canary == nil {
			return err
		}
		canary := st
		canary.DeploymentID, canary.Variables = st.Canary.DeploymentID, st.Canary.variables(st.Variables)
		if snap, err = find(v, snapshots, apiID, canary.DeploymentID, errNoSnapshot); err != nil {
			return err
		}
		stage.Canary = &gateway.Canary{
			Percent: st.Canary.PercentTraffic, UseStageCache: st.Canary.UseStageCache,
			Stage: compileStage(v.accountID, v.region, snap, canary),
		}
		stage.Canary.Stage.ClientCertificate = stage.ClientCertificate
		return nil
	})
	if err != nil {
		return stage, err
	}
	return stage, s.addDeliveries(ctx, &stage)
}
