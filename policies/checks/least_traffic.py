"""CKV_KWD_35: Security groups name port and protocol, and the way out is TLS only."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, parts
from support import named, one, public_cidrs

RANGES = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks")


class LeastTraffic(Rule):
    """Traffic in on one named port; traffic out to the internet on TCP 443 only.

    A NAT (a resource with the word ``nat`` in its name) passes on whatever private subnets send.
    """

    rule = "CKV_KWD_35"
    title = "Security groups name port and protocol, and the way out is TLS only"
    finding = (
        "A security group lets through more than one named port, or more than TLS to the internet."
    )
    remedy = "Name the protocol and one port; to the internet that is TCP 443."
    category = CheckCategories.NETWORKING
    types = (
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_egress_rule",
    )

    def broken(self, conf: dict[str, Any]) -> bool:
        if named(conf, "nat"):
            return False
        kind = self.entity_type
        if kind == "aws_security_group":
            wide = [_wide(rule) for rule in parts(conf, "ingress")]
            return any(wide + [_out(rule) for rule in parts(conf, "egress")])
        egress = kind == "aws_vpc_security_group_egress_rule" or one(conf, "type") == "egress"
        return _out(conf) if egress else _wide(conf)


def _wide(rule: dict[str, Any]) -> bool:
    """Every protocol, or more than one port."""
    protocol = str(one(rule, "ip_protocol") or one(rule, "protocol") or "-1")
    low, high = one(rule, "from_port"), one(rule, "to_port")
    if protocol == "-1" or low is None or high is None:
        return True
    return int(low) != int(high)


def _out(rule: dict[str, Any]) -> bool:
    if _wide(rule):
        return True
    return bool(public_cidrs(rule, *RANGES)) and int(one(rule, "from_port")) != 443


check = LeastTraffic()
