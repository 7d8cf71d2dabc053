"""Translate a call into what IAM asks: actions, the ARNs they are about, what else they need.

After the Service Authorization Reference: most operations are their own action; S3's and a few
others are not; some touch several resources or hand a role to a service (iam:PassRole). ARNs that a
call carries are taken as they are, names are filled into the ARN formats of the reference.
Operations about no particular resource (Describe…, List…) are about ``*``, which only a statement
with ``"Resource": "*"`` allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.aws.access.arns import resources
from sandbox.aws.access.s3_actions import s3_needs
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context

#: IAM's service prefixes where they differ from the name of botocore's model.
_PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
    "sesv2": "ses",
    "efs": "elasticfilesystem",
}
#: Operations with a permission of another name.
_RENAMED = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "kms:ReEncrypt": "kms:ReEncryptFrom",
    "ecr:GetAuthorizationToken": "ecr:GetAuthorizationToken",
}
#: Budgets has two permissions for all that it does with budgets and their notifications.
_BUDGETS = {"Create": "Modify", "Update": "Modify", "Delete": "Modify", "Describe": "View"}
#: Parameters with a role the caller hands to a service, and the service that will use it.
_PASSED = {
    "ecs:RegisterTaskDefinition": ("ecs-tasks.amazonaws.com", ("taskRoleArn", "executionRoleArn")),
    "ecs:RunTask": ("ecs-tasks.amazonaws.com", ("overrides.taskRoleArn",)),
    "ecs:CreateService": ("ecs.amazonaws.com", ("role",)),
    "ec2:CreateFlowLogs": ("vpc-flow-logs.amazonaws.com", ("DeliverLogsPermissionArn",)),
    "events:PutTargets": ("events.amazonaws.com", ("Targets[].RoleArn",)),
    "lambda:CreateFunction": ("lambda.amazonaws.com", ("Role",)),
    "cloudtrail:CreateTrail": ("cloudtrail.amazonaws.com", ("CloudWatchLogsRoleArn",)),
    "rds:CreateDBInstance": ("monitoring.rds.amazonaws.com", ("MonitoringRoleArn",)),
    "backup:CreateBackupSelection": ("backup.amazonaws.com", ("BackupSelection.IamRoleArn",)),
    "s3:PutBucketReplication": ("s3.amazonaws.com", ("ReplicationConfiguration.Role",)),
    "application-autoscaling:RegisterScalableTarget": (
        "ecs.application-autoscaling.amazonaws.com",
        ("RoleARN",),
    ),
}

#: Operations that need a second permission: on the resource that a parameter names.
_ALSO = {"secretsmanager:RotateSecret": ("lambda:InvokeFunction", "RotationLambdaARN")}

#: What a service does elsewhere with the caller's rights. Cloud Map keeps the names of a private
#: namespace in a zone of Route 53 (Cloud Map API reference, CreatePrivateDnsNamespace); a target
#: tracking policy has alarms (Application Auto Scaling User Guide, Required IAM permissions).
_TRACKING = "arn:aws:cloudwatch:{r}:{a}:alarm:TargetTracking-{ResourceId}-AlarmHigh"
_BEHIND = {
    "application-autoscaling:DeleteScalingPolicy": ("cloudwatch:DeleteAlarms", _TRACKING),
    "application-autoscaling:PutScalingPolicy": ("cloudwatch:PutMetricAlarm", _TRACKING),
    "servicediscovery:CreatePrivateDnsNamespace": ("route53:CreateHostedZone", "*"),
    "servicediscovery:DeleteNamespace": ("route53:DeleteHostedZone", "*"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """One action on one resource; ``passed_to`` names the service a role is handed to."""

    action: str
    resource: str
    passed_to: str = ""


def needs(call: Call, parameters: Mapping[str, Any], context: Context) -> list[Need]:
    """Everything a caller needs for this call; all of it has to be allowed."""
    if call.service == "s3":
        return [Need(action, arn) for action, arn in s3_needs(call.operation, parameters)]
    operation = call.operation.removesuffix("20150331")
    prefix = _PREFIXES.get(call.service, call.service)
    action = _RENAMED.get(f"{prefix}:{operation}", f"{prefix}:{operation}")
    if prefix == "budgets":
        verbs = (known for verb, known in _BUDGETS.items() if operation.startswith(verb))
        action = next((f"budgets:{verb}Budget" for verb in verbs), action)
    found = [Need(action, arn) for arn in resources(call, parameters, context)]
    also, parameter = _ALSO.get(call.name, ("", ""))
    if parameters.get(parameter):
        found.append(Need(also, str(parameters[parameter])))
    if call.name in _BEHIND and parameters.get("PolicyType") != "StepScaling":
        behind, arn = _BEHIND[call.name]
        found.append(Need(behind, arn.format(r=call.region, a=context.account, **parameters)))
    return [*found, *_passed_roles(call, parameters, context)]


def _passed_roles(call: Call, parameters: Mapping[str, Any], context: Context) -> Iterator[Need]:
    """ "To pass a role … a user must have permissions to pass the role to the service" """
    service, paths = _PASSED.get(call.name, ("", ()))
    for path in paths:
        for role in _values(parameters, path.split(".")):
            if ":role/aws-service-role/" in role:
                continue  # a service-linked role is the service's own: nothing is passed
            arn = role if role.startswith("arn:") else f"arn:aws:iam::{context.account}:role/{role}"
            yield Need("iam:PassRole", arn, service)
    if call.name == "ec2:RunInstances" and "IamInstanceProfile" in parameters:
        yield from _profile_roles(parameters["IamInstanceProfile"], context)


def _profile_roles(profile: Mapping[str, str], context: Context) -> Iterator[Need]:
    from moto.iam.models import iam_backends

    backend = iam_backends[context.account]["aws"]
    name = profile.get("Name") or profile.get("Arn", "").rpartition("/")[2]
    for known in list(backend.instance_profiles.values()):
        if known.name == name:
            for role in known.roles:
                yield Need("iam:PassRole", role.arn, "ec2.amazonaws.com")


def _values(value: Any, path: list[str]) -> Iterator[str]:
    if not path:
        if value:
            yield str(value)
        return
    name = path[0].removesuffix("[]")
    inner = value.get(name) if isinstance(value, Mapping) else None
    for item in inner if path[0].endswith("[]") and inner else [inner]:
        yield from _values(item, path[1:])
