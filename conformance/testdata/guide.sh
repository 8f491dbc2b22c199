#!/usr/bin/env bash
# The guide with the aws CLI. AWS_ENDPOINT_URL, GATEWAY and UPSTREAM say where everything is. Prints PASS at the end.
set -euo pipefail
query() { aws "${@:2}" --query "$1" --output text; }

aws iam create-role --role-name APIGatewayCloudWatchLogs --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}' >/dev/null
aws iam attach-role-policy --role-name APIGatewayCloudWatchLogs --policy-arn arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs
role=$(query Role.Arn iam get-role --role-name APIGatewayCloudWatchLogs)
aws apigateway update-account --patch-operations op=replace,path=/cloudwatchRoleArn,value="$role" >/dev/null

api=$(query id apigateway create-rest-api --name notes)
root=$(query 'items[?path==`/`].id' apigateway get-resources --rest-api-id "$api")
notes=$(query id apigateway create-resource --rest-api-id "$api" --parent-id "$root" --path-part notes)
note=$(query id apigateway create-resource --rest-api-id "$api" --parent-id "$notes" --path-part '{id}')
aws apigateway put-method --rest-api-id "$api" --resource-id "$note" --http-method GET --authorization-type NONE \
  --request-parameters method.request.path.id=true >/dev/null
aws apigateway put-integration --rest-api-id "$api" --resource-id "$note" --http-method GET --type HTTP_PROXY \
  --integration-http-method GET --uri "$UPSTREAM/notes/{id}" --request-parameters integration.request.path.id=method.request.path.id >/dev/null
aws apigateway create-deployment --rest-api-id "$api" --stage-name prod >/dev/null

account=$(query Account sts get-caller-identity)
group="API-Gateway-Access-Logs_$api/prod"
format='{ "requestId":"$context.requestId", "ip": "$context.identity.sourceIp", "httpMethod":"$context.httpMethod", "resourcePath":"$context.resourcePath", "status":"$context.status" }'
patch=$(mktemp)
trap 'rm -f "$patch"' EXIT
python3 - "$group" "$account" "$format" >"$patch" <<'PY'
import json, sys
group, account, fmt = sys.argv[1:]
print(json.dumps([{"op": "replace", "path": "/accessLogSettings/destinationArn", "value": f"arn:aws:logs:us-east-1:{account}:log-group:{group}"},
                  {"op": "replace", "path": "/accessLogSettings/format", "value": fmt}]))
PY
aws apigateway update-stage --rest-api-id "$api" --stage-name prod --patch-operations "file://$patch" >/dev/null

for id in 1 2 3; do curl -fsS "$GATEWAY/$api/prod/notes/$id" >/dev/null; done
for _ in $(seq 50); do
  n=$(query 'length(events)' logs filter-log-events --log-group-name "$group")
  [ "$n" = 3 ] && break
done
[ "$n" = 3 ]
[ "$(query 'length(logGroups)' logs describe-log-groups --log-group-name-prefix "$group")" = 1 ]
stream=$(query 'logStreams[0].logStreamName' logs describe-log-streams --log-group-name "$group" --order-by LastEventTime --descending --limit 1)
query 'events[-1].message' logs get-log-events --log-group-name "$group" --log-stream-name "$stream" | grep '"resourcePath":"/notes/{id}", "status":"200"' >/dev/null
echo PASS
