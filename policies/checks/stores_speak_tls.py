"""CKV_KWD_13: Databases and file systems take encrypted connections only."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from documents import tls_only
from rule import Rule, setting, settings
from support import Unknown, blocks, document

FORCES = {
    ("rds.force_ssl", "1"),
    ("require_secure_transport", "1"),
    ("require_secure_transport", "ON"),
}


class StoresSpeakTls(Rule):
    """RDS forces TLS by its parameter group; EFS by its policy, and tasks mount it so.

    ``rds.force_ssl`` (PostgreSQL) or ``require_secure_transport`` (MySQL, MariaDB). PostgreSQL's
    own default group forces it from version 15 on, so a database without a group of its own has
    to be one of those.
    """

    rule = "CKV_KWD_13"
    title = "Databases and file systems take encrypted connections only"
    finding = "A database or file system takes connections without TLS."
    remedy = "Force TLS by the parameter group; EFS by its policy and with transit_encryption."
    points = ("parameter_group_name", "volume")
    category = CheckCategories.ENCRYPTION
    types = ("aws_db_instance", "aws_ecs_task_definition", "aws_efs_file_system")

    def broken(self, conf: dict[str, Any]) -> bool:
        if self.entity_type == "aws_ecs_task_definition":
            mounts = settings(conf, "volume.efs_volume_configuration.transit_encryption")
            return any(mount != "ENABLED" for mount in mounts)
        if self.entity_type == "aws_efs_file_system":
            found = self.partners(conf, "aws_efs_file_system_policy", "file_system_id")
            return not any(tls_only(document(policy, "policy")) for policy in found)
        return not self._forced(conf)

    def _forced(self, conf: dict[str, Any]) -> bool:
        group = self.target(conf, "parameter_group_name", "aws_db_parameter_group")
        if group is not None:
            return any(
                (str(setting(item, "name")), str(setting(item, "value"))) in FORCES
                for item in blocks(group, "parameter")
            )
        chosen = str(setting(conf, "parameter_group_name") or "default.")
        if not chosen.startswith("default."):
            raise Unknown("parameter_group_name")  # it is made somewhere else
        engine, version = setting(conf, "engine"), str(setting(conf, "engine_version") or "0")
        return engine == "postgres" and int(version.split(".")[0]) >= 15


check = StoresSpeakTls()
