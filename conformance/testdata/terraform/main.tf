# Every kind of resource that the provider has for REST APIs, in two forms: terraform_test.go applies form 1, then 2, and
# finds no difference left after either.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "endpoint" {
  type = string
}
variable "form" {
  type    = number
  default = 1
}
locals {
  two = var.form == 2
}
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "AKIDEXAMPLE"
  secret_key                  = "secret"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    apigateway = var.endpoint
    iam        = var.endpoint
    logs       = var.endpoint
    sts        = var.endpoint
  }
}
resource "aws_iam_role" "log" {
  name               = "apigw-log"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "apigateway.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy_attachment" "log" {
  role       = aws_iam_role.log.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}
resource "aws_api_gateway_account" "a" {
  cloudwatch_role_arn = aws_iam_role.log.arn
  depends_on          = [aws_iam_role_policy_attachment.log]
}
resource "aws_cloudwatch_log_group" "g" { name = "tf-access" }
resource "aws_api_gateway_rest_api" "r" {
  name                         = local.two ? "renamed" : "first"
  description                  = local.two ? "changed" : "text"
  api_key_source               = local.two ? "AUTHORIZER" : "HEADER"
  binary_media_types           = local.two ? ["image/png", "application/pdf"] : ["image/png", "image/gif"]
  minimum_compression_size     = local.two ? -1 : 100
  disable_execute_api_endpoint = local.two
  endpoint_configuration { types = [local.two ? "REGIONAL" : "EDGE"] }
  tags = local.two ? { b = "2" } : { a = "1" }
}
resource "aws_api_gateway_rest_api" "body" {
  name = "body"
  body = jsonencode({
    openapi = "3.0.1", info = { title = "body", version = local.two ? "2.0" : "1.0" },
    paths   = { (local.two ? "/y" : "/x") = { get = { responses = { "200" = { description = "ok" } }, "x-amazon-apigateway-integration" = { type = "mock", requestTemplates = { "application/json" = "{\"statusCode\":200}" }, responses = { default = { statusCode = "200" } } } } } }
  })
  endpoint_configuration { types = ["REGIONAL"] }
}
resource "aws_api_gateway_rest_api_policy" "p" {
  rest_api_id = aws_api_gateway_rest_api.body.id
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "execute-api:Invoke", Resource = "${aws_api_gateway_rest_api.body.execution_arn}/${local.two ? "y" : "*"}" }] })
}
resource "aws_api_gateway_resource" "pets" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  parent_id   = aws_api_gateway_rest_api.r.root_resource_id
  path_part   = "pets"
}
resource "aws_api_gateway_resource" "pet" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  parent_id   = aws_api_gateway_resource.pets.id
  path_part   = "{id}"
}
resource "aws_api_gateway_resource" "moving" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  parent_id   = local.two ? aws_api_gateway_rest_api.r.root_resource_id : aws_api_gateway_resource.pets.id
  path_part   = local.two ? "b" : "a"
}
resource "aws_api_gateway_model" "m" {
  rest_api_id  = aws_api_gateway_rest_api.r.id
  name         = "Pet"
  description  = local.two ? "pet2" : "pet"
  content_type = "application/json"
  schema       = jsonencode({ type = local.two ? "array" : "object" })
}
resource "aws_api_gateway_request_validator" "v" {
  rest_api_id                 = aws_api_gateway_rest_api.r.id
  name                        = local.two ? "v2" : "v1"
  validate_request_body       = true
  validate_request_parameters = local.two
}
resource "aws_api_gateway_authorizer" "t" {
  rest_api_id                      = aws_api_gateway_rest_api.r.id
  name                             = local.two ? "tok2" : "tok"
  authorizer_uri                   = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:auth/invocations"
  authorizer_credentials           = local.two ? null : aws_iam_role.log.arn
  identity_source                  = local.two ? "method.request.header.X-Tok" : "method.request.header.Authorization"
  authorizer_result_ttl_in_seconds = local.two ? 0 : 60
  identity_validation_expression   = local.two ? "" : "^x.*"
}
resource "aws_api_gateway_authorizer" "c" {
  rest_api_id   = aws_api_gateway_rest_api.r.id
  name          = "cog"
  type          = "COGNITO_USER_POOLS"
  provider_arns = local.two ? ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_B", "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_C"] : ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_A"]
}
resource "aws_api_gateway_authorizer" "rq" {
  rest_api_id     = aws_api_gateway_rest_api.r.id
  name            = "req"
  type            = "REQUEST"
  authorizer_uri  = aws_api_gateway_authorizer.t.authorizer_uri
  identity_source = "method.request.header.A,method.request.querystring.b"
}
resource "aws_api_gateway_method" "get" {
  rest_api_id          = aws_api_gateway_rest_api.r.id
  resource_id          = aws_api_gateway_resource.pet.id
  http_method          = "GET"
  authorization        = local.two ? "COGNITO_USER_POOLS" : "CUSTOM"
  authorizer_id        = local.two ? aws_api_gateway_authorizer.c.id : aws_api_gateway_authorizer.t.id
  authorization_scopes = local.two ? ["a/read", "a/write"] : null
  api_key_required     = !local.two
  operation_name       = local.two ? "get2" : "get1"
  request_validator_id = local.two ? null : aws_api_gateway_request_validator.v.id
  request_parameters   = local.two ? { "method.request.path.id" = true, "method.request.header.H" = true } : { "method.request.path.id" = true, "method.request.querystring.q" = false }
  request_models       = local.two ? { "text/json" = aws_api_gateway_model.m.name } : { "application/json" = aws_api_gateway_model.m.name }
}
resource "aws_api_gateway_method_response" "ok" {
  rest_api_id         = aws_api_gateway_rest_api.r.id
  resource_id         = aws_api_gateway_resource.pet.id
  http_method         = aws_api_gateway_method.get.http_method
  status_code         = "200"
  response_models     = local.two ? { "application/json" = "Error" } : { "application/json" = "Empty", "text/plain" = "Empty" }
  response_parameters = local.two ? { "method.response.header.B" = false } : { "method.response.header.A" = true, "method.response.header.B" = true }
}
resource "aws_api_gateway_integration" "i" {
  rest_api_id             = aws_api_gateway_rest_api.r.id
  resource_id             = aws_api_gateway_resource.pet.id
  http_method             = aws_api_gateway_method.get.http_method
  type                    = "HTTP"
  integration_http_method = local.two ? "PUT" : "POST"
  uri                     = local.two ? "https://b.example.com/{id}" : "https://a.example.com/{id}"
  passthrough_behavior    = local.two ? "NEVER" : "WHEN_NO_TEMPLATES"
  content_handling        = local.two ? "CONVERT_TO_TEXT" : "CONVERT_TO_BINARY"
  timeout_milliseconds    = local.two ? 5000 : 12000
  cache_namespace         = local.two ? "ns2" : "ns1"
  cache_key_parameters    = local.two ? ["method.request.header.H"] : ["method.request.path.id", "method.request.querystring.q"]
  request_parameters      = local.two ? { "integration.request.path.id" = "method.request.path.id", "integration.request.header.X" = "'y'" } : { "integration.request.path.id" = "method.request.path.id", "integration.request.querystring.z" = "method.request.querystring.q" }
  request_templates       = local.two ? { "text/xml" = "b", "application/json" = "" } : { "application/json" = "a", "text/xml" = "a" }
  tls_config { insecure_skip_verification = local.two }
}
resource "aws_api_gateway_integration_response" "ir" {
  rest_api_id         = aws_api_gateway_rest_api.r.id
  resource_id         = aws_api_gateway_resource.pet.id
  http_method         = aws_api_gateway_method.get.http_method
  status_code         = aws_api_gateway_method_response.ok.status_code
  selection_pattern   = local.two ? "" : "2\\d\\d"
  content_handling    = local.two ? null : "CONVERT_TO_TEXT"
  response_parameters = { "method.response.header.B" = local.two ? "integration.response.header.c" : "integration.response.header.b" }
  response_templates  = local.two ? { "application/xml" = "x2" } : { "application/json" = "", "application/xml" = "x" }
  depends_on          = [aws_api_gateway_integration.i]
}
resource "aws_api_gateway_method" "mock" {
  rest_api_id   = aws_api_gateway_rest_api.r.id
  resource_id   = aws_api_gateway_resource.pets.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}
resource "aws_api_gateway_integration" "mock" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  resource_id = aws_api_gateway_resource.pets.id
  http_method = aws_api_gateway_method.mock.http_method
  type        = "MOCK"
}
resource "aws_api_gateway_method" "lam" {
  rest_api_id   = aws_api_gateway_rest_api.r.id
  resource_id   = aws_api_gateway_resource.pets.id
  http_method   = "ANY"
  authorization = local.two ? "AWS_IAM" : "NONE"
}
resource "aws_api_gateway_integration" "lam" {
  rest_api_id             = aws_api_gateway_rest_api.r.id
  resource_id             = aws_api_gateway_resource.pets.id
  http_method             = aws_api_gateway_method.lam.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${local.two ? "f2" : "f1"}/invocations"
}
resource "aws_api_gateway_vpc_link" "l" {
  name        = local.two ? "link2" : "link"
  description = local.two ? "d2" : ""
  target_arns = ["arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/n/50dc6c495c0c9188"]
  tags        = { a = "b" }
}
resource "aws_api_gateway_method" "vpc" {
  rest_api_id   = aws_api_gateway_rest_api.r.id
  resource_id   = aws_api_gateway_rest_api.r.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}
resource "aws_api_gateway_integration" "vpc" {
  rest_api_id             = aws_api_gateway_rest_api.r.id
  resource_id             = aws_api_gateway_rest_api.r.root_resource_id
  http_method             = aws_api_gateway_method.vpc.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "GET"
  uri                     = "http://example.com"
  connection_type         = local.two ? "INTERNET" : "VPC_LINK"
  connection_id           = local.two ? null : aws_api_gateway_vpc_link.l.id
}
resource "aws_api_gateway_deployment" "d" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  description = local.two ? "dep2" : "dep1"
  depends_on  = [aws_api_gateway_integration.i, aws_api_gateway_integration.mock, aws_api_gateway_integration.lam, aws_api_gateway_integration.vpc, aws_api_gateway_integration_response.ir]
}
resource "aws_api_gateway_deployment" "c" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  depends_on  = [aws_api_gateway_deployment.d]
}
resource "aws_api_gateway_client_certificate" "cc" {
  description = local.two ? "cc2" : "cc"
  tags        = local.two ? { a = "1" } : {}
}
resource "aws_api_gateway_documentation_part" "dp" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  location {
    type   = "METHOD"
    method = "GET"
    path   = "/pets"
  }
  properties = local.two ? "{\"description\":\"two\"}" : "{\"description\":\"one\"}"
}
resource "aws_api_gateway_documentation_version" "dv" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  version     = "1.0"
  description = local.two ? "v two" : "v one"
  depends_on  = [aws_api_gateway_documentation_part.dp]
}
resource "aws_api_gateway_stage" "s" {
  rest_api_id           = aws_api_gateway_rest_api.r.id
  deployment_id         = aws_api_gateway_deployment.d.id
  stage_name            = "prod"
  description           = local.two ? "stage two" : "stage one"
  cache_cluster_enabled = !local.two
  cache_cluster_size    = local.two ? null : "0.5"
  client_certificate_id = local.two ? null : aws_api_gateway_client_certificate.cc.id
  documentation_version = local.two ? null : aws_api_gateway_documentation_version.dv.version
  variables             = local.two ? { b = "2", c = "3" } : { a = "1", b = "1" }
  xray_tracing_enabled  = local.two
  dynamic "access_log_settings" {
    for_each = local.two ? [] : [1]
    content {
      destination_arn = aws_cloudwatch_log_group.g.arn
      format          = "$context.requestId $context.status"
    }
  }
  dynamic "canary_settings" {
    for_each = local.two ? [2] : [1]
    content {
      deployment_id            = aws_api_gateway_deployment.c.id
      percent_traffic          = canary_settings.value * 10.5
      stage_variable_overrides = local.two ? { x = "2" } : { x = "1", y = "1" }
      use_stage_cache          = local.two
    }
  }
  tags       = local.two ? { t = "2" } : { s = "1" }
  depends_on = [aws_api_gateway_account.a]
}
resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  stage_name  = aws_api_gateway_stage.s.stage_name
  method_path = "*/*"
  settings {
    metrics_enabled        = true
    logging_level          = local.two ? "ERROR" : "INFO"
    data_trace_enabled     = !local.two
    throttling_burst_limit = local.two ? 11 : 10
    throttling_rate_limit  = local.two ? 1.5 : 100.5
    caching_enabled        = true
    cache_ttl_in_seconds   = local.two ? 10 : 20
    cache_data_encrypted   = local.two
    # The provider does not send a first false, while the default is true.
    require_authorization_for_cache_control    = !local.two
    unauthorized_cache_control_header_strategy = local.two ? "FAIL_WITH_403" : "SUCCEED_WITHOUT_RESPONSE_HEADER"
  }
}
resource "aws_api_gateway_method_settings" "one" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  stage_name  = aws_api_gateway_stage.s.stage_name
  method_path = "pets/{id}/GET"
  settings {
    logging_level = local.two ? "OFF" : "ERROR"
  }
}
resource "aws_api_gateway_method_settings" "root" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  stage_name  = aws_api_gateway_stage.s.stage_name
  method_path = "~1/GET"
  settings {
    metrics_enabled = true
  }
}
resource "aws_api_gateway_api_key" "k" {
  name        = local.two ? "key2" : "key"
  description = local.two ? "d2" : null
  enabled     = !local.two
  customer_id = local.two ? "c2" : "c1"
  tags        = { a = "b" }
}
resource "aws_api_gateway_api_key" "k2" {
  name  = "own"
  value = "01234567890123456789abc"
}
resource "aws_api_gateway_usage_plan" "p" {
  name         = local.two ? "plan2" : "plan"
  description  = local.two ? "" : "plan text"
  product_code = local.two ? "" : "CODE"
  api_stages {
    api_id = aws_api_gateway_rest_api.r.id
    stage  = aws_api_gateway_stage.s.stage_name
    throttle {
      path        = "/pets/{id}/GET"
      burst_limit = local.two ? 7 : 5
      rate_limit  = local.two ? 3.5 : 2
    }
  }
  dynamic "quota_settings" {
    for_each = local.two ? [] : [1]
    content {
      limit  = 20
      offset = 2
      period = "WEEK"
    }
  }
  throttle_settings {
    burst_limit = local.two ? 6 : 5
    rate_limit  = local.two ? 11 : 10
  }
  tags = { a = "b" }
}
resource "aws_api_gateway_usage_plan_key" "pk" {
  key_id        = aws_api_gateway_api_key.k.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.p.id
}
# After a change of a domain name the provider waits a minute, so these stay as they are.
resource "aws_api_gateway_domain_name" "dn" {
  domain_name              = "tf.example.com"
  regional_certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/a"
  security_policy          = "TLS_1_2"
  endpoint_configuration { types = ["REGIONAL"] }
  tags = { a = "b" }
}
resource "aws_api_gateway_domain_name" "edge" {
  domain_name     = "edge.example.com"
  certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/a"
}
resource "aws_api_gateway_base_path_mapping" "b" {
  api_id      = aws_api_gateway_rest_api.r.id
  stage_name  = local.two ? null : aws_api_gateway_stage.s.stage_name
  domain_name = aws_api_gateway_domain_name.dn.domain_name
  base_path   = local.two ? "v2" : "v1"
}
resource "aws_api_gateway_base_path_mapping" "root" {
  api_id      = aws_api_gateway_rest_api.r.id
  stage_name  = aws_api_gateway_stage.s.stage_name
  domain_name = aws_api_gateway_domain_name.edge.domain_name
}
resource "aws_api_gateway_gateway_response" "gr" {
  rest_api_id         = aws_api_gateway_rest_api.r.id
  response_type       = "UNAUTHORIZED"
  status_code         = local.two ? "402" : "401"
  response_templates  = local.two ? { "application/xml" = "<x/>" } : { "application/json" = "{\"message\":$context.error.messageString}" }
  response_parameters = local.two ? { "gatewayresponse.header.B" = "'2'" } : { "gatewayresponse.header.A" = "'1'", "gatewayresponse.header.B" = "'1'" }
}
data "aws_api_gateway_rest_api" "d" {
  name       = aws_api_gateway_rest_api.body.name
  depends_on = [aws_api_gateway_rest_api.body]
}
data "aws_api_gateway_export" "e" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  stage_name  = aws_api_gateway_stage.s.stage_name
  export_type = "oas30"
  parameters  = { extensions = "integrations" }
}
data "aws_api_gateway_resource" "d" {
  rest_api_id = aws_api_gateway_rest_api.r.id
  path        = aws_api_gateway_resource.pets.path
}
data "aws_api_gateway_api_key" "d" { id = aws_api_gateway_api_key.k.id }
data "aws_api_gateway_vpc_link" "d" {
  name       = aws_api_gateway_vpc_link.l.name
  depends_on = [aws_api_gateway_vpc_link.l]
}
data "aws_api_gateway_domain_name" "d" { domain_name = aws_api_gateway_domain_name.dn.domain_name }
data "aws_api_gateway_authorizers" "d" {
  rest_api_id = aws_api_gateway_rest_api.r.id
}
data "aws_api_gateway_api_keys" "d" {}
