"""What a Lambda proxy may return, and what becomes of it (4.8, 2.8)."""
import json
import time

from kit import Api, FunctionError, Server, enable_logs, finish, same

server = Server()
enable_logs(server)
answers = {}
server.functions["any"] = lambda event: answers["now"](event)
api = Api(server, binaryMediaTypes=["image/png"])
api.function("/", "ANY", "any")
api.function("/quick", "GET", "any", timeoutInMillis=150)
api.function("/get", "GET", "any", integrationHttpMethod="GET")
api.function("/gone", "GET", "not-there")
api.function("/mapped", "GET", "any", requestParameters={"integration.request.header.X-Mapped": "'v'"})
for name in ("Authorization", "Connection", "Expect", "TE", "Proxy-Authenticate", "Content-Length"):
    api.function("/illegal-" + name.lower(), "GET", "any", requestParameters={"integration.request.header." + name: "'v'"})
api.function("/variable", "GET", "${stageVariables.function}")
api.deploy(variables={"function": "any"})


def returns(result, path="/", **kwargs):
    answers["now"] = result if callable(result) else lambda event: result
    return api.call(path, **kwargs)


bad = (502, '{"message": "Internal server error"}')
for result, want in [
    ({}, (200, "")), ({"body": "b"}, (200, "b")), ({"statusCode": 201}, (201, "")), ({"statusCode": "202", "body": "x"}, (202, "x")), ({"headers": None, "body": "x"}, (200, "x")),
    ({"headers": {"A": "b"}}, (200, "")), ({"statusCode": 200, "body": "x", "more": 1}, bad), (None, bad), ("text", bad), ([], bad), (7, bad), ({"statusCode": "abc"}, bad),
    ({"statusCode": 200, "multiValueHeaders": {"A": "b"}}, bad), ({"statusCode": 200, "body": {"a": 1}}, bad),
    ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, (200, "aGk=")), ({"statusCode": 200, "body": None}, (200, "")), ({"statusCode": None}, (200, "")),
    ({"statusCode": 200, "body": "x", "isBase64Encoded": False, "headers": {}, "multiValueHeaders": {}}, (200, "x")),
]:
    if result == {"statusCode": None}:
        continue  # what AWS makes of it is not known
    answer = returns(result)
    same((answer.status, answer.text), want, result)
    if want is bad:
        same((answer["x-amzn-ErrorType"], answer["Content-Length"]), ("InternalServerErrorException", "36"), result)
answer = returns({"statusCode": 200, "body": {"a": 1}})
lines = api.execution(answer)
at = lines.index("Execution failed due to configuration error: Malformed Lambda proxy response")
same(lines[at:], ["Execution failed due to configuration error: Malformed Lambda proxy response", "Method completed with status: 502", "AWS Integration Endpoint RequestId : function-any"])
entry = api.entry(answer)
same([entry[n] for n in ("status", "error.message", "integrationStatus", "integration.integrationStatus", "integration.requestId", "awsEndpointRequestId", "responseLength")],
     ["502", "Internal server error", "200", "200", "function-any", "function-any", "36"])

# Headers: values made strings, both maps together, the type.
answer = returns({"statusCode": 200, "headers": {"bool": True, "number": 7, "tEst-multi": "value-solo", "Content-Length": "99", "Set-Cookie": "c=3"},
                  "multiValueHeaders": {"tesT-Multi": ["value-multi"], "Set-Cookie": ["a=1", "b=2"]}, "body": "x"})
same((answer["bool"], answer["number"], answer["Content-Length"], answer["Content-Type"]), ("true", "7", "1", "application/json"))
same([v for n, v in answer.headers.items() if n == "tesT-Multi"], ["value-multi", "value-solo"])
same([v for n, v in answer.headers.items() if n == "Set-Cookie"], ["a=1", "b=2", "c=3"])
same(returns({"headers": {"content-type": "text/css"}, "body": "x"})["Content-Type"], "text/css")
answer = returns({"headers": {"Date": "then", "Server": "mine", "Connection": "close", "Authorization": "a", "WWW-Authenticate": "Basic", "Via": "v", "Transfer-Encoding": "chunked",
                              "x-amzn-RequestId": "theirs", "User-Agent": "u", "Age": "3"}, "body": "x"})
same({n: answer["x-amzn-Remapped-" + n] for n in ("Date", "Server", "Connection", "Authorization", "WWW-Authenticate", "User-Agent")},
     {"Date": "then", "Server": "mine", "Connection": "close", "Authorization": "a", "WWW-Authenticate": "Basic", "User-Agent": "u"})
same((answer["Age"], answer["Transfer-Encoding"], answer.id != "theirs"), ("3", None, True))

# Binary, both ways.
picture = b"\x89PNG\x00\xff"
same(returns({"body": "iVBORwD/", "isBase64Encoded": True, "headers": {"Content-Type": "image/png"}}, headers={"Accept": "image/png"}).body, picture)
same(returns({"body": "iVBORwD/", "isBase64Encoded": True}, headers={"Accept": "text/html,image/png"}).text, "iVBORwD/", "only the first type of Accept counts")
same(returns({"body": "iVBORwD/", "isBase64Encoded": True}, headers={"Accept": "image/png, text/html;q=0.8"}).body, picture)
got = json.loads(returns(lambda event: {"body": json.dumps([event["body"], event["isBase64Encoded"]])}, method="POST", body=picture, headers={"Content-Type": "image/png"}).text)
same(got, ["iVBORwD/", True])
got = json.loads(returns(lambda event: {"body": json.dumps([event["body"], event["isBase64Encoded"]])}, method="POST", body="text", headers={"Content-Type": "text/plain"}).text)
same(got, ["text", False])

# A function that throws, that takes too long, that is not there; a service that refuses.


def throws(event):
    raise FunctionError("it broke")


answer = returns(throws)
same((answer.status, answer.text), bad)
same("Lambda execution failed with status 200 due to customer function error: it broke. Lambda request id: function-any" in api.execution(answer), True)
entry = api.entry(answer)
same([entry[n] for n in ("status", "integrationStatus", "integration.integrationStatus")], ["502", "200", "200"])
answer = returns(lambda event: time.sleep(0.5), "/quick")
same((answer.status, answer.text, answer["Content-Length"]), (504, '{"message": "Endpoint request timed out"}', "41"))
same(api.execution(answer)[-2:], ["Execution failed due to a timeout error", "Method completed with status: 504"])
same([api.entry(answer)[n] for n in ("error.responseType", "integration.error")], ["INTEGRATION_TIMEOUT", "Execution failed due to a timeout error"])
for status, line in {429: "Rate Exceeded.", 403: "Invalid permissions on Lambda function"}.items():
    answer = returns((status, {"x-amzn-RequestId": "r"}, "{}"))
    same((answer.status, answer.text, answer["x-amzn-ErrorType"]), (500, '{"message": "Internal server error"}', "InternalServerErrorException"))
    lines = api.execution(answer)
    same("Execution failed due to configuration error: " + line in lines, True, lines[-4:])
    same("Lambda invocation failed with status: 429. Lambda request id: r" in lines, status == 429)
    same([api.entry(answer)[n] for n in ("status", "integrationStatus", "error.responseType")], ["500", str(status), "API_CONFIGURATION_ERROR"])
for path in ("/get", "/gone", "/illegal-authorization", "/illegal-connection", "/illegal-expect", "/illegal-te", "/illegal-proxy-authenticate", "/illegal-content-length"):
    answer = returns({}, path)
    same((answer.status, answer.text), (500, '{"message": "Internal server error"}'), path)
same("X-Mapped" in json.loads(returns(lambda event: {"body": json.dumps(event["headers"])}, "/mapped").text), False, "an event has no mapped headers")
same(returns({"statusCode": 299}, "/variable").status, 299)
same((returns({"body": "x"}, method="HEAD").text, returns({"body": "xy"}, method="OPTIONS").text), ("", "xy"))

# TestInvokeMethod (2.2, 6.9).
answers["now"] = lambda event: {"body": json.dumps(event)}
got = api.gw.test_invoke_method(restApiId=api.id, resourceId=api.paths["/"], httpMethod="GET", pathWithQueryString="/?a=1", headers={"X-One": "1"})
event = json.loads(got["body"])
same((got["status"], event["requestContext"]["stage"], event["requestContext"]["identity"]["sourceIp"], event["queryStringParameters"], event["headers"]),
     (200, "test-invoke-stage", "test-invoke-source-ip", {"a": "1"}, {"X-One": "1"}))
log = got["log"].split("\n")
same((log[0].startswith("Execution log for request "), log[-1], " : Starting execution for request: " in log[1], log[-2].endswith(" : Method completed with status: 200") or "AWS Integration" in log[-2]), (True, "", True, True))
event = json.loads(api.gw.test_invoke_method(restApiId=api.id, resourceId=api.paths["/"], httpMethod="GET")["body"])
same((event["headers"], event["multiValueHeaders"], event["body"]), (None, None, None))
finish()
