"""Follows a log group with boto3 while it is written to."""

import time

import boto3
from botocore.exceptions import ClientError

logs = boto3.client("logs")
logs.create_log_group(logGroupName="g")
logs.create_log_stream(logGroupName="g", logStreamName="s")
arn = logs.describe_log_groups(logGroupNamePrefix="g")["logGroups"][0]["logGroupArn"]

answer = logs.start_live_tail(logGroupIdentifiers=[arn], logStreamNames=["s"], logEventFilterPattern="{ $.status = 5* }")
stream = answer["responseStream"]
seen, idle = [], 0
for event in stream:
    if "sessionStart" in event:
        start = event["sessionStart"]
        assert start["logGroupIdentifiers"] == [arn] and start["logStreamNames"] == ["s"], start
        assert start["logStreamNamePrefixes"] == [] and start["logEventFilterPattern"] == "{ $.status = 5* }", start
        assert len(start["sessionId"]) == 36 and start["requestId"] == answer["ResponseMetadata"]["RequestId"], start
        now = int(time.time() * 1000)
        messages = ['{"status":200}', '{"status":502}', '{"status":504}']
        logs.put_log_events(
            logGroupName="g",
            logStreamName="s",
            logEvents=[{"timestamp": now + i, "message": m} for i, m in enumerate(messages)],
        )
        continue
    update = event["sessionUpdate"]
    assert update["sessionMetadata"] == {"sampled": False}, update
    if not update["sessionResults"]:
        idle += 1
    for result in update["sessionResults"]:
        assert result["logGroupIdentifier"] == arn and result["logStreamName"] == "s", result
        assert abs(result["ingestionTime"] - now) < 60_000, result
        seen.append((result["timestamp"] - now, result["message"]))
    if seen and idle:
        break
stream.close()
assert seen == [(1, '{"status":502}'), (2, '{"status":504}')], seen

try:
    logs.start_live_tail(logGroupIdentifiers=["g"])
    raise AssertionError("a name is taken for an ARN")
except ClientError as error:
    assert error.response["Error"]["Code"] == "InvalidParameterException", error.response
print("PASS")
