"""Metrics and alarms with boto3, in JSON 1.0. AWS_ENDPOINT_URL says where the server is. Prints PASS at the end."""
from datetime import datetime, timedelta, timezone

import boto3
from botocore.exceptions import ClientError

cw = boto3.client("cloudwatch")
minute = datetime.now(timezone.utc).replace(second=0, microsecond=0) - timedelta(minutes=10)
dimensions = [{"Name": "Api", "Value": "notes"}]


def refused(call, code, shape, status, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        got = (e.response["Error"]["Code"], e.response["Error"].get("QueryErrorCode"), e.response["ResponseMetadata"]["HTTPStatusCode"])
        assert got == (code, shape, status), (got, e)
        return str(e)
    raise AssertionError(f"{code} expected")


data = [{"MetricName": f"Latency{i:03}", "Dimensions": dimensions, "Timestamp": minute, "Values": [1.5, 4], "Counts": [2, 1]} for i in range(300)]
cw.put_metric_data(Namespace="Notes", MetricData=data)
found = [m for page in cw.get_paginator("list_metrics").paginate(Namespace="Notes") for m in page["Metrics"]]
assert len(found) == 300 and found[0]["Dimensions"] == dimensions, found[:1]

stats = cw.get_metric_statistics(Namespace="Notes", MetricName="Latency000", Dimensions=dimensions, StartTime=minute,
                                 EndTime=minute + timedelta(minutes=5), Period=60, Statistics=["Sum", "SampleCount"])
point, = stats["Datapoints"]
assert (point["Timestamp"], point["Sum"], point["SampleCount"]) == (minute, 7, 3), point

query = {"Id": "q", "MetricStat": {"Metric": {"Namespace": "Notes", "MetricName": "Latency001", "Dimensions": dimensions}, "Period": 60, "Stat": "Maximum"}}
absent = {"Id": "none", "MetricStat": {"Metric": {"Namespace": "Notes", "MetricName": "None"}, "Period": 60, "Stat": "Sum"}}
results = cw.get_metric_data(MetricDataQueries=[query, absent], StartTime=minute, EndTime=minute + timedelta(minutes=5))["MetricDataResults"]
assert results[0]["Timestamps"] == [minute] and results[0]["Values"] == [4], results
assert results[1]["Timestamps"] == [] and results[1]["Values"] == [], results

assert cw.describe_alarms()["MetricAlarms"] == []
cw.put_metric_alarm(AlarmName="slow", Namespace="Notes", MetricName="Quiet", Statistic="Average", Period=60, EvaluationPeriods=1,
                    Threshold=1, ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore")
alarm, = cw.describe_alarms(AlarmNames=["slow"])["MetricAlarms"]
assert alarm["StateValue"] == "INSUFFICIENT_DATA" and alarm["Threshold"] == 1, alarm

refused(cw.set_alarm_state, "ResourceNotFound", "ResourceNotFound", 404, AlarmName="none", StateValue="OK", StateReason="r")
text = refused(cw.set_alarm_state, "ValidationError", "ValidationException", 400, AlarmName="slow", StateValue="INVALID", StateReason="r")
assert "enum value set: [INSUFFICIENT_DATA, ALARM, OK]" in text, text
refused(cw.put_metric_data, "InvalidParameterValue", "InvalidParameterValueException", 400, Namespace="Notes",
        MetricData=[{"MetricName": "m", "Values": [1, 2], "Counts": [1]}])
refused(cw.get_dashboard, "ResourceNotFound", "DashboardNotFoundError", 404, DashboardName="none")
print("PASS")
