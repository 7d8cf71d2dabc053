"""Buckets of JSON objects, written under conditions, and the key that seals what lies in them.

Every write is a conditional put (``If-None-Match: *`` or ``If-Match``; Amazon S3: "Conditional
writes"), so two writers of one key cannot both succeed and nothing is overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.adapters.aws.session import Aws, code_of, told

#: Another writer was faster (Amazon S3: "Conditional write behavior").
_LOST = ("PreconditionFailed", "ConditionalRequestConflict")
_ABSENT = ("NoSuchKey", "404")


def mac(aws: Aws, key_alias: str, message: str) -> bytes:
    """A key for one purpose: an HMAC by KMS over its name (KMS API: GenerateMac)."""
    with told("KMS GenerateMac"):
        answer = aws.kms.generate_mac(
            KeyId=key_alias, MacAlgorithm="HMAC_SHA_256", Message=message.encode()
        )
    return answer["Mac"]


def _tries(answer: Any) -> int:
    """How often botocore had sent the request before it got this answer."""
    return int(answer.get("ResponseMetadata", {}).get("RetryAttempts", 0))


@dataclass(frozen=True, slots=True)
class Object:
    """An object's bytes and what says which they are."""

    body: bytes
    etag: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of JSON objects."""

    aws: Aws
    name: str

    def put_new(self, key: str, body: bytes) -> bool:
        """Write an object that is not there yet; False when it is there already."""
        return self.put_if(key, body, None)

    def put_if(self, key: str, body: bytes, etag: str | None) -> bool:
        """Write an object that is still the one with this ETag (None: that is not there yet).

        False when it is another one by now. Where the answer of a write was lost, botocore sends it
        again, and the condition no longer holds: what lies there then is our own.
        """
        from botocore.exceptions import ClientError

        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        with told(f"S3 PutObject {self.name}/{key}"):
            try:
                self.aws.s3.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=body,
                    ContentType="application/json",
                    **condition,  # type: ignore[arg-type]
                )
            except ClientError as error:
                if code_of(error) not in (*_LOST, *_ABSENT):
                    raise
                return _tries(error.response) > 0 and self.get(key) == body
        return True

    def look(self, key: str) -> Object | None:
        """The object as it is now, None when there is none."""
        from botocore.exceptions import ClientError

        with told(f"S3 GetObject {self.name}/{key}"):
            try:
                found = self.aws.s3.get_object(Bucket=self.name, Key=key)
                return Object(found["Body"].read(), found["ETag"], found["LastModified"])
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    return None
                raise

    def get(self, key: str) -> bytes | None:
        """The object's bytes, None when there is none."""
        found = self.look(key)
        return found.body if found else None

    def delete_if(self, key: str, etag: str) -> bool:
        """Delete an object that is still the one with this ETag; False when it is another.

        Gone after a lost answer, it was deleted by the first try.
        Amazon S3: "How to perform conditional deletes".
        """
        from botocore.exceptions import ClientError

        with told(f"S3 DeleteObject {self.name}/{key}"):
            try:
                self.aws.s3.delete_object(Bucket=self.name, Key=key, IfMatch=etag)
            except ClientError as error:
                if code_of(error) not in (*_LOST, *_ABSENT):
                    raise
                return _tries(error.response) > 0 and self.look(key) is None
        return True

    def keys(self, prefix: str) -> list[str]:
        """All keys below a prefix, sorted. A bucket that does not exist holds nothing."""
        return sorted(item["Key"] for page in self._pages(prefix) for item in page["Contents"])

    def folders(self, prefix: str) -> list[str]:
        """Names of the folders right below a prefix, which ends with ``/`` or is empty."""
        found = (item["Prefix"] for page in self._pages(prefix, "/") for item in page["Folders"])
        return sorted(name.removeprefix(prefix).rstrip("/") for name in found)

    def _pages(self, prefix: str, delimiter: str = "") -> Iterator[dict[str, list[dict[str, str]]]]:
        from botocore.exceptions import ClientError

        with told(f"S3 ListObjectsV2 {self.name}/{prefix}"):
            try:
                pages = self.aws.s3.get_paginator("list_objects_v2")
                for page in pages.paginate(Bucket=self.name, Prefix=prefix, Delimiter=delimiter):
                    yield {
                        "Contents": page.get("Contents", []),  # type: ignore[dict-item]
                        "Folders": page.get("CommonPrefixes", []),  # type: ignore[dict-item]
                    }
            except ClientError as error:
                if code_of(error) != "NoSuchBucket":
                    raise
