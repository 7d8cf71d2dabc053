"""CKV_KWD_33: Every network logs refused traffic, and in production all of it."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting
from support import environment


class FlowLogs(Rule):
    """Who tried what he must not, by a flow log of its own; in production who spoke with whom."""

    rule = "CKV_KWD_33"
    title = "Every network logs refused traffic, and in production all of it"
    finding = "A network does not log the traffic that it should."
    remedy = "Give it an aws_flow_log of refused traffic, in production of all traffic."
    category = CheckCategories.LOGGING
    types = ("aws_vpc",)

    def broken(self, conf: dict[str, Any]) -> bool:
        found = self.partners(conf, "aws_flow_log", "vpc_id")
        logged = [setting(log, "traffic_type") for log in found]
        if not ("ALL" in logged or "REJECT" in logged):
            return True
        return "ALL" not in logged and environment(conf) == "prod"


check = FlowLogs()
