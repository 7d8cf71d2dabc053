"""CKV_KWD_12: Every disk, file system and database is encrypted."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, settings
from support import true

DATABASES = {"aws_db_instance", "aws_rds_cluster"}


class DisksEncrypted(Rule):
    """Volumes, the disks that instances start from, EFS, and the storage of databases."""

    rule = "CKV_KWD_12"
    title = "Every disk, file system and database is encrypted"
    finding = "A disk, file system or database is not encrypted."
    remedy = "Set encrypted (storage_encrypted for a database) to true; left away, AWS decides."
    category = CheckCategories.ENCRYPTION
    types = (
        "aws_instance",
        "aws_launch_template",
        "aws_ebs_volume",
        "aws_efs_file_system",
        "aws_db_instance",
        "aws_rds_cluster",
    )

    def broken(self, conf: dict[str, Any]) -> bool:
        if self.entity_type == "aws_instance":
            root = settings(conf, "root_block_device.encrypted")
            return not all(true(one) for one in root or [None]) or not all(
                true(one) for one in settings(conf, "ebs_block_device.encrypted")
            )
        if self.entity_type == "aws_launch_template":
            disks = settings(conf, "block_device_mappings.ebs.encrypted")
            return not all(true(one) for one in disks or [None])
        key = "storage_encrypted" if self.entity_type in DATABASES else "encrypted"
        return not all(true(one) for one in settings(conf, key))


check = DisksEncrypted()
