"""CKV_KWD_23: A tag in the registry never changes its image, and images are scanned."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting
from support import true


class RegistryImmutable(Rule):
    """What was reviewed under a tag is what runs under it."""

    rule = "CKV_KWD_23"
    title = "A tag in the registry never changes its image, and images are scanned"
    finding = "A tag in the registry can come to mean another image, or images are not scanned."
    remedy = "Set image_tag_mutability to IMMUTABLE and scan_on_push to true."
    category = CheckCategories.SUPPLY_CHAIN
    types = ("aws_ecr_repository",)

    def broken(self, conf: dict[str, Any]) -> bool:
        if setting(conf, "image_tag_mutability") != "IMMUTABLE":
            return True
        return not true(setting(conf, "image_scanning_configuration.scan_on_push"))


check = RegistryImmutable()
