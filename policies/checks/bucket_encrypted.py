"""CKV_KWD_18: Every bucket encrypts with a key of KMS where AWS allows it."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from documents import principals, statements
from rule import Rule, setting
from support import document

DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"
ALGORITHM = "rule.apply_server_side_encryption_by_default.sse_algorithm"


class BucketEncrypted(Rule):
    """With KMS, reading takes a permission on the key as well, and CloudTrail tells of it.

    A load balancer writes its access logs to buckets under S3's own key only (Elastic Load
    Balancing, "Access logs"); a bucket whose policy admits their delivery may name that one.
    """

    rule = "CKV_KWD_18"
    title = "Every bucket encrypts with a key of KMS where AWS allows it"
    finding = "A bucket does not encrypt with a key of KMS."
    remedy = (
        "Give it an encryption configuration with aws:kms; only a load balancer's logs need AES256."
    )
    category = CheckCategories.ENCRYPTION
    types = ("aws_s3_bucket",)

    def broken(self, conf: dict[str, Any]) -> bool:
        kind = "aws_s3_bucket_server_side_encryption_configuration"
        found = {setting(one, ALGORITHM) for one in self.partners(conf, kind, "bucket")}
        if found & {"aws:kms", "aws:kms:dsse"}:
            return False
        return "AES256" not in found or not self._takes_access_logs(conf)

    def _takes_access_logs(self, conf: dict[str, Any]) -> bool:
        policies = self.partners(conf, "aws_s3_bucket_policy", "bucket")
        return any(
            DELIVERY in principals(statement, "Service")
            for policy in policies
            for statement in statements(document(policy, "policy"), "Allow")
        )


check = BucketEncrypted()
