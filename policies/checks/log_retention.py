"""CKV_KWD_21: Every log group says how long it keeps its lines."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting


class LogRetention(Rule):
    """Neither for ever, which nobody pays for gladly, nor for nobody knows how long."""

    rule = "CKV_KWD_21"
    title = "Every log group says how long it keeps its lines"
    finding = "A log group keeps its lines for ever."
    remedy = "Set retention_in_days."
    points = ("retention_in_days",)
    category = CheckCategories.LOGGING
    types = ("aws_cloudwatch_log_group",)

    def broken(self, conf: dict[str, Any]) -> bool:
        return int(setting(conf, "retention_in_days") or 0) == 0


check = LogRetention()
