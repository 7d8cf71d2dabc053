"""CKV_KWD_29: What holds data in production is backed up."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule
from support import Unknown, environment, is_unknown, values


class BackedUp(Rule):
    """It carries the tag ``Backup``, by which the backup plan finds it."""

    rule = "CKV_KWD_29"
    title = "What holds data in production is backed up"
    finding = "Data of production is not backed up."
    remedy = "Give it the tag Backup, by which the backup plan finds it."
    points = ("tags",)
    category = CheckCategories.BACKUP_AND_RECOVERY
    types = ("aws_ebs_volume", "aws_db_instance", "aws_efs_file_system")

    def broken(self, conf: dict[str, Any]) -> bool:
        if environment(conf) != "prod":
            return False
        tags = values(conf, "tags")
        if any(is_unknown(tag) for tag in tags):
            raise Unknown("tags")
        return not any(values(tag, "Backup") for tag in tags if isinstance(tag, dict))


check = BackedUp()
