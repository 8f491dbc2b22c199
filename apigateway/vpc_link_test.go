package apigateway_test

import (
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func (f *fixture) vpcLink(t *testing.T, target string) string {
	t.Helper()
	return *must[*ag.VpcLink](t)(f.CreateVpcLink(f.ctx, &ag.CreateVpcLinkRequest{Name: "inner", TargetArns: []string{target}})).Id
}

func TestVpcLink(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	targets := []string{"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/x/50dc6c495c0c9188"}
	made := must[*ag.VpcLink](t)(f.CreateVpcLink(f.ctx, &ag.CreateVpcLinkRequest{
		Name: "inner", Description: new("d"), TargetArns: targets, Tags: map[string]string{"a": "b"}}))
	id := *made.Id
	want := &ag.VpcLink{Id: &id, Name: new("inner"), Description: new("d"), TargetArns: targets, Tags: map[string]string{"a": "b"},
		Status: new("PENDING")}
	same(t, made, want)
	if len(id) != 6 {
		t.Errorf("id %s", id)
	}
	want.Status, want.StatusMessage = new("AVAILABLE"), new("Your vpc link is ready for use")
	same(t, must[*ag.VpcLink](t)(f.GetVpcLink(f.ctx, &ag.GetVpcLinkRequest{VpcLinkId: id})), want)
	want.Name, want.Description = new("other"), new("e")
	same(t, must[*ag.VpcLink](t)(f.UpdateVpcLink(f.ctx, &ag.UpdateVpcLinkRequest{VpcLinkId: id,
		PatchOperations: patches(patch("replace", "/name", "other"), patch("replace", "/description", "e"))})), want)
	same(t, must[*ag.VpcLinks](t)(f.GetVpcLinks(f.ctx, &ag.GetVpcLinksRequest{})), &ag.VpcLinks{Items: []ag.VpcLink{*want}})

	arn := "arn:aws:apigateway:eu-west-1::/vpclinks/" + id
	if err := f.TagResource(f.ctx, &ag.TagResourceRequest{ResourceArn: arn, Tags: map[string]string{"c": "d"}}); err != nil {
		t.Error(err)
	}
	same(t, must[*ag.Tags](t)(f.GetTags(f.ctx, &ag.GetTagsRequest{ResourceArn: arn})).Tags, map[string]string{"a": "b", "c": "d"})

	if err := f.DeleteVpcLink(f.ctx, &ag.DeleteVpcLinkRequest{VpcLinkId: id}); err != nil {
		t.Fatal(err)
	}
	_, err := f.GetVpcLink(f.ctx, &ag.GetVpcLinkRequest{VpcLinkId: id})
	wantError(t, err, notFound, "Invalid Vpc Link identifier specified")
	wantError(t, f.DeleteVpcLink(f.ctx, &ag.DeleteVpcLinkRequest{VpcLinkId: id}), notFound, "Invalid Vpc Link identifier specified")
}

func TestVpcLinkRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for name, tt := range map[string]struct{ linkName, target, message string }{
		"name":     {"", "http://127.0.0.1:9000", "Name cannot be empty"},
		"arn":      {"x", "invalid-arn", "Invalid ARN. ARN is not well formed invalid-arn"},
		"half arn": {"x", "arn:aws:x", "Invalid ARN. ARN is not well formed arn:aws:x"},
		"scheme":   {"x", "tcp://127.0.0.1:9000", "Invalid ARN. ARN is not well formed tcp://127.0.0.1:9000"},
		"path":     {"x", "http://127.0.0.1:9000/x", "Invalid ARN. ARN is not well formed http://127.0.0.1:9000/x"},
	} {
		_, err := f.CreateVpcLink(f.ctx, &ag.CreateVpcLinkRequest{Name: tt.linkName, TargetArns: []string{tt.target}})
		t.Run(name, func(t *testing.T) { wantError(t, err, badRequest, tt.message) })
	}
	id := f.vpcLink(t, "http://127.0.0.1:9000")
	_, err := f.UpdateVpcLink(f.ctx, &ag.UpdateVpcLinkRequest{VpcLinkId: id, PatchOperations: patches(patch("replace", "/name", ""))})
	wantError(t, err, badRequest, "Name cannot be empty")
	for range 19 {
		f.vpcLink(t, "http://127.0.0.1:9000")
	}
	_, err = f.CreateVpcLink(f.ctx, &ag.CreateVpcLinkRequest{Name: "x", TargetArns: []string{"http://127.0.0.1:9000"}})
	wantError(t, err, "LimitExceededException", "Maximum number of VPC links has been reached")
}

// TestVpcLinkInUse follows a link into the data plane, and sees that it cannot be deleted while a stage uses it.
func TestVpcLinkInUse(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	link := f.vpcLink(t, "https://[::1]")
	apiID, rootID := f.api(t)
	f.mock(t, apiID, rootID, "GET")
	must[*ag.Integration](t)(f.PutIntegration(f.ctx, &ag.PutIntegrationRequest{
		RestApiId: apiID, ResourceId: rootID, HttpMethod: "GET", Type: "HTTP_PROXY", IntegrationHttpMethod: new("GET"),
		Uri: new("http://inner.test/x"), ConnectionType: new("VPC_LINK"), ConnectionId: new("${stageVariables.link}")}))
	must[*ag.Deployment](t)(f.CreateDeployment(f.ctx, &ag.CreateDeploymentRequest{
		RestApiId: apiID, StageName: new("prod"), Variables: map[string]string{"link": link}}))
	st, _ := f.sink.stage(apiID, "prod")
	same(t, st.VPCLinks, map[string]string{link: "[::1]:443"})
	if got := st.Routes[0].Integration.VPCLink; got != "${stageVariables.link}" {
		t.Errorf("connection %s", got)
	}
	wantError(t, f.DeleteVpcLink(f.ctx, &ag.DeleteVpcLinkRequest{VpcLinkId: link}), badRequest,
		"Cannot delete vpc link. Vpc link '"+link+"', is referenced in [GET:"+rootID+":prod] in format of [Method:Resource:Stage].")
	if err := f.DeleteStage(f.ctx, &ag.DeleteStageRequest{RestApiId: apiID, StageName: "prod"}); err != nil {
		t.Fatal(err)
	}
	if err := f.DeleteVpcLink(f.ctx, &ag.DeleteVpcLinkRequest{VpcLinkId: link}); err != nil {
		t.Error(err)
	}
}
