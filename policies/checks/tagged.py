"""CKV_KWD_3: every taggable resource has Project and Environment."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule
from support import Unknown, is_unknown, values

REQUIRED = ("Project", "Environment")


class Tagged(Rule):
    """Costs are split by these tags, and ``pipeline destroy`` finds leftovers by them.

    On a plan a resource is taggable when it has ``tags_all`` (the provider's own mark), so types
    that AWS adds later are covered without a list. On HCL the provider's ``default_tags`` are not
    merged into resources; there a resource that does not set one of the two itself is UNKNOWN.
    """

    rule = "CKV_KWD_3"
    title = "Every taggable resource has Project and Environment"
    finding = "The tag Project or Environment is missing."
    remedy = "Let the provider's default_tags set Project and Environment."
    points = ("tags",)
    category = CheckCategories.CONVENTION
    types = ("aws_*",)

    def broken(self, conf: dict[str, Any]) -> bool:
        return not _tagged(conf)


def _tagged(conf: dict[str, Any]) -> bool:
    own = {k: v for item in values(conf, "tags") if isinstance(item, dict) for k, v in item.items()}
    if any(name in own and not values(own, name) for name in REQUIRED):
        return False  # set to nothing: no default can bring it back, and tags_all may be unknown
    planned = "tags_all" in conf
    found = values(conf, "tags_all" if planned else "tags")
    if not planned and not found:
        raise Unknown("tags")
    if any(is_unknown(item) for item in found):
        raise Unknown("tags_all")
    tags = {k: v for item in found if isinstance(item, dict) for k, v in item.items()}
    missing = [name for name in REQUIRED if not values(tags, name)]
    if not planned and any(name not in tags for name in missing):
        raise Unknown("default_tags")  # they may come from the provider
    return not missing


check = Tagged()
