"""CKV_KWD_41: Nobody deletes the audit trail's files before their time."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting
from support import true

PERIODS = ("days", "years")


class AuditLocked(Rule):
    """The trail's bucket has object lock with a default retention."""

    rule = "CKV_KWD_41"
    title = "Nobody deletes the audit trail's files before their time"
    finding = "The audit trail's files can be deleted before their time."
    remedy = "Enable object lock on its bucket, with a default retention."
    category = CheckCategories.LOGGING
    types = ("aws_s3_bucket",)

    def broken(self, conf: dict[str, Any]) -> bool:
        if not self.partners(conf, "aws_cloudtrail", "s3_bucket_name"):
            return False
        locks = self.partners(conf, "aws_s3_bucket_object_lock_configuration", "bucket")
        kept = [setting(lock, f"rule.default_retention.{key}") for lock in locks for key in PERIODS]
        return not (true(setting(conf, "object_lock_enabled")) and any(kept))


check = AuditLocked()
