"""S3: bucket policies are judged at the door, with their conditions.

"A bucket policy is a resource-based policy" (Amazon S3 User Guide): it is evaluated like any other,
Condition and Principal included, by :mod:`sandbox.aws.access`. moto judges it once more without
looking at conditions, so a policy that denies plain HTTP shuts everybody out; here moto has no say.
"""

from __future__ import annotations

from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket


def _already_judged(_bucket: FakeBucket, _action: str, _resource: str) -> Any:
    return PermissionResult.PERMITTED


FakeBucket.get_permission = _already_judged  # type: ignore[method-assign, assignment]
