package openapi

import (
	"slices"
	"strings"
)

const extension = "x-amazon-apigateway-"

func (r *reader) readExtensions() {
	d := r.doc
	for _, p := range r.root.get(extension + "request-validators").pairs() {
		if d.RequestValidators == nil {
			d.RequestValidators = map[string]RequestValidator{}
		}
		d.RequestValidators[p.key] = RequestValidator{
			Body: p.value.get("validateRequestBody").flag(), Parameters: p.value.get("validateRequestParameters").flag(),
		}
	}
	for _, p := range r.root.get(extension + "gateway-responses").pairs() {
		if d.GatewayResponses == nil {
			d.GatewayResponses = map[string]GatewayResponse{}
		}
		d.GatewayResponses[p.key] = GatewayResponse{
			StatusCode:         p.value.get("statusCode").text(),
			ResponseParameters: p.value.get("responseParameters").textMap(),
			ResponseTemplates:  p.value.get("responseTemplates").textMap(),
		}
	}
	d.APIKeySource = strings.ToUpper(r.root.get(extension + "api-key-source").text())
	if s := d.APIKeySource; s != "" && s != "HEADER" && s != "AUTHORIZER" {
		r.root.get(extension+"api-key-source").fail("Invalid API key source: %s", s)
	}
	d.BinaryMediaTypes = r.root.get(extension + "binary-media-types").texts()
	d.MinimumCompressionSize = r.root.get(extension + "minimum-compression-size").number()
	d.Policy = r.root.get(extension + "policy").json()
	if c := r.root.get(extension + "endpoint-configuration"); c.present() {
		r.readEndpoint(c)
	}
}

func (r *reader) readEndpoint(v value) {
	r.doc.EndpointTypes = v.get("types").texts()
	r.doc.VPCEndpointIDs = v.get("vpcEndpointIds").texts()
	if off := v.get("disableExecuteApiEndpoint"); off.present() {
		r.doc.DisableExecuteEndpoint = new(off.flag())
	}
}

func (r *reader) readIntegration(op *Operation, v value) {
	if v = r.resolve(v); !v.present() {
		return
	}
	i := &Integration{
		Type:                 strings.ToUpper(v.get("type").text()),
		HTTPMethod:           strings.ToUpper(v.get("httpMethod").text()),
		URI:                  v.get("uri").text(),
		Credentials:          v.get("credentials").text(),
		ConnectionType:       strings.ToUpper(v.get("connectionType").text()),
		ConnectionID:         v.get("connectionId").text(),
		PassthroughBehavior:  strings.ToUpper(v.get("passthroughBehavior").text()),
		ContentHandling:      strings.ToUpper(v.get("contentHandling").text()),
		CacheNamespace:       v.get("cacheNamespace").text(),
		CacheKeyParameters:   v.get("cacheKeyParameters").texts(),
		RequestParameters:    v.get("requestParameters").textMap(),
		RequestTemplates:     v.get("requestTemplates").textMap(),
		ResponseTransferMode: strings.ToUpper(v.get("responseTransferMode").text()),
	}
	if n := v.get("timeoutInMillis").number(); n != nil {
		i.TimeoutInMillis = *n
	}
	if skip := v.get("tlsConfig").get("insecureSkipVerification"); skip.present() {
		i.InsecureSkipVerification = new(skip.flag())
	}
	if !slices.Contains([]string{"HTTP", "HTTP_PROXY", "MOCK", "AWS", "AWS_PROXY"}, i.Type) {
		v.get("type").fail("Invalid integration type: %q", v.get("type").text())
	}
	r.readIntegrationResponses(op, i, v.get("responses"))
	op.Integration = i
}

func (r *reader) readIntegrationResponses(op *Operation, i *Integration, responses value) {
	for _, p := range responses.pairs() {
		res := IntegrationResponse{
			SelectionPattern:   p.key,
			StatusCode:         p.value.get("statusCode").text(),
			ContentHandling:    strings.ToUpper(p.value.get("contentHandling").text()),
			ResponseParameters: p.value.get("responseParameters").textMap(),
			ResponseTemplates:  p.value.get("responseTemplates").textMap(),
		}
		if p.key == "default" {
			res.SelectionPattern = ""
		}
		if !statusForm.MatchString(res.StatusCode) {
			p.value.get("statusCode").fail("Invalid status code of an integration response: %q", res.StatusCode)
			continue
		}
		if slices.ContainsFunc(i.Responses, func(other IntegrationResponse) bool { return other.StatusCode == res.StatusCode }) {
			p.value.warn("Status code %s has an integration response already; this one is left out", res.StatusCode)
			continue
		}
		if !slices.ContainsFunc(op.Responses, func(m Response) bool { return m.StatusCode == res.StatusCode }) {
			p.value.warn("Output mapping refers to method response %s, which the operation does not declare", res.StatusCode)
			continue
		}
		i.Responses = append(i.Responses, res)
	}
	slices.SortFunc(i.Responses, func(a, b IntegrationResponse) int { return strings.Compare(a.StatusCode, b.StatusCode) })
}
