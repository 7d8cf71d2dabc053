"""What S3 tells of its objects: in order, with versions, of what is removed too.

Amazon S3 User Guide, "Event message structure": "sequencer" is "a string representation of a
hexadecimal value used to determine event sequence, only used with PUTs and DELETEs"; "versionId" is
"object version if bucket is versioning-enabled, otherwise null". moto gives neither.

"Supported event types": ``ObjectRemoved:DeleteMarkerCreated`` when a delete marker is created in a
versioned bucket, ``ObjectRemoved:Delete`` when a version is deleted for good. moto tells of no
marker, and of a version only when no other is left.
"""

from __future__ import annotations

import threading
import time
from typing import Any
from urllib.parse import quote_plus

from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.s3 import notifications
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend
from moto.s3.notifications import S3NotificationEvent

#: The MD5 of nothing, which is what a delete marker holds.
_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"


class _Sequencer:
    """Numbers that grow, also over restarts."""

    def __init__(self) -> None:
        self._guard, self._last = threading.Lock(), 0

    def next(self) -> str:
        with self._guard:
            self._last = max(self._last + 1, time.time_ns())
            return f"{self._last:018X}"


_SEQUENCER = _Sequencer()


def _event(
    event_name: str, bucket: FakeBucket, key: FakeKey | FakeDeleteMarker, notification_id: str
) -> dict[str, list[dict[str, Any]]]:
    """The message about one object (``event_name`` is as in ``s3:ObjectCreated:Put``)."""
    told: dict[str, Any] = {"key": quote_plus(key.name)}
    if isinstance(key, FakeDeleteMarker):
        told["eTag"] = _NOTHING
    elif "ObjectRemoved" not in event_name:
        told |= {"size": key.size, "eTag": key.etag.strip('"')}
    if bucket.is_versioned:
        told["versionId"] = key.version_id
    told["sequencer"] = _SEQUENCER.next()
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": iso_8601_datetime_with_milliseconds(),
        "eventName": event_name.removeprefix("s3:"),
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {"name": bucket.name, "arn": bucket.arn},
            "object": told,
        },
    }
    return {"Records": [record]}


_set_delete_marker = S3Backend._set_delete_marker
_delete_object = S3Backend.delete_object


def _marked(self: S3Backend, bucket_name: str, key_name: str) -> FakeDeleteMarker:
    marker = _set_delete_marker(self, bucket_name, key_name)
    created = S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
    notifications.send_event(self.account_id, created, self.get_bucket(bucket_name), marker)
    return marker


def _deleted(
    self: S3Backend,
    bucket_name: str,
    key_name: str,
    version_id: str | None = None,
    bypass: bool = False,
) -> tuple[bool, dict[str, Any]]:
    keys = self.get_bucket(bucket_name).keys
    doomed = [k for k in keys.getlist(key_name, []) if str(k.version_id) == str(version_id)]
    done = _delete_object(self, bucket_name, key_name, version_id, bypass)
    if version_id is not None and doomed and keys.getlist(key_name, []):  # else moto tells of it
        removed = S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT
        notifications.send_event(self.account_id, removed, self.get_bucket(bucket_name), doomed[0])
    return done


notifications._get_s3_event = _event
S3Backend._set_delete_marker = _marked  # type: ignore[method-assign]
S3Backend.delete_object = _deleted  # type: ignore[method-assign]
