"""What AWS Backup does to a resource, with the rights of the role that it was given.

"AWS Backup assumes the role that you specify" (AWS Backup developer guide, Access control): each
step is judged by the role's policies and boundary. A recovery point of a volume is an EBS
snapshot, that of a database an RDS snapshot whose name begins with ``awsbackup:``.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from moto.ec2.models import ec2_backends
from moto.rds.models import rds_backends

from sandbox.aws.access.actions import Need
from sandbox.aws.access.authorize import judge
from sandbox.aws.access.policy import Query, Verdict, evaluate_resource_policy
from sandbox.aws.access.principals import role_session
from sandbox.aws.access.sessions import find_role
from sandbox.aws.answers import AwsError
from sandbox.aws.gaps import Context

_KINDS = {"ec2": "EBS", "rds": "RDS", "elasticfilesystem": "EFS"}


def kind_of(arn: str) -> str:
    """The type of a resource as AWS Backup calls it."""
    kind = _KINDS.get(arn.split(":")[2])
    if kind is None:
        raise AwsError("InvalidParameterValueException", f"Not supported here: {arn}.", 400)
    return kind


def save(resource: str, role: str, job: str, region: str, context: Context) -> str:
    """Save a resource; the ARN of its recovery point."""
    kind = kind_of(resource)
    may = _Role(role, context)
    if kind == "EBS":
        volume = resource.rpartition("/")[2]
        ec2 = ec2_backends[context.account][region]
        _must_be_there(volume in ec2.volumes, resource)
        tags = dict(ec2.tags.get(volume, {}))
        may("ec2:CreateSnapshot", resource, tags)
        may("ec2:CreateSnapshot", f"arn:aws:ec2:{region}::snapshot/new")
        snapshot = ec2.create_snapshot(volume, f"This snapshot is created by the AWS Backup {job}")
        ec2.create_tags([snapshot.id], {**tags, "aws:backup:source-resource": f"{volume}:{job}"})
        return f"arn:aws:ec2:{region}::snapshot/{snapshot.id}"
    if kind == "RDS":
        name = f"awsbackup:job-{job}"
        point = f"arn:aws:rds:{region}:{context.account}:snapshot:{name}"
        may("rds:CreateDBSnapshot", resource)
        may("rds:CreateDBSnapshot", point)
        database, rds = resource.rpartition(":")[2], rds_backends[context.account][region]
        _must_be_there(database in rds.databases, resource)
        rds.create_db_snapshot(database, name)  # as a manual one: moto restores no other
        return point
    may("elasticfilesystem:Backup", resource)
    return f"arn:aws:backup:{region}:{context.account}:recovery-point:{uuid4()}"


def restore(
    point: dict[str, Any], metadata: dict[str, str], role: str, region: str, context: Context
) -> str:
    """Make a new resource of a recovery point; its ARN."""
    arn, kind = point["RecoveryPointArn"], point["ResourceType"]
    may = _Role(role, context)
    if kind == "EBS":
        ec2 = ec2_backends[context.account][region]
        volumes = f"arn:aws:ec2:{region}:{context.account}:volume"
        may("ec2:CreateVolume", f"{volumes}/new")
        may("ec2:CreateVolume", arn)
        snapshot = ec2.get_snapshot(arn.rpartition("/")[2])
        volume = ec2.create_volume(
            size=int(metadata.get("volumeSize", snapshot.volume.size)),
            zone_name=metadata["availabilityZone"],
            snapshot_id=snapshot.id,
            encrypted=metadata.get("encrypted") == "true",
            volume_type=metadata.get("volumeType", "gp3"),
        )
        return f"{volumes}/{volume.id}"
    if kind == "RDS":
        name = metadata["DBInstanceIdentifier"]
        made = f"arn:aws:rds:{region}:{context.account}:db:{name}"
        may("rds:RestoreDBInstanceFromDBSnapshot", made)
        snapshot = arn.rpartition(":snapshot:")[2]
        rds = rds_backends[context.account][region]
        rds.restore_db_instance_from_db_snapshot(snapshot, {"db_instance_identifier": name})
        return made
    raise AwsError("InvalidParameterValueException", "File systems hold no files here.", 400)


def _must_be_there(there: bool, resource: str) -> None:
    if not there:
        raise AwsError("ResourceNotFoundException", f"Cannot find {resource}.", 400)


class _Role:
    """The role of a job: call it with what has to be allowed."""

    def __init__(self, arn: str, context: Context) -> None:
        role = find_role(context.account, arn)
        service = ("Service:backup.amazonaws.com",)
        keys = {"aws:sourceaccount": [context.account]}
        asked = Query("sts:AssumeRole", arn, keys, service)
        trusted = role is not None and (
            evaluate_resource_policy(role.assume_role_policy_document, asked) is Verdict.ALLOW
        )
        if not trusted:
            words = f"IAM Role {arn} cannot be assumed by AWS Backup"
            raise AwsError("InvalidParameterValueException", words, 400)
        self._session = role_session(context.account, arn, f"{arn}/AWSBackup")
        self._context = context

    def __call__(self, action: str, resource: str, tags: dict[str, str] | None = None) -> None:
        keys = {f"aws:resourcetag/{key}".lower(): [value] for key, value in (tags or {}).items()}
        query = Query(action, resource, keys, self._session.names)
        verdict, why = judge(self._session, query, Need(action, resource), self._context)
        if verdict is not Verdict.ALLOW:
            words = f"AWS Backup may not {action} on {resource} {why}"
            raise AwsError("AccessDeniedException", words, 403)
