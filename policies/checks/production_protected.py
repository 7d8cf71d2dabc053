"""CKV_KWD_27: In production AWS refuses to delete what must not be lost."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting
from support import environment, named, true

#: What has to be on, and what must not be.
REFUSES = {
    "aws_lb": "enable_deletion_protection",
    "aws_instance": "disable_api_termination",
    "aws_db_instance": "deletion_protection",
}
FORCED = {
    "aws_s3_bucket": "force_destroy",
    "aws_ecr_repository": "force_delete",
    "aws_backup_vault": "force_destroy",
}


class ProductionProtected(Rule):
    """Deletion protection, a last snapshot, no forced emptying, days to bring a secret back.

    Production is what is tagged ``prod``, and ``shared``, which all environments stand on. A NAT
    instance holds nothing.
    """

    rule = "CKV_KWD_27"
    title = "In production AWS refuses to delete what must not be lost"
    finding = "In production AWS would delete this without asking."
    remedy = "Turn its protection against deletion on, and force or skip nothing."
    category = CheckCategories.BACKUP_AND_RECOVERY
    types = (
        "aws_lb",
        "aws_instance",
        "aws_db_instance",
        "aws_s3_bucket",
        "aws_ecr_repository",
        "aws_secretsmanager_secret",
        "aws_backup_vault",
    )

    def broken(self, conf: dict[str, Any]) -> bool:
        if environment(conf) not in ("prod", "shared") or named(conf, "nat"):
            return False
        kind = self.entity_type
        if kind == "aws_secretsmanager_secret":
            days = setting(conf, "recovery_window_in_days")
            return days is not None and int(days) < 7
        if kind == "aws_db_instance" and true(setting(conf, "skip_final_snapshot")):
            return True
        if kind in REFUSES:
            return not true(setting(conf, REFUSES[kind]))
        return true(setting(conf, FORCED[kind]))


check = ProductionProtected()
