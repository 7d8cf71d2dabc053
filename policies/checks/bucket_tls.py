"""CKV_KWD_19: Every bucket refuses requests without TLS."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from documents import tls_only
from rule import Rule
from support import document


class BucketTls(Rule):
    """Its policy denies everybody whose request does not come over TLS."""

    rule = "CKV_KWD_19"
    title = "Every bucket refuses requests without TLS"
    finding = "A bucket answers requests without TLS."
    remedy = "Deny everybody in its policy where aws:SecureTransport is false."
    category = CheckCategories.ENCRYPTION
    types = ("aws_s3_bucket",)

    def broken(self, conf: dict[str, Any]) -> bool:
        found = self.partners(conf, "aws_s3_bucket_policy", "bucket")
        return not any(tls_only(document(policy, "policy")) for policy in found)


check = BucketTls()
