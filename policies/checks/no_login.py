"""CKV_KWD_10: Nobody logs in: no SSH, no remote desktop, no key pairs, no ECS Exec."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, parts, setting
from support import one, true

#: SSH, remote desktop, and Windows' remote management.
PORTS = (22, 3389, 5985, 5986)


class NoLogin(Rule):
    """Machines are reached by Session Manager, which records who did; tasks are not entered.

    An ingress rule for every protocol is CKV_KWD_35's.
    """

    rule = "CKV_KWD_10"
    title = "Nobody logs in: no SSH, no remote desktop, no key pairs, no ECS Exec"
    finding = "Somebody could log in: by SSH, remote desktop, a key pair or ECS Exec."
    remedy = "Take the port, key or switch away; Session Manager is the way in."
    points = ("from_port", "key_name", "enable_execute_command", "ingress")
    category = CheckCategories.NETWORKING
    types = (
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_instance",
        "aws_launch_template",
        "aws_key_pair",
        "aws_ecs_service",
    )

    def broken(self, conf: dict[str, Any]) -> bool:
        kind = self.entity_type
        if kind == "aws_key_pair":
            return True
        if kind == "aws_ecs_service":
            return true(setting(conf, "enable_execute_command"))
        if kind in ("aws_instance", "aws_launch_template"):
            return bool(setting(conf, "key_name"))
        if kind == "aws_security_group":
            return any(_opens(rule) for rule in parts(conf, "ingress"))
        return one(conf, "type") != "egress" and _opens(conf)


def _opens(rule: dict[str, Any]) -> bool:
    low, high = one(rule, "from_port"), one(rule, "to_port")
    if low is None or high is None:
        return False
    protocol = str(one(rule, "ip_protocol") or one(rule, "protocol"))
    return protocol in ("tcp", "6") and any(int(low) <= port <= int(high) for port in PORTS)


check = NoLogin()
