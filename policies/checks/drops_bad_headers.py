"""CKV_KWD_26: The load balancer drops headers that are not valid."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting
from support import true


class DropsBadHeaders(Rule):
    """Request smuggling lives from servers that read a malformed header differently."""

    rule = "CKV_KWD_26"
    title = "The load balancer drops headers that are not valid"
    finding = "The load balancer passes on headers that are not valid."
    remedy = "Set drop_invalid_header_fields to true."
    points = ("drop_invalid_header_fields",)
    category = CheckCategories.NETWORKING
    types = ("aws_lb", "aws_alb")

    def broken(self, conf: dict[str, Any]) -> bool:
        if setting(conf, "load_balancer_type") in ("network", "gateway"):
            return False
        return not true(setting(conf, "drop_invalid_header_fields"))


check = DropsBadHeaders()
