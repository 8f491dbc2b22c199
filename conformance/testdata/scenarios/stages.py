"""Deployments and stages (4.3), caching (4.23), canaries (4.24), custom domain names (4.25), levels of logging (2.1)."""
import json
import time

from kit import ACCOUNT, Api, Back, REGION, Server, enable_logs, finish, refused, same, wait_for

server = Server()
enable_logs(server)
count = [0]


def counted(request):
    count[0] += 1
    return 200, {"Content-Type": "application/json", "X-Count": str(count[0])}, json.dumps({"n": count[0], "path": request.path})


back = Back(counted)

# A deployment is a snapshot; what a stage has is effective at once.
api = Api(server)
gw = api.gw
refused(lambda: gw.create_deployment(restApiId=api.id, stageName="prod"), "BadRequestException", "The REST API doesn't contain any methods")
api.method("/", "GET")
refused(lambda: gw.create_deployment(restApiId=api.id, stageName="prod"), "BadRequestException", "No integration defined for method")
api.integrate("/", "GET", {200: {"responseTemplates": {"application/json": "one $stageVariables.color"}}}, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
first = api.deploy(variables={"color": "blue"})
gw.update_integration_response(**api.at("/", "GET"), statusCode="200", patchOperations=[{"op": "replace", "path": "/responseTemplates/application~1json", "value": "two $stageVariables.color"}])
same(api.call().text, "one blue")
api.patch("prod", ("/variables/color", "red"))
same(api.call().text, "one red")
second = gw.create_deployment(restApiId=api.id)["id"]
same(api.call().text, "one red")
api.patch("prod", ("/deploymentId", second))
same((api.call().text, api.entry(api.call())["deploymentId"]), ("two red", second))
refused(lambda: gw.delete_deployment(restApiId=api.id, deploymentId=second), "BadRequestException", "Active stages pointing to this deployment must be moved or deleted")
api.patch("prod", ("/deploymentId", first))
same(api.call().text, "one red")
for name, value in {"bad-name": "x", "ok": "a b"}.items():
    try:
        api.patch("prod", ("/variables/" + name, value))
        same((name, value), "refused")
    except gw.exceptions.BadRequestException:
        pass

# Levels: ERROR writes of failures only, OFF nothing; a method's own level is before that of all.
api.mock("/fails", template="")
api.mock("/quiet")
api.deploy()
api.patch("prod", ("/*/*/logging/loglevel", "ERROR"), ("/*/*/logging/dataTrace", "false"), ("/quiet/GET/logging/loglevel", "OFF"), ("/fails/GET/logging/loglevel", "ERROR"))
silent, failed, quiet = api.call("/"), api.call("/fails"), api.call("/quiet")
same(api.execution(failed), ["Execution failed due to configuration error: Unable to parse statusCode. It should be an integer that is defined in the request template.",
                             "Method completed with status: 500"])
group = f"API-Gateway-Execution-Logs_{api.id}/prod"
same([api.lines_of(group, a.id, "") for a in (silent, quiet)], [[], []])
api.patch("prod", ("/*/*/logging/loglevel", "INFO"))
lines = api.execution(api.call("/"))
same([l.split(":")[0] for l in lines if l.startswith(("Method request", "Endpoint", "Method response"))], [], "no data trace")
same(lines[-2:], ["Successfully completed execution", "Method completed with status: 200"])

# Caching.
api = Api(server)
api.http("/plain", "GET", back.url + "/plain", type="HTTP_PROXY", responses={})
api.http("/plain", "POST", back.url + "/plain", type="HTTP_PROXY", responses={})
api.http("/keyed/{id}", "GET", back.url + "/keyed/{id}", type="HTTP_PROXY", responses={}, request={"requestParameters": {
    "method.request.querystring.q": False, "method.request.header.H": False, "method.request.path.id": True}}, requestParameters={"integration.request.path.id": "method.request.path.id"},
    cacheKeyParameters=["method.request.querystring.q", "method.request.path.id"])
api.deploy()
api.patch("prod", ("/cacheClusterEnabled", "true"), ("/cacheClusterSize", "0.5"), ("/*/*/caching/enabled", "true"))
wait_for(lambda: gw.get_stage(restApiId=api.id, stageName="prod")["cacheClusterStatus"] == "AVAILABLE")


def n(path, method="GET", **kwargs):
    answer = api.call(path, method, **kwargs)
    return json.loads(answer.text)["n"] if answer.status == 200 else (answer.status, answer.text)


a, b = n("/plain"), n("/plain?q=1")
same((b, n("/plain", headers={"X": "y"})), (a, a), "no parameter is part of the key")
same(n("/plain", "POST") != n("/plain", "POST"), True, "only GET")
k = [n("/keyed/1?q=1"), n("/keyed/1?q=2"), n("/keyed/2?q=1"), n("/keyed/1?q=1&other=3"), n("/keyed/1?q=1", headers={"H": "h"})]
same((len(set(k)), k[0] == k[3] == k[4]), (3, True), k)
answer = api.call("/plain")
same(("Endpoint request URI" in "".join(api.execution(answer)), [api.entry(answer)[v] for v in ("status", "integrationLatency", "integration.status")]), (False, ["200", "-", "-"]))
same(n("/plain", headers={"Cache-Control": "max-age=0"}), a, "by default only who is authorized may")
api.patch("prod", ("/*/*/caching/requireAuthorizationForCacheControl", "false"))
fresh = n("/plain", headers={"Cache-Control": "max-age=0"})
same((fresh != a, n("/plain")), (True, fresh), "a client made it fresh")
api.patch("prod", ("/*/*/caching/requireAuthorizationForCacheControl", "true"), ("/*/*/caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403"))
same(n("/plain", headers={"Cache-Control": "max-age=0"})[0], 403)
api.patch("prod", ("/*/*/caching/unauthorizedCacheControlHeaderStrategy", "SUCCEED_WITH_RESPONSE_HEADER"))
answer = api.call("/plain", headers={"Cache-Control": "max-age=0"})
same((json.loads(answer.text)["n"], bool(answer["Warning"])), (fresh, True))
api.patch("prod", ("/*/*/caching/unauthorizedCacheControlHeaderStrategy", "SUCCEED_WITHOUT_RESPONSE_HEADER"))
answer = api.call("/plain", headers={"Cache-Control": "max-age=0"})
same((json.loads(answer.text)["n"], answer["Warning"]), (fresh, None))
gw.flush_stage_cache(restApiId=api.id, stageName="prod")
same(n("/plain") != fresh, True, "flushed")
api.patch("prod", ("/plain/GET/caching/enabled", "false"))
same(n("/plain") != n("/plain"), True, "not cached by the method's own setting")

# A canary.
api = Api(server)
api.mock("/", responses={200: {"responseTemplates": {"application/json": "base $stageVariables.color $context.isCanaryRequest"}}})
base = api.deploy(variables={"color": "blue"})
gw.update_integration_response(**api.at("/", "GET"), statusCode="200", patchOperations=[{"op": "replace", "path": "/responseTemplates/application~1json", "value": "canary $stageVariables.color $context.isCanaryRequest"}])
canary = gw.create_deployment(restApiId=api.id, stageName="prod", canarySettings={"percentTraffic": 100.0, "stageVariableOverrides": {"color": "yellow"}, "useStageCache": False})["id"]
stage = gw.get_stage(restApiId=api.id, stageName="prod")
same((stage["deploymentId"], stage["canarySettings"]), (base, {"percentTraffic": 100.0, "deploymentId": canary, "stageVariableOverrides": {"color": "yellow"}, "useStageCache": False}))
answer = api.call()
same(answer.text, "canary yellow true")
entry = api.entry(answer)
same((entry["isCanaryRequest"], entry["deploymentId"]), ("true", canary))
same(len(wait_for(lambda: api.lines_of(f"access-{api.id}/prod/Canary", answer.id, ""))), 1, "its entry is in the canary's group too")
same(api.execution(answer, suffix="/Canary")[-1], "Method completed with status: 200")
api.patch("prod", ("/canarySettings/percentTraffic", "0"))
answer = api.call()
same((answer.text, api.entry(answer)["isCanaryRequest"]), ("base blue false", "false"))
api.patch("prod", {"op": "copy", "path": "/deploymentId", "from": "/canarySettings/deploymentId"}, {"op": "copy", "path": "/variables", "from": "/canarySettings/stageVariableOverrides"},
          ("/canarySettings/percentTraffic", "0.0"))
same(api.call().text, "canary yellow false")
api.patch("prod", {"op": "remove", "path": "/canarySettings"})
answer = api.call()
same((answer.text, api.entry(answer)["isCanaryRequest"]), ("canary yellow", "-"))

# Custom domain names.
server.functions["echo"] = lambda event: {"body": json.dumps(event)}
for path, method in (("/", "GET"), ("/pets/{id}", "GET")):
    api.function(path + "fn" if path == "/" else path, method, "echo")
api.deploy()
gw.create_domain_name(domainName="api.example.test", regionalCertificateArn=f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/x", endpointConfiguration={"types": ["REGIONAL"]})
whole = gw.create_base_path_mapping(domainName="api.example.test", restApiId=api.id, basePath="v1", stage="prod")
free = gw.create_base_path_mapping(domainName="api.example.test", restApiId=api.id, basePath="any")
same((whole["basePath"], whole["stage"], free.get("stage")), ("v1", "prod", None))
ask = lambda path: api.call(path, host="api.example.test")
answer = ask("/v1/pets/7")
event = json.loads(answer.text)
context = event["requestContext"]
same((event["path"], event["resource"], event["pathParameters"], context["path"], context["domainName"], context["domainPrefix"], context["stage"]),
     ("/v1/pets/7", "/pets/{id}", {"id": "7"}, "/v1/pets/7", "api.example.test", "api", "prod"))
entry = api.entry(answer)
same([entry[v] for v in ("domainName", "domainPrefix", "customDomain.basePathMatched", "path", "stage")], ["api.example.test", "api", "v1", "/v1/pets/7", "prod"])
same(json.loads(ask("/any/prod/pets/7").text)["resource"], "/pets/{id}", "the stage is the next segment")
for path in ("/v2/pets/7", "/", "/v1x/pets/7", "/any/nowhere/pets/7"):
    answer = ask(path)
    same((answer.status, answer.text, answer["x-amzn-ErrorType"]), (403, '{"message":"Forbidden"}', "ForbiddenException"), path)
root = gw.create_base_path_mapping(domainName="api.example.test", restApiId=api.id, stage="prod")
same((root["basePath"], json.loads(ask("/pets/7").text)["path"]), ("(none)", "/pets/7"))
same(ask("/v1").status, 200)
gw.update_rest_api(restApiId=api.id, patchOperations=[{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "True"}])
api.deploy()
answer = api.call("/")
same((answer.status, answer.text, ask("/pets/7").status), (403, '{"message":"Forbidden"}', 200))
finish()
