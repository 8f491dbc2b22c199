"""API keys, usage plans, quota, throttling (4.17), their entries and lines (1.6, 2.6)."""
import datetime

from kit import Api, Server, enable_logs, finish, refused, same

server = Server()
enable_logs(server)
api = Api(server)
gw = api.gw
for path in ("/keyed", "/quota", "/slow"):
    api.mock(path, request={"apiKeyRequired": True}, responses={200: {"responseTemplates": {"application/json": "$context.identity.apiKey $context.identity.apiKeyId"}}})
api.mock("/open", responses={200: {"responseTemplates": {"application/json": "[$context.identity.apiKey]"}}})
api.mock("/open/slow")
api.deploy()
stage = {"apiId": api.id, "stage": "prod"}
value = "a-key-of-twenty-characters-and-more"
key = gw.create_api_key(name="one", value=value, enabled=True)
loose = gw.create_api_key(name="loose", enabled=True)
off = gw.create_api_key(name="off", enabled=False)
same((len(loose["value"]), loose["value"].isalnum(), len(key["id"])), (40, True, 10))
plan = gw.create_usage_plan(name="plan", apiStages=[stage], throttle={"rateLimit": 1000, "burstLimit": 1000}, quota={"limit": 1000, "period": "MONTH", "offset": 0})
for k in (key, off):
    gw.create_usage_plan_key(usagePlanId=plan["id"], keyId=k["id"], keyType="API_KEY")
forbidden = (403, '{"message":"Forbidden"}', "ForbiddenException")


def ask(path, key=None, name="X-API-Key"):
    answer = api.call(path, headers={name: key} if key else {})
    return answer, (answer.status, answer.text, answer["x-amzn-ErrorType"])


answer, got = ask("/keyed", value)
same(got, (200, f"{value} {key['id']}", None))
masked = "*" * (len(value) - 6) + value[-6:]
entry = api.entry(answer)
same([entry[n] for n in ("status", "identity.apiKey", "identity.apiKeyId")], ["200", masked, key["id"]])
lines = api.execution(answer)
same((lines[1], lines[3], "API Key: " + masked in lines), (f"Verifying Usage Plan for request: {answer.id}. API Key: {masked} API Stage: {api.id}/prod",
                                                           f"Usage Plan check succeeded for API Key {masked} and API Stage {api.id}/prod", True))
same(lines[2].startswith(f"API Key {masked} authorized because "), True, lines[2])
same("x-api-key=" + masked in next(l for l in lines if l.startswith("Method request headers")).lower(), True)
for name in ("x-api-key", "X-Api-Key"):
    same(ask("/keyed", value, name)[1][0], 200, name)
for k in (None, "nonsense", loose["value"], off["value"]):
    answer, got = ask("/keyed", k)
    same(got, forbidden, k)
hidden = "*" * (len(off["value"]) - 6) + off["value"][-6:]
entry = api.entry(answer)
same([entry[n] for n in ("status", "error.responseType", "error.message", "integration.status")], ["403", "INVALID_API_KEY", "Forbidden", "-"])
answer, _ = ask("/keyed", "nonsense-nonsense")
lines = api.execution(answer)
same(lines[2:], [f"API Key ***********nsense not authorized because method 'GET /keyed' requires API Key and API Key is not associated with a Usage Plan for API Stage {api.id}/prod: "
                 "No Usage Plan found for key and API Stage", "Method completed with status: 403"])
same(ask("/open", value)[1][:2], (200, "[]"), "a method that needs no key")
same(ask("/open")[1][0], 200)

# A stage that is in no plan.
api.deploy("lonely")
answer = api.call("/keyed", headers={"X-API-Key": value}, stage="lonely")
same((answer.status, api.execution(answer, "lonely")[-2].endswith(": API Stage is not in a Usage Plan")), (403, True))

# Throttling by the plan, by its method, by the stage.
patch = lambda *ops: gw.update_usage_plan(usagePlanId=plan["id"], patchOperations=[{"op": "replace", "path": path, "value": v} for path, v in ops])
patch((f"/apiStages/{api.id}:prod/throttle//slow/GET/rateLimit", "0.001"), (f"/apiStages/{api.id}:prod/throttle//slow/GET/burstLimit", "1"))
same([ask("/slow", value)[1][0] for _ in range(2)], [200, 429])
answer, got = ask("/slow", value)
same(got, (429, '{"message":"Too Many Requests"}', "TooManyRequestsException"))
same([api.entry(answer)[n] for n in ("status", "error.responseType", "error.message", "identity.apiKeyId")], ["429", "THROTTLED", "Too Many Requests", key["id"]])
same(api.execution(answer)[-2:], [f"Key throttle limit exceeded for RestApi {api.id}, Stage prod, Resource {api.paths['/slow']}, HttpMethod GET. Limit: 0.00 Burst: 1",
                                  "Method completed with status: 429"])
same(ask("/keyed", value)[1][0], 200)
api.patch("prod", ("/open~1slow/GET/throttling/rateLimit", "0.001"), ("/open~1slow/GET/throttling/burstLimit", "2"))
same([ask("/open/slow")[1][0] for _ in range(3)], [200, 200, 429], "the stage's own limit, at once")
answer, got = ask("/open/slow")
same((got, api.entry(answer)["error.responseType"]), ((429, '{"message":"Too Many Requests"}', "TooManyRequestsException"), "THROTTLED"))

# Quota.
today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
usage = gw.get_usage(usagePlanId=plan["id"], keyId=key["id"], startDate=today, endDate=today)
used = usage["items"][key["id"]][0]
same((used[0] + used[1], usage["startDate"]), (1000, today))
gw.update_usage(usagePlanId=plan["id"], keyId=key["id"], patchOperations=[{"op": "replace", "path": "/remaining", "value": "1"}])
same([ask("/quota", value)[1] for _ in range(2)], [(200, f"{value} {key['id']}", None), (429, '{"message":"Limit Exceeded"}', "LimitExceededException")])
answer, _ = ask("/quota", value)
same((answer["Retry-After"], [api.entry(answer)[n] for n in ("status", "error.responseType", "error.message")]), (None, ["429", "QUOTA_EXCEEDED", "Limit Exceeded"]))
same((api.execution(answer)[-2][:24], api.execution(answer)[-1]), ("Key quota limit exceeded", "Method completed with status: 429"))
same(ask("/open", value)[1][0], 200)

# A key that goes, a key that comes back; at once.
gw.update_usage(usagePlanId=plan["id"], keyId=key["id"], patchOperations=[{"op": "replace", "path": "/remaining", "value": "100"}])
same(ask("/quota", value)[1][0], 200)
gw.update_api_key(apiKey=key["id"], patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}])
same(ask("/quota", value)[1], forbidden)
gw.update_api_key(apiKey=key["id"], patchOperations=[{"op": "replace", "path": "/enabled", "value": "true"}])
same(ask("/quota", value)[1][0], 200)
gw.delete_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"])
same(ask("/quota", value)[1], forbidden)

# The key that an authorizer names.
server.functions["names"] = lambda event: {"principalId": "p", "usageIdentifierKey": event["authorizationToken"], "policyDocument": {
    "Version": "2012-10-17", "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "*"}]}}
other = Api(server, apiKeySource="AUTHORIZER")
from kit import function_uri
authorizer = gw.create_authorizer(restApiId=other.id, name="a", type="TOKEN", authorizerUri=function_uri("names"), identitySource="method.request.header.T", authorizerResultTtlInSeconds=0)["id"]
other.mock("/", request={"apiKeyRequired": True, "authorizationType": "CUSTOM", "authorizerId": authorizer}, responses={200: {"responseTemplates": {"application/json": "$context.identity.apiKeyId"}}})
other.deploy()
gw.update_usage_plan(usagePlanId=plan["id"], patchOperations=[{"op": "add", "path": "/apiStages", "value": f"{other.id}:prod"}])
gw.create_usage_plan_key(usagePlanId=plan["id"], keyId=loose["id"], keyType="API_KEY")
same([(a.status, a.text) for a in (other.call("/", headers={"T": loose["value"]}), other.call("/", headers={"T": "x", "X-API-Key": loose["value"]}))], [(200, loose["id"]), forbidden[:2]])

refused(lambda: gw.create_api_key(name="twice", value=value), "ConflictException", "API Key already exists")
refused(lambda: gw.create_api_key(name="short", value="short"), "BadRequestException", "API Key value should be at least 20 characters")
finish()
