"""What the scenarios share: a server of their own (the binary that TOLLBOOK names), a back end and a Lambda Invoke endpoint in
this process, a short way to build an API with boto3, and a client that hides nothing of an answer.

A scenario is a file beside this one. It prints PASS at its end and stops at the first thing that is wrong; it runs by itself:
TOLLBOOK=bin/tollbook python3 routing.py
"""
import atexit
import base64
import http.client
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT, REGION = "000000000000", "us-east-1"


class Back(http.server.ThreadingHTTPServer):
    """A back end: what answers is `answer(request) -> (status, headers, body)`; requests are kept in `seen`, oldest first."""
    daemon_threads = True

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.seen, self.url = answer, [], f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one(self):
        self.sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(self)
        answer = self.server.answer(self)
        if answer is None:  # hang up
            self.close_connection = True
            return
        status, headers, body = answer
        body = body.encode() if isinstance(body, str) else body
        self.send_response_only(status)
        for name, value in headers.items() if isinstance(headers, dict) else headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_one

    def log_message(self, *_):
        pass


class FunctionError(Exception):
    """What a function throws; its text is the errorMessage."""


class Functions(dict):
    """Lambda functions by name, behind an Invoke endpoint. `calls` keeps (name, event, request)."""

    def __init__(self):
        super().__init__()
        self.calls, self.back = [], Back(self.invoke)

    def invoke(self, request):
        name = re.fullmatch(r"/2015-03-31/functions/(.+)/invocations", request.path)[1]
        headers = {"x-amzn-RequestId": "function-" + name, "Content-Type": "application/json"}
        if name not in self:
            return 404, headers | {"X-Amzn-ErrorType": "ResourceNotFoundException"}, json.dumps({"Message": "Function not found: " + name})
        event = json.loads(request.sent or "null")
        self.calls.append((name, event, request))
        try:
            result = self[name](event)
        except FunctionError as e:
            return 200, headers | {"X-Amz-Function-Error": "Unhandled"}, json.dumps({"errorMessage": str(e), "errorType": "Error"})
        return result if isinstance(result, tuple) else (200, headers, json.dumps(result))


class Server:
    """The product. `flags` are further flags of `serve`."""

    def __init__(self, *flags):
        self.functions = Functions()
        self.dir = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            [os.environ["TOLLBOOK"], "serve", "--data-dir", self.dir.name, "--api-addr", "127.0.0.1:0", "--gateway-addr", "127.0.0.1:0",
             "--access-log-flush", "20ms", "--lambda-endpoint", self.functions.back.url, *flags], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        atexit.register(self.stop)
        addresses = dict(self.process.stdout.readline().split() for _ in range(2))  # "api http://127.0.0.1:4566"
        self.api, self.gateway = (addresses[name].removeprefix("http://") for name in ("api", "gateway"))

    def client(self, service, key="AKIDEXAMPLE", secret="secret"):
        return boto3.client(service, endpoint_url="http://" + self.api, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret,
                            config=Config(retries={"max_attempts": 1}))

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()
        self.text = self.body.decode("utf-8", "backslashreplace")

    def __repr__(self):
        return f"{self.status} {self.headers.items()} {self.text!r}"

    def __getitem__(self, name):
        return self.headers[name]

    @property
    def id(self):
        return self.headers["x-amzn-RequestId"]


# One entry: every variable of $context that a scenario looks at, by name.
VARIABLES = """requestId extendedRequestId httpMethod path resourcePath resourceId stage status protocol responseLength responseLatency apiId accountId
 domainName domainPrefix error.message error.messageString error.responseType error.validationErrorString integration.error integration.integrationStatus
 integration.latency integration.requestId integration.status integrationErrorMessage integrationLatency integrationStatus awsEndpointRequestId
 isCanaryRequest deploymentId customDomain.basePathMatched identity.apiKey identity.apiKeyId identity.sourceIp identity.userAgent identity.caller
 authorizer.principalId authorizer.plan authorizer.error authorizer.status authorizer.latency authorizer.integrationLatency authorizer.integrationStatus
 authorizer.requestId authorize.status authorize.error authenticate.status authenticate.error identity.user identity.userArn identity.accountId
 requestOverride.header.h requestOverride.path.p requestOverride.querystring.q responseOverride.header.h responseOverride.status tlsVersion
 xrayTraceId routeKey""".split()
FORMAT = "~".join("$context." + name for name in VARIABLES)


class Api:
    """A REST API. Its stages log every request in full; what is put is deployed by `deploy`."""

    def __init__(self, server, **attributes):
        self.server, self.gw, self.logs = server, server.client("apigateway"), server.client("logs")
        made = self.gw.create_rest_api(name="scenario", **attributes)
        self.id, self.paths = made["id"], {"/": made["rootResourceId"]}

    def resource(self, path):
        if path not in self.paths:
            parent, _, part = path.rpartition("/")
            self.paths[path] = self.gw.create_resource(restApiId=self.id, parentId=self.resource(parent or "/"), pathPart=part)["id"]
        return self.paths[path]

    def at(self, path, method):
        return dict(restApiId=self.id, resourceId=self.resource(path), httpMethod=method)

    def method(self, path, method, **settings):
        self.gw.put_method(**self.at(path, method), **({"authorizationType": "NONE"} | settings))

    def integrate(self, path, method, responses=None, **integration):
        """responses: {status: what put_integration_response takes; `declare` are the headers that the method response has}."""
        self.gw.put_integration(**self.at(path, method), **integration)
        for status, settings in (responses or {}).items():
            settings = dict(settings)
            declared = set(settings.get("responseParameters", {})) | set(settings.pop("declare", []))
            self.gw.put_method_response(**self.at(path, method), statusCode=str(status), responseParameters={name: False for name in declared})
            self.gw.put_integration_response(**self.at(path, method), statusCode=str(status), **settings)

    def mock(self, path, method="GET", template='{"statusCode": 200}', responses=None, request=None, **settings):
        """A MOCK: `template` is its request template for JSON."""
        self.method(path, method, **(request or {}))
        self.integrate(path, method, {200: {}} if responses is None else responses, type="MOCK", requestTemplates={"application/json": template}, **settings)

    def http(self, path, method, uri, responses=None, request=None, **settings):
        self.method(path, method, **(request or {}))
        self.integrate(path, method, {200: {}} if responses is None else responses, **({"type": "HTTP", "integrationHttpMethod": method, "uri": uri} | settings))

    def function(self, path, method, name, responses=None, request=None, **settings):
        self.method(path, method, **(request or {}))
        self.integrate(path, method, responses, **({"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": function_uri(name)} | settings))

    def deploy(self, stage="prod", **settings):
        made = self.gw.create_deployment(restApiId=self.id, stageName=stage, **settings)
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access-{self.id}/{stage}"
        self.patch(stage, ("/accessLogSettings/destinationArn", arn), ("/accessLogSettings/format", FORMAT), ("/*/*/logging/loglevel", "INFO"),
                   ("/*/*/logging/dataTrace", "true"))
        return made["id"]

    def patch(self, stage, *changes):
        return self.gw.update_stage(restApiId=self.id, stageName=stage, patchOperations=[
            change if isinstance(change, dict) else {"op": "replace", "path": change[0], "value": change[1]} for change in changes])

    def call(self, path="/", method="GET", body=None, headers=None, stage="prod", host=None):
        """One request as it stands: `headers` may be pairs, the path is sent as it is."""
        target = path if host else f"/{stage}{path}"
        connection = http.client.HTTPConnection(self.server.gateway, timeout=20)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        pairs = list(headers.items() if isinstance(headers, dict) else headers or [])
        connection.putheader("Host", host or f"{self.id}.execute-api.{REGION}.amazonaws.com")
        body = body.encode() if isinstance(body, str) else body
        if body is not None:
            pairs.append(("Content-Length", str(len(body))))
        for name, value in pairs:
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def entry(self, answer, stage="prod", group=None):
        """The access log entry of an answer, as a dict."""
        group = group or f"access-{self.id}/{stage}"
        line = wait_for(lambda: self.lines_of(group, answer.id, starts=""))[0]
        values = [value.replace('\\"', '"') for value in line.split("~")]  # quotation marks of values are escaped
        assert len(values) == len(VARIABLES), line
        return dict(zip(VARIABLES, values))

    def execution(self, answer, stage="prod", suffix=""):
        """The execution log of an answer: its lines without their prefix."""
        group, prefix = f"API-Gateway-Execution-Logs_{self.id}/{stage}{suffix}", f"({answer.id}) "
        lines = wait_for(lambda: (lambda found: found if any(ends(l) for l in found) else None)(
            [l.removeprefix(prefix) for l in self.lines_of(group, answer.id, starts=prefix)]))
        return lines

    def lines_of(self, group, request_id, starts):
        try:
            events = [e for page in self.logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern=f'"{request_id}"')
                      for e in page["events"]]
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return [e["message"] for e in events if e["message"].startswith(starts)]


def ends(line):
    return line.startswith(("Method completed", "Unauthorized request"))


def function_uri(name):
    arn = name if name.startswith("arn:") else f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"


def wait_for(look, seconds=10):
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came within %d s" % seconds
        time.sleep(0.03)
    return found


def enable_logs(server):
    """Gives the account the role without which AWS turns no log on."""
    iam = server.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="logs", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="logs", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")
    server.client("apigateway").update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}])


wrong = []


def same(got, want, about=""):
    """Notes what is not as expected; `finish` fails if anything was."""
    if got != want:
        line = sys._getframe(1).f_lineno
        wrong.append(f"line {line}: {about}\n  got  {got!r}\n  want {want!r}")


def refused(call, code, message):
    """A call that the control plane refuses."""
    try:
        call()
        got = "accepted"
    except ClientError as e:
        got = (e.response["Error"]["Code"], e.response["Error"]["Message"])
    if got != (code, message):
        wrong.append(f"line {sys._getframe(1).f_lineno}:\n  got  {got!r}\n  want {(code, message)!r}")


def finish():
    if wrong:
        sys.exit("\n".join(wrong))
    print("PASS")
