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
	return nil
}

func (s *Service) publishOne(ctx context.Context, key state.Key) {
	defer s.lockAPI(key.Parent)()
	accountID, region, _ := strings.Cut(key.Scope, "/")
	ctx = awsapi.WithCaller(ctx, awsapi.Caller{AccountID: accountID, Region: region})
	s.publish(ctx, key.Parent, key.ID)
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
		return nil
	})
	return stage, err
}
