"""The data plane by raw sockets: forms of addresses (4.1), framing, limits (4.27); long log lines (2.9); TestInvokeMethod (2.2, 2.4, 6.9)."""
import json
import re
import socket
import urllib.error
import urllib.request

from kit import Api, Back, Server, enable_logs, finish, same

server = Server()
enable_logs(server)
back = Back(lambda request: (200, {"Content-Type": "application/json"}, json.dumps({"path": request.path, "sent": request.sent.decode(), "accept": request.headers.get("X-Accept")})))
api = Api(server)
api.http("/echo", "ANY", back.url, type="HTTP_PROXY", integrationHttpMethod="ANY", responses={})
api.http("/q", "GET", back.url + "/q", request={"requestParameters": {"method.request.querystring.a": False}}, requestParameters={"integration.request.querystring.a": "method.request.querystring.a"})
api.mock("/pets", responses={200: {"responseTemplates": {"application/json": '{"pets": "all the pets"}'}}})
api.http("/bad/{id}", "GET", "http://nowhere:${stageVariables.port}/")
api.deploy(variables={"port": "notaport"})
host = f"{api.id}.execute-api.us-east-1.amazonaws.com"


def raw(text, address=None):
    """Everything that comes back for these bytes."""
    name, _, port = (address or server.gateway).rpartition(":")
    with socket.create_connection((name, int(port)), timeout=10) as s:
        s.sendall(text.encode("latin-1") if isinstance(text, str) else text)
        s.shutdown(socket.SHUT_WR)
        out = b""
        while piece := s.recv(65536):
            out += piece
    return out.decode("latin-1")


def get(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


# Where an API is.
pets = (200, '{"pets": "all the pets"}')
same(get(f"http://{server.gateway}/{api.id}/prod/pets"), pets)
same(get(f"http://{server.api}/_aws/execute-api/{api.id}/prod/pets"), pets)
same(get(f"http://{server.api}/restapis/{api.id}/prod/_user_request_/pets"), pets)
for name in (host, host.upper(), f"{api.id}.execute-api.localhost.localstack.cloud:4566"):
    same(api.call("/prod/pets", host=name).status, 200, name)
answer = api.call("/prod/pets", host="nobody.execute-api.us-east-1.amazonaws.com")
same((answer.status, answer.text), (403, '{"message":"Forbidden"}'))
same(get(f"http://{server.api}/_aws/execute-api/abcdefghij/prod/pets"), (403, '{"message":"Forbidden"}'))

# Framing.
chunked = f"POST /prod/echo HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
same(json.loads(raw(chunked).rpartition("\r\n\r\n")[2])["sent"], "abcde")
same(raw(f"GET /prod/pets HTTP/1.0\r\nHost: {host}\r\n\r\n").partition("\r\n")[0].split()[1], "200")
both = raw(f"GET /prod/pets HTTP/1.1\r\nHost: {host}\r\n\r\nGET /prod/echo HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
same(len(re.findall(r"HTTP/1.1 200", both)), 2, "one after the other")
head = raw(f"HEAD /prod/echo HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
same((head.startswith("HTTP/1.1 200"), head.endswith("\r\n\r\n")), (True, True), head)
expected = raw(f"POST /prod/echo HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
same(("HTTP/1.1 200" in expected, '"sent": "hi"' in expected), (True, True), expected)
for wrong in ("GET /prod/pets HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "POST /prod/echo HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
              "GET /prod/pets HTTP/1.1\r\nHost: {host}\r\nX: a\r\n b\r\n\r\n", "GET /prod/pets HTTP/1.1\r\nHost : {host}\r\n\r\n", "GET /prod/pets HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n",
              "GET  /prod/pets HTTP/1.1\r\nHost: {host}\r\n\r\n", "POST /prod/echo HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
    got = raw(wrong.replace("{host}", host) + f"GET /prod/pets HTTP/1.1\r\nHost: {host}\r\n\r\n")
    same((got.split()[1:2], got.count("HTTP/1.1")), (["400"], 1), wrong)

# Queries.
for query, want in {"a=1;b=2": "/q?a=1", "a=1&a=2": "/q?a=2", "a=x+y": "/q?a=x%20y", "a=%2B": "/q?a=%2B", "a": "/q?a=", "": "/q"}.items():
    same(json.loads(api.call("/q?" + query).text)["path"], want, query)

# A log line has 1024 bytes at most; what is longer is cut.
answer = api.call("/echo", "POST", "x" * 3000, {"X-Long": "y" * 1500, "X-Api-Key": "0123456789abcdef"})
lines = api.execution(answer)
long = [l for l in lines if l.endswith(" [TRUNCATED]")]
same((len(long) >= 4, [l[:30] for l in lines if len(l) > 1024]), (True, []))
headers = next(l for l in lines if l.startswith("Method request headers"))
same((headers.endswith("[TRUNCATED]"), "}" in headers), (True, False))

# TestInvokeMethod.
got = api.gw.test_invoke_method(restApiId=api.id, resourceId=api.paths["/pets"], httpMethod="GET")
same((got["status"], got["body"], got["headers"], got["multiValueHeaders"]), (200, '{"pets": "all the pets"}', {"Content-Type": "application/json"}, {"Content-Type": ["application/json"]}))
log = got["log"].split("\n")
request_id = log[0].removeprefix("Execution log for request ")
stamp = re.compile(r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4} : ")
same([stamp.sub("", l) for l in log[1:]], [
    f"Starting execution for request: {request_id}", "HTTP Method: GET, Resource Path: /pets", "Method request path: {}", "Method request query string: {}", "Method request headers: {}",
    "Method request body before transformations: ", 'Method response body after transformations: {"pets": "all the pets"}', "Method response headers: {Content-Type=application/json}",
    "Successfully completed execution", "Method completed with status: 200", ""])
same(all(stamp.match(l) for l in log[1:-1]), True)
got = api.gw.test_invoke_method(restApiId=api.id, resourceId=api.paths["/bad/{id}"], httpMethod="GET", pathWithQueryString="/bad/7?x=1", stageVariables={"port": "http://"})
log = [stamp.sub("", l) for l in got["log"].split("\n")]
same((got["status"], log[3:5], log[-3:]), (500, ["Method request path: {id=7}", "Method request query string: {x=1}"],
                                           ["Execution failed due to configuration error: Invalid endpoint address", "Method completed with status: 500", ""]))
same(got["body"], '{"message": "Internal server error"}')
finish()
