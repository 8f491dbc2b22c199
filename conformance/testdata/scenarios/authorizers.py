"""Authorizers TOKEN and REQUEST (4.18, 2.5), AWS_IAM and resource policies (4.19)."""
import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from kit import ACCOUNT, Api, FunctionError, REGION, Server, enable_logs, finish, function_uri, refused, same

server = Server()
enable_logs(server)
denied = "User is not authorized to access this resource"


def policy(effect="Allow", resource="*"):
    return {"Version": "2012-10-17", "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}]}


def decide(event):
    token = event.get("authorizationToken") or event["headers"].get("Auth")
    if token == "throw":
        raise FunctionError("it broke")
    if token == "unauthorized":
        raise FunctionError("Unauthorized")
    special = {"deny": policy("Deny"), "nothing": policy(resource="arn:aws:execute-api:us-east-1:000000000000:other/*"), "mine": policy(resource=event["methodArn"])}
    result = {"principalId": "user-12345678", "policyDocument": special.get(token, policy()), "context": {"plan": "gold", "number": 1, "flag": True}}
    if token == "object":
        result["context"]["plan"] = {"a": 1}
    if token == "nobody":
        del result["principalId"]
    if token == "text":
        return "yes"
    return result


server.functions |= {"decide": decide, "echo": lambda event: {"body": json.dumps(event)}}
api = Api(server)
gw = api.gw
make = lambda name, **settings: gw.create_authorizer(restApiId=api.id, name=name, authorizerUri=function_uri("decide"), **settings)["id"]
token = make("token", type="TOKEN", identitySource="method.request.header.Auth", identityValidationExpression="[a-z]+", authorizerResultTtlInSeconds=0)
cached = make("cached", type="TOKEN", identitySource="method.request.header.Auth")  # 300 s
request = make("request", type="REQUEST", identitySource="method.request.header.Auth, method.request.querystring.q", authorizerResultTtlInSeconds=60)
loose = make("loose", type="REQUEST", authorizerResultTtlInSeconds=0)
for path, authorizer in {"/token": token, "/cached": cached, "/cached/other": cached, "/request": request, "/request/{id}": request, "/loose": loose}.items():
    api.function(path, "GET", "echo", request={"authorizationType": "CUSTOM", "authorizerId": authorizer})
api.mock("/templated", request={"authorizationType": "CUSTOM", "authorizerId": token}, responses={200: {"responseTemplates": {
    "application/json": "$context.authorizer.principalId $context.authorizer.plan $context.authorizer.number $context.authorizer.flag [$context.authorizer.none]"}}})
api.deploy(variables={"color": "blue"})
unauthorized = (401, '{"message":"Unauthorized"}', "UnauthorizedException")
broken = (500, '{"message":null}', "AuthorizerConfigurationException")


def ask(path, auth=None, **kwargs):
    answer = api.call(path, headers={"Auth": auth} if auth else {}, **kwargs)
    return answer, (answer.status, answer.text, answer["x-amzn-ErrorType"])


# TOKEN.
answer, _ = ask("/token", "abcdefghij")
same(server.functions.calls[-2][1], {"type": "TOKEN", "authorizationToken": "abcdefghij", "methodArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.id}/prod/GET/token"})
context = json.loads(answer.text)["requestContext"]
same({k: v for k, v in context["authorizer"].items() if k != "integrationLatency"}, {"principalId": "user-12345678", "plan": "gold", "number": "1", "flag": "true"})
entry = api.entry(answer)
same([entry[v] for v in ("status", "authorizer.principalId", "authorizer.plan", "authorizer.error", "authorizer.status", "authorizer.integrationStatus", "authorizer.requestId", "authorize.status")],
     ["200", "user-12345678", "gold", "-", "200", "200", "function-decide", entry["authorize.status"]])
same((entry["authorizer.latency"].isdigit(), entry["authorizer.integrationLatency"].isdigit()), (True, True))
lines, uri = api.execution(answer), "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:decide/invocations"
same([l for i, l in enumerate(lines[1:10]) if i not in (3, 6)], [
    f"Starting authorizer: {token} for request: {answer.id}", "Incoming identity: ****efghij", "Endpoint request URI: " + uri,
    f'Endpoint request body after transformations: {{"type":"TOKEN","methodArn":"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.id}/prod/GET/token","authorizationToken":"abcdefghij"}}',
    "Sending request to " + uri, "Using valid authorizer policy for principal: *******345678", "Successfully completed authorizer execution"])
same((lines[7].startswith("Authorizer result body before parsing: {"), lines[10].startswith("Verifying Usage Plan")), (True, True), lines)
same(ask("/templated", "abc")[1][1], "user-12345678 gold 1 true []")
calls = len(server.functions.calls)
for auth in (None, "UPPER"):
    answer, got = ask("/token", auth)
    same(got, unauthorized, auth)
    same([api.entry(answer)[v] for v in ("status", "error.responseType", "error.message", "integration.status")], ["401", "UNAUTHORIZED", "Unauthorized", "-"])
    same(api.execution(answer)[-1].startswith("Unauthorized request: " + answer.id), True)
same(len(server.functions.calls), calls, "the function was not asked")
same(ask("/token", "unauthorized")[1], unauthorized)
for auth, want in {"throw": broken, "object": (500, '{"message":null}', None), "nobody": broken, "text": broken, "deny": None, "nothing": (403, f'{{"Message":"{denied}"}}', "AccessDeniedException")}.items():
    answer, got = ask("/token", auth)
    same(got[:2] if want and want[2] is None else got, want[:2] if want and want[2] is None else want or got, auth)
    if auth == "deny":
        same((got[0], got[1].startswith(f'{{"Message":"{denied} with an explicit deny'), got[2]), (403, True, "AccessDeniedException"))
        same("The client is not authorized to perform this operation." in api.execution(answer), True)
        same([api.entry(answer)[v] for v in ("status", "error.responseType", "authorizer.principalId")], ["403", "ACCESS_DENIED", "user-12345678"])

# Caching: by token, over methods.
calls = len(server.functions.calls)
same([ask(p, "abc")[1][0] for p in ("/cached", "/cached", "/cached/other")], [200, 200, 200])
same([c[0] for c in server.functions.calls[calls:]].count("decide"), 1)
answer, _ = ask("/cached", "abc")
same([api.entry(answer)[v] for v in ("authorizer.principalId", "authorizer.integrationLatency")], ["user-12345678", "-"])
same([l for l in api.execution(answer) if "decide" in l], [], "nothing of the function that was not called")
same([ask(p, "mine")[1][0] for p in ("/cached", "/cached/other")], [200, 403], "a cached policy that names one method")
gw.flush_stage_authorizers_cache(restApiId=api.id, stageName="prod")
same([ask(p, "mine")[1][0] for p in ("/cached/other", "/cached")], [200, 403])

# REQUEST.
answer, _ = ask("/request/7?q=1&q=2", "abc")
event = next(e for name, e, _ in reversed(server.functions.calls) if name == "decide")
context = event.pop("requestContext")
same({k: event[k] for k in event if "eaders" not in k}, {
    "type": "REQUEST", "methodArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.id}/prod/GET/request/7", "resource": "/request/{id}", "path": "/request/7", "httpMethod": "GET",
    "queryStringParameters": {"q": "2"}, "multiValueQueryStringParameters": {"q": ["1", "2"]}, "pathParameters": {"id": "7"}, "stageVariables": {"color": "blue"}})
same((event["headers"]["Auth"], event["multiValueHeaders"]["Auth"], context["requestId"], "authorizer" in context, context["resourcePath"]), ("abc", ["abc"], answer.id, False, "/request/{id}"))
same("Incoming identity: {" in "".join(api.execution(answer)), True)
same([ask(path, auth)[1] for path, auth in (("/request?q=1", None), ("/request", "abc"), ("/request?q=", "abc"))], [unauthorized] * 3)
calls = len(server.functions.calls)
same([ask(f"/request?q={q}", "abc")[1][0] for q in (5, 5, 6)], [200, 200, 200])
same([c[0] for c in server.functions.calls[calls:]].count("decide"), 2)
answer, got = ask("/loose", "abc")
event = next(e for name, e, _ in reversed(server.functions.calls) if name == "decide")
same((got[0], event["pathParameters"], event["queryStringParameters"]), (200, {}, {}))
got = gw.test_invoke_authorizer(restApiId=api.id, authorizerId=token, headers={"Auth": "abc"})
same((got["clientStatus"], got["principalId"]), (0 if got["clientStatus"] == 0 else 200, "user-12345678"))
same("ESTestInvoke-stage" in server.functions.calls[-1][1]["methodArn"], True)
try:
    make("wrong", type="REQUEST", authorizerResultTtlInSeconds=300)
    same("a REQUEST authorizer with a TTL and no identity source", "refused")
except gw.exceptions.BadRequestException:
    pass

# AWS_IAM, and policies of the API.
iam = server.client("iam")
users = {}
for name, document in {"allowed": policy(), "silent": None, "denied": policy("Deny")}.items():
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    if document:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    users[name] = arn, key["AccessKeyId"], key["SecretAccessKey"]


def signed(api, path, name, secret=None):
    _, key, own = users.get(name) or (None, name, "x")
    host = f"{api.id}.execute-api.{REGION}.amazonaws.com"
    r = botocore.awsrequest.AWSRequest("GET", f"https://{host}/prod{path}")
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(key, secret or own), "execute-api", REGION).add_auth(r)
    answer = api.call(path, headers=dict(r.headers.items()))
    return answer, (answer.status, answer.text, answer["x-amzn-ErrorType"])


def iam_api(document=None):
    made = Api(server)
    if document:
        gw.update_rest_api(restApiId=made.id, patchOperations=[{"op": "replace", "path": "/policy", "value": json.dumps(document)}])
    made.function("/", "GET", "echo", request={"authorizationType": "AWS_IAM"})
    made.function("/open", "GET", "echo")
    made.deploy()
    return made


api = iam_api()
answer, got = signed(api, "/", "allowed")
identity = json.loads(answer.text)["requestContext"]["identity"]
same((identity["userArn"], identity["accessKey"], identity["accountId"], identity["user"] == identity["caller"]), (users["allowed"][0], users["allowed"][1], ACCOUNT, True))
same("Authorization" in json.loads(answer.text)["headers"], False, "a signature goes no further")
entry = api.entry(answer)
same([entry[v] for v in ("identity.userArn", "identity.caller", "identity.user", "identity.accountId", "authenticate.status", "authorize.status", "authenticate.error")],
     [users["allowed"][0], identity["caller"], identity["user"], ACCOUNT, "200", "200", "-"])
answer = api.call("/")
same((answer.status, answer.text, answer["x-amzn-ErrorType"]), (403, '{"message":"Missing Authentication Token"}', "MissingAuthenticationTokenException"))
for name in ("silent", "denied"):
    answer, got = signed(api, "/", name)
    start = f'{{"Message":"User: {users[name][0]} is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:{REGION}:********{ACCOUNT[-4:]}:{api.id}/prod/GET/'
    same((got[0], got[1].startswith(start), got[2], "explicit deny" in got[1]), (403, True, "AccessDeniedException", name == "denied"), got[1])
    same([api.entry(answer)[v] for v in ("error.responseType", "authorize.status", "authenticate.status")], ["ACCESS_DENIED", "403", "200"])
answer, got = signed(api, "/", "allowed", "wrong")
same((got[0], got[2], api.entry(answer)["error.responseType"]), (403, "InvalidSignatureException", "INVALID_SIGNATURE"))
same(api.call("/open").status, 200)


def resource_policy(effect, resource="execute-api:/*", **more):
    return {"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource} | more


document = lambda *statements: {"Version": "2012-10-17", "Statement": list(statements)}
api = iam_api(document(resource_policy("Allow", "execute-api:/prod/GET/open")))
stored = gw.get_rest_api(restApiId=api.id)["policy"]
same((f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.id}/prod/GET/open" in stored, '\\"' in stored), (True, True), stored)
same([api.call("/open").status, signed(api, "/", "allowed")[0].status, signed(api, "/", "silent")[0].status], [200, 200, 403])
api = iam_api(document(resource_policy("Allow"), resource_policy("Deny", "execute-api:/*/GET/open", Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}})))
answer = api.call("/open")
same((answer.status, answer.text, answer["x-amzn-ErrorType"]), (403, f'{{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:{REGION}:********'
     f'{ACCOUNT[-4:]}:{api.id}/prod/GET/open with an explicit deny"}}', "AccessDeniedException"))
same([signed(api, "/", name)[0].status for name in ("allowed", "silent", "denied")], [200, 200, 403], "table A")
api = iam_api(document(resource_policy("Allow", "execute-api:/*/GET/other")))
answer = api.call("/open")
same((answer.status, answer.text.endswith('/prod/GET/open"}'), api.entry(answer)["error.responseType"]), (403, True, "ACCESS_DENIED"), "nothing allows it")
finish()
