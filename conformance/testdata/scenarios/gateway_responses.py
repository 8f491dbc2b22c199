"""Gateway responses (4.14), their bodies to the byte (4.15), request validation (4.16, 2.7)."""
import json

from kit import Api, Back, Server, enable_logs, finish, refused, same

server = Server()
enable_logs(server)
back = Back(lambda request: (200, {"Content-Type": "application/json"}, request.sent))
api = Api(server)
gw = api.gw
JSON = {"Content-Type": "application/json"}

# Models.
models = {m["name"]: m for m in gw.get_models(restApiId=api.id)["items"]}
same({n: (m["description"], m["contentType"]) for n, m in models.items()},
     {"Empty": ("This is a default empty schema model", "application/json"), "Error": ("This is a default error schema model", "application/json")})
same(json.loads(models["Empty"]["schema"]), {"$schema": "http://json-schema.org/draft-04/schema#", "title": "Empty Schema", "type": "object"})
same(json.loads(models["Error"]["schema"]), {"$schema": "http://json-schema.org/draft-04/schema#", "title": "Error Schema", "type": "object", "properties": {"message": {"type": "string"}}})


def model(name, schema, content_type="application/json"):
    gw.create_model(restApiId=api.id, name=name, contentType=content_type, schema=json.dumps({"$schema": "http://json-schema.org/draft-04/schema#"} | schema))


ref = f"https://apigateway.amazonaws.com/restapis/{api.id}/models/"
model("Request", {"title": "DataModel", "type": "object", "required": ["name", "price", "type"], "properties": {
    "id": {"type": "integer"}, "name": {"type": "string"}, "type": {"type": "string", "enum": ["dog", "cat", "fish"]}, "price": {"type": "number", "minimum": 25.0, "maximum": 500.0}}})
model("Leaf", {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}})
model("Tree", {"type": "object", "properties": {"leaf": {"$ref": ref + "Leaf"}, "children": {"type": "array", "items": {"$ref": ref + "Tree"}}, "one": {"oneOf": [{"$ref": ref + "Leaf"}, {"type": "string"}]}}})
validators = {name: gw.create_request_validator(restApiId=api.id, name=name, validateRequestBody="b" in name, validateRequestParameters="p" in name)["id"] for name in ("b", "p", "bp")}
required = {"method.request.header.x-header-param": True, "method.request.path.issuer": True, "method.request.querystring.qs1": True, "method.request.querystring.optional": False}
for name in validators:
    api.http(f"/{name}", "POST", back.url, request={"requestValidatorId": validators[name], "requestModels": {"application/json": "Request"}, "requestParameters": {"method.request.querystring.q1": True}})
api.http("/none", "POST", back.url, request={"requestModels": {"application/json": "Request"}, "requestParameters": {"method.request.querystring.q1": True}})
api.http("/all/{other}", "POST", back.url, request={"requestValidatorId": validators["p"], "requestParameters": required})
api.http("/tree", "POST", back.url, request={"requestValidatorId": validators["b"], "requestModels": {"application/json": "Tree", "$default": "Leaf"}})
api.http("/empty", "POST", back.url, request={"requestValidatorId": validators["b"], "requestModels": {"application/json": "Empty"}})
api.deploy()
good = '{"name": "Marco", "type": "dog", "price": 260}'
body, q1 = (400, '{"message": "Invalid request body"}'), (400, '{"message": "Missing required request parameters: [q1]"}')
for path, sent, want in [
    ("/bp?q1=cat", good, 200), ("/bp?q1=", good, q1), ("/bp", good, q1), ("/bp?q1=%20", good, q1), ("/bp", "{}", q1), ("/bp?q1=1", good.replace("dog", "bird"), body), ("/bp?q1=1", good.replace("260", "501"), body),
    ("/bp?q1=1", "", body), ("/bp?q1=1", "nonsense", body), ("/b", good, 200), ("/b", "{}", body), ("/p?q1=1", "{}", 200), ("/p", good, q1), ("/none", "nonsense", 200), ("/empty", "", 200), ("/empty", "[]", body),
    ("/tree", '{"leaf": {"x": 1}, "children": [{"leaf": {"x": 2}, "one": "s"}]}', 200), ("/tree", '{"leaf": {}}', body), ("/tree", '{"children": [{"leaf": {"x": "y"}}]}', body), ("/tree", '{"one": 1}', body),
]:
    answer = api.call(path, "POST", sent, JSON)
    same(answer.status if answer.status == 200 else (answer.status, answer.text), want, path + " " + sent)
same([api.call("/b", "POST", "nonsense", headers).status for headers in ({"Content-Type": "text/plain"}, {"Content-Type": "application/json;charset=UTF-8"}, {})], [200, 400, 400])
same([api.call("/tree", "POST", sent, {"Content-Type": "text/plain"}).status for sent in ('{"x": 1}', "{}")], [200, 400], "$default")
answer = api.call("/all/a", "POST", "")
same((answer.text, answer["x-amzn-ErrorType"]), ('{"message": "Missing required request parameters: [x-header-param, issuer, qs1]"}', "BadRequestException"))
same(api.execution(answer)[-2:], ["Missing required request parameters: [x-header-param, issuer, qs1]", "Method completed with status: 400"])
same([api.entry(answer)[n] for n in ("status", "error.responseType", "error.message", "error.validationErrorString")],
     ["400", "BAD_REQUEST_PARAMETERS", "Missing required request parameters: [x-header-param, issuer, qs1]", "-"])
answer = api.call("/b", "POST", '{"name": "a"}', JSON)
same((len(answer.body), answer["x-amzn-ErrorType"], answer["Content-Type"], answer["X-Amzn-Trace-Id"]), (35, "BadRequestException", "application/json", None))
detail = '[object has missing required properties (["price","type"])]'
same(api.execution(answer)[-2:], ["Request body does not match model schema for content type application/json: " + detail, "Method completed with status: 400"])
same([api.entry(answer)[n] for n in ("status", "error.responseType", "error.message", "error.messageString", "error.validationErrorString", "integration.status")],
     ["400", "BAD_REQUEST_BODY", "Invalid request body", '"Invalid request body"', detail, "-"])
for sent, want in [("nonsense", "[Unknown error parsing request body]"), ('{"name": "a", "type": "dog", "price": 30, "id": "x"}',
                                                                         '[instance type (string) does not match any allowed primitive type (allowed: ["integer"])]')]:
    same(api.entry(api.call("/b", "POST", sent, JSON))["error.validationErrorString"], want, sent)
for name, want in [("No-Name", "BadRequestException"), ("Request", "ConflictException")]:
    try:
        model(name, {})
        same(name, want)
    except Exception as e:
        same(type(e).__name__, want)

# The list of gateway responses, and what becomes of it.
types = """ACCESS_DENIED API_CONFIGURATION_ERROR AUTHORIZER_CONFIGURATION_ERROR AUTHORIZER_FAILURE BAD_REQUEST_BODY BAD_REQUEST_PARAMETERS DEFAULT_4XX DEFAULT_5XX EXPIRED_TOKEN INTEGRATION_FAILURE
 INTEGRATION_TIMEOUT INVALID_API_KEY INVALID_SIGNATURE MISSING_AUTHENTICATION_TOKEN QUOTA_EXCEEDED REQUEST_TOO_LARGE RESOURCE_NOT_FOUND THROTTLED UNAUTHORIZED UNSUPPORTED_MEDIA_TYPE WAF_FILTERED""".split()
statuses = [403, 500, 500, 500, 400, 400, None, None, 403, 504, 504, 403, 403, 403, 429, 413, 404, 429, 401, 415, 403]
got = gw.get_gateway_responses(restApiId=api.id)["items"]
same([r["responseType"] for r in got], types)
same([r.get("statusCode") for r in got], [None if s is None else str(s) for s in statuses])
same({(r["defaultResponse"], json.dumps(r["responseTemplates"]), json.dumps(r["responseParameters"])) for r in got}, {(True, '{"application/json": "{\\"message\\":$context.error.messageString}"}', "{}")})
refused(lambda: gw.delete_gateway_response(restApiId=api.id, responseType="THROTTLED"), "NotFoundException", "Gateway response type not defined on api")
gw.put_gateway_response(restApiId=api.id, responseType="DEFAULT_5XX", statusCode="599", responseParameters={"gatewayresponse.header.X-D": "'five'"}, responseTemplates={"application/json": "five"})
got = gw.get_gateway_response(restApiId=api.id, responseType="INTEGRATION_TIMEOUT")
same((got["defaultResponse"], got["statusCode"], got["responseParameters"]), (True, "599", {"gatewayresponse.header.X-D": "'five'"}))
gw.put_gateway_response(restApiId=api.id, responseType="INTEGRATION_FAILURE", responseParameters={"gatewayresponse.header.X-Own": "'own'"})
got = gw.get_gateway_response(restApiId=api.id, responseType="INTEGRATION_FAILURE")
same((got["defaultResponse"], got["statusCode"], got["responseTemplates"]), (False, "504", {"application/json": '{"message":$context.error.messageString}'}))
gw.update_gateway_response(restApiId=api.id, responseType="BAD_REQUEST_BODY", patchOperations=[{"op": "replace", "path": "/statusCode", "value": "422"}])
gw.update_gateway_response(restApiId=api.id, responseType="BAD_REQUEST_BODY", patchOperations=[
    {"op": "add", "path": "/responseTemplates/application~1json", "value": '{"detail":"$context.error.validationErrorString","m":$context.error.messageString,"t":"$context.error.responseType"}'}])
gw.put_gateway_response(restApiId=api.id, responseType="DEFAULT_4XX", responseParameters={
    "gatewayresponse.header.Access-Control-Allow-Origin": "'*'", "gatewayresponse.header.X-Echo": "method.request.header.X-In", "gatewayresponse.header.X-Q": "method.request.querystring.q",
    "gatewayresponse.header.X-Path": "method.request.path.other", "gatewayresponse.header.X-Type": "context.error.responseType", "gatewayresponse.header.X-Var": "stageVariables.color"},
    responseTemplates={"application/json": '#if(1)[$context.stage $stageVariables.color $method.request.querystring.q $method.request.path.other $context.error.message]#end', "application/xml": "<e>$context.error.message</e>"})
api.http("/closed", "GET", "http://127.0.0.1:1/")
api.http("/nodefault", "GET", back.url, responses={200: {"selectionPattern": "999"}})
answer = api.call("/b", "POST", "{}", JSON)
same(answer.status, 400, "before the deployment")
api.deploy(variables={"color": "blue"})
answer = api.call("/b", "POST", '{"name": "a"}', JSON)
same((answer.status, answer.text), (422, '{"detail":"' + detail + '","m":"Invalid request body","t":"BAD_REQUEST_BODY"}'))
same((answer["Access-Control-Allow-Origin"], answer["x-amzn-ErrorType"]), (None, "BadRequestException"), "a type that is set takes nothing from the default")
same([api.entry(answer)[n] for n in ("status", "error.responseType")], ["422", "BAD_REQUEST_BODY"])
answer = api.call("/all/seven?q=1", "POST", "", {"X-In": "in"})
same((answer.status, answer.text), (400, "#if(1)[prod blue 1 seven Missing required request parameters: [x-header-param, issuer, qs1]]#end"), "no template language")
same([answer[n] for n in ("Access-Control-Allow-Origin", "X-Echo", "X-Q", "X-Path", "X-Type", "X-Var", "Content-Type")], ["*", "in", "1", "seven", "BAD_REQUEST_PARAMETERS", "blue", "application/json"])
answer = api.call("/unknown", headers={"Accept": "application/xml"})
same((answer.status, answer.text, answer["Content-Type"], answer["Access-Control-Allow-Origin"]), (403, "<e>Missing Authentication Token</e>", "application/xml", "*"))
answer = api.call("/nodefault")
same((answer.status, answer.text, answer["X-D"], answer["x-amzn-ErrorType"]), (599, "five", "five", "InternalServerErrorException"))
answer = api.call("/closed")
same((answer.status, answer["X-Own"], answer["X-D"], json.loads(answer.text)), (504, "own", None, {"message": "Network error communicating with endpoint"}))
gw.delete_gateway_response(restApiId=api.id, responseType="BAD_REQUEST_BODY")
same(gw.get_gateway_response(restApiId=api.id, responseType="BAD_REQUEST_BODY")["defaultResponse"], True)

# Sizes: 10 MB of body, 10,240 bytes of address and of headers.
answer = api.call("/b", "POST", "", {"Content-Type": "text/plain", "X-Big": "x" * 10300})
same(answer.status // 100, 4)
answer = api.call("/b?" + "x" * 10300, "POST", "")
same(answer.status // 100, 4)
answer = api.call("/none", "POST", b"x" * (10485760 + 1), {"Content-Type": "text/plain"})
same((answer.status, answer.text), (413, "HTTP content length exceeded 10485760 bytes."))
same(api.call("/none", "POST", b"x" * 10485760, {"Content-Type": "text/plain"}).status, 200)
finish()
