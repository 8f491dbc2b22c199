package apigateway

import (
	"net/url"
	"slices"
	"strings"
)

// check decides whether method m may have this integration, as it is put or after a patch.
func (i *integrationRecord) check(m *methodRecord) error {
	steps := []func() error{
		i.checkHTTPMethod,
		i.checkURI,
		i.checkConnection,
		i.checkCredentials,
		i.checkOptions,
		func() error { return checkRequestMappings(m, i.RequestParameters) },
		func() error { return checkTemplates(i.RequestTemplates) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (i *integrationRecord) checkHTTPMethod() error {
	switch {
	case i.Type == typeMock && i.HTTPMethod == "":
		return nil
	case i.HTTPMethod == "":
		return badRequest("Enumeration value for HttpMethod must be non-empty")
	}
	return checkHTTPMethod(i.HTTPMethod)
}

// checkURI looks at the form of the backend's address. One with a stage variable has its form only in a stage, so AWS
// does not look at it here.
func (i *integrationRecord) checkURI() error {
	switch {
	case hasStageVariable(i.URI):
		return nil
	case i.isHTTP():
		return checkHTTPEndpoint(i.URI)
	case i.isAWS():
		return checkAWSEndpoint(i.Type, i.URI)
	}
	return nil
}

func hasStageVariable(text string) bool { return strings.Contains(text, "${stageVariables.") }

func checkHTTPEndpoint(uri string) error {
	u, err := url.Parse(uri)
	if err != nil || strings.ContainsAny(uri, " \t") || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return badRequest("Invalid HTTP endpoint specified for URI")
	}
	return nil
}

// checkAWSEndpoint takes arn:aws:apigateway:{region}:{service}:{path|action}/{rest}.
func checkAWSEndpoint(integrationType, uri string) error {
	parts := strings.SplitN(uri, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "apigateway" {
		return errIntegrationARN()
	}
	service, target := parts[4], parts[5]
	if !strings.HasPrefix(target, "path/") && !strings.HasPrefix(target, "action/") {
		return badRequest("AWS ARN for integration must contain path or action")
	}
	if integrationType == typeAWSProxy && service != "lambda" && service != "firehose" {
		return badRequest("Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.")
	}
	return nil
}

func errIntegrationARN() error { return badRequest("Invalid ARN specified in the request") }

func (i *integrationRecord) checkConnection() error {
	switch i.ConnectionType {
	case "", connectionInternet, connectionVPCLink:
		return nil
	}
	return badRequest("Invalid connectionType specified. Valid options are INTERNET,VPC_LINK")
}

// checkVPCLink makes sure of the link that an integration names; a stage variable may stand for one.
func (v view) checkVPCLink(i *integrationRecord) error {
	if i.ConnectionType != connectionVPCLink || hasStageVariable(i.ConnectionID) {
		return nil
	}
	_, err := v.vpcLink(i.ConnectionID)
	return err
}

func (i *integrationRecord) checkCredentials() error {
	if i.Credentials != "" && !hasStageVariable(i.Credentials) && !strings.HasPrefix(i.Credentials, "arn:") {
		return errIntegrationARN()
	}
	return nil
}

func (i *integrationRecord) checkOptions() error {
	if i.TimeoutInMillis < minTimeoutMillis || i.TimeoutInMillis > maxTimeoutMillis {
		return badRequest("Timeout should be between %d ms and %d ms", minTimeoutMillis, maxTimeoutMillis)
	}
	if !slices.Contains([]string{"WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"}, i.PassthroughBehavior) {
		return badRequest("Invalid passthroughBehavior specified. Valid options are WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER")
	}
	return checkContentHandling(i.ContentHandling)
}

func checkContentHandling(handling string) error {
	if handling != "" && handling != "CONVERT_TO_BINARY" && handling != "CONVERT_TO_TEXT" {
		return badRequest("Invalid contentHandling specified. Valid options are CONVERT_TO_BINARY,CONVERT_TO_TEXT")
	}
	return nil
}
