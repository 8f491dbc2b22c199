"""Log deliveries of an execution log with boto3. AWS_ENDPOINT_URL and GATEWAY say where everything is. Prints PASS at the end."""
import json
import os
import time
import urllib.request

import boto3

gw, logs = boto3.client("apigateway"), boto3.client("logs")

api = gw.create_rest_api(name="notes")
where = dict(restApiId=api["id"], resourceId=api["rootResourceId"], httpMethod="GET")
gw.put_method(**where, authorizationType="NONE")
gw.put_method_response(**where, statusCode="200")
gw.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
gw.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": '{"ok":true}'})
gw.create_deployment(restApiId=api["id"], stageName="prod")
gw.update_stage(restApiId=api["id"], stageName="prod", patchOperations=[{"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"}])

stage = f"arn:aws:apigateway:us-east-1:000000000000:/restapis/{api['id']}/stages/prod"
source = logs.put_delivery_source(name="stage", resourceArn=stage, logType="EXECUTION_LOGS", tags={"team": "a"})["deliverySource"]
assert source["arn"] == "arn:aws:logs:us-east-1:000000000000:delivery-source:stage", source
assert source["tags"] == {"team": "a"} and source["resourceArns"] == [stage], source
try:
    logs.put_delivery_source(name="another", resourceArn=stage, logType="EXECUTION_LOGS")
    raise SystemExit("one resource is in two sources")
except logs.exceptions.ConflictException as e:
    assert "This ResourceId has already been used in another Delivery Source in this account." in str(e), e

logs.create_log_group(logGroupName="mine")
group = "arn:aws:logs:us-east-1:000000000000:log-group:mine"
destination = logs.put_delivery_destination(name="mine", outputFormat="json", deliveryDestinationConfiguration={"destinationResourceArn": group})["deliveryDestination"]
assert destination["deliveryDestinationType"] == "CWL", destination
policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "logs:CreateDelivery", "Resource": "*"}]})
assert logs.put_delivery_destination_policy(deliveryDestinationName="mine", deliveryDestinationPolicy=policy)["policy"] == {"deliveryDestinationPolicy": policy}
assert logs.get_delivery_destination_policy(deliveryDestinationName="mine")["policy"]["deliveryDestinationPolicy"] == policy
logs.delete_delivery_destination_policy(deliveryDestinationName="mine")
assert "policy" not in logs.get_delivery_destination_policy(deliveryDestinationName="mine")

delivery = logs.create_delivery(deliverySourceName="stage", deliveryDestinationArn=destination["arn"], recordFields=["http_method", "payload"])["delivery"]
assert delivery["recordFields"] == ["http_method", "payload"], delivery
assert logs.get_delivery(id=delivery["id"])["delivery"] == delivery
assert logs.describe_deliveries()["deliveries"] == [delivery]
logs.tag_resource(resourceArn=delivery["arn"], tags={"a": "b"})
assert logs.list_tags_for_resource(resourceArn=delivery["arn"])["tags"] == {"a": "b"}
template, = logs.describe_configuration_templates(service="apigateway", logTypes=["EXECUTION_LOGS"])["configurationTemplates"]
assert template["allowedOutputFormats"] == ["json", "plain"], template

with urllib.request.urlopen(f"{os.environ['GATEWAY']}/{api['id']}/prod/") as answer:
    request_id = answer.headers["x-amzn-RequestId"]
deadline, events = time.time() + 10, []
while len(events) < 8 and time.time() < deadline:
    events = logs.filter_log_events(logGroupName="mine")["events"]
records = [json.loads(e["message"]) for e in events]
assert records and all(list(r) == ["http_method", "payload"] and r["http_method"] == "GET" for r in records), records
assert records[-1]["payload"] == f"({request_id}) Method completed with status: 200", records
try:
    logs.delete_delivery_source(name="stage")
    raise SystemExit("a source in use was deleted")
except logs.exceptions.ConflictException:
    pass
logs.delete_delivery(id=delivery["id"])
logs.delete_delivery_source(name="stage")
logs.delete_delivery_destination(name="mine")
assert not logs.describe_delivery_sources()["deliverySources"] and not logs.describe_delivery_destinations()["deliveryDestinations"]
print("PASS")
