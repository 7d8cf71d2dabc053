"""CKV_KWD_37: The graph store's password rotates."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting
from support import environment

DAYS = 90


class PasswordRotates(Rule):
    """The secret whose name ends in ``/neo4j`` has a rotation, at least every 90 days.

    Not in dev, which is made and unmade in a day, and where AWS would take longer to take the
    rotation function's network interfaces away than all the rest.
    """

    rule = "CKV_KWD_37"
    title = "The graph store's password rotates"
    finding = "The graph store's password does not rotate."
    remedy = "Give the secret an aws_secretsmanager_secret_rotation of at most 90 days."
    category = CheckCategories.SECRETS
    types = ("aws_secretsmanager_secret",)

    def broken(self, conf: dict[str, Any]) -> bool:
        if not str(setting(conf, "name") or "").endswith("/neo4j"):
            return False
        if environment(conf) == "dev":
            return False
        found = self.partners(conf, "aws_secretsmanager_secret_rotation", "secret_id")
        return not any(_often(rotation) for rotation in found)


def _often(rotation: dict[str, Any]) -> bool:
    days = setting(rotation, "rotation_rules.automatically_after_days")
    if days is None:
        return bool(setting(rotation, "rotation_rules.schedule_expression"))
    return int(days) <= DAYS


check = PasswordRotates()
