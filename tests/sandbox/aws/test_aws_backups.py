"""AWS Backup's jobs: what is saved comes back, with the rights of the job's role and no others."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.layout import ACCOUNT, REGION
from tests.sandbox.aws.answers import Aws, missing, valid
from tests.sandbox.aws.conftest import document

TAG = {"Key": "Backup", "Value": "kw"}
SAVE = {
    "Effect": "Allow",
    "Action": ["ec2:CreateSnapshot", "rds:CreateDBSnapshot"],
    "Resource": "*",
}
RESTORE = {"Effect": "Allow", "Action": "ec2:CreateVolume", "Resource": "*"}


def role(aws: Aws, name: str, *statements: Any, service: str = "backup.amazonaws.com") -> str:
    iam = aws("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]
    if statements:
        policy = document(*statements)
        iam.put_role_policy(RoleName=name, PolicyName="backup", PolicyDocument=policy)
    return str(made["Arn"])


def volume(aws: Aws) -> str:
    made = aws("ec2").create_volume(
        AvailabilityZone=f"{REGION}a",
        Size=20,
        TagSpecifications=[{"ResourceType": "volume", "Tags": [TAG]}],
    )
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{made['VolumeId']}"


def test_a_volume_is_saved_and_comes_back(aws: Aws, plain: Aws) -> None:
    backup, arn, saved = aws("backup"), role(aws, "saves", SAVE, RESTORE), volume(aws)
    backup.create_backup_vault(BackupVaultName="vault")
    job = valid(
        backup, "StartBackupJob", BackupVaultName="vault", ResourceArn=saved, IamRoleArn=arn
    )
    state = valid(backup, "DescribeBackupJob", BackupJobId=job["BackupJobId"])
    assert (state["State"], state["ResourceType"]) == ("COMPLETED", "EBS")
    points = valid(
        backup, "ListRecoveryPointsByBackupVault", BackupVaultName="vault", ByResourceArn=saved
    )["RecoveryPoints"]
    assert [point["RecoveryPointArn"] for point in points] == [job["RecoveryPointArn"]]
    snapshot = job["RecoveryPointArn"].rpartition("/")[2]
    tags = aws("ec2").describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]["Tags"]
    assert TAG in tags  # "AWS Backup copies tags from the resources it protects"
    done = valid(
        backup,
        "StartRestoreJob",
        RecoveryPointArn=job["RecoveryPointArn"],
        IamRoleArn=arn,
        Metadata={"availabilityZone": f"{REGION}b", "volumeSize": "30"},
    )
    restored = valid(backup, "DescribeRestoreJob", RestoreJobId=done["RestoreJobId"])
    made = restored["CreatedResourceArn"].rpartition("/")[2]
    new = aws("ec2").describe_volumes(VolumeIds=[made])["Volumes"][0]
    assert (new["SnapshotId"], new["Size"]) == (snapshot, 30)
    assert missing(lambda: plain("backup").list_backup_jobs())


def test_a_database_is_saved_under_a_name_of_its_own(aws: Aws) -> None:
    aws("rds").create_db_instance(
        DBInstanceIdentifier="saved",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="kw",
        MasterUserPassword="a-password-of-the-test",
    )
    backup = aws("backup")
    backup.create_backup_vault(BackupVaultName="databases")
    job = backup.start_backup_job(
        BackupVaultName="databases",
        ResourceArn=f"arn:aws:rds:{REGION}:{ACCOUNT}:db:saved",
        IamRoleArn=role(aws, "databases", SAVE),
    )
    name = f"awsbackup:job-{job['BackupJobId']}"
    assert job["RecoveryPointArn"] == f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:{name}"
    snapshots = aws("rds").describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
    assert [item["DBInstanceIdentifier"] for item in snapshots] == ["saved"]


OTHERS = {**SAVE, "Condition": {"StringEquals": {"aws:ResourceTag/Backup": "other"}}}


@pytest.mark.parametrize(
    ("name", "statements", "service", "words"),
    [
        ("nothing", (), "backup.amazonaws.com", "may not ec2:CreateSnapshot"),
        ("other-tag", (OTHERS,), "backup.amazonaws.com", "may not ec2:CreateSnapshot"),
        ("not-for-backup", (SAVE,), "ec2.amazonaws.com", "cannot be assumed by AWS Backup"),
    ],
)
def test_a_job_has_the_rights_of_its_role(
    aws: Aws, name: str, statements: Any, service: str, words: str
) -> None:
    backup = aws("backup")
    backup.create_backup_vault(BackupVaultName=name)
    with pytest.raises(backup.exceptions.ClientError, match=words):
        backup.start_backup_job(
            BackupVaultName=name,
            ResourceArn=volume(aws),
            IamRoleArn=role(aws, name, *statements, service=service),
        )
    listed = backup.list_recovery_points_by_backup_vault(BackupVaultName=name)
    assert listed["RecoveryPoints"] == []


def test_who_deletes_a_recovery_point_is_asked_for_the_point_not_for_its_vault(
    aws: Aws, assume: Aws
) -> None:
    backup, tag = aws("backup"), {"aws:ResourceTag/Backup": TAG["Value"]}
    backup.create_backup_vault(BackupVaultName="emptied")
    point = backup.start_backup_job(
        BackupVaultName="emptied", ResourceArn=volume(aws), IamRoleArn=role(aws, "emptied", SAVE)
    )["RecoveryPointArn"]

    def delete(name: str, *statements: dict[str, Any]) -> None:
        mine = aws("backup", **assume(name, *statements))
        mine.delete_recovery_point(BackupVaultName="emptied", RecoveryPointArn=point)

    allow = {"Effect": "Allow", "Action": "backup:DeleteRecoveryPoint"}
    vault = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:emptied"
    points = {**allow, "Resource": f"arn:aws:ec2:{REGION}::snapshot/*"}
    shut = {**points, "Effect": "Deny", "Condition": {"StringEquals": tag}}
    for name, statements in (
        ("vault-only", ({**allow, "Resource": vault},)),
        ("not-these-points", (points, shut)),
    ):
        with pytest.raises(ClientError, match=f"not authorized .*: {point}"):
            delete(name, *statements)
    delete("points-only", points)


def test_a_filled_vault_stays_and_a_locked_one_gives_nothing_up(aws: Aws) -> None:
    backup = aws("backup")
    backup.create_backup_vault(BackupVaultName="locked")
    point = backup.start_backup_job(
        BackupVaultName="locked",
        ResourceArn=volume(aws),
        IamRoleArn=role(aws, "locked", SAVE),
    )["RecoveryPointArn"]
    with pytest.raises(backup.exceptions.InvalidRequestException, match="contains recovery points"):
        backup.delete_backup_vault(BackupVaultName="locked")
    backup.put_backup_vault_lock_configuration(BackupVaultName="locked", MinRetentionDays=7)
    about = {"BackupVaultName": "locked", "RecoveryPointArn": point}
    with pytest.raises(backup.exceptions.InvalidRequestException, match="configured with Lock"):
        backup.delete_recovery_point(**about)
    backup.delete_backup_vault_lock_configuration(BackupVaultName="locked")
    backup.delete_recovery_point(**about)
    backup.delete_backup_vault(BackupVaultName="locked")
    assert "locked" not in [
        vault["BackupVaultName"] for vault in backup.list_backup_vaults()["BackupVaultList"]
    ]


def test_a_request_for_a_plan_that_is_repeated_gives_back_the_plan(aws: Aws, plain: Aws) -> None:
    rule = {"RuleName": "daily", "TargetBackupVaultName": "repeated"}
    given = {"BackupPlan": {"BackupPlanName": "repeated", "Rules": [rule]}}

    def made(client: Any, request: str) -> str:
        return str(
            valid(client, "CreateBackupPlan", CreatorRequestId=request, **given)["BackupPlanId"]
        )

    for backup in (aws("backup"), plain("backup")):
        backup.create_backup_vault(BackupVaultName="repeated")
    first = made(aws("backup"), "one")
    assert made(aws("backup"), "one") == first
    with pytest.raises(ClientError, match="AlreadyExists"):
        made(aws("backup"), "two")
    made(plain("backup"), "one")
    with pytest.raises(ClientError, match="AlreadyExists"):
        made(plain("backup"), "one")
