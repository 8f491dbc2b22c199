"""AWS integrations of other services than Lambda (4.9), and Cognito user pools (4.18)."""
import base64
import hashlib
import json
import time
import urllib.parse

from kit import ACCOUNT, Api, Back, REGION, Server, enable_logs, finish, same

# The services are a back end here, and so is Cognito: its keys.
pool, names = f"{REGION}_Pool1", lambda request: {n.lower(): v for n, v in request.headers.items()}
service = Back(lambda request: (400, {"Content-Type": "application/json", "x-amzn-RequestId": "s-1"}, '{"__type":"Wrong","message":"no"}') if b"fail" in request.sent
               else (200, {"Content-Type": "application/json", "x-amzn-RequestId": "s-1"}, '{"ok":true}'))


def number(i):
    return base64.urlsafe_b64encode(i.to_bytes((i.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


# An RSA key of 2048 bits, made for this file.
N = int("".join("""
a2b27d4f894b50ed7f20bdcf3bf84823d67213b83118d97986de9e1a0b8ca8f37dd03186775a0522c4fe4f9a699a75b9f8710e200a8df659baa47ebd0a840033
d876f95c88c25a2bbee8dcdb6ae39b2c377ff0e421b2827d0eeb209285278951667dee4e7407b79b8af2f3843829ec684ff760b427f4d684d02c0750d1d57d01
8bfacaf9842273b1581230f37d1f031ba09629082322917c6d82ed88528b12e13dcdb91b9932a4769e234634085b2d4a98e2ec97002981288f594ac0de29064c
63213bb78490422f3e094a242af3acd81d381ced2a11c097c0e4f469befd0282a08c5f11c838691168e4536983eff7b43364bf5b9b373ef11ae8179d2430b2b1
""".split()), 16)
E, D = 65537, int("".join("""
100b3f71bc3585e7c1b95a166950c8d665e38e7fc3b1b2627a53122eb9d45765d992920bb351d87f4f035018c750b0cad3cddc497b18f841ed76a2bbe42153be
c91a2469845ffc11e3cbe559aadf029297ef813312029f3d135f4af13ff9bfe01bd60fcdc341ee908361857394b147ab9ab5279f64704fc63d9c15e599a7aea1
b3e90713450673560baab4c69172ad7a108b5de05e2340dae3db646c1bd793d09e5bc9b7c07373f8315d6a1fe2c590336c4499efb930b99ef478784a7dea7466
bed72b6fcd3b3b6b0be6f9f48b6ef0b4f021f5198060bd594ca2f1b3f3d9b2926c9f9a17b0a0052f1595d278be965fd0e77c78f4b7731ce36921d8357b1cae75
""".split()), 16)
cognito = Back(lambda request: (200, {"Content-Type": "application/json"}, json.dumps({"keys": [{"kid": "k1", "alg": "RS256", "kty": "RSA", "use": "sig", "e": "AQAB", "n": number(N)}]})))
server = Server("--aws-endpoint", "*=" + service.url, "--cognito-endpoint", cognito.url)
enable_logs(server)


def token(**claims):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")
    now = int(time.time())
    signed = part({"kid": "k1", "alg": "RS256"}) + b"." + part({
        "iss": f"https://cognito-idp.{REGION}.amazonaws.com/{pool}", "sub": "me", "iat": now, "exp": now + 600, "token_use": "id", "aud": "client1", "cognito:username": "ann"} | claims)
    digest = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(signed).digest()
    padded = int.from_bytes(b"\x00\x01" + b"\xff" * (253 - len(digest)) + b"\x00" + digest, "big")
    return (signed + b"." + base64.urlsafe_b64encode(pow(padded, D, N).to_bytes(256, "big")).rstrip(b"=")).decode()


api = Api(server)
uri = lambda rest: f"arn:aws:apigateway:{REGION}:{rest}"
role = server.client("iam").create_role(RoleName="calls", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
responses = {200: {}, 400: {"selectionPattern": "4\\d{2}", "responseTemplates": {"application/json": '{"was": "$input.path(\'$.message\')"}'}}}
for path, rest, more in [
    ("/dynamodb", "dynamodb:action/GetItem", {"requestTemplates": {"application/json": '{"TableName": "t", "Key": $input.json("$")}'}}),
    ("/sqs", f"sqs:path/{ACCOUNT}/queue", {"requestTemplates": {"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"},
                                           "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"}}),
    ("/sns", "sns:action/Publish", {"requestParameters": {"integration.request.querystring.Message": "method.request.querystring.m"}}),
    ("/s3/{key}", "s3:path/bucket/{key}", {"requestParameters": {"integration.request.path.key": "method.request.path.key"}, "integrationHttpMethod": "PUT"}),
    ("/variable", "sqs:path/${stageVariables.queue}", {}),
]:
    request = {"requestParameters": {"method.request.querystring.m": False, **({"method.request.path.key": True} if "{" in path else {})}}
    api.http(path, "POST", uri(rest), type="AWS", request=request, responses=responses, **({"integrationHttpMethod": "POST", "credentials": role} | more))
pools = api.gw.create_authorizer(restApiId=api.id, name="pool", type="COGNITO_USER_POOLS", identitySource="method.request.header.Authorization",
                                 providerARNs=[f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool}"])["id"]
shown = {200: {"responseTemplates": {"application/json": "$context.authorizer.claims.sub $context.authorizer.claims['cognito:username'] [$context.authorizer.claims.none]"}}}
api.mock("/id", request={"authorizationType": "COGNITO_USER_POOLS", "authorizerId": pools}, responses=shown)
api.mock("/access", request={"authorizationType": "COGNITO_USER_POOLS", "authorizerId": pools, "authorizationScopes": ["notes/read", "notes/write"]}, responses=shown)
server.functions["echo"] = lambda event: {"body": json.dumps(event["requestContext"]["authorizer"])}
api.function("/claims", "GET", "echo", request={"authorizationType": "COGNITO_USER_POOLS", "authorizerId": pools})
api.deploy(variables={"queue": "123/other"})
JSON = {"Content-Type": "application/json"}

# Services.
answer = api.call("/dynamodb", "POST", '{"id": 1}', JSON)
seen, sent = service.seen[-1], names(service.seen[-1])
same((answer.status, answer.text, seen.sent, sent["x-amz-target"], sent["content-type"]), (200, '{"ok":true}', b'{"TableName": "t", "Key": {"id":1}}', "DynamoDB_20120810.GetItem", "application/x-amz-json-1.0"))
same((sent["authorization"].startswith("AWS4-HMAC-SHA256 Credential="), f"/{REGION}/dynamodb/aws4_request" in sent["authorization"]), (True, True))
same([api.entry(answer)[v] for v in ("status", "integrationStatus", "awsEndpointRequestId", "integration.requestId")], ["200", "200", "s-1", "s-1"])
lines = api.execution(answer)
same(("AWS Integration Endpoint RequestId : s-1" in lines, bool(answer["X-Amzn-Trace-Id"])), (True, True))
answer = api.call("/dynamodb", "POST", '{"fail": 1}', JSON)
same((answer.status, answer.text), (400, '{"was": "no"}'))
api.call("/sqs", "POST", "a b&c", JSON)
seen, sent = service.seen[-1], names(service.seen[-1])
same((seen.path, seen.sent, sent["content-type"], sent["accept"]), (f"/{ACCOUNT}/queue", b"Action=SendMessage&MessageBody=a+b%26c", "application/x-www-form-urlencoded", "application/json"))
api.call("/sns?m=hello", "POST", "", JSON)
seen = service.seen[-1]
got = dict(urllib.parse.parse_qsl(seen.path.partition("?")[2])) | dict(urllib.parse.parse_qsl(seen.sent.decode()))
same((got.get("Action"), got.get("Message")), ("Publish", "hello"), seen.path)
api.call("/s3/a%20b", "POST", "data", {"Content-Type": "text/plain"})
same((service.seen[-1].command, service.seen[-1].path, service.seen[-1].sent), ("PUT", "/bucket/a%20b", b"data"))
api.call("/variable", "POST", "x", JSON)
same(service.seen[-1].path, "/123/other")
answer = api.gw.exceptions.BadRequestException
try:
    api.gw.put_integration(**api.at("/dynamodb", "POST"), type="AWS_PROXY", integrationHttpMethod="POST", uri=uri("dynamodb:action/GetItem"))
    same("AWS_PROXY to a service", "refused")
except answer:
    pass

# Cognito.
ask = lambda path, value=None: api.call(path, headers={"Authorization": value} if value else {})
good = token()
for value in (good, "Bearer " + good):
    answer = ask("/id", value)
    same((answer.status, answer.text), (200, "me ann []"))
unauthorized = (401, '{"message":"Unauthorized"}', "UnauthorizedException")
last = good[:-8] + ("AAAAAAAA" if good[-8:] != "AAAAAAAA" else "BBBBBBBB")
for name, value in {"none": None, "nonsense": "nonsense", "signature": last, "issuer": token(iss="https://cognito-idp.us-east-1.amazonaws.com/other"), "access for an ID token": token(token_use="access")}.items():
    answer = ask("/id", value)
    same((answer.status, answer.text, answer["x-amzn-ErrorType"]), unauthorized, name)
same([api.entry(answer)[v] for v in ("status", "error.responseType")], ["401", "UNAUTHORIZED"])
answer = ask("/id", token(exp=int(time.time()) - 60))
same((answer.status, answer.text), (401, '{"message":"The incoming token has expired"}'))
same([ask("/access", token(token_use="access", client_id="c", **claims)).status for claims in ({"scope": "openid notes/read"}, {"scope": "openid"}, {})], [200, 401, 401])
same(json.loads(ask("/claims", good).text)["claims"]["cognito:username"], "ann")
same(len(cognito.seen), 1, "the keys are asked for once")
finish()
