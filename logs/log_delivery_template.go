package logs

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/awsapi/awslogs"
)

// DescribeConfigurationTemplates returns what can be delivered where, as far as it is built: execution logs of API
// Gateway's stages to log groups. So there is never a second page.
func (s *Service) DescribeConfigurationTemplates(
	_ context.Context, in *awslogs.DescribeConfigurationTemplatesRequest,
) (*awslogs.DescribeConfigurationTemplatesResponse, error) {
	out := &awslogs.DescribeConfigurationTemplatesResponse{ConfigurationTemplates: []awslogs.ConfigurationTemplate{}}
	if in.NextToken != nil {
		return nil, awslogs.ValidationException("The specified nextToken is invalid.")
	}
	t := executionLogTemplate()
	named := func(names []string, name *string) bool { return names == nil || slices.Contains(names, *name) }
	if (in.Service == nil || *in.Service == *t.Service) && named(in.LogTypes, t.LogType) && named(in.ResourceTypes, t.ResourceType) &&
		named(in.DeliveryDestinationTypes, t.DeliveryDestinationType) {
		out.ConfigurationTemplates = append(out.ConfigurationTemplates, t)
	}
	return out, nil
}

// executionLogTemplate says what AWS documents of execution logs; the name of the resource type and the default delimiter
// are unverified.
func executionLogTemplate() awslogs.ConfigurationTemplate {
	t := awslogs.ConfigurationTemplate{
		Service: new(sourceService), LogType: new(executionLogs), ResourceType: new("stages"), DeliveryDestinationType: new(typeCWL),
		DefaultDeliveryConfigValues: &awslogs.ConfigurationTemplateDeliveryConfigValues{
			RecordFields: accesslog.RecordFields(), FieldDelimiter: new(defaultDelimiter),
		},
		AllowedOutputFormats: []string{formatJSON, formatPlain},
		AllowedActionForAllowVendedLogsDeliveryForResource: new("apigateway:AllowVendedLogDeliveryForResource"),
	}
	for _, name := range accesslog.RecordFields() {
		t.AllowedFields = append(t.AllowedFields, awslogs.RecordField{Name: &name, Mandatory: new(false)})
	}
	return t
}
