"""API keys, usage plans and request validation with boto3. AWS_ENDPOINT_URL and GATEWAY say where everything is. Prints PASS at the end."""
import json
import os
import urllib.error
import urllib.request

import boto3

gw = boto3.client("apigateway")

api = gw.create_rest_api(name="notes", apiKeySource="HEADER")
names = [m["name"] for m in gw.get_models(restApiId=api["id"])["items"]]
assert names == ["Empty", "Error"], names
note = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["text"]}
gw.create_model(restApiId=api["id"], name="Note", contentType="application/json", schema=json.dumps(note))
validator = gw.create_request_validator(restApiId=api["id"], name="body", validateRequestBody=True)
where = dict(restApiId=api["id"], resourceId=api["rootResourceId"], httpMethod="POST")
gw.put_method(**where, authorizationType="NONE", apiKeyRequired=True, requestValidatorId=validator["id"], requestModels={"application/json": "Note"})
gw.put_method_response(**where, statusCode="200")
gw.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
gw.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": '{"ok":true}'})
gw.put_gateway_response(restApiId=api["id"], responseType="DEFAULT_4XX", responseParameters={"gatewayresponse.header.X-Problem": "context.error.responseType"})
gw.create_deployment(restApiId=api["id"], stageName="prod")

key = gw.create_api_key(name="mobile", enabled=True)
plan = gw.create_usage_plan(name="gold", apiStages=[{"apiId": api["id"], "stage": "prod"}], throttle={"rateLimit": 0.001, "burstLimit": 3})
gw.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")


def post(body, **headers):
    request = urllib.request.Request(f"{os.environ['GATEWAY']}/{api['id']}/prod", body.encode(), {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode(), None
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode(), e.headers["X-Problem"]


with_key = {"X-Api-Key": key["value"]}
assert post('{"text":"a"}', **with_key) == (200, '{"ok":true}', None)
assert post('{"text":"a"}') == (403, '{"message":"Forbidden"}', "INVALID_API_KEY")
assert post("{}", **with_key) == (400, '{"message": "Invalid request body"}', "BAD_REQUEST_BODY")
assert post("nonsense", **with_key)[0] == 400
assert post('{"text":"a"}', **with_key) == (429, '{"message":"Too Many Requests"}', "THROTTLED")

gw.update_usage_plan(usagePlanId=plan["id"], patchOperations=[
    {"op": "replace", "path": f"/apiStages/{api['id']}:prod/throttle//POST/rateLimit", "value": "100"},
    {"op": "replace", "path": f"/apiStages/{api['id']}:prod/throttle//POST/burstLimit", "value": "100"}])
assert post('{"text":"a"}', **with_key)[0] == 200
throttles = gw.get_usage_plan(usagePlanId=plan["id"])["apiStages"][0]["throttle"]
assert list(throttles.values()) == [{"burstLimit": 100, "rateLimit": 100.0}], throttles
try:
    gw.create_api_key(value="short")
    raise SystemExit("a short key was made")
except gw.exceptions.BadRequestException as e:
    assert "API Key value should be at least 20 characters" in str(e), e
print("PASS")
