"""Each type of gateway response where it happens (4.14, 4.15): what the API says about it, $context.error.* there and in the entry (1.6),
what a phase that failed leaves in the entry (1.9), and the end of the execution log (2.5 to 2.8)."""
import json
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from kit import Api, Back, FunctionError, REGION, Server, enable_logs, finish, function_uri, same

server = Server()
enable_logs(server)
back = Back(lambda request: (200, {"Content-Type": "application/json"}, json.dumps({n.lower(): v for n, v in request.headers.items()})))


def decide(event):
    token = event["authorizationToken"]
    if token in ("throw", "Unauthorized"):
        raise FunctionError(token)
    if token == "busy":
        return 429, {"x-amzn-RequestId": "function-decide"}, "{}"
    return {"principalId": "p", "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "execute-api:Invoke", "Effect": "Deny" if token == "deny" else "Allow", "Resource": "*" if token != "other" else "arn:aws:execute-api:*:*:other/*"}]}}


server.functions |= {"decide": decide, "text": lambda event: "text"}
api = Api(server)
gw = api.gw
authorizer = lambda name, function, **settings: gw.create_authorizer(
    restApiId=api.id, name=name, type="TOKEN", authorizerUri=function_uri(function), identitySource="method.request.header.Auth", **settings)["id"]
ask = {"authorizationType": "CUSTOM", "authorizerId": authorizer("decide", "decide", authorizerResultTtlInSeconds=0)}
gone = {"authorizationType": "CUSTOM", "authorizerId": authorizer("gone", "not-there")}
validator = gw.create_request_validator(restApiId=api.id, name="v", validateRequestBody=True, validateRequestParameters=True)["id"]
gw.create_model(restApiId=api.id, name="Leaf", contentType="application/json", schema='{"type": "object", "required": ["x"]}')
api.mock("/asked", request=ask)
api.mock("/gone", request=gone)
api.mock("/signed", request={"authorizationType": "AWS_IAM"})
for path in ("/keyed", "/slow", "/quota"):
    api.mock(path, request={"apiKeyRequired": True})
api.mock("/stage-slow")
api.http("/closed", "GET", "http://127.0.0.1:1/")
api.http("/no-default", "GET", back.url, responses={200: {"selectionPattern": "999"}})
api.http("/never", "POST", back.url, passthroughBehavior="NEVER")
api.http("/leaf", "POST", back.url, request={"requestValidatorId": validator, "requestModels": {"application/json": "Leaf"}, "requestParameters": {"method.request.querystring.q": True}})
api.http("/hangs", "GET", Back(lambda request: time.sleep(0.3)).url, timeoutInMillis=50)
api.function("/text", "GET", "text")

# What the API says: the same template for all types, and a status of its own for each.
template = '{"type":"$context.error.responseType","message":$context.error.messageString}'
types = [r["responseType"] for r in gw.get_gateway_responses(restApiId=api.id)["items"]]
status = {name: (540 if name in ("API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE", "DEFAULT_5XX", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT") else 440) + i
          for i, name in enumerate(types)}
api.deploy("plain")
for name in types:
    gw.put_gateway_response(restApiId=api.id, responseType=name, statusCode=str(status[name]), responseTemplates={"application/json": template}, responseParameters={
        "gatewayresponse.header.X-Type": "context.error.responseType", "gatewayresponse.header.X-String": "context.error.messageString", "gatewayresponse.header.X-Static": "'s'",
        "gatewayresponse.header.X-Bare": "context.error.message", "gatewayresponse.header.X-Detail": "context.error.validationErrorString"})
api.deploy()
value = "a-key-of-twenty-characters-and-more"
key = gw.create_api_key(name="k", value=value, enabled=True)
plan = gw.create_usage_plan(name="p", apiStages=[{"apiId": api.id, "stage": s, "throttle": {"/slow/GET": {"rateLimit": 0.001, "burstLimit": 1}}} for s in ("prod", "plain")],
                            quota={"limit": 3, "period": "DAY"})
gw.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
for stage in ("prod", "plain"):
    api.patch(stage, ("/stage-slow/GET/throttling/rateLimit", "0.001"), ("/stage-slow/GET/throttling/burstLimit", "1"), ("/stage-slow/GET/logging/loglevel", "INFO"))
    for path in ("/slow", "/stage-slow"):
        same(api.call(path, headers={"X-API-Key": value}, stage=stage).status, 200, stage + path)


def signature(secret, stage):
    r = botocore.awsrequest.AWSRequest("GET", f"https://{api.id}.execute-api.{REGION}.amazonaws.com/{stage}/signed")
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(*secret), "execute-api", REGION).add_auth(r)
    return dict(r.headers.items())


iam = server.client("iam")
iam.create_user(UserName="nobody")
pair = iam.create_access_key(UserName="nobody")["AccessKey"]
own = pair["AccessKeyId"], pair["SecretAccessKey"]
json_type, auth = {"Content-Type": "application/json"}, lambda token: {"Auth": token}
denied, masked = "User is not authorized to access this resource", "*" * (len(value) - 6) + value[-6:]
internal, failed = "InternalServerErrorException", "Execution failed due to configuration error: "
# path, how it is called, type, AWS' status, type and message, what the entry says of authenticate/authorizer/its function/authorize, the line before the last.
CASES = [
    ("/asked", dict(headers=auth("deny")), "ACCESS_DENIED", 403, "AccessDeniedException", denied + " with an explicit deny in an identity-based policy", "- 200 200 403",
     "The client is not authorized to perform this operation."),
    ("/asked", dict(headers=auth("other")), "ACCESS_DENIED", 403, "AccessDeniedException", denied, "- 200 200 403", "The client is not authorized to perform this operation."),
    ("/asked", dict(), "UNAUTHORIZED", 401, "UnauthorizedException", "Unauthorized", "- 401 - -", "Incoming identity: "),
    ("/asked", dict(headers=auth("Unauthorized")), "UNAUTHORIZED", 401, "UnauthorizedException", "Unauthorized", "- 401 200 -", None),
    ("/asked", dict(headers=auth("throw")), "AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException", None, "- 500 200 -", "AuthorizerConfigurationException"),
    ("/asked", dict(headers=auth("busy")), "AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException", None, "- 500 429 -", "AuthorizerConfigurationException"),
    ("/gone", dict(headers=auth("x")), "AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException", None, "- 500 404 -", "AuthorizerConfigurationException"),
    ("/signed", dict(), "MISSING_AUTHENTICATION_TOKEN", 403, "MissingAuthenticationTokenException", "Missing Authentication Token", "403 - - -", None),
    ("/signed", dict(secret=(own[0], "wrong")), "INVALID_SIGNATURE", 403, "InvalidSignatureException", ..., "403 - - -", None),
    ("/signed", dict(secret=own), "ACCESS_DENIED", 403, "AccessDeniedException", ..., "200 - - 403", "The client is not authorized to perform this operation."),
    ("/keyed", dict(headers={"X-API-Key": "wrong"}), "INVALID_API_KEY", 403, "ForbiddenException", "Forbidden", "- - - -", None),
    ("/slow", dict(headers={"X-API-Key": value}), "THROTTLED", 429, "TooManyRequestsException", "Too Many Requests", "- - - -", "Key throttle limit exceeded for RestApi"),
    ("/stage-slow", dict(), "THROTTLED", 429, "TooManyRequestsException", "Too Many Requests", "- - - -", None),
    ("/leaf", dict(method="POST", body="{}", headers=json_type), "BAD_REQUEST_PARAMETERS", 400, "BadRequestException", "Missing required request parameters: [q]", "- - - -",
     "Missing required request parameters: [q]"),
    ("/leaf?q=1", dict(method="POST", body="{}", headers=json_type), "BAD_REQUEST_BODY", 400, "BadRequestException", "Invalid request body", "- - - -",
     'Request body does not match model schema for content type application/json: [object has missing required properties (["x"])]'),
    ("/never", dict(method="POST", body="x", headers={"Content-Type": "text/plain"}), "UNSUPPORTED_MEDIA_TYPE", 415, "BadRequestException", "Unsupported Media Type", "- - - -", None),
    ("/no-default", dict(), "API_CONFIGURATION_ERROR", 500, internal, "Internal server error", "- - - -",
     failed + "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: 200"),
    ("/closed", dict(), "INTEGRATION_FAILURE", 504, internal, "Network error communicating with endpoint", "- - - -", "Execution failed due to a network error communicating with endpoint"),
    ("/hangs", dict(), "INTEGRATION_TIMEOUT", 504, internal, "Endpoint request timed out", "- - - -", "Execution failed due to a timeout error"),
    ("/text", dict(), "INTEGRATION_FAILURE", 502, internal, "Internal server error", "- - - -", None),
]
late = ("BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "UNSUPPORTED_MEDIA_TYPE", "API_CONFIGURATION_ERROR", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT")
for path, how, name, code, error_type, message, phases, line in CASES:
    about = f"{path} {name} {how.get('headers')}"
    secret = how.pop("secret", None)
    for stage in ("plain", "prod"):
        answer = api.call(path, stage=stage, **({"headers": signature(secret, stage)} if secret else {}), **how)
        entry = api.entry(answer, stage) if stage == "prod" else {}
        text = json.loads(answer.text)
        said = message if message is not ... else text.get("Message") or text["message"]
        quoted = "null" if said is None else json.dumps(said)
        if stage == "plain":  # AWS' own answer, to the byte
            member = "Message" if name == "ACCESS_DENIED" else "message"
            same((answer.status, answer.text, answer["x-amzn-ErrorType"], answer["X-Static"]), (code, "{\"%s\":%s%s}" % (member, " " * (name in late), quoted), error_type, None), about)
            continue
        same((answer.status, answer["x-amzn-ErrorType"], answer["X-Type"], answer["X-String"], answer["X-Static"]), (status[name], error_type, name, None if said is None else quoted, "s"), about)
        same((text["type"], text["message"], answer["X-Bare"]), (name, said, said), about)
        same([entry[v] for v in ("status", "error.responseType", "error.message", "error.messageString")],
             [str(status[name]), name, said or "-", '"-"' if said is None else quoted], about)
        same(" ".join(entry[v] for v in ("authenticate.status", "authorizer.status", "authorizer.integrationStatus", "authorize.status")), phases, about)
        same((entry["authorizer.requestId"], entry["authorizer.integrationLatency"] == "-"),
             ({"404": "function-not-there"}.get(phases.split()[2], "function-decide") if phases.split()[2] != "-" else "-", phases.split()[2] == "-"), about)
        same(answer["X-Detail"], '[object has missing required properties (["x"])]' if name == "BAD_REQUEST_BODY" else None, about)
        lines = api.execution(answer)
        same(lines[-1].startswith("Unauthorized request: ") if name == "UNAUTHORIZED" else
             f"Method completed with status: {status[name]}" in lines[-2:], True, f"{about} {lines[-3:]}")
        if line:
            same(lines[-2].startswith(line), True, f"{about} {lines[-3:]}")
        if path == "/slow":
            same((len(lines), lines[1]), (4, f"Verifying Usage Plan for request: {answer.id}. API Key: {masked} API Stage: {api.id}/prod"), lines)

# What the quota leaves.
answers = [api.call("/quota", headers={"X-API-Key": value}) for _ in range(3)]
answer = answers[-1]
same(([a.status for a in answers[:1]], answer.status, json.loads(answer.text)["message"], answer["x-amzn-ErrorType"]), ([200], status["QUOTA_EXCEEDED"], "Limit Exceeded", "LimitExceededException"))
lines = api.execution(answer)
same((len(lines), lines[2][:24]), (4, "Key quota limit exceeded"), lines)

# A size that no type of the API's answers for.
answer = api.call("/leaf", "POST", b"x" * 10485761, json_type)
same((answer.status, answer.text), (413, "HTTP content length exceeded 10485760 bytes."))

# An integration response for which there is no method response any more.
api.mock("/undeclared")
gw.delete_method_response(**api.at("/undeclared", "GET"), statusCode="200")
api.deploy()
answer = api.call("/undeclared")
same((answer.status, json.loads(answer.text)["message"], api.execution(answer)[-2]),
     (status["API_CONFIGURATION_ERROR"], "Internal server error", failed + "Output mapping refers to an invalid method response: 200"))

# Headers of the connection are not for mappings.
api = Api(server)
names = ("Connection", "Expect", "Proxy-Authenticate", "TE", "Via", "Upgrade", "Trailer", "Server", "Max-Forwards", "Content-MD5", "WWW-Authenticate", "Date", "Warn")
for kind in ("HTTP", "HTTP_PROXY"):
    api.http("/" + kind, "GET", back.url, type=kind, responses={200: {}} if kind == "HTTP" else {}, requestParameters={"integration.request.header." + n: "'v'" for n in names})
api.deploy()
for kind in ("HTTP", "HTTP_PROXY"):
    same([n for n in names if n.lower() in json.loads(api.call("/" + kind).text)], list(names[5:]), kind)

# A private API is named by a header.
document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}
api = Api(server, endpointConfiguration={"types": ["PRIVATE"]}, policy=json.dumps(document))
api.mock("/", responses={200: {"responseTemplates": {"application/json": "$context.endpointType"}}})
api.deploy()
host = f"vpce-0123-abc.execute-api.{REGION}.vpce.amazonaws.com"
same([(a.status, a.text) for a in (api.call("/prod/", host=host, headers={"x-apigw-api-id": api.id}), api.call("/prod/", host=host))], [(200, "PRIVATE"), (403, '{"message":"Forbidden"}')])
finish()
