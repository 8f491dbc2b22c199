package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// disable returns the steps that undo what enable did: the stage's access logs always; the account's setting, the
// policy and the role only where enable made them and no other stage of the region logs with them.
func (p *plan) disable(ctx context.Context) ([]step, error) {
	var steps []step
	if p.stageDone() {
		steps = append(steps, step{fmt.Sprintf("turn off access logs of %s/%s", p.apiID, p.stageName), p.clearAccessLogs})
	}
	if p.role == nil || len(p.roleDone) == 0 {
		return steps, nil
	}
	used, err := p.otherStageLogs(ctx)
	if err != nil || used {
		return steps, err
	}
	if slices.Contains(p.roleDone, "account/"+p.region) && p.accountARN == aws.ToString(p.role.Arn) {
		steps = append(steps, step{"clear role " + p.roleName + " from API Gateway's settings", p.clearAccountRole})
	}
	if p.roleUsedElsewhere() {
		return steps, nil
	}
	if slices.Contains(p.roleDone, "policy") && p.attached {
		steps = append(steps, step{"detach AmazonAPIGatewayPushToCloudWatchLogs from role " + p.roleName, p.detachPolicy})
	}
	if slices.Contains(p.roleDone, "role") {
		return append(steps, step{"delete role " + p.roleName, p.deleteRole}), nil
	}
	return append(steps, step{"remove tag " + doneTag + " from role " + p.roleName, p.unmarkRole}), nil
}

// roleUsedElsewhere reports whether enable has set the role in another region's settings, which stay as they are.
func (p *plan) roleUsedElsewhere() bool {
	return slices.ContainsFunc(p.roleDone, func(done string) bool {
		return strings.HasPrefix(done, "account/") && done != "account/"+p.region
	})
}

// otherStageLogs reports whether another stage of the region writes access logs or execution logs.
func (p *plan) otherStageLogs(ctx context.Context) (bool, error) {
	pages := apigateway.NewGetRestApisPaginator(p.apigateway, &apigateway.GetRestApisInput{Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, fmt.Errorf("list REST APIs: %w", err)
		}
		for _, api := range page.Items {
			stages, err := p.apigateway.GetStages(ctx, &apigateway.GetStagesInput{RestApiId: api.Id})
			if err != nil {
				return false, fmt.Errorf("list stages of %s: %w", aws.ToString(api.Id), err)
			}
			for _, stage := range stages.Item {
				this := aws.ToString(api.Id) == p.apiID && aws.ToString(stage.StageName) == p.stageName
				if writesLogs(stage, this && p.stageDone()) {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// writesLogs reports whether a stage needs the account's role. Where accessLogsGo, its access logs do not count.
func writesLogs(stage gwtypes.Stage, accessLogsGo bool) bool {
	if s := stage.AccessLogSettings; s != nil && aws.ToString(s.DestinationArn) != "" && !accessLogsGo {
		return true
	}
	for _, s := range stage.MethodSettings {
		if level := aws.ToString(s.LoggingLevel); level != "" && level != "OFF" {
			return true
		}
	}
	return false
}

func (p *plan) clearAccessLogs(ctx context.Context) error {
	if s := p.stage.AccessLogSettings; s != nil {
		_, err := p.apigateway.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &p.apiID, StageName: &p.stageName,
			PatchOperations: []gwtypes.PatchOperation{{Op: gwtypes.OpRemove, Path: aws.String("/accessLogSettings")}}})
		if err != nil {
			return err
		}
	}
	_, err := p.apigateway.UntagResource(ctx, &apigateway.UntagResourceInput{ResourceArn: aws.String(p.stageARN()), TagKeys: []string{doneTag}})
	return err
}

func (p *plan) clearAccountRole(ctx context.Context) error { return p.patchAccount(ctx, "") }

func (p *plan) detachPolicy(ctx context.Context) error {
	_, err := p.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &p.roleName, PolicyArn: aws.String(pushToCloudWatchLogs)})
	return err
}

// deleteRole leaves a role to which somebody has added policies of their own.
func (p *plan) deleteRole(ctx context.Context) error {
	_, err := p.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &p.roleName})
	if hasCode(err, "DeleteConflict") {
		return errors.Join(errors.New("the role has policies that enable did not attach; it stays"), p.unmarkRole(ctx))
	}
	return err
}

func (p *plan) unmarkRole(ctx context.Context) error {
	_, err := p.iam.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &p.roleName, TagKeys: []string{doneTag}})
	return err
}
