"""CKV_KWD_16: Every bucket blocks public access."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting
from support import true

SWITCHES = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)


class BucketPrivate(Rule):
    """All four switches of a public access block, so that no policy and no ACL opens it."""

    rule = "CKV_KWD_16"
    title = "Every bucket blocks public access"
    finding = "A bucket does not block public access."
    remedy = "Give it an aws_s3_bucket_public_access_block with all four switches on."
    category = CheckCategories.GENERAL_SECURITY
    types = ("aws_s3_bucket",)

    def broken(self, conf: dict[str, Any]) -> bool:
        found = self.partners(conf, "aws_s3_bucket_public_access_block", "bucket")
        return not any(all(true(setting(block, key)) for key in SWITCHES) for block in found)


check = BucketPrivate()
