"""Find the resources a call is about, as ARNs.

The Service Authorization Reference lists for each action the resource types it may be limited to.
Here: ARNs given in a parameter stand for themselves; names and ids are filled into the format of
their type. A call about nothing in particular is about ``*``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.kms.models import kms_backends
from moto.rds.models import rds_backends
from moto.secretsmanager.models import secretsmanager_backends

from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context

#: service -> parameter -> ARN after "arn:aws:", {} is the value, {r} region, {a} account,
#: {cluster} the cluster a call of ECS names.
_FORMATS: dict[str, dict[str, str]] = {
    "ecr": {"repositoryName": "ecr:{r}:{a}:repository/{}"},
    "iam": {
        "RoleName": "iam::{a}:role/{}",
        "UserName": "iam::{a}:user/{}",
        "GroupName": "iam::{a}:group/{}",
        "InstanceProfileName": "iam::{a}:instance-profile/{}",
        "PolicyName": "iam::{a}:policy/{}",
    },
    "logs": {
        "logGroupName": "logs:{r}:{a}:log-group:{}",
        "logGroupNames": "logs:{r}:{a}:log-group:{}",
    },
    "sns": {"Name": "sns:{r}:{a}:{}"},
    "sqs": {"QueueName": "sqs:{r}:{a}:{}"},
    "cloudwatch": {
        "AlarmName": "cloudwatch:{r}:{a}:alarm:{}",
        "AlarmNames": "cloudwatch:{r}:{a}:alarm:{}",
        "DashboardName": "cloudwatch::{a}:dashboard/{}",
        "DashboardNames": "cloudwatch::{a}:dashboard/{}",
    },
    "backup": {
        "BackupPlanId": "backup:{r}:{a}:backup-plan:{}",
        "BackupVaultName": "backup:{r}:{a}:backup-vault:{}",
    },
    "secretsmanager": {"Name": "secretsmanager:{r}:{a}:secret:{}"},
    "elbv2": {},
    "ssm": {"Name": "ssm:{r}:{a}:parameter/{}", "Names": "ssm:{r}:{a}:parameter/{}"},
    "events": {"Name": "events:{r}:{a}:rule/{}", "Rule": "events:{r}:{a}:rule/{}"},
    "lambda": {"FunctionName": "lambda:{r}:{a}:function:{}"},
    "dynamodb": {"TableName": "dynamodb:{r}:{a}:table/{}"},
    "rds": {
        "DBInstanceIdentifier": "rds:{r}:{a}:db:{}",
        "DBParameterGroupName": "rds:{r}:{a}:pg:{}",
        "DBSnapshotIdentifier": "rds:{r}:{a}:snapshot:{}",
        "DBSubnetGroupName": "rds:{r}:{a}:subgrp:{}",
    },
    "ecs": {
        "cluster": "ecs:{r}:{a}:cluster/{}",
        "clusterName": "ecs:{r}:{a}:cluster/{}",
        "clusters": "ecs:{r}:{a}:cluster/{}",
        "service": "ecs:{r}:{a}:service/{cluster}/{}",
        "services": "ecs:{r}:{a}:service/{cluster}/{}",
        "serviceName": "ecs:{r}:{a}:service/{cluster}/{}",
        "task": "ecs:{r}:{a}:task/{cluster}/{}",
        "tasks": "ecs:{r}:{a}:task/{cluster}/{}",
        "family": "ecs:{r}:{a}:task-definition/{}:*",
        "taskDefinition": "ecs:{r}:{a}:task-definition/{}",
    },
    "ec2": {
        "InstanceId": "ec2:{r}:{a}:instance/{}",
        "InstanceIds": "ec2:{r}:{a}:instance/{}",
        "VolumeId": "ec2:{r}:{a}:volume/{}",
        "VolumeIds": "ec2:{r}:{a}:volume/{}",
        "VpcId": "ec2:{r}:{a}:vpc/{}",
        "SubnetId": "ec2:{r}:{a}:subnet/{}",
        "GroupId": "ec2:{r}:{a}:security-group/{}",
        "RouteTableId": "ec2:{r}:{a}:route-table/{}",
        "InternetGatewayId": "ec2:{r}:{a}:internet-gateway/{}",
        "NatGatewayId": "ec2:{r}:{a}:natgateway/{}",
        "AllocationId": "ec2:{r}:{a}:elastic-ip/{}",
        "SnapshotId": "ec2:{r}:{a}:snapshot/{}",
    },
}
#: Operations whose policies ask for one parameter's resource only, where they carry several.
_MAIN = {
    "backup": ("RecoveryPointArn",),
    "lambda": ("FunctionName",),  # its role is passed, and judged by that
    "ecs": ("service", "services", "serviceName", "task", "tasks", "taskDefinition", "family"),
}
#: Actions the reference lists without resource types: they are about ``*`` whatever they name.
_UNBOUND = {
    "ecr:GetAuthorizationToken",
    "ecs:RegisterTaskDefinition",
    "ecs:DeregisterTaskDefinition",
    "ecs:DescribeTaskDefinition",
    "ecs:ListClusters",
    "ecs:ListTaskDefinitions",
    "ecs:ListTaskDefinitionFamilies",
    "ecs:CreateCluster",
    "kms:CreateKey",
    "kms:ListKeys",
    "kms:ListAliases",
    "secretsmanager:ListSecrets",
    "logs:DescribeLogGroups",
}


def resources(call: Call, parameters: Mapping[str, Any], context: Context) -> list[str]:
    """The ARNs a call is about; ``["*"]`` where it is about nothing in particular."""
    if call.name in _UNBOUND or (call.service == "ec2" and call.operation.startswith("Describe")):
        return ["*"]
    special = _SPECIAL.get(call.service)
    found = list(special(call, parameters, context)) if special else []
    return (found or _generic(call, parameters, context)) or ["*"]


def _generic(call: Call, parameters: Mapping[str, Any], context: Context) -> list[str]:
    formats = _FORMATS.get(call.service, {})
    cluster = str(parameters.get("cluster") or "default").rpartition("/")[2]
    found: dict[str, list[str]] = {}
    for name, value in parameters.items():
        for text in value if isinstance(value, list) else [value]:
            if not isinstance(text, str) or not text:
                continue
            if text.startswith("arn:") and not name.lower().startswith(("policy", "rolearn")):
                found.setdefault(name, []).append(text)
            elif name in formats:
                arn = formats[name].format(text, r=call.region, a=context.account, cluster=cluster)
                found.setdefault(name, []).append(f"arn:aws:{arn}")
    for name in _MAIN.get(call.service, ()):
        if name in found:
            return found[name]
    return [arn for arns in found.values() for arn in arns]


def _kms(call: Call, parameters: Mapping[str, Any], context: Context) -> Iterator[str]:
    """Policies name keys, callers also aliases: "You cannot use … alias … in Resource"."""
    key = str(parameters.get("KeyId") or parameters.get("TargetKeyId") or "")
    if not key:
        return
    backend = kms_backends[context.account][call.region]
    plain = key.rpartition(":")[2]
    if plain.startswith("alias/"):
        plain = backend.get_key_id_from_alias(plain) or plain
    plain = plain.removeprefix("key/")
    yield f"arn:aws:kms:{call.region}:{context.account}:key/{plain}"


def _secret(call: Call, parameters: Mapping[str, Any], context: Context) -> Iterator[str]:
    """A secret's ARN ends in six random characters, so a name has to be looked up."""
    name = str(parameters.get("SecretId") or "")
    if not name:
        return
    backend = secretsmanager_backends[context.account][call.region]
    secret = backend.secrets.get(name)
    fallback = f"arn:aws:secretsmanager:{call.region}:{context.account}:secret:{name}"
    yield secret.arn if secret is not None else name if name.startswith("arn:") else fallback


def _iam(call: Call, parameters: Mapping[str, Any], context: Context) -> Iterator[str]:
    """Roles may have a path, which their ARN carries and the call does not."""
    from moto.iam.models import iam_backends

    backend = iam_backends[context.account]["aws"]
    for role in list(backend.roles.values()):
        if role.name == parameters.get("RoleName"):
            yield role.arn
            return
    path = str(parameters.get("Path") or "/")
    for name, kind in (("RoleName", "role"), ("PolicyName", "policy")):
        if name in parameters and call.operation in ("CreateRole", "CreatePolicy"):
            yield f"arn:aws:iam::{context.account}:{kind}{path}{parameters[name]}"
            return


def _sqs(call: Call, parameters: Mapping[str, Any], context: Context) -> Iterator[str]:
    """A queue's address ends in its name."""
    name = str(parameters.get("QueueUrl") or "").rpartition("/")[2]
    if name:
        yield f"arn:aws:sqs:{call.region}:{context.account}:{name}"


#: Calls that the reference lists with the option group of the database.
_WITH_OPTIONS = ("CreateDBInstance", "ModifyDBInstance", "RestoreDBInstanceFromDBSnapshot")


def _rds(call: Call, parameters: Mapping[str, Any], context: Context) -> Iterator[str]:
    """A database has an option group, one of RDS's own where the call names none."""
    yield from _generic(call, parameters, context)
    if call.operation in _WITH_OPTIONS:
        known = rds_backends[context.account][call.region].databases.get(
            str(parameters.get("DBInstanceIdentifier"))
        )
        own = known.option_group_name if known else f"default:{parameters.get('Engine', 'any')}"
        group = parameters.get("OptionGroupName") or own
        yield f"arn:aws:rds:{call.region}:{context.account}:og:{group}"


def _budgets(call: Call, parameters: Mapping[str, Any], context: Context) -> Iterator[str]:
    """A new budget's name stands inside of it."""
    budget = parameters.get("Budget") or parameters.get("NewBudget") or parameters
    if name := budget.get("BudgetName"):
        yield f"arn:aws:budgets::{context.account}:budget/{name}"


def _sts(call: Call, parameters: Mapping[str, Any], context: Context) -> Iterator[str]:
    if "RoleArn" in parameters:
        yield str(parameters["RoleArn"])


_SPECIAL = {
    "budgets": _budgets,
    "iam": _iam,
    "kms": _kms,
    "rds": _rds,
    "secretsmanager": _secret,
    "sqs": _sqs,
    "sts": _sts,
}
