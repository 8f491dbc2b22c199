"""Users, groups, keys, sessions and authorizers with boto3. AWS_ENDPOINT_URL and GATEWAY say where the server is, which runs
with --auth sigv4; the environment has the root's key. Prints PASS at the end."""
import json
import os
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

iam, gw = boto3.client("iam"), boto3.client("apigateway")


def policy(*actions, effect="Allow", resource="*"):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": list(actions), "Resource": resource}]})


def client(service, key):
    return boto3.client(service, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"],
                        aws_session_token=key.get("SessionToken"))


def refused(code, text, call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code and text in e.response["Error"]["Message"], e
        return
    raise AssertionError(f"not refused: {code} {text}")


# users
iam.create_user(UserName="alice", Path="/team/", Tags=[{"Key": "team", "Value": "blue"}])
iam.tag_user(UserName="alice", Tags=[{"Key": "x", "Value": "1"}])
iam.untag_user(UserName="alice", TagKeys=["x"])
assert iam.list_user_tags(UserName="alice")["Tags"] == [{"Key": "team", "Value": "blue"}]
refused("EntityAlreadyExists", "User with name alice already exists.", iam.create_user, UserName="alice")
refused("NoSuchEntity", "The user with name bob cannot be found.", iam.get_user, UserName="bob")
iam.update_user(UserName="alice", NewUserName="carol")
assert [u["UserName"] for u in iam.list_users(PathPrefix="/team/")["Users"]] == ["carol"]
key = iam.create_access_key(UserName="carol")["AccessKey"]
assert len(key["AccessKeyId"]) == 20 and len(key["SecretAccessKey"]) == 40 and key["Status"] == "Active", key
assert iam.list_access_keys(UserName="carol")["AccessKeyMetadata"][0]["AccessKeyId"] == key["AccessKeyId"]

# who am I, and what may I do
carol = client("sts", key).get_caller_identity()
assert carol["Arn"] == "arn:aws:iam::000000000000:user/team/carol" and carol["UserId"].startswith("AIDA"), carol
logs = client("logs", key)
refused("AccessDeniedException", "User: arn:aws:iam::000000000000:user/team/carol is not authorized to perform: logs:CreateLogGroup on resource: "
        "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream: because no identity-based policy allows the logs:CreateLogGroup action",
        logs.create_log_group, logGroupName="g")
refused("AccessDenied", "iam:ListUsers on resource: arn:aws:iam::000000000000:user/ because no identity-based policy", client("iam", key).list_users)
refused("AccessDeniedException", "apigateway:GET on resource: arn:aws:apigateway:us-east-1::/restapis", client("apigateway", key).get_rest_apis)
iam.put_user_policy(UserName="carol", PolicyName="logs", PolicyDocument=policy("logs:*", resource="arn:aws:logs:*:*:log-group:g:*"))
assert iam.list_user_policies(UserName="carol")["PolicyNames"] == ["logs"]
assert iam.get_user_policy(UserName="carol", PolicyName="logs")["PolicyDocument"]["Version"] == "2012-10-17"
logs.create_log_group(logGroupName="g")
refused("AccessDeniedException", "because no identity-based policy", logs.create_log_group, logGroupName="h")
iam.put_user_permissions_boundary(UserName="carol", PermissionsBoundary="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
refused("AccessDeniedException", "because no permissions boundary allows", logs.delete_log_group, logGroupName="g")
assert iam.get_user(UserName="carol")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith("IAMReadOnlyAccess")
iam.delete_user_permissions_boundary(UserName="carol")
iam.delete_user_policy(UserName="carol", PolicyName="logs")
iam.attach_user_policy(UserName="carol", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
assert client("iam", key).get_user()["User"]["UserName"] == "carol"
assert iam.list_attached_user_policies(UserName="carol")["AttachedPolicies"][0]["PolicyName"] == "IAMReadOnlyAccess"
iam.detach_user_policy(UserName="carol", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")

# groups
iam.create_group(GroupName="admins")
iam.update_group(GroupName="admins", NewGroupName="readers")
iam.add_user_to_group(GroupName="readers", UserName="carol")
iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=policy("logs:Describe*"))
assert iam.list_group_policies(GroupName="readers")["PolicyNames"] == ["p"]
assert iam.get_group_policy(GroupName="readers", PolicyName="p")["PolicyDocument"]["Statement"][0]["Action"] == ["logs:Describe*"]
iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess")
assert len(iam.list_attached_group_policies(GroupName="readers")["AttachedPolicies"]) == 1
assert iam.get_group(GroupName="readers")["Users"][0]["UserName"] == "carol"
assert iam.list_groups_for_user(UserName="carol")["Groups"][0]["GroupName"] == "readers"
assert len(iam.list_groups()["Groups"]) == 1
assert len(logs.describe_log_groups()["logGroups"]) == 1

# sessions
me = "arn:aws:iam::000000000000:user/team/carol"
trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": me}, "Action": "sts:AssumeRole"}]})
role = iam.create_role(RoleName="writer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
iam.put_role_permissions_boundary(RoleName="writer", PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess")
assert iam.get_role(RoleName="writer")["Role"]["PermissionsBoundary"]["PermissionsBoundaryType"] == "Policy"
iam.delete_role_permissions_boundary(RoleName="writer")
iam.put_role_policy(RoleName="writer", PolicyName="p", PolicyDocument=policy("logs:*"))
sts = client("sts", key)
refused("AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role/none",
        sts.assume_role, RoleArn="arn:aws:iam::000000000000:role/none", RoleSessionName="s1")
got = sts.assume_role(RoleArn=role, RoleSessionName="s1", DurationSeconds=900)
assert got["AssumedRoleUser"]["Arn"] == "arn:aws:sts::000000000000:assumed-role/writer/s1", got
session = got["Credentials"]
assert client("sts", session).get_caller_identity()["UserId"].endswith(":s1")
client("logs", session).create_log_group(logGroupName="h")
bounded = sts.assume_role(RoleArn=role, RoleSessionName="s2", Policy=policy("logs:Describe*"))["Credentials"]
client("logs", bounded).describe_log_groups()
refused("AccessDeniedException", "because no session policy allows the logs:DeleteLogGroup action", client("logs", bounded).delete_log_group, logGroupName="h")
own = sts.get_session_token(DurationSeconds=900)["Credentials"]
assert client("sts", own).get_caller_identity()["Arn"] == me
assert boto3.client("sts").get_access_key_info(AccessKeyId=key["AccessKeyId"])["Account"] == "000000000000"
broken = dict(session, SessionToken=session["SessionToken"][:-8] + "AAAAAAA=")
refused("InvalidClientTokenId", "The security token included in the request is invalid.", client("sts", broken).get_caller_identity)

# a method with AWS_IAM
api = gw.create_rest_api(name="signed", policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/prod/GET/closed"}]}))
assert f'arn:aws:execute-api:us-east-1:000000000000:{api["id"]}/prod/GET/closed' in api["policy"] and '\\"' in api["policy"], api
for part in ("open", "closed"):
    to = dict(restApiId=api["id"], resourceId=gw.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart=part)["id"], httpMethod="GET")
    gw.put_method(**to, authorizationType="AWS_IAM")
    gw.put_method_response(**to, statusCode="200")
    gw.put_integration(**to, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gw.put_integration_response(**to, statusCode="200", responseTemplates={"application/json": "hello"})
gw.create_deployment(restApiId=api["id"], stageName="prod")


def call(path, key=None, headers=None):
    request = AWSRequest("GET", f"{os.environ['GATEWAY']}/{api['id']}/prod{path}", headers=headers or {})
    if key:
        SigV4Auth(Credentials(key["AccessKeyId"], key["SecretAccessKey"], key.get("SessionToken")), "execute-api", "us-east-1").add_auth(request)
    try:
        with urllib.request.urlopen(urllib.request.Request(request.url, headers=dict(request.headers))) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


assert call("/open", key) == (200, "hello"), call("/open", key)  # by the group's policy
assert call("/open", session)[0] == 403 and "assumed-role/writer/s1 is not authorized" in call("/open", session)[1]
assert call("/open") == (403, '{"message":"Missing Authentication Token"}')
status, body = call("/closed", key)
assert status == 403 and body.endswith(' with an explicit deny"}'), body
iam.update_access_key(UserName="carol", AccessKeyId=key["AccessKeyId"], Status="Inactive")
assert call("/open", key) == (403, '{"message":"The security token included in the request is invalid."}')
iam.update_access_key(UserName="carol", AccessKeyId=key["AccessKeyId"], Status="Active")
assert iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"] == "execute-api"

# an authorizer
uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:gate/invocations"
refused("BadRequestException", "Authorizer URI should be a valid API Gateway ARN", gw.create_authorizer, restApiId=api["id"], name="g", type="TOKEN", authorizerUri="x")
gate = gw.create_authorizer(restApiId=api["id"], name="gate", type="TOKEN", authorizerUri=uri, identitySource="method.request.header.Authorization")
assert gate["authType"] == "custom" and gw.get_authorizer(restApiId=api["id"], authorizerId=gate["id"])["name"] == "gate", gate
gw.update_authorizer(restApiId=api["id"], authorizerId=gate["id"], patchOperations=[{"op": "replace", "path": "/authorizerResultTtlInSeconds", "value": "60"}])
assert gw.get_authorizers(restApiId=api["id"])["items"][0]["authorizerResultTtlInSeconds"] == 60
gw.update_method(**to, patchOperations=[{"op": "replace", "path": "/authorizationType", "value": "CUSTOM"},
                                        {"op": "replace", "path": "/authorizerId", "value": gate["id"]}])
refused("ConflictException", "Cannot delete authorizer 'gate', is referenced in method: /closed/GET", gw.delete_authorizer, restApiId=api["id"], authorizerId=gate["id"])
gw.update_rest_api(restApiId=api["id"], patchOperations=[{"op": "replace", "path": "/policy", "value": ""}])
gw.create_deployment(restApiId=api["id"], stageName="prod")
assert call("/closed", headers={"Authorization": "let me in"}) == (200, "hello"), call("/closed", headers={"Authorization": "let me in"})
assert call("/closed", headers={"Authorization": "deny"})[0] == 403
assert call("/closed", headers={"Authorization": "who"}) == (401, '{"message":"Unauthorized"}')
assert call("/closed") == (401, '{"message":"Unauthorized"}')
gw.flush_stage_authorizers_cache(restApiId=api["id"], stageName="prod")
tested = gw.test_invoke_authorizer(restApiId=api["id"], authorizerId=gate["id"], headers={"Authorization": "let me in"})
assert tested["clientStatus"] == 200 and tested["principalId"] == "somebody" and json.loads(tested["policy"])["Version"] == "2012-10-17", tested
for line in (f"Starting authorizer: {gate['id']} for request: ", "Incoming identity: ***", "Authorizer result body before parsing: {",
             "Using valid authorizer policy for principal: **mebody", "Successfully completed authorizer execution"):
    assert f" : {line}" in tested["log"], tested["log"]
tested = gw.test_invoke_authorizer(restApiId=api["id"], authorizerId=gate["id"])
assert tested["clientStatus"] == 401 and tested["log"].endswith(" : Unauthorized\n"), tested
gw.delete_rest_api(restApiId=api["id"])

# and away
iam.delete_role_policy(RoleName="writer", PolicyName="p")
iam.delete_role(RoleName="writer")
refused("InvalidClientTokenId", "The security token included in the request is invalid.", client("sts", session).get_caller_identity)
refused("DeleteConflict", "must delete access keys first", iam.delete_user, UserName="carol")
iam.delete_access_key(UserName="carol", AccessKeyId=key["AccessKeyId"])
iam.remove_user_from_group(GroupName="readers", UserName="carol")
iam.detach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess")
iam.delete_group_policy(GroupName="readers", PolicyName="p")
iam.delete_group(GroupName="readers")
iam.delete_user(UserName="carol")
print("PASS")
