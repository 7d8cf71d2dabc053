"""Backups taken before a destroy: object versions, volume and database snapshots; emptying buckets.

Copies of objects go to the state bucket below ``errored/backups/``, which outlives every unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.adapters.aws.session import Aws, code_of, told


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, or a delete marker."""

    key: str
    id: str
    marker: bool
    latest: bool


def versions(aws: Aws, bucket: str) -> Iterator[Version]:
    """All versions and delete markers of a bucket; none when the bucket is gone."""
    from botocore.exceptions import ClientError

    with told(f"S3 ListObjectVersions {bucket}"):
        try:
            for page in aws.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
                for item in page.get("Versions", []):
                    yield Version(item["Key"], item["VersionId"], False, item["IsLatest"])
                for mark in page.get("DeleteMarkers", []):
                    yield Version(mark["Key"], mark["VersionId"], True, mark["IsLatest"])
        except ClientError as error:
            if code_of(error) != "NoSuchBucket":
                raise


def copy_versions(aws: Aws, bucket: str, target: str, prefix: str) -> int:
    """Copy every version to ``target`` below ``prefix``; returns how many. Markers hold nothing."""
    count = 0
    for version in versions(aws, bucket):
        if version.marker:
            continue
        source = {"Bucket": bucket, "Key": version.key}
        if version.id != "null":
            source["VersionId"] = version.id
        with told(f"S3 CopyObject {bucket}/{version.key}"):
            aws.s3.copy(
                source,  # type: ignore[arg-type]
                target,
                f"{prefix}/{bucket}/{version.key}/{version.id}",
                ExtraArgs={"ServerSideEncryption": "aws:kms"},
            )
        count += 1
    return count


def empty(aws: Aws, bucket: str) -> int:
    """Delete every version and marker; returns how many."""
    gone = 0
    batch: list[Version] = []
    for version in [*versions(aws, bucket)]:
        batch.append(version)
        if len(batch) == 1000:  # DeleteObjects takes 1,000
            gone += _delete(aws, bucket, batch)
            batch = []
    return gone + (_delete(aws, bucket, batch) if batch else 0)


def _delete(aws: Aws, bucket: str, batch: list[Version]) -> int:
    with told(f"S3 DeleteObjects {bucket}"):
        answer = aws.s3.delete_objects(
            Bucket=bucket,
            Delete={"Objects": [{"Key": v.key, "VersionId": v.id} for v in batch], "Quiet": True},
        )
    for error in answer.get("Errors", []):
        from pipeline.errors import failure

        raise failure("aws", f"{bucket}/{error.get('Key')} cannot be deleted: {error.get('Code')}.")
    return len(batch)


def snapshot_volume(aws: Aws, volume: str, unit: str) -> str:
    """Start a snapshot of an EBS volume; it completes even when the volume is deleted then."""
    with told(f"EC2 CreateSnapshot {volume}"):
        return aws.ec2.create_snapshot(
            VolumeId=volume,
            Description=f"Before the destruction of {unit}",
            TagSpecifications=[
                {
                    "ResourceType": "snapshot",
                    "Tags": [
                        {"Key": "Project", "Value": "KnowledgeWeaver"},
                        {"Key": "BackupOf", "Value": unit},
                    ],
                }
            ],
        )["SnapshotId"]


def snapshot_database(aws: Aws, instance: str, name: str, unit: str) -> str:
    """Snapshot an RDS instance and wait until it is there: it dies with the instance else."""
    client = aws.client("rds")
    with told(f"RDS CreateDBSnapshot {instance}"):
        client.create_db_snapshot(
            DBInstanceIdentifier=instance,
            DBSnapshotIdentifier=name,
            Tags=[{"Key": "BackupOf", "Value": unit}],
        )
        client.get_waiter("db_snapshot_available").wait(
            DBSnapshotIdentifier=name, WaiterConfig={"Delay": 10, "MaxAttempts": 180}
        )
    return name
