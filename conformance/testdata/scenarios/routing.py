"""Routing (4.1, 4.2), what a Lambda proxy event says of the path, and the headers of every response (4.6)."""
import json
import re

from kit import Api, Server, enable_logs, finish, same

server = Server()
enable_logs(server)
server.functions["echo"] = lambda event: {"body": json.dumps(event)}
api = Api(server)
for path, method in [("/", "GET"), ("/pets", "GET"), ("/pets", "ANY"), ("/pets/dog", "GET"), ("/pets/{id}", "GET"), ("/pets/{id}/toys/{toy}", "GET"),
                     ("/pets/dog/{proxy+}", "ANY"), ("/files/{rest+}", "GET"), ("/files/{rest+}", "DELETE"), ("/only", "POST")]:
    api.function(path, method, "echo")
deployment = api.deploy(variables={"color": "blue"})


def event(path, **kwargs):
    answer = api.call(path, **kwargs)
    return json.loads(answer.text) if answer.status == 200 else (answer.status, answer.text, answer["x-amzn-ErrorType"])


no_method = (403, '{"message":"Missing Authentication Token"}', "MissingAuthenticationTokenException")
for method, path, want in [
    ("GET", "", "/"), ("GET", "/", "/"), ("GET", "/pets", "/pets"), ("GET", "/pets/", "/pets"), ("PATCH", "/pets", "/pets"), ("GET", "/pets/dog", "/pets/dog"),
    ("GET", "/pets/cat", "/pets/{id}"), ("GET", "/pets/dog/a/b", "/pets/dog/{proxy+}"), ("GET", "/pets/cat/toys/ball", "/pets/{id}/toys/{toy}"),
    ("GET", "/files/a", "/files/{rest+}"), ("DELETE", "/files/a/b/c", "/files/{rest+}"), ("POST", "/only", "/only"),
    ("POST", "/pets/cat", None), ("GET", "/files", None), ("GET", "/only", None), ("GET", "/nothing", None), ("HEAD", "/only", None), ("PUT", "/files/a", None),
]:
    got = event(path, method=method)
    if want is None:
        same(got if method != "HEAD" else got[::2], no_method if method != "HEAD" else no_method[::2], f"{method} {path}")
    else:
        same(got["resource"], want, f"{method} {path}")

# What a function sees of the path: the stage is cut off, nothing is decoded, trailing and doubled slashes stay.
for path, seen, parameters in [
    ("/pets/test%2Balias@gmail.com", "/pets/test%2Balias@gmail.com", {"id": "test%2Balias@gmail.com"}), ("/pets/", "/pets/", None),
    ("/files/a//b", "/files/a//b", {"rest": "a//b"}), ("//pets", "/pets", None),
]:
    got = event(path)
    same((got["path"], got["requestContext"]["path"], got["pathParameters"]), (seen, "/prod" + path, parameters), path)

# Every key of an event (4.8).
got = event("/pets/7?a=1&a=2&b=x+y%26&c", method="GET", headers=[("X-One", "1"), ("X-Many", "a"), ("X-Many", "b"), ("User-Agent", "agent"), ("Via", "1.1 me"),
                                                                 ("Max-Forwards", "3"), ("TE", "trailers"), ("Content-MD5", "x")])
context = got.pop("requestContext")
same({key: got[key] for key in got if "eaders" not in key}, {
    "resource": "/pets/{id}", "path": "/pets/7", "httpMethod": "GET", "queryStringParameters": {"a": "2", "b": "x y&", "c": ""},
    "multiValueQueryStringParameters": {"a": ["1", "2"], "b": ["x y&"], "c": [""]}, "pathParameters": {"id": "7"}, "stageVariables": {"color": "blue"},
    "body": None, "isBase64Encoded": False})
headers = got["headers"]
same({n: v for n, v in headers.items() if not n.startswith(("X-Amzn", "X-Forwarded"))}, {
    "Host": f"{api.id}.execute-api.us-east-1.amazonaws.com", "X-One": "1", "X-Many": "b", "User-Agent": "agent", "Via": "1.1 me"})
same((headers["X-Forwarded-For"], headers["X-Forwarded-Proto"], headers["X-Forwarded-Port"].isdigit()), ("127.0.0.1", "http", True))
same(bool(re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["X-Amzn-Trace-Id"])), True, headers["X-Amzn-Trace-Id"])
same(got["multiValueHeaders"]["X-One"], ["1"])
same(got["multiValueHeaders"]["X-Many"], ["a", "b"])
same(sorted(context), sorted(["accountId", "apiId", "deploymentId", "domainName", "domainPrefix", "extendedRequestId", "httpMethod", "identity", "path", "protocol",
                              "requestId", "requestTime", "requestTimeEpoch", "resourceId", "resourcePath", "stage"]))
same({n: context[n] for n in ("accountId", "apiId", "deploymentId", "domainName", "domainPrefix", "httpMethod", "path", "protocol", "resourceId", "resourcePath", "stage")}, {
    "accountId": "000000000000", "apiId": api.id, "deploymentId": deployment, "domainName": f"{api.id}.execute-api.us-east-1.amazonaws.com", "domainPrefix": api.id,
    "httpMethod": "GET", "path": "/prod/pets/7", "protocol": "HTTP/1.1", "resourceId": api.paths["/pets/{id}"], "resourcePath": "/pets/{id}", "stage": "prod"})
same(bool(re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context["requestTime"])), True, context["requestTime"])
same(len(str(context["requestTimeEpoch"])), 13)
nothing = dict.fromkeys(["accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType", "cognitoIdentityId",
                         "cognitoIdentityPoolId", "principalOrgId", "user", "userArn"])
same(context["identity"], nothing | {"sourceIp": "127.0.0.1", "userAgent": "agent"})
got = event("/only", method="POST", body="héllo", headers={"Content-Type": "text/plain"})
same((got["body"], got["isBase64Encoded"], got["queryStringParameters"], got["multiValueQueryStringParameters"], got["pathParameters"]), ("héllo", False, None, None, None))

# Stages that are not there, signatures that are none, methods that are overridden.
for stage in ("nowhere", "PROD"):
    answer = api.call("/pets", stage=stage)
    same((answer.status, answer.text, answer["x-amzn-ErrorType"]), (403, '{"message":"Forbidden"}', "ForbiddenException"))
same(event("/nothing", headers={"Authorization": "Bearer abc"}),
     (403, '{"message":"Invalid key=value pair (missing equal-sign) in Authorization header: \'Bearer abc\'."}', "IncompleteSignatureException"))
same(event("/only", headers={"X-HTTP-Method-Override": "POST"})["httpMethod"], "POST")
for query in ("a=|", "a={b}", "a=}"):
    same(api.call("/pets?" + query).status, 400, query)

# The headers of a response, and IDs that a client asks for.
answer = api.call("/pets")
same((answer["Content-Type"], answer["x-amzn-RequestId"] == json.loads(answer.text)["requestContext"]["requestId"]), ("application/json", True))
same(bool(re.fullmatch(r"[\w+/-]{15}=", answer["x-amz-apigw-id"])), True, answer["x-amz-apigw-id"])
same(bool(re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}(;.*)?", answer["X-Amzn-Trace-Id"] or "")), True, answer["X-Amzn-Trace-Id"])
mine = "0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f"
same(api.call("/pets", headers={"x-amzn-RequestId": mine}).id, mine)
same(bool(re.fullmatch(r"[0-9a-f-]{36}_REPLACED_INVALID_REQUEST_ID", api.call("/pets", headers={"x-amzn-RequestId": "mine"}).id)), True)
trace = "Root=1-67891233-abcdef012345678912345678"
same(event("/pets", headers={"X-Amzn-Trace-Id": trace})["headers"]["X-Amzn-Trace-Id"].startswith(trace), True)

# The entry of a request that found its method, and of one that did not.
answer = api.call("/pets/7?x=1", headers={"User-Agent": "agent"})
entry = api.entry(answer)
same({n: entry[n] for n in ("requestId", "extendedRequestId", "httpMethod", "path", "resourcePath", "resourceId", "stage", "status", "protocol", "responseLength", "apiId",
                            "accountId", "domainName", "domainPrefix", "error.message", "error.messageString", "error.responseType", "integration.status",
                            "integration.integrationStatus", "integrationStatus", "integration.requestId", "awsEndpointRequestId", "identity.sourceIp",
                            "identity.userAgent", "identity.caller", "isCanaryRequest", "routeKey", "integration.error", "deploymentId", "tlsVersion")}, {
    "requestId": answer.id, "extendedRequestId": answer["x-amz-apigw-id"], "httpMethod": "GET", "path": "/prod/pets/7", "resourcePath": "/pets/{id}",
    "resourceId": api.paths["/pets/{id}"], "stage": "prod", "status": "200", "protocol": "HTTP/1.1", "responseLength": str(len(answer.body)), "apiId": api.id,
    "accountId": "000000000000", "domainName": f"{api.id}.execute-api.us-east-1.amazonaws.com", "domainPrefix": api.id, "error.message": "-", "error.messageString": '"-"',
    "error.responseType": "-", "integration.status": "200", "integration.integrationStatus": "200", "integrationStatus": "200",
    "integration.requestId": "function-echo", "awsEndpointRequestId": "function-echo", "identity.sourceIp": "127.0.0.1", "identity.userAgent": "agent",
    "identity.caller": "-", "isCanaryRequest": "-", "routeKey": "-", "integration.error": "-", "deploymentId": deployment, "tlsVersion": "-"})
entry = api.entry(api.call("/nothing"))
same([entry[n] for n in ("status", "resourcePath", "error.message", "error.messageString", "error.responseType", "path", "integration.status", "responseLength")],
     ["403", "-", "Missing Authentication Token", '"Missing Authentication Token"', "MISSING_AUTHENTICATION_TOKEN", "/prod/nothing", "-", "42"])

# One variable child a parent; what may stand in a path.
gw = api.gw
for parent, part in [("/pets", "{other}"), ("/pets", "{more+}"), ("/pets", "a b"), ("/pets", "{a"), ("/files/{rest+}", "x")]:
    try:
        gw.create_resource(restApiId=api.id, parentId=api.paths[parent], pathPart=part)
        same(f"{part} below {parent} was made", "refused")
    except gw.exceptions.BadRequestException:
        pass
    except gw.exceptions.ConflictException:
        pass
finish()
