"""CKV_KWD_25: HTTPS listeners take TLS 1.2 or newer."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting

#: Elastic Load Balancing, "Security policies for your Application Load Balancer".
MODERN = (
    "ELBSecurityPolicy-TLS13-1-3-",
    "ELBSecurityPolicy-TLS13-1-2-",
    "ELBSecurityPolicy-FS-1-2-",
    "ELBSecurityPolicy-TLS-1-2-",
)


class ModernTls(Rule):
    """The security policy is named: the one that AWS takes otherwise lets TLS 1.0 in."""

    rule = "CKV_KWD_25"
    title = "HTTPS listeners take TLS 1.2 or newer"
    finding = "An HTTPS listener takes TLS that is older than 1.2."
    remedy = "Set ssl_policy to one that begins with TLS 1.2."
    points = ("ssl_policy", "protocol")
    category = CheckCategories.NETWORKING
    types = ("aws_lb_listener",)

    def broken(self, conf: dict[str, Any]) -> bool:
        if setting(conf, "protocol") not in ("HTTPS", "TLS"):
            return False
        return not str(setting(conf, "ssl_policy") or "").startswith(MODERN)


check = ModernTls()
