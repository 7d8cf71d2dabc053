"""CKV_KWD_11: Instance metadata asks for a session token (IMDSv2)."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting


class InstanceMetadata(Rule):
    """A page that can be made to fetch an address cannot fetch the instance's credentials."""

    rule = "CKV_KWD_11"
    title = "Instance metadata asks for a session token (IMDSv2)"
    finding = "Instance metadata answers without a session token."
    remedy = "Set http_tokens to required in metadata_options."
    points = ("metadata_options",)
    category = CheckCategories.GENERAL_SECURITY
    types = ("aws_instance", "aws_launch_template")

    def broken(self, conf: dict[str, Any]) -> bool:
        if setting(conf, "metadata_options.http_endpoint") == "disabled":
            return False
        return setting(conf, "metadata_options.http_tokens") != "required"


check = InstanceMetadata()
