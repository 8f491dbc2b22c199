"""A Lambda function behind a REST API with boto3. AWS_ENDPOINT_URL and GATEWAY say where the server is. Prints PASS at the end."""
import json
import os
import urllib.error
import urllib.request

import boto3
from botocore.exceptions import ClientError

gw = boto3.client("apigateway")
function = "arn:aws:lambda:us-east-1:000000000000:function:${stageVariables.function}"
uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"

api = gw.create_rest_api(name="python")
notes = gw.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart="{id}")["id"]
gw.put_method(restApiId=api["id"], resourceId=notes, httpMethod="ANY", authorizationType="NONE")
made = gw.put_integration(restApiId=api["id"], resourceId=notes, httpMethod="ANY", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
assert made["type"] == "AWS_PROXY" and "connectionType" not in made, made
gw.create_deployment(restApiId=api["id"], stageName="prod", variables={"function": "notes-go", "greeting": "hello"})


def call(path, **kwargs):
    request = urllib.request.Request(f"{os.environ['GATEWAY']}/{api['id']}/prod{path}", **kwargs)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read()


status, headers, body = call("/7?x=1&x=2", data=b"hi", method="PUT")
answer = json.loads(body)
assert status == 201 and headers["X-Function"] == "notes-go", (status, headers)
assert answer == {"note": "7", "method": "PUT", "query": {"x": ["1", "2"]}, "sent": "hi", "stage": "prod", "variable": "hello"}, answer
assert call("/throw")[0] == 502 and call("/malformed")[0] == 502

link = gw.create_vpc_link(name="inner", targetArns=["http://127.0.0.1:9000"])
assert link["status"] == "PENDING", link
link = gw.get_vpc_link(vpcLinkId=link["id"])
assert link["status"] == "AVAILABLE" and link["statusMessage"] == "Your vpc link is ready for use", link
gw.update_vpc_link(vpcLinkId=link["id"], patchOperations=[{"op": "replace", "path": "/name", "value": "other"}])
assert [item["name"] for item in gw.get_vpc_links()["items"]] == ["other"]
gw.delete_vpc_link(vpcLinkId=link["id"])
try:
    gw.get_vpc_link(vpcLinkId=link["id"])
    raise AssertionError("the link is still there")
except ClientError as e:
    assert e.response["Error"]["Code"] == "NotFoundException", e
print("PASS")
