"""CKV_KWD_7: Every role carries a permission boundary."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, settings


class RoleBoundary(Rule):
    """Whatever its policy says, a role can do no more than its boundary allows."""

    rule = "CKV_KWD_7"
    title = "Every role carries a permission boundary"
    finding = "A role has no permission boundary."
    remedy = "Set permissions_boundary; the stack account makes one for workloads."
    points = ("permissions_boundary",)
    category = CheckCategories.IAM
    types = ("aws_iam_role",)

    def broken(self, conf: dict[str, Any]) -> bool:
        return settings(conf, "permissions_boundary") == [None]


check = RoleBoundary()
