"""The control plane (6.3-6.11): which operation a path of a patch takes, pages, what cannot be deleted, changes at the same time, tags,
definitions that come back as they went out."""
import json
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from kit import ACCOUNT, Api, REGION, Server, finish, function_uri, refused, same

server = Server()
api = Api(server)
gw, root = api.gw, api.paths["/"]
many = ThreadPoolExecutor(8)


def outcome(call, **arguments):
    """What a call comes to: ok, or the code and message of its refusal."""
    try:
        call(**arguments)
        return "ok"
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"]["Message"]


# Every resource, with every path that a patch may name: A add, R replace, D remove. Operations beyond those are refused.
auth, pool = function_uri("auth"), f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_"
cat = api.resource("/cat")
validator = gw.create_request_validator(restApiId=api.id, name="v")["id"]
token = gw.create_authorizer(restApiId=api.id, name="token", type="TOKEN", authorizerUri=auth, identitySource="method.request.header.A")["id"]
cognito = gw.create_authorizer(restApiId=api.id, name="pool", type="COGNITO_USER_POOLS", providerARNs=[pool + "A"], identitySource="method.request.header.A")["id"]
gw.create_model(restApiId=api.id, name="M", schema='{"type":"object"}', contentType="application/json")
api.http("/pets/{id}", "GET", "http://127.0.0.1:1/{id}", request={"authorizationType": "CUSTOM", "authorizerId": token, "requestParameters": {"method.request.path.id": True}},
         requestParameters={"integration.request.path.id": "method.request.path.id"}, requestTemplates={"application/json": "x"},
         responses={200: {"declare": ["method.response.header.a", "method.response.header.b"], "responseParameters": {"method.response.header.a": "'x'"}}})
deployment = gw.create_deployment(restApiId=api.id, stageName="prod", variables={"k": "1"})["id"]
canary = gw.create_deployment(restApiId=api.id, stageName="prod", canarySettings={"percentTraffic": 1})["id"]
certificate = gw.generate_client_certificate()["clientCertificateId"]
key = gw.create_api_key(name="k")["id"]
stage = f"{api.id}:prod"
plan = gw.create_usage_plan(name="p", quota={"limit": 5, "period": "DAY"}, throttle={"rateLimit": 1, "burstLimit": 1}, apiStages=[
    {"apiId": api.id, "stage": "prod", "throttle": {"/pets/{id}/GET": {"rateLimit": 1, "burstLimit": 1}}}])["id"]
gw.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
link = gw.create_vpc_link(name="l", targetArns=[f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/net/n/50dc6c495c0c9188"])["id"]
part = gw.create_documentation_part(restApiId=api.id, location={"type": "API"}, properties='{"a":1}')["id"]
gw.create_documentation_version(restApiId=api.id, documentationVersion="1")
gw.create_domain_name(domainName="a.example.com", regionalCertificateArn="arn:aws:acm:x", endpointConfiguration={"types": ["REGIONAL"]})
gw.create_base_path_mapping(domainName="a.example.com", basePath="v1", restApiId=api.id, stage="prod")
gw.put_gateway_response(restApiId=api.id, responseType="THROTTLED", responseParameters={"gatewayresponse.header.k": "'x'"})
own, method = {"restApiId": api.id}, api.at("/pets/{id}", "GET")
throttle = f"/apiStages/{stage}/throttle"
setting = "/pets/{id}/GET/"
tables = [
    (gw.update_account, {}, ["/cloudwatchRoleArn R ", "/features AD f"]),
    (gw.update_api_key, {"apiKey": key}, ["/customerId R c", "/description R d", "/enabled R true", "/name R n", "/labels AD l", f"/stages AD {api.id}/prod"]),
    (gw.update_authorizer, own | {"authorizerId": token}, [
        f"/authorizerUri R {auth}", f"/authorizerCredentials R arn:aws:iam::{ACCOUNT}:role/x", "/authorizerResultTtlInSeconds R 5", "/authType R custom",
        "/identitySource ARD method.request.header.A", "/identityValidationExpression R x", "/name R n", "/type R TOKEN"]),
    (gw.update_authorizer, own | {"authorizerId": cognito}, [f"/providerARNs AD {pool}B"]),
    (gw.update_base_path_mapping, {"domainName": "a.example.com", "basePath": "v1"}, ["/basePath R v1", f"/restapiId R {api.id}", "/stage R prod"]),
    (gw.update_client_certificate, {"clientCertificateId": certificate}, ["/description R d"]),
    (gw.update_deployment, own | {"deploymentId": deployment}, ["/description R d"]),
    (gw.update_documentation_part, own | {"documentationPartId": part}, ['/properties R {"a":2}']),
    (gw.update_documentation_version, own | {"documentationVersion": "1"}, ["/description R d"]),
    (gw.update_domain_name, {"domainName": "a.example.com"}, [
        "/certificateName ARD c", "/certificateArn ARD c", "/regionalCertificateName ARD c", "/regionalCertificateArn ARD c", "/routingMode R BASE_PATH_MAPPING_ONLY",
        "/endpointConfiguration/types AD REGIONAL", "/endpointConfiguration/ipAddressType R ipv4", "/endpointAccessMode R BASIC", "/securityPolicy R TLS_1_2",
        "/mutualTlsAuthentication/truststoreUri ARD ", "/mutualTlsAuthentication/truststoreVersion ARD 1", "/ownershipVerificationCertificateArn ARD c"]),
    (gw.update_gateway_response, own | {"responseType": "THROTTLED"}, ["/statusCode R 431", "/responseParameters/gatewayresponse.header.k RDA 'x'",
                                                                       "/responseTemplates/application~1json ARD {}"]),
    (gw.update_integration, method, [
        "/cacheKeyParameters ARD method.request.path.id", "/cacheNamespace R n", "/connectionId R x", "/connectionType R INTERNET", "/contentHandling R CONVERT_TO_TEXT",
        "/httpMethod R POST", "/integrationTarget R arn:x", "/passthroughBehavior R NEVER", "/requestParameters/integration.request.path.id ARD method.request.path.id",
        "/requestTemplates/application~1json ARD x", "/responseTransferMode R BUFFERED", "/timeoutInMillis R 500", "/tlsConfig/insecureSkipVerification R true",
        "/uri R http://127.0.0.1:1/y", "/type - HTTP"]),
    (gw.update_integration_response, method | {"statusCode": "200"}, [
        "/contentHandling R CONVERT_TO_TEXT", "/responseParameters/method.response.header.a ARD 'x'", "/responseTemplates/application~1json ARD x", "/selectionPattern R 4.."]),
    (gw.update_method, method, [
        "/authorizationScopes AD x/y", "/authorizationType R CUSTOM", f"/authorizerId R {token}", "/apiKeyRequired R true", "/operationName R o",
        "/requestParameters/method.request.header.z ARD true", "/requestModels/application~1json ARD M", f"/requestValidatorId R {validator}"]),
    (gw.update_method_response, method | {"statusCode": "200"}, ["/responseModels/application~1json ARD M", "/responseParameters/method.response.header.b ARD true"]),
    (gw.update_model, own | {"modelName": "M"}, ["/description R d", '/schema R {"type":"array"}']),
    (gw.update_request_validator, own | {"requestValidatorId": validator}, ["/name R n", "/validateRequestBody R true", "/validateRequestParameters R true"]),
    (gw.update_resource, own | {"resourceId": cat}, [f"/parentId R {root}", "/pathPart R dog"]),
    (gw.update_rest_api, own, [
        "/apiKeySource R HEADER", "/binaryMediaTypes/image~1png ARD image/png", "/description ARD d", "/disableExecuteApiEndpoint R false", "/name R n", "/policy R ",
        "/endpointConfiguration/vpcEndpointIds AD vpce-1", "/endpointConfiguration/ipAddressType R ipv4", "/endpointAccessMode R BASIC", "/minimumCompressionSize R 5",
        "/securityPolicy R TLS_1_2"]),
    (gw.update_stage, own | {"stageName": "prod"}, [
        "/cacheClusterEnabled R true", "/cacheClusterSize R 0.5", f"/canarySettings/deploymentId R {canary}", "/canarySettings/percentTraffic R 50.000000",
        '/canarySettings/stageVariableOverrides R {"a":"b"}', "/canarySettings/useStageCache R true", f"/clientCertificateId R {certificate}",
        f"/deploymentId R {deployment}", "/description R d", "/documentationVersion R 1", "/variables/k RD v", '/variables RD {"k":"v"}', "/tracingEnabled R true",
        setting + "metrics/enabled R true", setting + "logging/dataTrace R true", setting + "logging/loglevel R OFF", setting + "throttling/burstLimit R 5",
        setting + "throttling/rateLimit R 5.500000", setting + "caching/enabled R true", setting + "caching/dataEncrypted R true", setting + "caching/ttlInSeconds R 5",
        setting + "caching/requireAuthorizationForCacheControl R true", setting + "caching/unauthorizedCacheControlHeaderStrategy R FAIL_WITH_403", "/canarySettings D "]),
    (gw.update_usage, {"usagePlanId": plan, "keyId": key}, ["/remaining R 3"]),
    (gw.update_usage_plan, {"usagePlanId": plan}, [
        throttle + "/pets/{id}/GET/rateLimit AR 5", throttle + "/pets/{id}/GET/burstLimit AR 5", throttle + "/pets/{id}/GET D ", throttle + ' ARD {"/pets/{id}/GET":{"rateLimit":1}}',
        f"/apiStages DA {stage}", "/description R d", "/name R n", "/productCode ARD c", "/quota/limit AR 5", "/quota/offset AR 0", "/quota/period AR DAY", "/quota D ",
        "/throttle/burstLimit AR 5", "/throttle/rateLimit AR 5", "/throttle D "]),
    (gw.update_vpc_link, {"vpcLinkId": link}, ["/name R n", "/description R d"]),
]
letters = {"A": "add", "R": "replace", "D": "remove"}
for update, of, rows in tables:
    for row in rows:
        path, allowed, value = row.split(" ", 2)
        supported = [letters[letter] for letter in allowed if letter != "-"]
        for op in supported + [op for op in ("add", "replace", "remove", "copy", "move", "test") if op not in supported]:
            got = outcome(update, **of, patchOperations=[{"op": op, "path": path, "value": value}])
            same(got == "ok", op in supported, f"{op} {path}: {got}")

# What something refers to stays, and a list of operations with a bad one changes nothing.
bad, ok = {"op": "replace", "path": "/x", "value": "x"}, {"op": "replace", "path": "/name", "value": "changed"}
refused(lambda: gw.update_rest_api(restApiId=api.id, patchOperations=[ok, bad]), "BadRequestException", "Invalid patch path /x")
same(gw.get_rest_api(restApiId=api.id)["name"], "n")
refused(lambda: gw.delete_stage(restApiId=api.id, stageName="prod"), "BadRequestException",
        "Deleting stage prod failed. Please remove all base path mappings related to the stage in your domains: a.example.com")
refused(lambda: gw.delete_rest_api(restApiId=api.id), "BadRequestException",
        f"Deleting RestApi {api.id} failed. Please remove all base path mappings related to the RestApi in your domains: a.example.com")
refused(lambda: gw.delete_deployment(restApiId=api.id, deploymentId=deployment), "BadRequestException", "Active stages pointing to this deployment must be moved or deleted")
refused(lambda: gw.delete_usage_plan(usagePlanId=plan), "BadRequestException", f"Cannot delete Usage Plan {plan} because there are API Stages associated with it, including {stage}")

# Tags of everything that has an ARN.
arn = f"arn:aws:apigateway:{REGION}::"
for name in (f"/restapis/{api.id}", f"/restapis/{api.id}/stages/prod", f"/apikeys/{key}", f"/usageplans/{plan}", f"/clientcertificates/{certificate}", f"/vpclinks/{link}",
             "/domainnames/a.example.com"):
    gw.tag_resource(resourceArn=arn + name, tags={"a": "1", "b c": "2/3"})
    gw.untag_resource(resourceArn=arn + name, tagKeys=["a", "absent"])
    same(gw.get_tags(resourceArn=arn + name)["tags"], {"b c": "2/3"}, name)
same(gw.get_stage(restApiId=api.id, stageName="prod")["tags"], {"b c": "2/3"})

# A null template, which clients that check nothing send.
raw = boto3.client("apigateway", endpoint_url="http://" + server.api, region_name=REGION, aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret",
                   config=Config(parameter_validation=False))
for template in (None, ""):
    raw.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": template})
    same(gw.get_integration_response(**method, statusCode="200")["responseTemplates"], {"application/json": None})

# Changes at the same time are all kept, and lists come in pages.
busy = Api(server)
list(many.map(lambda n: gw.create_resource(restApiId=busy.id, parentId=busy.paths["/"], pathPart=f"r{n:02}"), range(30)))
alike = list(many.map(lambda n: outcome(gw.create_resource, restApiId=busy.id, parentId=busy.paths["/"], pathPart="one"), range(8)))
same((alike.count("ok"), set(alike) - {"ok"}), (1, {("ConflictException", "Another resource with the same parent already has this name: one")}))
methods = "GET PUT POST DELETE PATCH OPTIONS HEAD ANY".split()
busy.resource("/all")
list(many.map(lambda name: busy.mock("/all", name), methods))
listed = gw.get_resource(restApiId=busy.id, resourceId=busy.paths["/all"], embed=["methods"])["resourceMethods"]
same(sorted(listed), sorted(methods))
same([list(m["methodIntegration"]["integrationResponses"]) for m in listed.values()], [["200"]] * 8)
gw.create_deployment(restApiId=busy.id, stageName="prod")
list(many.map(lambda n: busy.patch("prod", (f"/variables/v{n}", "x")), range(20)))
same(len(gw.get_stage(restApiId=busy.id, stageName="prod")["variables"]), 20)
pages = [page["items"] for page in gw.get_paginator("get_resources").paginate(restApiId=busy.id, PaginationConfig={"PageSize": 10})]
paths = [r["path"] for page in pages for r in page]
same(([len(page) for page in pages], paths), ([10, 10, 10, 3], ["/", "/all", "/one"] + [f"/r{n:02}" for n in range(30)]))
same([len(gw.get_resources(restApiId=busy.id, **limit)["items"]) for limit in ({}, {"limit": 1000})], [25, 33])
same({r["path"]: r.get("resourceMethods") for r in gw.get_resources(restApiId=busy.id, limit=3)["items"]}, {"/": None, "/all": {m: {} for m in methods}, "/one": None})

# A definition that was exported, imported and exported again is the same.
gw.put_method(**busy.at("/all/{id}", "GET"), authorizationType="NONE", requestParameters={"method.request.path.id": True, "method.request.querystring.q": False})
gw.put_integration(**busy.at("/all/{id}", "GET"), type="AWS_PROXY", integrationHttpMethod="POST", uri=function_uri("f"))
gw.put_gateway_response(restApiId=busy.id, responseType="DEFAULT_4XX", responseParameters={"gatewayresponse.header.A": "'x'"}, responseTemplates={"application/json": "{}"})
gw.create_documentation_part(restApiId=busy.id, location={"type": "METHOD", "path": "/all", "method": "GET"}, properties='{"description":"all of them"}')
gw.create_documentation_part(restApiId=busy.id, location={"type": "API"}, properties='{"info":{"description":"about it"}}')
gw.create_documentation_version(restApiId=busy.id, documentationVersion="v1", stageName="prod")
gw.create_deployment(restApiId=busy.id, stageName="prod")


def export(api_id, kind):
    answer = gw.get_export(restApiId=api_id, stageName="prod", exportType=kind, accepts="application/json", parameters={"extensions": "apigateway,documentation"})
    definition = json.loads(answer["body"].read().replace(api_id.encode(), b"the-api"))
    same(bool(definition.get("x-amazon-apigateway-documentation", {}).pop("createdDate", "")), True, kind)
    return answer, definition


for kind in ("swagger", "oas30"):
    answer, first = export(busy.id, kind)
    same((answer["contentType"], answer["contentDisposition"]), ("application/octet-stream", f'attachment; filename="{kind}_{first["info"]["version"]}.json"'))
    copy = gw.import_rest_api(body=json.dumps(first).encode(), failOnWarnings=True)["id"]
    gw.create_documentation_version(restApiId=copy, documentationVersion="v1")
    gw.create_deployment(restApiId=copy, stageName="prod")
    gw.update_stage(restApiId=copy, stageName="prod", patchOperations=[{"op": "replace", "path": "/documentationVersion", "value": "v1"}])
    same(export(copy, kind)[1], first, kind)

# What goes with an API, and what AWS has that is not served.
gw.delete_base_path_mapping(domainName="a.example.com", basePath="v1")
gw.delete_rest_api(restApiId=api.id)
same(gw.get_usage_plan(usagePlanId=plan)["apiStages"], [])
refused(lambda: gw.get_stages(restApiId=api.id), "NotFoundException", f"Invalid API identifier specified {ACCOUNT}:{api.id}")
for name, call in {"GetSdkTypes": gw.get_sdk_types, "GetSdk": lambda: gw.get_sdk(restApiId=busy.id, stageName="prod", sdkType="java"),
                   "GetDomainNameAccessAssociations": gw.get_domain_name_access_associations}.items():
    refused(call, "NotImplemented", name + " is not built in this version of Tollbook")
finish()
