"""TestInvokeMethod with boto3. AWS_ENDPOINT_URL says where the server is. Prints PASS at the end."""
import boto3

gw = boto3.client("apigateway")
api = gw.create_rest_api(name="pets")
method = dict(restApiId=api["id"], resourceId=api["rootResourceId"], httpMethod="POST")
gw.put_method(**method, authorizationType="NONE", apiKeyRequired=True)
gw.put_method_response(**method, statusCode="200")
gw.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
gw.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": '{"pets": "all the pets"}'})

got = gw.test_invoke_method(**method, pathWithQueryString="/?kind=cat", body='{"a": 1}', headers={"X-One": "1"},
                            multiValueHeaders={"X-Two": ["1", "2"]})
assert (got["status"], got["body"]) == (200, '{"pets": "all the pets"}'), got
assert got["headers"] == {"Content-Type": "application/json"}, got["headers"]
assert got["multiValueHeaders"] == {"Content-Type": ["application/json"]}, got["multiValueHeaders"]
assert isinstance(got["latency"], int)
for line in ("Method request query string: {kind=cat}", "Method request headers: {X-One=1, X-Two=1, X-Two=2}",
             'Method request body before transformations: {"a": 1}', "Method completed with status: 200"):
    assert f" : {line}\n" in got["log"], got["log"]

gw.put_integration(**method, type="MOCK", requestTemplates={"application/json": "{}"})
got = gw.test_invoke_method(**method)
assert (got["status"], got["body"]) == (500, '{"message": "Internal server error"}'), got
assert got["headers"] == {"x-amzn-ErrorType": "InternalServerErrorException"}, got["headers"]
try:
    gw.test_invoke_method(restApiId=api["id"], resourceId="nosuch", httpMethod="GET")
    raise AssertionError("an unknown resource")
except gw.exceptions.NotFoundException as e:
    assert "Invalid Resource identifier specified" in str(e), e
print("PASS")
