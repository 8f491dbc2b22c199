"""Mapping templates through MOCK, HTTP and Lambda (4.7, 4.9, 4.11, 4.12), overrides, CORS (4.20). The examples are those of AWS' mapping template reference."""
import json
import urllib.parse

from kit import Api, Back, FunctionError, Server, enable_logs, finish, same

server = Server()
enable_logs(server)
back = Back(lambda request: (200, {"Content-Type": "application/json"}, json.dumps({"path": request.path, "sent": request.sent.decode(), "headers": dict(request.headers.items())})))
api = Api(server)
JSON = {"Content-Type": "application/json"}


def shows(path, template, method="POST", request=None):
    """A MOCK whose answer is a template over the request: it goes through the body of the request template, which MOCK throws away."""
    api.http(path, method, back.url, request=request, requestTemplates={"application/json": template})


shows("/things/{id}", '{\n    "id" : "$input.params(\'id\')",\n    "count" : "$input.path(\'$.things\').size()",\n    "things" : $util.escapeJavaScript($input.json(\'$.things\'))\n}')
shows("/all/{id}", '''#set($allParams = $input.params())
{
  "params" : {
    #foreach($type in $allParams.keySet())
    #set($params = $allParams.get($type))
    "$type" : {
      #foreach($paramName in $params.keySet())
      "$paramName" : "$util.escapeJavaScript($params.get($paramName))"
      #if($foreach.hasNext),#end
      #end
    }
    #if($foreach.hasNext),#end
    #end
  }
}
''')
shows("/context", '{"stage": "$context.stage", "request_id": "$context.requestId", "api_id": "$context.apiId", "resource_path": "$context.resourcePath", '
      '"resource_id": "$context.resourceId", "http_method": "$context.httpMethod", "source_ip": "$context.identity.sourceIp", "user-agent": "$context.identity.userAgent", '
      '"account_id": "$context.identity.accountId", "api_key": "$context.identity.apiKey", "caller": "$context.identity.caller", "protocol": "$context.protocol", '
      '"path": "$context.path", "domain": "$context.domainName $context.domainPrefix", "owner": "$context.accountId", "deployment": "$context.deploymentId", "extended": "$context.extendedRequestId", '
      '"status": "$context.status", "claims": "$context.authorizer.claims", "vars": "$stageVariables.color $stageVariables[\'color\'] ${stageVariables[\'color\']} [$stageVariables.none]"}')
shows("/parse", '''#set ($errorMessageObj = $util.parseJson($input.path('$.errorMessage')))
{
   "errorMessageObjKey2ArrVal" : $errorMessageObj.key2.arr[0]
}
''')
shows("/util", '''$util.urlEncode("a b&c/é") $util.urlDecode("a+b%26") $util.base64Encode("hé") $util.base64Decode("aMOp") $util.escapeJavaScript("it's").replaceAll("\\\\'","'") $foo $!foo ${foo.bar}''')
shows("/broken", "$input.path('$.a[')")
api.deploy(variables={"color": "blue"})


def sent(path, body=None, **kwargs):
    answer = api.call(path, "POST", body, **({"headers": JSON} | kwargs))
    return json.loads(answer.text)["sent"] if answer.status == 200 else repr(answer)


same(json.loads(sent("/things/abc", '{"things" : {"1" : {}, "2" : {}, "3" : {}}}').replace('\\"', '"')), {"id": "abc", "count": "3", "things": {"1": {}, "2": {}, "3": {}}})
got = json.loads(sent("/all/7?q=a+b&q=c%22", headers={"X-One": "it"} | JSON))["params"]
same((list(got), got["path"], got["querystring"], got["header"]["X-One"]), (["path", "querystring", "header"], {"id": "7"}, {"q": 'c"'}, "it"))
answer = api.call("/context", "POST", "{}", JSON | {"User-Agent": "agent"})
same(json.loads(json.loads(answer.text)["sent"]), {
    "stage": "prod", "request_id": answer.id, "api_id": api.id, "resource_path": "/context", "resource_id": api.paths["/context"], "http_method": "POST", "source_ip": "127.0.0.1",
    "user-agent": "agent", "account_id": "", "api_key": "", "caller": "", "protocol": "HTTP/1.1", "path": "/prod/context", "domain": f"{api.id}.execute-api.us-east-1.amazonaws.com {api.id}",
    "owner": "000000000000", "deployment": api.entry(answer)["deploymentId"], "extended": answer["x-amz-apigw-id"], "status": "", "claims": "", "vars": "blue blue blue []"})
same(sent("/parse", '{"errorMessage":"{\\"key1\\":\\"var1\\",\\"key2\\":{\\"arr\\":[1,2,3]}}"}'), '{\n   "errorMessageObjKey2ArrVal" : 1\n}')
same(sent("/util", "{}"), "a+b%26c%2F%C3%A9 a b& aMOp hé it's $foo  ${foo.bar}")
answer = api.call("/broken", "POST", '{"a":1}', JSON)
same((answer.status, answer.text, answer["x-amzn-ErrorType"]), (500, '{"message": "Internal server error"}', "InternalServerErrorException"))
same((api.entry(answer)["error.responseType"], api.execution(answer)[-2].startswith("Execution failed")), ("API_CONFIGURATION_ERROR", True))

# What the gateway adds to a request is seen by mappings, what AWS drops while it reads it is not.
api = Api(server)
names = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Amzn-Trace-Id", "Content-Length", "TE", "Max-Forwards", "User-Agent")
api.http("/", "POST", back.url, request={"requestParameters": {"method.request.header." + n: False for n in names}},
         requestParameters={f"integration.request.querystring.{n}": "method.request.header." + n for n in names}, requestTemplates={
             "application/json": "#foreach($n in ['" + "', '".join(names) + "'])[$input.params().header.get($n)]#end"})
api.deploy()
answer = api.call("/", "POST", "{}", {"X-Forwarded-For": "10.0.0.1", "TE": "trailers", "Max-Forwards": "2", "User-Agent": "agent"} | JSON)
got = json.loads(answer.text)
query = dict(urllib.parse.parse_qsl(got["path"].partition("?")[2]))
trace = query.pop("X-Amzn-Trace-Id", "")
same((query, trace[:7]), ({"X-Forwarded-For": "10.0.0.1, 127.0.0.1", "X-Forwarded-Proto": "http", "User-Agent": "agent"}, "Root=1-"))
same(got["sent"], f"[10.0.0.1, 127.0.0.1][http][{trace}][][][][agent]")
line = next(l for l in api.execution(answer) if l.startswith("Method request headers"))
same([n for n in names if n + "=" in line], ["X-Forwarded-For", "X-Forwarded-Proto", "X-Amzn-Trace-Id", "User-Agent"], line)

# Passthrough, each row of the table of 4.12, with a body of another type and of the template's.
api = Api(server)
for behaviour in ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"):
    name = behaviour.lower().replace("_", "-")
    api.http(f"/{name}/with", "POST", back.url, passthroughBehavior=behaviour, requestTemplates={"application/json": "rendered $input.json('$.a')"})
    api.http(f"/{name}/without", "POST", back.url, passthroughBehavior=behaviour)
api.http("/catch-all", "POST", back.url, requestTemplates={"$default": "caught", "application/json": "json"})
api.http("/empty-template", "POST", back.url, requestTemplates={"application/json": ""})
api.deploy()
media = (415, '{"message": "Unsupported Media Type"}', "BadRequestException")
for path, content_type, want in [
    ("/when-no-match/with", "application/json", "rendered 1"), ("/when-no-match/with", "application/json; charset=utf-8", "rendered 1"), ("/when-no-match/with", None, "rendered 1"),
    ("/when-no-match/with", "text/plain", '{"a": 1}'), ("/when-no-match/without", "text/plain", '{"a": 1}'), ("/when-no-match/without", "application/json", '{"a": 1}'),
    ("/when-no-templates/with", "application/json", "rendered 1"), ("/when-no-templates/with", "text/plain", media), ("/when-no-templates/without", "text/plain", '{"a": 1}'),
    ("/never/with", "application/json", "rendered 1"), ("/never/with", "text/plain", media), ("/never/without", "text/plain", media), ("/never/without", "application/json", media),
    ("/catch-all", "text/plain", "caught"), ("/catch-all", "application/json", "json"), ("/catch-all", None, "json"),
]:
    answer = api.call(path, "POST", '{"a": 1}', {"Content-Type": content_type} if content_type else {})
    same(json.loads(answer.text)["sent"] if answer.status == 200 else (answer.status, answer.text, answer["x-amzn-ErrorType"]), want, f"{path} {content_type}")
same([api.entry(answer)[n] for n in ("status", "error.responseType")], ["200", "-"])
answer = api.call("/never/with", "POST", "x", {"Content-Type": "text/plain"})
same([api.entry(answer)[n] for n in ("status", "error.responseType", "error.message", "integrationStatus")], ["415", "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", "-"])

# MOCK.
api = Api(server)
api.mock("/loose", template="{statusCode: 200}", responses={200: {"responseTemplates": {"application/json": '{"pets": "all the pets"}'}}})
api.mock("/choice", template='{"statusCode": $input.params("s")}', responses={200: {"responseTemplates": {"application/json": "two"}}, 404: {
    "selectionPattern": "404", "responseTemplates": {"application/json": "four $context.resourcePath"}}, 503: {"selectionPattern": "5\\d{2}", "responseTemplates": {"application/json": "five"}}})
for name, template in {"none": "", "text": "hello", "string": '{"statusCode": "x"}', "missing": "{}"}.items():
    api.mock("/bad-" + name, template=template)
api.mock("/post", "POST")
api.mock("/accept", responses={200: {"responseTemplates": {"application/xml": "<x/>", "application/json": "json"}}})
api.mock("/first", responses={200: {"responseTemplates": {"text/plain": "plain"}}})
api.mock("/override", "POST", template='#set($context.responseOverride.status = 418)#set($context.responseOverride.header.h = "v")#set($context.requestOverride.header.h = "r"){"statusCode": 200}', responses={
    200: {"responseTemplates": {"application/json": "body"}}})
api.mock("/override-response", "POST", responses={200: {"responseParameters": {"method.response.header.h": "'mapped'"}, "responseTemplates": {"application/json":
    "#set($context.responseOverride.status = $input.params('s'))#set($context.responseOverride.header.h = 'override')\n  body\n"}}})
api.mock("/override-twice", "POST", responses={200: {"responseTemplates": {"application/json": "#set($context.responseOverride.header.h = 'a')#set($context.responseOverride.header.h = 'b')x"}}})
headers = "'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token'"
api.mock("/cors", "OPTIONS", responses={200: {"responseParameters": {"method.response.header.Access-Control-Allow-Headers": headers, "method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'",
                                                                   "method.response.header.Access-Control-Allow-Origin": "'*'"}}})
api.mock("/loop", template="#foreach($i in [1..1001])x#end{\"statusCode\": 200}")
api.mock("/loop-fits", template="#foreach($i in [1..1000])#end{\"statusCode\": 200}")
api.deploy()
answer = api.call("/loose")
same((answer.status, answer.text, answer["Content-Type"], answer["X-Amzn-Trace-Id"]), (200, '{"pets": "all the pets"}', "application/json", None))
lines = [line.partition(": ")[0].split("{")[0] for line in api.execution(answer)]
same(lines[4:], ["Starting execution for request", "HTTP Method", "Method request path", "Method request query string", "Method request headers", "Method request body before transformations",
                 "Method response body after transformations", "Method response headers", "Successfully completed execution", "Method completed with status"])
entry = api.entry(answer)
same([entry[n] for n in ("status", "responseLength", "resourcePath", "error.message", "integration.requestId")], ["200", "24", "/loose", "-", "-"])
for query, want in {"s=200": (200, "two"), "s=404": (404, "four /choice"), "s=555": (503, "five"), "s=299": (200, "two"), "": None}.items():
    answer = api.call("/choice?" + query)
    same((answer.status, answer.text), want or (500, '{"message": "Internal server error"}'), query)
for name in ("none", "text", "string", "missing"):
    answer = api.call("/bad-" + name)
    same((answer.status, answer.text), (500, '{"message": "Internal server error"}'), name)
    same(api.execution(answer)[-2:], ["Execution failed due to configuration error: Unable to parse statusCode. It should be an integer that is defined in the request template.",
                                      "Method completed with status: 500"], name)
same([api.call("/post", "POST", body, {"Content-Type": kind}).status for body, kind in [("x", "application/json"), ("x", "text/plain"), ('{"statusCode": 200}', "text/plain")]], [200, 500, 200])
same([api.call("/accept", headers={"Accept": a}).text for a in ("application/xml", "application/json", "text/html", "*/*")], ["<x/>", "json", "json", "json"])
same((api.call("/accept", headers={"Accept": "application/xml"})["Content-Type"], api.call("/first").text), ("application/xml", "plain"))
answer = api.call("/override", "POST", "{}", JSON)
same((answer.status, answer["h"], answer.text), (418, "v", "body"))
entry = api.entry(answer)
same([entry[n] for n in ("status", "responseOverride.status", "responseOverride.header.h", "requestOverride.header.h")], ["418", "418", "v", "r"])
for status, want in {"400": 400, "99": 200, "600": 200, "x": 200, "599": 599}.items():
    answer = api.call(f"/override-response?s={status}", "POST", "{}", JSON)
    same((answer.status, answer["h"], answer.text), (want, "override", "body"), status)
same(api.call("/override-twice", "POST", "{}", JSON).status // 100, 5)
answer = api.call("/cors", "OPTIONS")
same((answer.status, answer.text, *[answer["Access-Control-Allow-" + n] for n in ("Headers", "Methods", "Origin")]), (200, "", headers.strip("'"), "GET,OPTIONS", "*"))
same([api.call(p).status for p in ("/loop", "/loop-fits")], [500, 200])

# Overrides of a request, the tutorial's.
api = Api(server)
api.http("/pets/{id}", "POST", back.url + "/pets/{id}", request={"requestParameters": {"method.request.path.id": True, "method.request.header.header1": False, "method.request.header.header2": False,
                                                                                     "method.request.querystring.q": False}},
         requestParameters={"integration.request.path.id": "method.request.path.id", "integration.request.header.header1": "method.request.header.header1",
                            "integration.request.header.header2": "method.request.header.header2", "integration.request.querystring.q": "method.request.querystring.q"},
         requestTemplates={"application/json": '''#set($header1Override = "foo")
#set($header3Value = "$input.params('header1')$input.params('header2')")
$input.json("$")
#set($context.requestOverride.header.header3 = $header3Value)
#set($context.requestOverride.header.header1 = $header1Override)
#set($context.requestOverride.path.id = "other")
#set($context.requestOverride.querystring.q = "over")
#set($context.requestOverride.querystring.new = "n")
'''}, responses={200: {"responseTemplates": {"application/json": '''#set($inputRoot = $input.path('$'))
$input.json("$")
#if($inputRoot.toString().contains("error"))
#set($context.responseOverride.status = 400)
#end'''}}})
api.deploy()
answer = api.call("/pets/7?q=1", "POST", '{"a":1}', {"header1": "header1Val", "header2": "header2Val"} | JSON)
got = json.loads(answer.text)
same((answer.status, got["sent"], got["path"].partition("?")[0], sorted(got["path"].partition("?")[2].split("&"))), (200, '{"a":1}', "/pets/other", ["new=n", "q=over"]))
same({n: v for n, v in got["headers"].items() if n.startswith("header")}, {"header1": "foo", "header2": "header2Val", "header3": "header1Valheader2Val"})
line = next(l for l in api.execution(answer) if l.startswith("Endpoint request headers"))
same(all(part in line.lower() for part in ("header3=header1valheader2val", "header2=header2val", "header1=foo", "accept=application/json", f"x-amzn-apigateway-api-id={api.id}")), True, line)
same(api.call("/pets/7", "POST", '{"error":1}', JSON).status, 400)

# Lambda by AWS integrations (4.9, 4.13).
api = Api(server)


def throws(event):
    raise FunctionError(event["say"])


server.functions |= {"echo": lambda event: event, "throws": throws, "hello": lambda event: "hello", "list": lambda event: [1, {"a": None}]}
for name in ("echo", "throws", "hello", "list"):
    api.function("/" + name, "POST", name, type="AWS", responses={
        200: {}, 400: {"selectionPattern": ".*four hundred.*", "responseTemplates": {"application/json": '{"was": $input.json("$.errorMessage"), "id": "$context.awsEndpointRequestId"}'}},
        500: {"selectionPattern": "(?s).*five.*"}})
api.function("/event", "POST", "echo", type="AWS", responses={200: {}}, requestParameters={"integration.request.header.X-Amz-Invocation-Type": "'Event'"})
api.deploy()
for path, body, want in [
    ("/echo", '{"a": [1, 2]}', (200, '{"a": [1, 2]}')), ("/hello", "{}", (200, '"hello"')), ("/list", "{}", (200, '[1, {"a": null}]')),
    ("/throws", '{"say": "a four hundred error"}', (400, '{"was": "a four hundred error", "id": "function-throws"}')),
    ("/throws", '{"say": "line\\nfive"}', (500, '{"errorMessage": "line\\nfive", "errorType": "Error"}')),
    ("/throws", '{"say": "line\\nfour hundred"}', (200, '{"errorMessage": "line\\nfour hundred", "errorType": "Error"}')),
    ("/throws", '{"say": "other"}', (200, '{"errorMessage": "other", "errorType": "Error"}')),
]:
    answer = api.call(path, "POST", body, JSON)
    same((answer.status, answer.text), want, path + body)
same((answer["X-Amzn-Trace-Id"] or "").startswith("Root=1-"), True)
lines = api.execution(answer)
uri = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:throws/invocations"
same(("Sending request to " + uri in lines, "Endpoint request URI: " + uri in lines, "AWS Integration Endpoint RequestId : function-throws" in lines), (True, True, True))
same([api.entry(answer)[n] for n in ("status", "integrationStatus", "integration.requestId")], ["200", "200", "function-throws"])
api.call("/event", "POST", "{}", JSON)
same({n.lower(): v for n, v in server.functions.calls[-1][2].headers.items()}.get("x-amz-invocation-type"), "Event")
finish()
