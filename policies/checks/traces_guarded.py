"""CKV_KWD_40: Phoenix asks who one is and tells nobody."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from containers import containers, environment
from rule import Rule
from support import values

WANTED = {"PHOENIX_ENABLE_AUTH": "true", "PHOENIX_TELEMETRY_ENABLED": "false"}


class TracesGuarded(Rule):
    """Its traces hold questions and answers: authentication on, its makers' telemetry off.

    A container is Phoenix when its image has the word in its name.
    """

    rule = "CKV_KWD_40"
    title = "Phoenix asks who one is and tells nobody"
    finding = "Phoenix lets everybody in, or reports to its makers."
    remedy = "Set PHOENIX_ENABLE_AUTH to true and PHOENIX_TELEMETRY_ENABLED to false."
    points = ("container_definitions",)
    category = CheckCategories.GENERAL_SECURITY
    types = ("aws_ecs_task_definition",)

    def broken(self, conf: dict[str, Any]) -> bool:
        return any(
            not _guarded(environment(container))
            for container in containers(conf)
            if any("phoenix" in str(image) for image in values(container, "image"))
        )


def _guarded(given: dict[str, str]) -> bool:
    return all(given.get(name, "").lower() == value for name, value in WANTED.items())


check = TracesGuarded()
