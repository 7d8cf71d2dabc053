"""CKV_KWD_24: Clients speak HTTPS; plain HTTP redirects, or serves dev and staging."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting, settings
from support import environment


class ClientsSpeakTls(Rule):
    """A listener is HTTPS or redirects to it. Plain HTTP that serves is for dev and staging only.

    Which environment it is, its tag says.
    """

    rule = "CKV_KWD_24"
    title = "Clients speak HTTPS; plain HTTP redirects, or serves dev and staging"
    finding = "Clients may speak plain HTTP here."
    remedy = "Redirect to HTTPS; only dev and staging may serve plain HTTP."
    points = ("protocol",)
    category = CheckCategories.NETWORKING
    types = ("aws_lb_listener",)

    def broken(self, conf: dict[str, Any]) -> bool:
        if setting(conf, "protocol") in ("HTTPS", "TLS"):
            return False
        actions = settings(conf, "default_action.type")
        redirected = settings(conf, "default_action.redirect.protocol")
        if actions and all(action in ("redirect", "fixed-response") for action in actions):
            return any(protocol != "HTTPS" for protocol in redirected)
        return environment(conf) not in ("dev", "staging")


check = ClientsSpeakTls()
