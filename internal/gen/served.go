package main

// service is one package below awsapi, the model it comes from and the operations that are built.
type service struct {
	Package string // below awsapi, such as "awslogs"
	Model   string // file in models, such as "logs.json"
	Title   string // AWS' name of the service
	Served  []string
	// OmitValues leaves the offending values out of the messages of constraint checks.
	OmitValues bool
	// Namespace is that of error shapes, which the protocols of a service that speaks several put before their names.
	Namespace string
}

// services lists what is generated. To serve one more operation, add its name here, run go generate, and write the
// method that the compiler then asks for.
var services = []service{
	{
		Package: "awsapigateway", Model: "apigateway.json", Title: "Amazon API Gateway (REST APIs)",
		Served: []string{
			"GetAccount", "UpdateAccount",
			"CreateRestApi", "GetRestApi", "GetRestApis", "UpdateRestApi", "DeleteRestApi",
			"CreateResource", "GetResource", "GetResources", "UpdateResource", "DeleteResource",
			"PutMethod", "GetMethod", "UpdateMethod", "DeleteMethod", "TestInvokeMethod",
			"PutMethodResponse", "GetMethodResponse", "UpdateMethodResponse", "DeleteMethodResponse",
			"PutIntegration", "GetIntegration", "UpdateIntegration", "DeleteIntegration",
			"PutIntegrationResponse", "GetIntegrationResponse", "UpdateIntegrationResponse", "DeleteIntegrationResponse",
			"CreateAuthorizer", "GetAuthorizer", "GetAuthorizers", "UpdateAuthorizer", "DeleteAuthorizer",
			"TestInvokeAuthorizer", "FlushStageAuthorizersCache", "FlushStageCache", "ImportRestApi", "PutRestApi", "GetExport",
			"CreateDeployment", "GetDeployment", "GetDeployments", "UpdateDeployment", "DeleteDeployment",
			"CreateStage", "GetStage", "GetStages", "UpdateStage", "DeleteStage",
			"CreateModel", "GetModel", "GetModels", "UpdateModel", "DeleteModel", "GetModelTemplate",
			"CreateRequestValidator", "GetRequestValidator", "GetRequestValidators", "UpdateRequestValidator", "DeleteRequestValidator",
			"PutGatewayResponse", "GetGatewayResponse", "GetGatewayResponses", "UpdateGatewayResponse", "DeleteGatewayResponse",
			"CreateApiKey", "GetApiKey", "GetApiKeys", "UpdateApiKey", "DeleteApiKey", "ImportApiKeys",
			"CreateUsagePlan", "GetUsagePlan", "GetUsagePlans", "UpdateUsagePlan", "DeleteUsagePlan",
			"CreateUsagePlanKey", "GetUsagePlanKey", "GetUsagePlanKeys", "DeleteUsagePlanKey", "GetUsage", "UpdateUsage",
			"GetTags", "TagResource", "UntagResource",
			"CreateDocumentationPart", "GetDocumentationPart", "GetDocumentationParts", "UpdateDocumentationPart",
			"DeleteDocumentationPart", "ImportDocumentationParts",
			"CreateDocumentationVersion", "GetDocumentationVersion", "GetDocumentationVersions", "UpdateDocumentationVersion",
			"DeleteDocumentationVersion",
			"CreateVpcLink", "GetVpcLink", "GetVpcLinks", "UpdateVpcLink", "DeleteVpcLink",
			"CreateDomainName", "GetDomainName", "GetDomainNames", "UpdateDomainName", "DeleteDomainName",
			"CreateBasePathMapping", "GetBasePathMapping", "GetBasePathMappings", "UpdateBasePathMapping", "DeleteBasePathMapping",
			"GenerateClientCertificate", "GetClientCertificate", "GetClientCertificates", "UpdateClientCertificate",
			"DeleteClientCertificate",
		},
	},
	{
		Package: "awslogs", Model: "logs.json", Title: "Amazon CloudWatch Logs",
		Served: []string{
			"CreateLogGroup", "DeleteLogGroup", "DescribeLogGroups", "ListLogGroups",
			"CreateLogStream", "DeleteLogStream", "DescribeLogStreams",
			"PutLogEvents", "GetLogEvents", "FilterLogEvents", "GetLogRecord", "GetLogGroupFields",
			"PutRetentionPolicy", "DeleteRetentionPolicy",
			"TagResource", "UntagResource", "ListTagsForResource",
			"TagLogGroup", "UntagLogGroup", "ListTagsLogGroup",
			"PutLogGroupDeletionProtection", "AssociateKmsKey", "DisassociateKmsKey",
			"PutMetricFilter", "DescribeMetricFilters", "DeleteMetricFilter", "TestMetricFilter",
			"PutSubscriptionFilter", "DescribeSubscriptionFilters", "DeleteSubscriptionFilter",
			"PutDestination", "PutDestinationPolicy", "DescribeDestinations", "DeleteDestination",
			"PutResourcePolicy", "DescribeResourcePolicies", "DeleteResourcePolicy",
			"PutAccountPolicy", "DescribeAccountPolicies", "DeleteAccountPolicy",
			"PutIndexPolicy", "DescribeIndexPolicies", "DeleteIndexPolicy",
			"PutQueryDefinition", "DescribeQueryDefinitions", "DeleteQueryDefinition",
			"CreateLookupTable", "GetLookupTable", "DescribeLookupTables", "UpdateLookupTable", "DeleteLookupTable",
			"StartQuery", "GetQueryResults", "StopQuery", "DescribeQueries",
			"StartLiveTail",
			"PutDeliverySource", "GetDeliverySource", "DescribeDeliverySources", "DeleteDeliverySource",
			"PutDeliveryDestination", "GetDeliveryDestination", "DescribeDeliveryDestinations", "DeleteDeliveryDestination",
			"PutDeliveryDestinationPolicy", "GetDeliveryDestinationPolicy", "DeleteDeliveryDestinationPolicy",
			"CreateDelivery", "GetDelivery", "DescribeDeliveries", "UpdateDeliveryConfiguration", "DeleteDelivery",
			"DescribeConfigurationTemplates",
		},
	},
	{
		Package: "awsiam", Model: "iam.json", Title: "AWS Identity and Access Management", OmitValues: true,
		Served: []string{
			"CreateRole", "GetRole", "ListRoles", "UpdateRole", "UpdateRoleDescription", "DeleteRole",
			"UpdateAssumeRolePolicy", "TagRole", "UntagRole", "ListRoleTags",
			"PutRolePolicy", "GetRolePolicy", "DeleteRolePolicy", "ListRolePolicies",
			"CreatePolicy", "GetPolicy", "ListPolicies", "DeletePolicy",
			"CreatePolicyVersion", "GetPolicyVersion", "ListPolicyVersions", "DeletePolicyVersion",
			"SetDefaultPolicyVersion",
			"AttachRolePolicy", "DetachRolePolicy", "ListAttachedRolePolicies", "ListEntitiesForPolicy",
			"TagPolicy", "UntagPolicy", "ListPolicyTags",
			"ListInstanceProfilesForRole", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary",
			"CreateUser", "GetUser", "ListUsers", "UpdateUser", "DeleteUser", "TagUser", "UntagUser", "ListUserTags",
			"PutUserPolicy", "GetUserPolicy", "DeleteUserPolicy", "ListUserPolicies",
			"AttachUserPolicy", "DetachUserPolicy", "ListAttachedUserPolicies",
			"PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary",
			"CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey", "GetAccessKeyLastUsed",
			"CreateGroup", "GetGroup", "ListGroups", "UpdateGroup", "DeleteGroup",
			"AddUserToGroup", "RemoveUserFromGroup", "ListGroupsForUser",
			"PutGroupPolicy", "GetGroupPolicy", "DeleteGroupPolicy", "ListGroupPolicies",
			"AttachGroupPolicy", "DetachGroupPolicy", "ListAttachedGroupPolicies",
		},
	},
	{
		Package: "awssts", Model: "sts.json", Title: "AWS Security Token Service",
		Served: []string{"GetCallerIdentity", "AssumeRole", "GetSessionToken", "GetAccessKeyInfo"},
	},
	{
		Package: "awscloudwatch", Model: "cloudwatch.json", Title: "Amazon CloudWatch",
		Namespace: "com.amazonaws.cloudwatch.v2010_08_01",
		Served: []string{
			"PutMetricData", "GetMetricData", "GetMetricStatistics", "ListMetrics",
			"PutMetricAlarm", "PutCompositeAlarm", "DescribeAlarms", "DescribeAlarmsForMetric", "DescribeAlarmHistory", "DeleteAlarms",
			"SetAlarmState", "EnableAlarmActions", "DisableAlarmActions",
			"TagResource", "UntagResource", "ListTagsForResource",
			"PutDashboard", "GetDashboard", "ListDashboards", "DeleteDashboards",
		},
	},
}

// recordedEnums holds, by service and shape, the order in which AWS' messages name an enum's values where a recording
// shows it; others follow the model.
var recordedEnums = map[string][]string{
	"apigateway.json IntegrationType": {"HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"},
	"cloudwatch.json StateValue":      {"INSUFFICIENT_DATA", "ALARM", "OK"},
}

// nullTexts holds, by service, the members that are maps of strings in which AWS was recorded to take null for an empty one
// and to answer null.
var nullTexts = map[string][]string{
	"apigateway.json": {"PutIntegrationResponseRequest.responseTemplates", "IntegrationResponse.responseTemplates"},
}

// requestLimits holds, by service and operation, the largest body of a request as it is sent, in bytes, where AWS documents
// one that is smaller than the service's.
var requestLimits = map[string]int{
	"cloudwatch.json PutMetricData": 1 << 20,
}

// recordedTooLong holds, by service and shape, the whole message that AWS was recorded to give for a string that is too
// long, in place of the list of violations.
var recordedTooLong = map[string]string{
	"logs.json LogGroupName":  groupOrStreamTooLong,
	"logs.json LogStreamName": groupOrStreamTooLong,
}

const groupOrStreamTooLong = "Invalid LogGroup or LogStream, both must have length less than or equal to 512."
