"""Backups taken before a destroy: object versions, volume and database snapshots; the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.adapters.aws.session import Aws, code_of, told
from pipeline.errors import failure


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, or a delete marker."""

    key: str
    id: str
    marker: bool
    latest: bool


def versions(aws: Aws, bucket: str) -> Iterator[Version]:
    """All versions and delete markers of a bucket, of each key the newest first.

    None when the bucket is gone.
    """
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


def copy_version(aws: Aws, bucket: str, version: Version, target: str, key: str) -> None:
    """Copy one version to a key of another bucket, encrypted by KMS."""
    source = {"Bucket": bucket, "Key": version.key}
    if version.id != "null":
        source["VersionId"] = version.id
    with told(f"S3 CopyObject {bucket}/{version.key}"):
        aws.s3.copy(
            source,  # type: ignore[arg-type]
            target,
            key,
            ExtraArgs={"ServerSideEncryption": "aws:kms"},
        )


def copy_back(aws: Aws, source: str, copy: str, bucket: str, key: str) -> None:
    """Make a copy the newest version of an object."""
    with told(f"S3 CopyObject {bucket}/{key}"):
        aws.s3.copy({"Bucket": source, "Key": copy}, bucket, key)


def mark_deleted(aws: Aws, bucket: str, key: str) -> None:
    """Put a delete marker on top of an object's versions."""
    with told(f"S3 DeleteObject {bucket}/{key}"):
        aws.s3.delete_object(Bucket=bucket, Key=key)


def present(aws: Aws, bucket: str) -> set[str] | None:
    """The keys of a bucket that have a version or a marker; None when the bucket is gone."""
    from botocore.exceptions import ClientError

    with told(f"S3 HeadBucket {bucket}"):
        try:
            aws.s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            if code_of(error) in ("404", "NoSuchBucket"):
                return None
            raise
    return {version.key for version in versions(aws, bucket)}


def delete_versions(aws: Aws, bucket: str, found: Sequence[Version]) -> None:
    """Delete these versions and markers, and nothing that came since they were listed."""
    for start in range(0, len(found), 1000):  # DeleteObjects takes 1,000
        batch = found[start : start + 1000]
        with told(f"S3 DeleteObjects {bucket}"):
            answer = aws.s3.delete_objects(
                Bucket=bucket,
                Delete={
                    "Objects": [{"Key": v.key, "VersionId": v.id} for v in batch],
                    "Quiet": True,
                },
            )
        for error in answer.get("Errors", []):
            raise failure(
                "aws", f"{bucket}/{error.get('Key')} cannot be deleted: {error.get('Code')}."
            )


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
