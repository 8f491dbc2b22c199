package gateway

import (
	"strings"

	"github.com/tollbook/tollbook/gateway/endpoint"
)

// An AWS integration calls an AWS service, which its URI names:
//
//	arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function's ARN}/invocations   a Lambda function
//	arn:aws:apigateway:{region}:{service}:path/{path}                                           a path of a service
//	arn:aws:apigateway:{region}:{service}:action/{name}[&key=value…]                            an operation by its name
//
// Where the service is says endpoint.Endpoints; requests are signed. Functions are called in integration_lambda.go, the
// other services in integration_aws_call.go.

// service is the AWS service behind an integration.
type service struct {
	name     string // with a subdomain, if it has one
	region   string
	function endpoint.Function // if it is one
	target   string            // X-Amz-Target; empty: none
	media    string            // Content-Type that the service's protocol asks for; empty: that of the template

	endpoints *endpoint.Endpoints // set by bind, as what follows
	address   endpoint.Address
}

func (s *service) isFunction() bool { return s.function.ARN != "" }

// compileAWS reads the URI of an integration of type AWS or AWS_PROXY.
func (i *integration) compileAWS(in Integration, vars map[string]string) *Error {
	if err := i.compileRequest(in, vars); err != nil {
		return err
	}
	for _, m := range i.headers {
		if illegalForAWS(m.target) {
			return configuration("Illegal header mapping: %s", m.target)
		}
	}
	uri, err := interpolate(in.URI, vars)
	if err != nil {
		return err
	}
	parts := strings.SplitN(uri, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "apigateway" || parts[3] == "" || parts[4] == "" {
		return errAddress
	}
	s := &service{name: parts[4], region: parts[3]}
	if err := i.compileService(s, parts[5], in, vars); err != nil {
		i.uri = nil
		return err
	}
	i.service = s
	return nil
}

// compileService reads what an integration's URI says after the service.
func (i *integration) compileService(s *service, rest string, in Integration, vars map[string]string) (err *Error) {
	if s.name == "lambda" && s.parseFunction(rest) {
		i.uri, i.kind = &uriTemplate{}, kindLambda
		if in.Type == "AWS_PROXY" {
			i.kind = kindLambdaProxy
			return checkProxyMethod(i.method)
		}
		return nil
	}
	if in.Type == "AWS_PROXY" {
		return notBuilt("An AWS_PROXY integration of %s:%s", s.name, rest)
	}
	i.kind = kindAWS
	target, ok := strings.CutPrefix(rest, "path/")
	if !ok {
		action, isAction := strings.CutPrefix(rest, "action/")
		if !isAction {
			return errAddress
		}
		target = s.compileAction(action)
	}
	i.uri = &uriTemplate{query: strings.Contains(target, "?")}
	i.uri.pieces, err = compileTarget("/"+target, in.RequestParameters, vars)
	return err
}

func checkProxyMethod(method string) *Error {
	if method != "POST" {
		return configuration("A Lambda function is called by POST, and not by %s", method)
	}
	return nil
}

// parseFunction finds the function in path/2015-03-31/functions/{ARN}/invocations.
func (s *service) parseFunction(rest string) bool {
	arn, ok := strings.CutPrefix(rest, "path/2015-03-31/functions/")
	if !ok {
		return false
	}
	arn, ok = strings.CutSuffix(arn, "/invocations")
	if !ok {
		return false
	}
	s.function, ok = endpoint.ParseFunction(arn)
	return ok
}

// compileAction says how a service's operation is called, and returns the target of the request. Services of the JSON
// protocol find its name in a header, those of the Query protocol in the query.
func (s *service) compileAction(action string) (target string) {
	name, args, more := strings.Cut(action, "&")
	if json, ok := jsonServices[s.name]; ok {
		s.target, s.media = json.prefix+"."+name, json.media
		return ""
	}
	target = "?Action=" + name
	if more {
		target += "&" + args
	}
	return target
}

// jsonServices are services of AWS' JSON protocol, with the first half of their X-Amz-Target.
var jsonServices = map[string]struct{ prefix, media string }{
	"codebuild":        {"CodeBuild_20161006", json11},
	"codepipeline":     {"CodePipeline_20150709", json11},
	"cognito-identity": {"AWSCognitoIdentityService", json11},
	"cognito-idp":      {"AWSCognitoIdentityProviderService", json11},
	"comprehend":       {"Comprehend_20171127", json11},
	"config":           {"StarlingDoveService", json11},
	"dynamodb":         {"DynamoDB_20120810", json10},
	"ecs":              {"AmazonEC2ContainerServiceV20141113", json11},
	"events":           {"AWSEvents", json11},
	"firehose":         {"Firehose_20150804", json11},
	"glue":             {"AWSGlue", json11},
	"kinesis":          {"Kinesis_20131202", json11},
	"kms":              {"TrentService", json11},
	"logs":             {"Logs_20140328", json11},
	"rekognition":      {"RekognitionService", json11},
	"secretsmanager":   {"secretsmanager", json11},
	"ssm":              {"AmazonSSM", json11},
	"states":           {"AWSStepFunctions", json10},
	"streams.dynamodb": {"DynamoDBStreams_20120810", json10},
	"translate":        {"AWSShineFrontendService_20170701", json11},
}

const json10, json11 = "application/x-amz-json-1.0", "application/x-amz-json-1.1"

// illegalForAWS reports headers that no mapping may set for an AWS integration, beside those of every integration.
func illegalForAWS(name string) bool {
	switch strings.ToLower(name) {
	case "authorization", "connection", "expect", "host", "proxy-authenticate", "te":
		return true
	}
	return false
}

// locateServices finds the endpoints of a table's AWS integrations, and tells the server's log if some have none.
func (g *Gateway) locateServices(t *StageTable) {
	var missing []*Error
	for _, i := range t.integrations {
		if i.service == nil {
			continue
		}
		if i.locate(g.cfg.Endpoints); i.uri == nil {
			missing = append(missing, i.problem)
		}
	}
	if len(missing) > 0 {
		g.log.Warn("methods answer 500, since it is not set where their AWS service is", "api", t.values.APIID,
			"stage", t.values.Name, "methods", len(missing), "first", missing[0].Cause)
	}
}

// locate finds the service's endpoint for an integration, which no table that is served yet has. Without one, requests are
// a 500 that says which setting is missing.
func (i *integration) locate(endpoints *endpoint.Endpoints) {
	s := i.service
	s.endpoints = endpoints
	ok := s.find()
	if ok {
		i.uri.upstream, ok = splitAuthority(s.address.Scheme, s.address.Host)
	}
	if !ok {
		i.uri, i.problem = nil, s.unknown()
		return
	}
	i.uri.host = s.address.Host
	if s.address.Path != "" {
		i.uri.pieces = append([]uriPiece{{literal: s.address.Path}}, i.uri.pieces...)
	}
	i.uri.query = i.uri.query || strings.Contains(s.address.Path, "?")
}

// find looks up the service's address.
func (s *service) find() (ok bool) {
	if s.isFunction() {
		s.address, ok = s.endpoints.Function(s.function)
	} else {
		s.address, ok = s.endpoints.Service(s.name, s.region)
	}
	return ok
}

func (s *service) unknown() *Error {
	if s.isFunction() {
		return configuration("It is not set where the Lambda function %s is called: "+
			"start Tollbook with --lambda-endpoint or --lambda %s=URL", s.function.Name, s.function.Name)
	}
	return configuration("It is not set where the AWS service %s is: start Tollbook with --aws-endpoint %s=URL", s.name, s.name)
}
