"""S3's operations and the permissions they need.

"Required permissions for Amazon S3 API operations" in the Amazon S3 User Guide: the names differ
from the operations', and bucket and object permissions go to different ARNs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_RENAMED = {
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListBuckets": "ListAllMyBuckets",
    "HeadObject": "GetObject",
    "SelectObjectContent": "GetObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "ListParts": "ListMultipartUploadParts",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
}
#: Permissions about an object whose name changes when one version of it is asked for.
_VERSIONED = {
    "GetObject",
    "GetObjectAcl",
    "GetObjectTagging",
    "DeleteObject",
    "PutObjectTagging",
    "DeleteObjectTagging",
}
_PREFIX = "arn:aws:s3:::"


def s3_needs(operation: str, parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The (action, ARN) pairs an S3 operation needs."""
    bucket = str(parameters.get("Bucket") or "")
    if not bucket:
        return [(f"s3:{_RENAMED.get(operation, operation)}", "*")]
    if operation == "DeleteObjects":
        objects = parameters.get("Delete", {}).get("Objects", [])
        return [
            (_object_action("DeleteObject", entry), f"{_PREFIX}{bucket}/{entry['Key']}")
            for entry in objects
        ]
    key = parameters.get("Key")
    action = _RENAMED.get(operation, operation)
    if not key:
        return [(f"s3:{action}", f"{_PREFIX}{bucket}")]
    arn = f"{_PREFIX}{bucket}/{key}"
    found = [(_object_action(action, parameters), arn)]
    if parameters.get("Tagging") and operation == "PutObject":
        found.append(("s3:PutObjectTagging", arn))
    if operation in ("CopyObject", "UploadPartCopy"):
        source = str(parameters.get("CopySource", "")).lstrip("/").partition("?")[0]
        found.append(("s3:GetObject", f"{_PREFIX}{source}"))
    return found


def _object_action(action: str, parameters: Mapping[str, Any]) -> str:
    if action in _VERSIONED and parameters.get("VersionId"):
        if action.endswith("Tagging"):
            return f"s3:{action.removesuffix('Tagging')}VersionTagging"
        if action.endswith("Acl"):
            return "s3:GetObjectVersionAcl"
        return f"s3:{action}Version"
    return f"s3:{action}"
