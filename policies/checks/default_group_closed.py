"""CKV_KWD_30: The default security group is taken over and closed."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, settings
from support import is_unknown, values


class DefaultGroupClosed(Rule):
    """What is made without a group lands in it; AWS opens it to its members and the world."""

    rule = "CKV_KWD_30"
    title = "The default security group is taken over and closed"
    finding = "The network's default security group is open."
    remedy = "Take it over by an aws_default_security_group with empty ingress and egress."
    category = CheckCategories.NETWORKING
    types = ("aws_vpc", "aws_default_security_group")

    def broken(self, conf: dict[str, Any]) -> bool:
        if self.entity_type == "aws_vpc":
            return not self.partners(conf, "aws_default_security_group", "vpc_id")
        return not (_empty(conf, "ingress") and _empty(conf, "egress"))


def _empty(conf: dict[str, Any], key: str) -> bool:
    """Whether the list is written and empty: left away, it takes whatever somebody adds later."""
    return (
        conf.get(key) not in (None, [None])
        and settings(conf, key) == [None]
        and not is_unknown((values(conf, key) or [""])[0])
    )


check = DefaultGroupClosed()
