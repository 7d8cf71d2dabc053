"""CKV_KWD_17: Every bucket keeps old versions."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting


class BucketVersioned(Rule):
    """What is overwritten or deleted by mistake can be brought back."""

    rule = "CKV_KWD_17"
    title = "Every bucket keeps old versions"
    finding = "A bucket keeps no old versions."
    remedy = "Give it an aws_s3_bucket_versioning that is Enabled."
    category = CheckCategories.BACKUP_AND_RECOVERY
    types = ("aws_s3_bucket",)

    def broken(self, conf: dict[str, Any]) -> bool:
        found = self.partners(conf, "aws_s3_bucket_versioning", "bucket")
        return not any(
            setting(one, "versioning_configuration.status") == "Enabled" for one in found
        )


check = BucketVersioned()
