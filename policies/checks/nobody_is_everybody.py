"""CKV_KWD_8: No policy admits everybody, and services act for this account only."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from documents import conditions, principals, statements
from rule import Rule, setting
from support import document

#: Condition keys that tie a service's call to an account or one of its resources.
SOURCES = {
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:principalorgid",
    "kms:viaservice",
}


class NobodyIsEverybody(Rule):
    """Trust and resource policies: ``*`` only under a condition, a service only for this account.

    A service's principal in a resource policy is every customer's service; without a condition on
    the source it can be talked into acting for somebody else. EFS admits everybody behind a mount
    target by design; there the condition is the access through one.
    """

    rule = "CKV_KWD_8"
    title = "No policy admits everybody, and services act for this account only"
    finding = "A policy admits everybody, or a service on anybody's behalf."
    remedy = "Name the principals, or add a condition on aws:SourceAccount or aws:SourceArn."
    points = ("policy", "assume_role_policy", "principal")
    category = CheckCategories.IAM
    types = (
        "aws_iam_role",
        "aws_backup_vault_policy",
        "aws_ecr_repository_policy",
        "aws_efs_file_system_policy",
        "aws_kms_key",
        "aws_lambda_permission",
        "aws_s3_bucket_policy",
        "aws_secretsmanager_secret_policy",
        "aws_sns_topic_policy",
        "aws_sqs_queue_policy",
    )

    def broken(self, conf: dict[str, Any]) -> bool:
        if self.entity_type == "aws_lambda_permission":
            bound = setting(conf, "source_arn") or setting(conf, "source_account")
            return not bound and not setting(conf, "principal_org_id")
        key = "assume_role_policy" if self.entity_type == "aws_iam_role" else "policy"
        if setting(conf, key) is None:
            return False  # none: only the account's own policies admit anybody
        admitting = statements(document(conf, key), "Allow")
        return any(_admits(statement, self.entity_type) for statement in admitting)


def _admits(statement: dict[str, Any], kind: str) -> bool:
    tested = {key for _, key, _ in conditions(statement)}
    if "NotPrincipal" in statement or "*" in principals(statement, "AWS"):
        return not tested
    # EC2 and most services in a trust policy bring no source; IAM binds the role by PassRole.
    return kind != "aws_iam_role" and bool(principals(statement, "Service")) and not _source(tested)


def _source(tested: set[str]) -> bool:
    # What is encrypted for one resource only is as good as that resource's source.
    return bool(tested & SOURCES) or any(key.startswith("kms:encryptioncontext:") for key in tested)


check = NobodyIsEverybody()
