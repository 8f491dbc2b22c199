package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	pushToCloudWatchLogs = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"

	trustAPIGateway = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

	// doneTag marks what enable did, so that disable undoes that and nothing else. On the role its value is a list of
	// "role" (made the role), "policy" (attached the policy) and "account/REGION" (set the account's role there); on a
	// stage it is "on".
	doneTag = "tollbook:access-logs"
)

// plan is the state found, from which the missing steps follow.
type plan struct {
	*clients
	accountID string
	apiID     string
	stageName string
	roleName  string

	role       *iamtypes.Role // nil: absent
	roleDone   []string       // what enable did to the role and with it
	attached   bool
	accountARN string // the role in API Gateway's settings
	stage      *apigateway.GetStageOutput
}

func (t target) survey(ctx context.Context) (*plan, error) {
	c, err := t.endpoint.connect(ctx)
	if err != nil {
		return nil, err
	}
	p := &plan{clients: c, stageName: t.Stage, roleName: t.RoleName}
	for _, look := range []func(context.Context) error{
		p.findAccount,
		func(ctx context.Context) error { return p.findAPI(ctx, t.API) },
		p.findStage, p.findRole, p.findAccountRole,
	} {
		if err := look(ctx); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *plan) findAccount(ctx context.Context) error {
	id, err := p.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("ask who is calling: %w", err)
	}
	p.accountID = aws.ToString(id.Account)
	return nil
}

// findAPI takes an ID before a name; a name that several APIs bear is refused.
func (p *plan) findAPI(ctx context.Context, nameOrID string) error {
	ids, err := p.restAPIs(ctx, nameOrID)
	switch {
	case err != nil:
		return err
	case len(ids) == 0:
		return fmt.Errorf("no REST API has the name or ID %q in %s", nameOrID, p.region)
	case len(ids) > 1:
		return fmt.Errorf("several REST APIs are called %q: %s; give the ID", nameOrID, strings.Join(ids, ", "))
	}
	p.apiID = ids[0]
	return nil
}

// restAPIs are the IDs of the REST APIs of a name; of one alone, if it has that ID.
func (c *clients) restAPIs(ctx context.Context, nameOrID string) (ids []string, err error) {
	pages := apigateway.NewGetRestApisPaginator(c.apigateway, &apigateway.GetRestApisInput{Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list REST APIs: %w", err)
		}
		for _, api := range page.Items {
			if aws.ToString(api.Id) == nameOrID {
				return []string{nameOrID}, nil
			}
			if aws.ToString(api.Name) == nameOrID {
				ids = append(ids, aws.ToString(api.Id))
			}
		}
	}
	return ids, nil
}

func (p *plan) findStage(ctx context.Context) (err error) {
	p.stage, err = p.apigateway.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &p.apiID, StageName: &p.stageName})
	if err != nil {
		return fmt.Errorf("read stage %s of %s: %w", p.stageName, p.apiID, err)
	}
	return nil
}

func (p *plan) findRole(ctx context.Context) error {
	out, err := p.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &p.roleName})
	if hasCode(err, "NoSuchEntity") {
		return nil
	} else if err != nil {
		return fmt.Errorf("read role %s: %w", p.roleName, err)
	}
	p.role = out.Role
	for _, tag := range out.Role.Tags {
		if aws.ToString(tag.Key) == doneTag {
			p.roleDone = strings.Fields(aws.ToString(tag.Value))
		}
	}
	pages := iam.NewListAttachedRolePoliciesPaginator(p.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &p.roleName})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list policies of role %s: %w", p.roleName, err)
		}
		for _, policy := range page.AttachedPolicies {
			p.attached = p.attached || aws.ToString(policy.PolicyArn) == pushToCloudWatchLogs
		}
	}
	return nil
}

func (p *plan) findAccountRole(ctx context.Context) error {
	account, err := p.apigateway.GetAccount(ctx, &apigateway.GetAccountInput{})
	if err != nil {
		return fmt.Errorf("read API Gateway's settings: %w", err)
	}
	p.accountARN = aws.ToString(account.CloudwatchRoleArn)
	return nil
}

func (p *plan) group() string { return "API-Gateway-Access-Logs_" + p.apiID + "/" + p.stageName }

func (p *plan) groupARN() string {
	return fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", p.region, p.accountID, p.group())
}

func (p *plan) stageARN() string {
	return fmt.Sprintf("arn:aws:apigateway:%s::/restapis/%s/stages/%s", p.region, p.apiID, p.stageName)
}

func (p *plan) stageDone() bool { return p.stage.Tags[doneTag] == "on" }

// enable returns the steps that are missing. A role that somebody has set in API Gateway's settings is kept and no other
// is made. Access logs that somebody else has set up in another way are not overwritten.
func (p *plan) enable(format string) ([]step, error) {
	var steps []step
	if p.accountARN == "" {
		steps = p.enableRole()
	}
	now := p.stage.AccessLogSettings
	on := now != nil && aws.ToString(now.DestinationArn) != ""
	same := on && aws.ToString(now.DestinationArn) == p.groupARN() && strings.TrimRight(aws.ToString(now.Format), "\n") == strings.TrimRight(format, "\n")
	switch {
	case same:
		return steps, nil
	case on && !p.stageDone():
		return nil, fmt.Errorf("stage %s already writes access logs to %s in a format of its own; change or remove them there first (aws apigateway update-stage)",
			p.stageName, aws.ToString(now.DestinationArn))
	}
	return append(steps, step{fmt.Sprintf("turn on access logs of %s/%s to log group %s as %s", p.apiID, p.stageName, p.group(), format), func(ctx context.Context) error {
		return p.setAccessLogs(ctx, format)
	}}), nil
}

func (p *plan) enableRole() []step {
	var steps []step
	if p.role == nil {
		steps = append(steps, step{"create role " + p.roleName + " that API Gateway may assume", p.createRole})
	}
	if !p.attached {
		steps = append(steps, step{"attach AmazonAPIGatewayPushToCloudWatchLogs to role " + p.roleName, p.attachPolicy})
	}
	return append(steps, step{"set role " + p.roleName + " in API Gateway's settings", p.setAccountRole})
}

func (p *plan) createRole(ctx context.Context) error {
	p.roleDone = []string{"role", "policy"}
	out, err := p.iam.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName:                 &p.roleName,
		AssumeRolePolicyDocument: aws.String(trustAPIGateway),
		Description:              aws.String("Allows API Gateway to push logs to CloudWatch Logs."),
		Tags:                     []iamtypes.Tag{{Key: aws.String(doneTag), Value: aws.String(strings.Join(p.roleDone, " "))}},
	})
	if err == nil {
		p.role = out.Role
	}
	return err
}

func (p *plan) attachPolicy(ctx context.Context) error {
	if err := p.markRole(ctx, "policy"); err != nil {
		return err
	}
	_, err := p.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &p.roleName, PolicyArn: aws.String(pushToCloudWatchLogs)})
	return err
}

func (p *plan) setAccountRole(ctx context.Context) error {
	if err := p.markRole(ctx, "account/"+p.region); err != nil {
		return err
	}
	return p.patchAccount(ctx, aws.ToString(p.role.Arn))
}

func (p *plan) patchAccount(ctx context.Context, roleARN string) error {
	_, err := p.apigateway.UpdateAccount(ctx, &apigateway.UpdateAccountInput{PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/cloudwatchRoleArn"), Value: &roleARN},
	}})
	return err
}

// markRole notes on the role, before it is done, what enable is about to do: a change that was not made is then undone
// without harm, one that was made is never forgotten.
func (p *plan) markRole(ctx context.Context, done string) error {
	if slices.Contains(p.roleDone, done) {
		return nil
	}
	p.roleDone = append(p.roleDone, done)
	_, err := p.iam.TagRole(ctx, &iam.TagRoleInput{RoleName: &p.roleName,
		Tags: []iamtypes.Tag{{Key: aws.String(doneTag), Value: aws.String(strings.Join(p.roleDone, " "))}}})
	return err
}

func (p *plan) setAccessLogs(ctx context.Context, format string) error {
	_, err := p.apigateway.TagResource(ctx, &apigateway.TagResourceInput{ResourceArn: aws.String(p.stageARN()), Tags: map[string]string{doneTag: "on"}})
	if err != nil {
		return err
	}
	_, err = p.apigateway.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &p.apiID, StageName: &p.stageName, PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/accessLogSettings/destinationArn"), Value: aws.String(p.groupARN())},
		{Op: gwtypes.OpReplace, Path: aws.String("/accessLogSettings/format"), Value: &format},
	}})
	return err
}
