"""Backups taken before a destroy: object versions, volume and database snapshots; the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.adapters.aws.session import Aws, code_of, told
from pipeline.errors import failure

#: What a copy says of itself, so that it is as the original was (CopyObject, "Metadata").
_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
)
#: Metadata of a version that was brought back and is not its object's newest: which copy it is.
OLDER = "restored-older"
#: Bucket, key and perhaps version of an object, as several calls take them.
_Source = Any
_BATCH = 1000  # what DeleteObjects takes


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, or a delete marker."""

    key: str
    id: str
    marker: bool
    latest: bool
    etag: str
    size: int  # 0 of a marker
    modified: datetime


def versions(aws: Aws, bucket: str) -> Iterator[Version]:
    """All versions and delete markers of a bucket, of each key and kind the newest first.

    Nothing of a bucket that is gone.
    """
    from botocore.exceptions import ClientError

    with told(f"S3 ListObjectVersions {bucket}"):
        try:
            for page in aws.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
                for item in page.get("Versions", []):
                    yield _version(item, marker=False)
                for mark in page.get("DeleteMarkers", []):
                    yield _version(mark, marker=True)
        except ClientError as error:
            if code_of(error) != "NoSuchBucket":
                raise


def _version(item: Any, *, marker: bool) -> Version:
    return Version(
        item["Key"],
        item["VersionId"],
        marker,
        item["IsLatest"],
        item.get("ETag", ""),
        item.get("Size", 0),
        item["LastModified"],
    )


def copy_version(aws: Aws, bucket: str, version: Version, target: str, key: str) -> None:
    """Copy one version to a key of another bucket, encrypted by KMS."""
    source: _Source = {"Bucket": bucket, "Key": version.key}
    if version.id != "null":
        source["VersionId"] = version.id
    with told(f"S3 CopyObject {bucket}/{version.key}"):
        _copy(aws, source, target, key, _said(aws, source), ServerSideEncryption="aws:kms")


def copy_back(aws: Aws, source: str, copy: str, bucket: str, key: str, older: str = "") -> None:
    """Make a copy the newest version of an object; ``older`` marks one that is not to stay it."""
    found: _Source = {"Bucket": source, "Key": copy}
    with told(f"S3 CopyObject {bucket}/{key}"):
        said = _said(aws, found)
        said["Metadata"].pop(OLDER, None)
        if older:
            said["Metadata"][OLDER] = older
        _copy(aws, found, bucket, key, said)


def _said(aws: Aws, source: _Source) -> dict[str, Any]:
    """The metadata of an object. Of a large one S3 copies the parts alone, and none of it."""
    head: Mapping[str, Any] = aws.s3.head_object(**source)
    found = {name: head[name] for name in _HEADERS if name in head}
    return {**found, "Metadata": dict(head["Metadata"])}


def _copy(
    aws: Aws, source: _Source, bucket: str, key: str, said: dict[str, Any], **more: str
) -> None:
    extra = {"MetadataDirective": "REPLACE", **said, **more}
    aws.s3.copy(source, bucket, key, ExtraArgs=extra)


def older_copy(aws: Aws, bucket: str, key: str, version: str = "") -> str:
    """Which copy a version that is not to stay the newest was made of; empty for any other."""
    source: _Source = {"Bucket": bucket, "Key": key}
    if version not in ("", "null"):
        source["VersionId"] = version
    with told(f"S3 HeadObject {bucket}/{key}"):
        found: str = _said(aws, source)["Metadata"].get(OLDER, "")
    return found


def mark_deleted(aws: Aws, bucket: str, key: str) -> None:
    """Put a delete marker on top of an object's versions."""
    with told(f"S3 DeleteObject {bucket}/{key}"):
        aws.s3.delete_object(Bucket=bucket, Key=key)


def present(aws: Aws, bucket: str) -> dict[str, list[Version]] | None:
    """The versions and markers of each key of a bucket; None when the bucket is gone."""
    from botocore.exceptions import ClientError

    with told(f"S3 HeadBucket {bucket}"):
        try:
            aws.s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            if code_of(error) in ("404", "NoSuchBucket"):
                return None
            raise
    found: dict[str, list[Version]] = {}
    for version in versions(aws, bucket):
        found.setdefault(version.key, []).append(version)
    return found


def delete_versions(aws: Aws, bucket: str, found: Sequence[Version]) -> None:
    """Delete these versions and markers, and nothing that came since they were listed.

    What is current goes last, when all below it is gone: wherever this stops, no older version has
    become the current one, and nothing deleted has come back.
    """
    for latest in (False, True):
        each = [version for version in found if version.latest is latest]
        for start in range(0, len(each), _BATCH):
            _delete(aws, bucket, each[start : start + _BATCH])


def _delete(aws: Aws, bucket: str, batch: Iterable[Version]) -> None:
    objects: Any = [{"Key": v.key, "VersionId": v.id} for v in batch]
    with told(f"S3 DeleteObjects {bucket}"):
        answer = aws.s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    for error in answer.get("Errors", []):
        raise failure("aws", f"{bucket}/{error.get('Key')} cannot be deleted: {error.get('Code')}.")


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
