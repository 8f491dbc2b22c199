"""Lookup tables with boto3. AWS_ENDPOINT_URL says where the server is. Prints PASS at the end."""
import time

import boto3

logs = boto3.client("logs")
body = "id,name\n" + "".join(f'{i},"name {i}, ""quoted"""\n' for i in range(290_000))
assert 9_000_000 < len(body) <= 10 * 1024 * 1024, len(body)
arn = logs.create_lookup_table(lookupTableName="names", tableBody=body, description="who", tags={"a": "b"})["lookupTableArn"]
assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
table, = logs.describe_lookup_tables()["lookupTables"]
assert (table["recordsCount"], table["sizeBytes"], table["tableFields"]) == (290_000, len(body), ["id", "name"]), table
assert logs.get_lookup_table(lookupTableArn=arn)["tableBody"] == body
try:
    logs.create_lookup_table(lookupTableName="names", tableBody="a")
    raise AssertionError("a second table of the name")
except logs.exceptions.ResourceAlreadyExistsException:
    pass

now = int(time.time())
logs.create_log_group(logGroupName="g")
logs.create_log_stream(logGroupName="g", logStreamName="s")
events = [{"timestamp": now * 1000 + i, "message": f'{{"id":{i * 100_000}}}'} for i in range(4)]
logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)
query = logs.start_query(logGroupName="g", startTime=now - 60, endTime=now + 60,
                         queryString="lookup names id OUTPUT name | sort id | display id, name")["queryId"]
while (answer := logs.get_query_results(queryId=query))["status"] in ("Scheduled", "Running"):
    pass
rows = [{f["field"]: f["value"] for f in row if f["field"] != "@ptr"} for row in answer["results"]]
assert rows == [{"id": str(i), "name": f'name {i}, "quoted"'} for i in (0, 100_000, 200_000)] + [{"id": "300000"}], rows

logs.update_lookup_table(lookupTableArn=arn, tableBody="x\n1\n")
assert logs.describe_lookup_tables(lookupTableNamePrefix="na")["lookupTables"][0]["tableFields"] == ["x"]
logs.delete_lookup_table(lookupTableArn=arn)
try:
    logs.get_lookup_table(lookupTableArn=arn)
    raise AssertionError("the table is still there")
except logs.exceptions.ResourceNotFoundException:
    pass
print("PASS")
