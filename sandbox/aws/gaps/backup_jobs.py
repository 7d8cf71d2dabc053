"""AWS Backup: jobs that save and restore, and the recovery points between them.

"StartBackupJob: Starts an on-demand backup job for the specified resource"; "StartRestoreJob:
Recovers the saved resource identified by an Amazon Resource Name"; "DeleteBackupVault: … A vault
can be deleted only if it is empty" (AWS Backup API reference). moto does none of the three. A job
is done when its call returns; volumes and databases are really saved, by moto's snapshots, if the
job's role may do that.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from moto.backup.models import backup_backends
from moto.core.utils import utcnow

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.backups import kind_of, restore, save
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, answers

Record = dict[str, Any]


def _kept(context: Context, kind: str) -> dict[str, Record]:
    kept: dict[str, Record] = context.of("backup-jobs").setdefault(kind, {})
    return kept


def _found(context: Context, kind: str, name: str) -> Record:
    record = _kept(context, kind).get(name)
    if record is None:
        raise AwsError("ResourceNotFoundException", f"Cannot find {name}.", 400)
    return record


def _vault(call: Call, context: Context) -> str:
    name = str(call.parameters()["BackupVaultName"])
    if name not in backup_backends[context.account][call.region].vaults:
        raise AwsError("ResourceNotFoundException", f"Backup vault {name} does not exist.", 400)
    return name


@answers("backup:StartBackupJob")
def start_backup(call: Call, _principal: Principal, context: Context) -> Result:
    given, vault = call.parameters(), _vault(call, context)
    resource, role = given["ResourceArn"], given["IamRoleArn"]
    job, now = str(uuid4()), utcnow()
    point = save(resource, role, job, call.region, context)
    common = {
        "BackupVaultName": vault,
        "RecoveryPointArn": point,
        "ResourceArn": resource,
        "ResourceType": kind_of(resource),
        "IamRoleArn": role,
        "CreationDate": now,
        "CompletionDate": now,
    }
    _kept(context, "points")[point] = {**common, "Status": "COMPLETED"}
    done = {"BackupJobId": job, "State": "COMPLETED", "PercentDone": "100.0"}
    _kept(context, "backups")[job] = {**common, **done}
    return {"BackupJobId": job, "RecoveryPointArn": point, "CreationDate": now}


@answers("backup:DescribeBackupJob")
def describe_backup(call: Call, _principal: Principal, context: Context) -> Result:
    return _found(context, "backups", call.parameters()["BackupJobId"])


@answers("backup:ListBackupJobs")
def list_backups(call: Call, _principal: Principal, context: Context) -> Result:
    given = call.parameters()
    filters = {
        "BackupVaultName": given.get("ByBackupVaultName"),
        "ResourceArn": given.get("ByResourceArn"),
        "State": given.get("ByState"),
    }
    return {"BackupJobs": _matching(context, "backups", filters)}


def _matching(context: Context, kind: str, filters: dict[str, Any]) -> list[Record]:
    """Records that agree with all filters that are given, newest first."""
    found = [
        record
        for record in _kept(context, kind).values()
        if all(value in (None, record[key]) for key, value in filters.items())
    ]
    return found[::-1]


@answers("backup:ListRecoveryPointsByBackupVault")
def list_points(call: Call, _principal: Principal, context: Context) -> Result:
    given = call.parameters()
    filters = {
        "BackupVaultName": _vault(call, context),
        "ResourceArn": given.get("ByResourceArn"),
        "ResourceType": given.get("ByResourceType"),
    }
    return {"RecoveryPoints": _matching(context, "points", filters)}


@answers("backup:DescribeRecoveryPoint")
def describe_point(call: Call, _principal: Principal, context: Context) -> Result:
    return _found(context, "points", call.parameters()["RecoveryPointArn"])


@answers("backup:DeleteRecoveryPoint")
def delete_point(call: Call, _principal: Principal, context: Context) -> Result:
    point, vault = call.parameters()["RecoveryPointArn"], _vault(call, context)
    _found(context, "points", point)
    if backup_backends[context.account][call.region].vaults[vault].locked:
        words = "Recovery point cannot be deleted (Backup vault configured with Lock)"
        raise AwsError("InvalidRequestException", words, 400)
    del _kept(context, "points")[point]
    return {}


@answers("backup:DeleteBackupVault")
def delete_vault(call: Call, _principal: Principal, context: Context) -> None:
    """Refuse a filled one; an empty one is moto's to delete."""
    vault = _vault(call, context)
    if _matching(context, "points", {"BackupVaultName": vault}):
        words = "Backup vault cannot be deleted because it contains recovery points."
        raise AwsError("InvalidRequestException", words, 400)


@answers("backup:StartRestoreJob")
def start_restore(call: Call, _principal: Principal, context: Context) -> Result:
    given = call.parameters()
    point = _found(context, "points", given["RecoveryPointArn"])
    role = given.get("IamRoleArn", "")
    made = restore(point, dict(given["Metadata"]), role, call.region, context)
    job, now = str(uuid4()), utcnow()
    _kept(context, "restores")[job] = {
        "RestoreJobId": job,
        "RecoveryPointArn": point["RecoveryPointArn"],
        "ResourceType": point["ResourceType"],
        "CreatedResourceArn": made,
        "IamRoleArn": role,
        "CreationDate": now,
        "CompletionDate": now,
        "Status": "COMPLETED",
        "PercentDone": "100.0",
    }
    return {"RestoreJobId": job}


@answers("backup:DescribeRestoreJob")
def describe_restore(call: Call, _principal: Principal, context: Context) -> Result:
    return _found(context, "restores", call.parameters()["RestoreJobId"])
