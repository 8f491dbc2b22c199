"""HTTP and HTTP_PROXY: what the back end gets, what the client gets (4.5, 4.6, 4.7, 4.10, 4.13, 4.15), the log of it (2.3, 2.8)."""
import json
import re
import socket
import time

from kit import Api, Back, Server, enable_logs, finish, refused, same

given = {"/teapot": (418, {"Content-Type": "text/plain", "X-Many": "a"}, "short and stout"), "/empty": (204, {}, ""), "/json": (200, {"Content-Type": "application/json"}, '{"a": 1}')}


def answer(request):
    path = request.path.partition("?")[0]
    if path == "/slow":
        time.sleep(0.4)
    if path == "/hangup":
        return None
    if path == "/headers":
        return 200, [("Date", "then"), ("Server", "mine"), ("Connection", "keep-alive"), ("X-Own", "1"), ("X-Own", "2"), ("Content-Type", "text/x"), ("Via", "1.1 x"),
                     ("x-amzn-RequestId", "theirs"), ("WWW-Authenticate", "Basic"), ("Age", "3"), ("User-Agent", "u"), ("Authorization", "z")], "body"
    if path == "/redirect":
        return 302, {"Location": "/json"}, ""
    return given.get(path) or (200, {"Content-Type": "application/json"}, json.dumps({"method": request.command, "target": request.path}))


server, back = Server(), Back(answer)
enable_logs(server)
api = Api(server)
declared = {"method.request.path.id": True, "method.request.querystring.q": False, "method.request.header.H": False, "method.request.header.Absent": False}
api.http("/plain", "POST", back.url + "/plain")
api.http("/proxy/{p+}", "ANY", back.url + "/{p}", type="HTTP_PROXY", integrationHttpMethod="ANY", responses={}, request={"requestParameters": {"method.request.path.p": True}},
         requestParameters={"integration.request.path.p": "method.request.path.p"})
api.http("/mapped/{id}", "POST", back.url + "/mapped/{n}", request={"requestParameters": declared}, requestParameters={
    "integration.request.path.n": "method.request.path.id", "integration.request.querystring.static": "'s t'", "integration.request.querystring.q": "method.request.querystring.q",
    "integration.request.querystring.all": "method.request.multivaluequerystring.q", "integration.request.header.X-H": "method.request.header.H",
    "integration.request.header.X-Body": "method.request.body.a.b", "integration.request.header.X-Whole": "method.request.body", "integration.request.header.X-Stage": "stageVariables.color",
    "integration.request.header.X-Id": "context.requestId", "integration.request.header.X-None": "method.request.header.Absent", "integration.request.header.Host": "'other.example'",
    "integration.request.header.User-Agent": "'me'", "integration.request.header.X-Missing": "method.request.body.nothing"})
api.http("/status/{s}", "GET", back.url + "/{s}", request={"requestParameters": {"method.request.path.s": True}}, requestParameters={"integration.request.path.s": "method.request.path.s"},
         responses={200: {"responseTemplates": {"application/json": ""}}, 400: {"selectionPattern": r"4\d{2}", "responseTemplates": {"application/json": '{"was": "$input.body"}'}}})
api.http("/nodefault/{s}", "GET", back.url + "/{s}", request={"requestParameters": {"method.request.path.s": True}}, requestParameters={"integration.request.path.s": "method.request.path.s"},
         responses={200: {"selectionPattern": "200"}})
declare = ["method.response.header." + n for n in ("X-Own", "X-All", "X-Static", "X-Context", "X-Stage", "X-Json", "X-None", "Server", "Date", "Authorization", "Transfer-Encoding", "Via", "Age",
                                                   "Connection", "Host", "User-Agent", "Content-MD5", "WWW-Authenticate", "Max-Forwards", "Expect", "Trailer", "Upgrade", "Content-Length", "TE", "Pragma")]
api.http("/response", "GET", back.url + "/headers", responses={200: {"declare": declare, "responseParameters": {
    "method.response.header.X-Own": "integration.response.header.X-Own", "method.response.header.X-All": "integration.response.multivalueheader.X-Own", "method.response.header.X-Static": "'s'",
    "method.response.header.X-Context": "context.stage", "method.response.header.X-Stage": "stageVariables.color", "method.response.header.X-None": "integration.response.header.Nothing"} | {
    "method.response.header." + n: "'v'" for n in ("Server", "Date", "Authorization", "Transfer-Encoding", "Via", "Age", "Connection", "Host", "User-Agent", "Content-MD5", "WWW-Authenticate",
                                                    "Max-Forwards", "Expect", "Trailer", "Upgrade", "Content-Length", "TE", "Pragma")}}})
api.http("/json", "GET", back.url + "/json", responses={200: {"responseParameters": {"method.response.header.X-Json": "integration.response.body.a", "method.response.header.X-Whole": "integration.response.body"}}})
api.http("/slow", "GET", back.url + "/slow", timeoutInMillis=100)
api.http("/hangup", "GET", back.url + "/hangup")
closed = socket.socket()
closed.bind(("127.0.0.1", 0))
api.http("/closed", "GET", f"http://127.0.0.1:{closed.getsockname()[1]}/")
api.http("/stage", "GET", "http://${stageVariables.host}/${stageVariables.where}?x=${stageVariables.color}")
for name in ("Content-Length", "Transfer-Encoding", "X-Amzn-Trace-Id", "X-Amzn-Apigateway-Api-Id"):
    api.http("/illegal-" + name.lower(), "GET", back.url + "/json", requestParameters={"integration.request.header." + name: "'1'"})
api.deploy(variables={"host": back.url.removeprefix("http://"), "where": "stage", "color": "blue"})

# HTTP passes nothing of the client's headers or query; HTTP_PROXY passes what the table of 4.5 says.
client = {"Accept": "text/a", "Accept-Charset": "utf-8", "Accept-Encoding": "identity", "Age": "1", "Authorization": "Bearer 123456789", "Content-Type": "text/plain", "Pragma": "no-cache",
          "Range": "bytes=0-", "Referer": "r", "User-Agent": "agent", "Warn": "w", "Via": "1.1 me", "X-Mine": "m", "TE": "trailers", "Expect": "100-continue", "Content-MD5": "x",
          "Max-Forwards": "2", "Server": "s", "WWW-Authenticate": "w", "Upgrade": "h3", "Trailer": "X-T", "Proxy-Authenticate": "p"}
del client["Expect"]
got = api.call("/plain?a=1", "POST", "hello", client)
seen = back.seen[-1]
names = lambda message: {n.lower(): v for n, v in message.headers.items()}
sent = names(seen)
same((got.status, seen.command, seen.path, seen.sent), (200, "POST", "/plain", b"hello"))
trace, own = sent.pop("x-amzn-trace-id"), f"AmazonAPIGateway_{api.id}"
same(sent, {"accept": "application/json", "content-length": "5", "host": back.url.removeprefix("http://"), "user-agent": own, "x-amzn-apigateway-api-id": api.id,
            **({"content-type": sent["content-type"]} if "content-type" in sent else {})})
got = api.call("/proxy/x/y%20z?a=1&a=2&b=%C3%A9", "PATCH", "hello", client)
seen, sent = back.seen[-1], names(back.seen[-1])
same((seen.command, seen.path, seen.sent, got.status), ("PATCH", "/x/y%20z?a=1&a=2&b=%C3%A9", b"hello", 200))
same("x-amzn-trace-id" in sent and bool(sent.pop("x-amzn-trace-id")), True)
passed = ["Accept", "Accept-Charset", "Accept-Encoding", "Age", "Authorization", "Content-Type", "Pragma", "Range", "Referer", "User-Agent", "Warn", "X-Mine"]
same({n: v for n, v in sent.items() if not n.startswith("x-forwarded")}, {n.lower(): client[n] for n in passed} | {
    "content-length": "5", "host": back.url.removeprefix("http://"), "x-amzn-apigateway-api-id": api.id})
same(got["X-Amzn-Trace-Id"], None, "HTTP_PROXY")

# Parameter mapping.
api.call("/mapped/a%2Fb?q=1&q=2", "POST", '{"a": {"b": "deep"}}', {"H": "h", "Content-Type": "application/json"})
seen, sent = back.seen[-1], names(back.seen[-1])
same((seen.path.partition("?")[0], sorted(seen.path.partition("?")[2].split("&"))), ("/mapped/a%2Fb", sorted(["static=s%20t", "q=2", "all=1", "all=2"])))
same({n: sent.get(n) for n in ("x-h", "x-body", "x-whole", "x-stage", "x-none", "host", "user-agent", "x-missing")},
     {"x-h": "h", "x-body": "deep", "x-whole": '{"a": {"b": "deep"}}', "x-stage": "blue", "x-none": None, "host": "other.example", "user-agent": "me", "x-missing": None})
same(bool(re.fullmatch(r"[0-9a-f-]{36}", sent["x-id"])), True)

# Selection by status; the default; none.
for path, want in {"/status/json": (200, '{"a": 1}'), "/status/teapot": (400, '{"was": "short and stout"}'), "/status/empty": (200, ""), "/status/redirect": (200, ""),
                   "/nodefault/json": (200, '{"a": 1}'), "/nodefault/teapot": (500, '{"message": "Internal server error"}')}.items():
    got = api.call(path)
    same((got.status, got.text), want, path)
got = api.call("/nodefault/teapot")
same((got["x-amzn-ErrorType"], got["X-Amzn-Trace-Id"], got["Content-Length"]), ("InternalServerErrorException", None, "36"))
lines = api.execution(got)
same(lines[-2:], ["Execution failed due to configuration error: No match for output mapping and no default output mapping configured. Endpoint Response Status Code: 418",
                  "Method completed with status: 500"])
entry = api.entry(got)
same([entry[n] for n in ("status", "integrationStatus", "error.responseType", "error.message", "error.messageString")],
     ["500", "418", "API_CONFIGURATION_ERROR", "Internal server error", '"Internal server error"'])

# Response headers: mapped ones of HTTP, all of HTTP_PROXY.
got = api.call("/response")
headers = {n.lower(): v for n, v in got.headers.items()}
same({n: headers.get(n) for n in ("x-own", "x-static", "x-context", "x-stage", "x-none", "via", "age", "te", "pragma")},
     {"x-own": "2", "x-static": "s", "x-context": "prod", "x-stage": "blue", "x-none": None, "via": "v", "age": "v", "te": "v", "pragma": "v"})
for name in ("Server", "Date", "Authorization", "Connection", "Host", "User-Agent", "Content-MD5", "WWW-Authenticate", "Max-Forwards", "Expect", "Trailer", "Upgrade", "Content-Length"):
    same(got["x-amzn-Remapped-" + name], "v", name)
same((got["Transfer-Encoding"], got["x-amzn-Remapped-Transfer-Encoding"]), (None, None))
same(got["Content-Type"], "application/json", "HTTP does not take over the back end's type")
same(bool(got["X-Amzn-Trace-Id"]), True)
got = api.call("/proxy/headers")
same({n: got[n] for n in ("x-amzn-Remapped-Connection", "x-amzn-Remapped-Content-Length", "x-amzn-Remapped-Date", "x-amzn-Remapped-Server", "x-amzn-Remapped-x-amzn-RequestId", "Via",
                          "Content-Type", "Age", "x-amzn-Remapped-WWW-Authenticate", "x-amzn-Remapped-User-Agent", "x-amzn-Remapped-Authorization", "WWW-Authenticate", "User-Agent")},
     {"x-amzn-Remapped-Connection": "keep-alive", "x-amzn-Remapped-Content-Length": "4", "x-amzn-Remapped-Date": "then", "x-amzn-Remapped-Server": "mine",
      "x-amzn-Remapped-x-amzn-RequestId": "theirs", "Via": None, "Content-Type": "text/x", "Age": "3", "x-amzn-Remapped-WWW-Authenticate": "Basic", "x-amzn-Remapped-User-Agent": "u",
      "x-amzn-Remapped-Authorization": "z", "WWW-Authenticate": None, "User-Agent": None})
same((got.headers.get_all("X-Own"), got["Content-Length"], got["Date"] != "then"), (["1", "2"], "4", True))
got = api.call("/json")
same((got["X-Json"], got["X-Whole"], got.text), ("1", '{"a": 1}', '{"a": 1}'))
got = api.call("/proxy/redirect")
same((got.status, got["Location"]), (302, "/json"))

# Stage variables in the address.
api.call("/stage")
same(back.seen[-1].path, "/stage?x=blue")

# What goes wrong.
got = api.call("/slow")
same((got.status, got.text, got["Content-Length"], got["x-amzn-ErrorType"]), (504, '{"message": "Endpoint request timed out"}', "41", "InternalServerErrorException"))
same(api.execution(got)[-2:], ["Execution failed due to a timeout error", "Method completed with status: 504"])
entry = api.entry(got)
same([entry[n] for n in ("status", "integration.error", "integrationErrorMessage", "error.responseType", "integrationStatus")],
     ["504", "Execution failed due to a timeout error", "Execution failed due to a timeout error", "INTEGRATION_TIMEOUT", "-"])
for path in ("/hangup", "/closed"):
    got = api.call(path)
    same((got.status, got.text, got["x-amzn-ErrorType"]), (504, '{"message": "Network error communicating with endpoint"}', "InternalServerErrorException"), path)
    same(api.execution(got)[-2].startswith("Execution failed due to a network error communicating with endpoint"), True)
    same(api.entry(got)["error.responseType"], "INTEGRATION_FAILURE")
for path in ("/illegal-content-length", "/illegal-transfer-encoding", "/illegal-x-amzn-trace-id", "/illegal-x-amzn-apigateway-api-id"):
    got = api.call(path)
    same((got.status, got.text, got["Content-Length"], got["x-amzn-ErrorType"], got["X-Amzn-Trace-Id"]),
         (500, '{"message": "Internal server error"}', "36", "InternalServerErrorException", None), path)

# The execution log of a request that succeeds, line by line.
got = api.call("/proxy/json?q=1", headers={"Authorization": "Bearer 123456789", "User-Agent": "agent"})
lines = api.execution(got)
heads = [re.split(r"[:{]| for request| authorized", line)[0] for line in lines]
same(heads[:-1] if lines[-1].startswith("X-ray") else heads, [
    "Extended Request Id", "Verifying Usage Plan", "API Key ", "Usage Plan check succeeded for API Key  and API Stage " + f"{api.id}/prod", "Starting execution", "HTTP Method",
    "Method request path", "Method request query string", "Method request headers", "Method request body before transformations", "Endpoint request URI", "Endpoint request headers",
    "Endpoint request body after transformations", "Sending request to http", "Received response. Status", "Endpoint response headers", "Endpoint response body before transformations",
    "Method response body after transformations", "Method response headers", "Successfully completed execution", "Method completed with status"])
same(lines[1:9], [
    f"Verifying Usage Plan for request: {got.id}. API Key:  API Stage: {api.id}/prod",
    "API Key  authorized because method 'GET /proxy/{p+}' does not require API Key. Request will not contribute to throttle or quota limits",
    f"Usage Plan check succeeded for API Key  and API Stage {api.id}/prod", f"Starting execution for request: {got.id}", "HTTP Method: GET, Resource Path: /proxy/json",
    "Method request path: {p=json}", "Method request query string: {q=1}", lines[8]])
same("Authorization=**********456789" in lines[8] and "User-Agent=agent" in lines[8], True, lines[8])
same((lines[9], lines[10], lines[13]), ("Method request body before transformations: ", f"Endpoint request URI: {back.url}/json?q=1", f"Sending request to {back.url}/json?q=1"))
same(bool(re.fullmatch(r"Received response. Status: 200, Integration latency: \d+ ms", lines[14])), True, lines[14])
same(lines[16:18], ['Endpoint response body before transformations: {"a": 1}', 'Method response body after transformations: {"a": 1}'])

# What the control plane refuses.
gw, where = api.gw, api.at("/plain", "POST")
refused(lambda: gw.put_integration(**where, type="HTTP", integrationHttpMethod="GET", uri=back.url, timeoutInMillis=49), "BadRequestException", "Timeout should be between 50 ms and 29000 ms")
refused(lambda: gw.put_integration(**where, type="HTTP", integrationHttpMethod="GET", uri=back.url, requestParameters={"integration.request.header.X": "true"}), "BadRequestException",
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: true]")
finish()
