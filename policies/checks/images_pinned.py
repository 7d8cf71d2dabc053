"""CKV_KWD_32: Every image is named by digest or by a tag that means one build."""

from __future__ import annotations

import re
from typing import Any

from checkov.common.models.enums import CheckCategories
from containers import containers
from rule import Rule
from support import is_unknown, values

PINNED = re.compile(
    r"@sha256:[0-9a-f]{64}$|:[0-9a-f]{40}$|:(?:[a-z]+-)?v?[0-9]+\.[0-9]+\.[0-9]+(?:[.-][\w.-]+)?$"
)


class ImagesPinned(Rule):
    """A tag that moves brings code that nobody reviewed.

    A digest, a tree's hash, or a version of three parts does not move.
    """

    rule = "CKV_KWD_32"
    title = "Every image is named by digest or by a tag that means one build"
    finding = "An image is named by a tag that can move."
    remedy = "Name it by digest, by a tree's hash, or by a version of three parts."
    points = ("container_definitions", "image_uri")
    category = CheckCategories.SUPPLY_CHAIN
    types = ("aws_ecs_task_definition", "aws_lambda_function")

    def broken(self, conf: dict[str, Any]) -> bool:
        if self.entity_type == "aws_lambda_function":
            images = values(conf, "image_uri")
        else:
            images = [
                image for container in containers(conf) for image in values(container, "image")
            ]
        return any(not PINNED.search(str(image)) for image in images if not is_unknown(image))


check = ImagesPinned()
