"""The guide with boto3. AWS_ENDPOINT_URL, GATEWAY and UPSTREAM say where everything is. Prints PASS at the end."""
import json
import os
import time
import urllib.request

import boto3

iam, gw, logs, sts = (boto3.client(name) for name in ("iam", "apigateway", "logs", "sts"))

trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
iam.create_role(RoleName="APIGatewayCloudWatchLogs", AssumeRolePolicyDocument=json.dumps(trust))
iam.attach_role_policy(RoleName="APIGatewayCloudWatchLogs", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")
role = iam.get_role(RoleName="APIGatewayCloudWatchLogs")["Role"]
assert role["AssumeRolePolicyDocument"] == trust, role
gw.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role["Arn"]}])
assert gw.get_account()["cloudwatchRoleArn"] == role["Arn"]

api = gw.create_rest_api(name="notes")
root = api["rootResourceId"]
proxy = gw.create_resource(restApiId=api["id"], parentId=root, pathPart="{proxy+}")["id"]
gw.put_method(restApiId=api["id"], resourceId=proxy, httpMethod="ANY", authorizationType="NONE", requestParameters={"method.request.path.proxy": True})
gw.put_integration(restApiId=api["id"], resourceId=proxy, httpMethod="ANY", type="HTTP_PROXY", integrationHttpMethod="ANY",
                   uri=os.environ["UPSTREAM"] + "/{proxy}", requestParameters={"integration.request.path.proxy": "method.request.path.proxy"})
gw.create_deployment(restApiId=api["id"], stageName="prod")

group = f"API-Gateway-Access-Logs_{api['id']}/prod"
account = sts.get_caller_identity()["Account"]
gw.update_stage(restApiId=api["id"], stageName="prod", patchOperations=[
    {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": f"arn:aws:logs:us-east-1:{account}:log-group:{group}"},
    {"op": "replace", "path": "/accessLogSettings/format", "value": '{"requestId":"$context.requestId","status":"$context.status","path":"$context.path"}'}])

ids = []
for i in range(5):
    with urllib.request.urlopen(f"{os.environ['GATEWAY']}/{api['id']}/prod/notes/{i}") as answer:
        ids.append(answer.headers["x-amzn-RequestId"])

deadline = time.time() + 10
while time.time() < deadline:
    events = [e for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group) for e in page["events"]]
    if len(events) >= len(ids):
        break
entries = {entry["requestId"]: entry for entry in (json.loads(e["message"]) for e in events)}
assert len(events) == len(ids) and set(entries) == set(ids), (ids, events)
assert all(entries[id]["path"] == f"/prod/notes/{i}" and entries[id]["status"] == "200" for i, id in enumerate(ids)), entries

streams = [s for page in logs.get_paginator("describe_log_streams").paginate(logGroupName=group) for s in page["logStreams"]]
assert len(streams) == 300, len(streams)
latest = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)["logStreams"][0]
page = logs.get_log_events(logGroupName=group, logStreamName=latest["logStreamName"], startFromHead=True)
assert page["events"][-1]["timestamp"] == latest["lastEventTimestamp"], (page, latest)
assert logs.get_log_events(logGroupName=group, logStreamName=latest["logStreamName"], nextToken=page["nextForwardToken"])["nextForwardToken"] == page["nextForwardToken"]
print("PASS")
